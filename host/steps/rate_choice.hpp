// SPDX-License-Identifier: MIT
// The choice of an optimizer setting by validation: the best mean over trials. Its margin over the next best
// is compared with the deviation between trials, which differ only in their seed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace histokt {

// The validation scores (0..1, NaN if not defined) of one setting: [start][trial], where trainings of one
// start differ only in their seed. No start is empty.
struct SettingScores {
  std::string label;
  std::vector<std::vector<double>> scores;
  // Epoch and batch of the first training that diverged, "epoch 2, batch 7"; such a setting is not chosen.
  // Empty if none diverged.
  std::string diverged = {};
};

struct RateChoice {
  std::size_t best = 0;             // the first of equals; of all that did not diverge if no score is defined
  std::vector<double> means;        // of each setting; NaN if one of its scores is not defined
  std::optional<std::size_t> next;  // the best of the others; nullopt if there is none
  std::optional<double> margin;     // best mean - next mean
  std::optional<double>
      trial_deviation;            // between trials of one start, best and next pooled; nullopt for one trial
  bool within_deviation = false;  // margin <= trial_deviation
  std::vector<std::string> ties;  // other settings whose mean is the same
  // "lr0.001 (valid accuracy 93.2 %); next lr0.003 at 92.9 %, within the deviation of trials (0.8 %); lr0.1
  // diverged and was left out"; "" for a single setting.
  std::string says;
};

// `score` is the name of the score, for `says`. There is at least one setting that did not diverge.
RateChoice choose_rate(const std::vector<SettingScores>& settings, const std::string& score);

}  // namespace histokt
