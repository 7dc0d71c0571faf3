// The columns of the result tables, for CSV, Markdown, LaTeX and the terminal alike: one table, to which a
// new column is a row. docs/experiment.md has them from here.
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

// Which CSV files have the column.
enum class InFiles { kBoth, kMatrix, kDistillation };

// Of which rows it is; in others it is empty.
enum class OfRows { kAll, kTuned, kMerges };

// What a cell of the column holds in every row, or else it is empty. Lists have ';' between their items.
enum class ColumnType { kText, kInteger, kNumber, kShare, kTexts, kNumbers };

// A cell: not defined, or of the column's type.
using CellValue = std::variant<std::monostate, std::string, std::int64_t, double, std::vector<std::string>,
                               std::vector<double>>;

// Steps behind a row, of all its folds.
enum class StepsOf { kTests, kProbes, kUntuned, kMerges };

// A number of the summaries of finished steps, averaged over the steps; not defined where one of them has
// none.
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
  // Where the value comes from: out of the row, or averaged over steps.
  std::function<CellValue(const ComparedRow&)> value = {};
  SummaryMean mean = {};

  // On the pages: the title, the place among those that have one, and how it is shown. No title: CSV alone.
  std::string title = "";
  int place = 0;
  Shown shown = Shown::kPlain;
  std::function<std::string(const ComparedRow&)> page = {};  // where a cell says more than the value
  // What the terminal says of it in a row's line, in the order of the columns.
  std::function<std::string(const ComparedRow&)> terminal = {};
};

// In the order of the CSV files: a new one stands last.
const std::vector<Column>& columns();

// Throws std::out_of_range where there is none.
const Column& column(std::string_view key);

CellValue value_of(const Column& column, const ComparedRow& row);
std::string csv_text(const CellValue& value);
std::string page_text(const Column& column, const ComparedRow& row);

// Whether the CSV file has the column; which columns Markdown and LaTeX have, in order.
bool is_in(const Column& column, InFiles file);
std::vector<const Column*> page_columns();

// The reference of the columns in Markdown, a table.
std::string columns_reference();

}  // namespace histokt
