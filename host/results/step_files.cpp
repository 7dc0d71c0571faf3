// SPDX-License-Identifier: MIT
#include "results/step_files.hpp"

#include <charconv>
#include <cmath>
#include <histokt/adapters/csv.hpp>
#include <numeric>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace histokt {
namespace {

using adapters::Row;
using adapters::Table;

double number_in(const Row& row, const char* column) {
  const std::string& cell = row[column];
  double number = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  if (error != std::errc() || end != cell.data() + cell.size())
    throw RunError(row.where() + ": \"" + cell + "\" below " + column + ", expected a number");
  return number;
}

std::vector<double> numbers_in(const Table& table, const char* column) {
  std::vector<double> numbers;
  for (std::size_t i = 0; i < table.size(); ++i) numbers.push_back(number_in(table.row(i), column));
  return numbers;
}

void check_same(const Table& table, const char* what, double found, double expected) {
  if (found == expected) return;
  throw RunError(table.name() + ": " + number_text(found) + " " + what + ", expected " +
                 number_text(expected) + " by the step's record");
}

}  // namespace

TestedGroups tested_groups(const Step& test) {
  const Table table = Table::read(test.record->folder / kGroupsFile);
  const TestedGroups groups{numbers_in(table, "patches"), numbers_in(table, "right_patches")};
  const Json& summary = test.record->result.summary;
  check_same(table, "groups", static_cast<double>(table.size()), summary.at("groups").get<double>());
  check_same(table, "patches", std::accumulate(groups.patches.begin(), groups.patches.end(), 0.0),
             summary.at("patches").get<double>());
  return groups;
}

std::optional<int> first_epoch_with(const Step& training, double wanted) {
  const Table table = Table::read(training.record->folder / kMetricsFile);
  const std::vector<double> epochs = numbers_in(table, "epoch"),
                            scores = numbers_in(table, "selection_score");
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] >= wanted) return static_cast<int>(epochs[i]);
  }
  const Json& summary = training.record->result.summary;
  const auto best_epoch = summary.value("best_epoch", std::size_t{0});
  if (epochs.size() < best_epoch)
    check_same(table, "epochs", static_cast<double>(epochs.size()), static_cast<double>(best_epoch));
  return std::nullopt;
}

}  // namespace histokt
