// SPDX-License-Identifier: MIT
// A table of words and numbers, written as Markdown or LaTeX.
#pragma once

#include <string>
#include <vector>

namespace histokt {

struct TextTable {
  struct Column {
    std::string title;
    bool is_number = false;  // set flush right
  };
  std::string caption;
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // one cell per column; plain text, "\u00b1" allowed
  std::vector<std::string> notes;              // sentences below the table
};

// A heading, a table as GitHub reads it, and the notes.
std::string markdown(const TextTable& table);

// A `table` environment that needs no package; the notes are below the tabular.
std::string latex(const TextTable& table);

}  // namespace histokt
