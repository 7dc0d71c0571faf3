// SPDX-License-Identifier: MIT
// The cells of a CSV file by the names of its columns, so that tests name the column they mean.
#pragma once

#include <histokt/adapters/csv.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace histokt::test {

using CsvRow = std::map<std::string, std::string>;

// Throws PluginError if a row has another number of cells than the header.
inline std::vector<CsvRow> csv_rows(std::string_view text) {
  const adapters::Table table = adapters::Table::parse(text, "the table");
  std::vector<CsvRow> rows;
  for (std::size_t i = 0; i < table.size(); ++i) {
    CsvRow& row = rows.emplace_back();
    for (const std::string& column : table.columns()) row[column] = table.row(i)[column];
  }
  return rows;
}

inline std::vector<std::string> csv_columns(std::string_view text) {
  return adapters::Table::parse(text, "the table").columns();
}

}  // namespace histokt::test
