// SPDX-License-Identifier: MIT
// Help on the keys of an experiment's tables, made from the rows that read them, for `histokt-host help
// experiment` and docs/experiment.md.
#pragma once

#include <string>
#include <vector>

#include "config/keys.hpp"

namespace histokt {

// A table of the file.
struct TableText {
  std::string name;   // "recipes.optimizer"; "" for the top
  std::string title;  // "[recipes.NAME.optimizer]"
  std::vector<KeyText> keys;
};

// In the order of the file.
std::vector<TableText> experiment_tables();

// A line for each key of a table, and of the tables within it; for "" the top-level keys and the names of all
// tables. A table may be named as help names it or as the file does, "[[distill]]" or "recipes.deep". Throws
// RequestError for an unknown one, with the nearest name.
std::string experiment_help(const std::string& table);

// The same keys as a table in Markdown.
std::string key_reference(const TableText& table);

}  // namespace histokt
