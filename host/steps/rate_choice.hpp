// Which setting of an optimizer validation picks: the one with the best mean over trials. And how sure that
// is: the next best may be as good, within what trials with other random numbers differ by.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace histokt {

// The validation scores (0..1, NaN where not defined) of one setting: [start][trial], where trainings of one
// start differ in their random numbers alone. No start is empty.
struct SettingScores {
  std::string label;
  std::vector<std::vector<double>> scores;
  // Where the first of the trainings that diverged did, "epoch 2, batch 7": then it is not to be chosen.
  // Empty where none did.
  std::string diverged = {};
};

struct RateChoice {
  std::size_t best = 0;       // the first of equals; of all that did not diverge where no score is defined
  std::vector<double> means;  // of each setting; NaN where a score of it is not defined
  std::optional<std::size_t> next;  // best of the others; none where there is none
  std::optional<double> margin;     // best mean - next mean
  std::optional<double>
      trial_deviation;            // between trials of one start, best and next pooled; none for one trial
  bool within_deviation = false;  // margin <= trial_deviation
  std::vector<std::string> ties;  // other settings whose mean is the same
  // "lr0.001 (valid accuracy 93.2 %); next lr0.003 at 92.9 %, within the deviation of trials (0.8 %); lr0.1
  // diverged and was left out"; "" for a single setting.
  std::string says;
};

// `score` is the name of what was scored, for `says`. There is at least one setting that did not diverge.
RateChoice choose_rate(const std::vector<SettingScores>& settings, const std::string& score);

}  // namespace histokt
