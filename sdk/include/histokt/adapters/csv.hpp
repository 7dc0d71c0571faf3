// SPDX-License-Identifier: MIT
// Tables of text as dataset makers publish them: comma or tab separated, parsed completely and checked.
//
//   const Table table = Table::read(root / "annotations.csv");
//   for (std::size_t i = 0; i < table.size(); ++i) {
//     const Row row = table.row(i);
//     if (row["Partition"] != "train") throw PluginError(row.where() + ": ...");
//   }
//
// Accepts lines that end in LF, CRLF or a bare CR, a last line without an end, a byte order mark, cells in
// double quotes ("" within them is one quote; line ends within them are text), empty lines (skipped).
// Refuses, with file and line, bytes that are not UTF-8, zero bytes, quotes that do not close, text behind a
// closing quote, more than 10,000 columns or 5 million cells; files of more than 256 MB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace histokt::adapters {

class Table;

// One line of a table. A view: valid as long as its table.
class Row {
 public:
  // The cell in the column of that name, as it is in the file (see trimmed() in text.hpp). Throws PluginError
  // naming the existing columns if there is no such column.
  const std::string& operator[](std::string_view column) const;
  const std::string& operator[](std::size_t column) const;
  std::size_t size() const;

  // The cell as an integer; throws PluginError with file, line and column if it is not one.
  std::int64_t integer(std::string_view column) const;

  // "FILE, line 12", to begin an error with. Lines count from 1, the header's included.
  std::string where() const;

 private:
  friend class Table;
  Row(const Table& table, std::size_t index) : table_(&table), index_(index) {}
  const Table* table_;
  std::size_t index_;
};

// A parsed table. Immutable and safe from any thread.
class Table {
 public:
  enum class Header { kFirstLine, kNone };

  // Reads the file. The separator is a tab if the first line has one, otherwise a comma. Throws PluginError
  // with file and line.
  static Table read(const std::filesystem::path& file, Header header = Header::kFirstLine);
  // The same from text; `name` stands for the file in errors.
  static Table parse(std::string_view text, std::string name, Header header = Header::kFirstLine);

  // Names of the columns, blanks around them taken off; empty without a header.
  const std::vector<std::string>& columns() const { return columns_; }
  bool has_column(std::string_view name) const;
  // Its index; throws PluginError naming the existing columns, or saying that two have this name.
  std::size_t column(std::string_view name) const;

  std::size_t size() const { return lines_.size(); }
  // Throws PluginError if the line has another number of cells than the header (empty cells at the end are
  // ignored), so that a shifted column is never read as another one.
  Row row(std::size_t index) const;

  const std::string& name() const { return name_; }

 private:
  friend class Row;
  struct Line {
    std::size_t number;  // in the file, from 1
    std::vector<std::string> cells;
  };
  std::string name_;
  std::vector<std::string> columns_;
  std::vector<Line> lines_;
};

}  // namespace histokt::adapters
