// SPDX-License-Identifier: MIT
// Example result rows that the tests of results share.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "results/result_row.hpp"

namespace histokt::test {

// A target of four cases, tested one at a time, two trials each.
inline ResultRow left_out_one_by_one() {
  ResultRow row;
  row.sources = {"os"};
  row.target = "os";
  row.recipe = row.train = "baseline";
  row.matrices = {"matrix"};
  row.learning_rates = {0.01, 0.001, 0.01, 0.01};
  row.accuracies = {{0.5, 0.75}, {0.75, 0.75}, {0.5, 1}, {0.75, 1}};
  row.chance = 1.0 / 3;
  row.majority = 0.4;
  row.test_patches = 400;
  row.test_groups = 4;
  row.group_level = "patient";
  row.split_protocol = "by-group";
  row.folds = "leave-one-group-out";
  row.split_digests = {"aa", "bb", "cc", "dd"};
  return row;
}

inline ResultRow held_out() {
  ResultRow row = left_out_one_by_one();
  row.learning_rates = {0.01};
  row.accuracies = {{0.5, 0.7}};
  row.folds = "none";
  row.split_digests = {"aa"};
  return row;
}

// The baseline predicts half of the patches of each of 20 groups correctly, the transferred network a bit
// more.
inline std::vector<ResultRow> of_twenty_groups(double more) {
  ResultRow baseline = held_out();
  baseline.accuracies = {{0.5}};
  baseline.test_groups = 20;
  for (int g = 0; g < 20; ++g) {
    baseline.group_weight.push_back(0.05);
    baseline.group_right.push_back(g % 2 ? 0.02 : 0.03);
  }
  ResultRow transfer = baseline;
  transfer.kind = ResultKind::kTransfer;
  transfer.sources = {"crc"};
  transfer.recipe = "deep";
  transfer.accuracies = {{0.5 + more}};
  for (double& right : transfer.group_right) right += 0.05 * more;
  return {baseline, transfer};
}

// The baseline of of_twenty_groups, the first source tuned, its merge, the control of random directions;
// gains over the baseline as given.
inline std::vector<ResultRow> of_a_merge(double source_gain, double merge_gain, double random_gain) {
  std::vector<ResultRow> rows = {of_twenty_groups(0).front()};
  const auto add = [&](ResultKind kind, double gain, std::vector<std::string> sources, const char* method) {
    ResultRow row = of_twenty_groups(gain).back();
    row.kind = kind;
    row.sources = std::move(sources);
    row.method = row.distiller = method;
    row.in_distillation = true;
    if (row.is_merge()) row.matrices.clear();
    rows.push_back(std::move(row));
  };
  add(ResultKind::kTransfer, source_gain, {"crc"}, "");
  add(ResultKind::kDistilled, merge_gain, {"crc", "glas"}, "svd");
  add(ResultKind::kDeclaredControl, random_gain, {"crc", "glas"}, "svd(directions=random)");
  MergeSettings& control = rows.back().merge_settings;
  control.control = "random directions";
  control.control_options = "directions=random";
  control.control_summary = "Random directions are drawn once.";
  return rows;
}

}  // namespace histokt::test
