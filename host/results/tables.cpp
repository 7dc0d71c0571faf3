// SPDX-License-Identifier: MIT
#include "results/tables.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "results/columns.hpp"

namespace histokt {
namespace {

using Kind = ResultKind;

constexpr const char* kNoiseNote =
    "(noise): a difference no larger than the test set and the trials can resolve.";

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::string csv_of(InFiles file, const std::vector<ComparedRow>& lines) {
  std::vector<std::string> cells;
  const auto line_of = [&](const auto& cell) {
    cells.clear();
    for (const Column& column : columns()) {
      if (is_in(column, file)) cells.push_back(cell(column));
    }
    return csv_line(cells);
  };
  std::string text = line_of([](const Column& column) { return column.key; });
  for (const ComparedRow& line : lines) {
    text += line_of([&](const Column& column) { return csv_text(value_of(column, line)); });
  }
  return text;
}

// What could not be read, each sentence once.
std::vector<std::string> missing_notes(const std::vector<ComparedRow>& lines) {
  std::vector<std::string> notes;
  for (const ComparedRow& line : lines) {
    for (const MissingFile& missing : line.row->missing) {
      const std::string note = row_name(*line.row) + " on " + line.row->target + ": " + missing.sentence;
      if (!contains(notes, note)) notes.push_back(note);
    }
  }
  return notes;
}

void add_missing_notes(const std::vector<ComparedRow>& lines, TextTable& table) {
  for (std::string& note : missing_notes(lines)) table.notes.push_back(std::move(note));
}

// "none: the baseline", "crc, deep": the line of a matrix's page that the row stands in.
std::string line_name(const ResultRow& row) {
  return row.kind == Kind::kBaseline ? "none: the baseline" : sources_text(row, " + ") + ", " + row.recipe;
}

std::string matrix_cell(const ComparedRow& row) {
  const std::string difference = page_text(column("difference"), row);
  return page_text(column("test_accuracy"), row) + (difference.empty() ? "" : "; " + difference);
}

// more: for the caption.
TextTable matrix_table(const std::string& more, const std::vector<ComparedRow>& rows) {
  TextTable table{"Test accuracy in %, sources by targets" + more, {{"Source"}}, {}, {}};
  std::vector<std::string> targets, lines = {"none: the baseline"};
  for (const ComparedRow& row : rows) {
    if (!contains(targets, row.row->target)) targets.push_back(row.row->target);
    if (!contains(lines, line_name(*row.row))) lines.push_back(line_name(*row.row));
  }
  for (const std::string& target : targets) table.columns.push_back({target, true});
  for (const std::string& line : lines) {
    std::vector<std::string>& cells = table.rows.emplace_back(1, line);
    for (const std::string& target : targets) {
      const auto found = std::ranges::find_if(rows, [&](const ComparedRow& row) {
        return row.row->target == target && line_name(*row.row) == line;
      });
      cells.push_back(found == rows.end() ? "" : matrix_cell(*found));
    }
  }
  table.notes.push_back(
      std::string(
          "Mean ± deviation between trials (between folds where there are some); points over the target's "
          "baseline. ") +
      kNoiseNote);
  add_missing_notes(rows, table);
  return table;
}

void add_distillation_notes(const std::vector<ComparedRow>& rows, TextTable& table) {
  const auto any = [&](const auto& is) {
    return std::ranges::any_of(rows, [&](const ComparedRow& row) { return is(*row.row); });
  };
  table.notes.push_back(
      std::string(
          "Probe, kNN and own head are test accuracies before tuning, the last where all sources have the "
          "target's classes. Tuned: mean ± deviation of the test accuracy between trials (between folds "
          "where "
          "there are some). ") +
      kNoiseNote +
      " Epochs: the first whose validation score reaches the baseline's best one, averaged over the "
      "trainings "
      "that reached it.");
  if (any([](const ResultRow& row) { return !row.same_as.empty(); })) {
    table.notes.push_back(
        "* The distiller leaves this source unchanged: the row is that of the source tuned.");
  }
  for (const ComparedRow& row : rows) {
    const std::string& note = row.row->merge_settings.control_summary;
    if (!note.empty() && !contains(table.notes, note)) table.notes.push_back(note);
  }
  if (!any(
          [](const ResultRow& row) { return row.kind != Kind::kBaseline && row.kind != Kind::kDistilled; })) {
    table.notes.push_back(
        "Controls were switched off (controls = false): a merge cannot be distinguished from its first "
        "source plus noise.");
  }
}

// The rows that the matrix has, as its lines.
std::vector<ComparedRow> lines_of(const std::vector<ComparedRow>& rows, const std::string& name,
                                  const std::vector<std::string>& names) {
  std::vector<ComparedRow> lines;
  for (const ComparedRow& row : rows) {
    if (!is_in_matrix(*row.row, name, names)) continue;
    lines.push_back(row);
    if (!row.row->matrices.empty()) lines.back().matrix = name;
  }
  return lines;
}

std::vector<ComparedRow> lines_of_distillation(const std::vector<ResultRow>& rows) {
  std::vector<ComparedRow> lines = compared_rows(rows);
  std::erase_if(lines, [](const ComparedRow& line) { return !line.row->in_distillation; });
  return lines;
}

}  // namespace

std::vector<std::string> matrix_names(const std::vector<ResultRow>& rows) {
  std::vector<std::string> names;
  for (const ResultRow& row : rows) {
    for (const std::string& name : row.matrices) {
      if (!contains(names, name)) names.push_back(name);
    }
  }
  return names;
}

bool is_in_matrix(const ResultRow& row, const std::string& name, const std::vector<std::string>& names) {
  if (row.is_merge()) return false;
  return contains(row.matrices, name) || (row.is_baseline_of_merges() && names.size() < 2);
}

std::string transfer_matrix_csv(const std::vector<ResultRow>& rows) {
  const std::vector<ComparedRow> compared = compared_rows(rows);
  const std::vector<std::string> names = matrix_names(rows);
  std::vector<ComparedRow> lines;
  for (const std::string& name : names) {
    for (ComparedRow& line : lines_of(compared, name, names)) lines.push_back(std::move(line));
  }
  for (const ComparedRow& row : compared) {
    if (row.row->is_baseline_of_merges() && names.size() != 1) lines.push_back(row);
  }
  return csv_of(InFiles::kMatrix, lines);
}

std::string distillation_csv(const std::vector<ResultRow>& rows) {
  return csv_of(InFiles::kDistillation, lines_of_distillation(rows));
}

std::vector<TextTable> transfer_matrix_tables(const std::vector<ResultRow>& rows) {
  const std::vector<ComparedRow> compared = compared_rows(rows);
  std::vector<std::string> names = matrix_names(rows);
  if (names.empty()) names.emplace_back();  // of the baselines of merges alone
  std::vector<TextTable> tables;
  for (const std::string& name : names) {
    tables.push_back(matrix_table(names.size() > 1 ? ": " + name : "", lines_of(compared, name, names)));
  }
  return tables;
}

TextTable distillation_table(const std::vector<ResultRow>& rows) {
  const std::vector<ComparedRow> lines = lines_of_distillation(rows);
  TextTable table{"Merges and their controls", {}, {}, {}};
  for (const Column* column : page_columns()) {
    const bool is_number = column->type != ColumnType::kText;
    table.columns.push_back({column->title, is_number});
  }
  for (const ComparedRow& line : lines) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    for (const Column* column : page_columns()) cells.push_back(page_text(*column, line));
  }
  add_distillation_notes(lines, table);
  add_missing_notes(lines, table);
  return table;
}

}  // namespace histokt
