// SPDX-License-Identifier: MIT
// Texts of table cells that show more than their value, for pages (Markdown, LaTeX) and the terminal.
#pragma once

#include <string>

#include "results/significance.hpp"

namespace histokt {

std::string method_on_page(const ComparedRow& row);      // "svd, first source alone *"
std::string sources_on_page(const ComparedRow& row);     // "crc + bach"
std::string accuracy_on_page(const ComparedRow& row);    // "81.2 ± 1.1"
std::string difference_on_page(const ComparedRow& row);  // "+2.0 (noise)"
std::string epochs_on_page(const ComparedRow& row);      // "1.5 (2 of 3)", "never"

std::string accuracy_on_terminal(const ComparedRow& row);  // "81.2 % +- 1.1 % (95 %: 76.0 to 86.1)"
std::string difference_on_terminal(
    const ComparedRow& row);  // "+2.0 points (95 %: -1.0 to +5.0, within noise)"
std::string precision_on_terminal(const ComparedRow& row);  // for multi-label patches
std::string probes_on_terminal(const ComparedRow& row);     // "before tuning: probe 50.0 %, ..."

// "2 of 3" trainings; "" if none could be compared.
std::string reached_text(const ResultRow& row);

}  // namespace histokt
