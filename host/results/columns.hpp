// SPDX-License-Identifier: MIT
// The columns of the result tables, for CSV, Markdown, LaTeX and the terminal alike: one table, in which a
// new column is a row. docs/experiment.md is made from it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "results/significance.hpp"

namespace histokt {

// The CSV files that have the column.
enum class InFiles { kBoth, kMatrix, kDistillation };

// The rows that have a value; in others the cell is empty.
enum class OfRows { kAll, kTuned, kMerges };

// The type of the column's cells, which may also be empty. List items are separated by ';'.
enum class ColumnType { kText, kInteger, kNumber, kShare, kTexts, kNumbers };

// A cell: not defined, or of the column's type.
using CellValue = std::variant<std::monostate, std::string, std::int64_t, double, std::vector<std::string>,
                               std::vector<double>>;

// Kinds of steps behind a row, over all its folds.
enum class StepsOf { kTests, kProbes, kUntuned, kMerges };

// A number from the summaries of finished steps, averaged over the steps; not defined if one of them lacks
// it.
struct SummaryMean {
  StepsOf steps = StepsOf::kTests;
  // JSON pointers: the first that all summaries have.
  std::vector<std::string> paths;
};

// How Markdown and LaTeX show a value.
enum class Shown { kPlain, kPercent, kOneDecimal, kTwoDecimals };

struct Column {
  std::string key;  // the column's name in a CSV file; never changed
  ColumnType type = ColumnType::kText;
  InFiles files = InFiles::kBoth;
  OfRows rows = OfRows::kAll;  // kTuned: all but baselines; kMerges: of their controls by a distiller as well
  std::string help;            // for docs/experiment.md
  // Where the value comes from: from the row, or averaged over steps.
  std::function<CellValue(const ComparedRow&)> value = {};
  SummaryMean mean = {};

  // On pages: the title, the position among the titled columns, and how it is shown. No title: CSV only.
  std::string title = "";
  int place = 0;
  Shown shown = Shown::kPlain;
  std::function<std::string(const ComparedRow&)> page = {};  // if a cell shows more than the value
  // Its part of a row's line on the terminal, in the order of the columns.
  std::function<std::string(const ComparedRow&)> terminal = {};
};

// In the order of the CSV files; append new ones.
const std::vector<Column>& columns();

// Throws std::out_of_range if there is none.
const Column& column(std::string_view key);

CellValue value_of(const Column& column, const ComparedRow& row);
std::string csv_text(const CellValue& value);
std::string page_text(const Column& column, const ComparedRow& row);

// Whether the CSV file has the column; the columns of Markdown and LaTeX, in order.
bool is_in(const Column& column, InFiles file);
std::vector<const Column*> page_columns();

// The reference of the columns in Markdown, a table.
std::string columns_reference();

}  // namespace histokt
