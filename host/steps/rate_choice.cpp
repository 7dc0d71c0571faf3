// SPDX-License-Identifier: MIT
#include "steps/rate_choice.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"

namespace histokt {
namespace {

// Means closer than this are the same: a patch of a million is further.
constexpr double kSame = 1e-9;

bool is_sound(const SettingScores& setting) {
  return setting.diverged.empty();
}

double mean_of(const SettingScores& setting) {
  double sum = 0;
  std::size_t count = 0;
  for (const std::vector<double>& trials : setting.scores) {
    for (double score : trials) sum += score, ++count;
  }
  return sum / static_cast<double>(count);
}

// With n - 1 for each start.
std::optional<double> pooled_deviation(const SettingScores& a, const SettingScores& b) {
  double squares = 0, freedom = 0;
  for (const SettingScores* setting : {&a, &b}) {
    for (const std::vector<double>& trials : setting->scores) {
      double mean = 0;
      for (double score : trials) mean += score / static_cast<double>(trials.size());
      for (double score : trials) squares += (score - mean) * (score - mean);
      freedom += static_cast<double>(trials.size()) - 1;
    }
  }
  return freedom > 0 ? std::optional(std::sqrt(squares / freedom)) : std::nullopt;
}

// The place of the largest mean but for `except`, the first of equals; nothing where none is defined, as that
// of a setting that diverged is not.
std::optional<std::size_t> largest(const std::vector<double>& means, std::optional<std::size_t> except) {
  std::optional<std::size_t> best;
  for (std::size_t s = 0; s < means.size(); ++s) {
    if (s == except || std::isnan(means[s])) continue;
    if (!best || means[s] > means[*best]) best = s;
  }
  return best;
}

// Of the settings that did not diverge.
std::string comparison(const RateChoice& choice, const std::vector<SettingScores>& settings,
                       const std::string& score) {
  const std::string& best = settings[choice.best].label;
  if (std::isnan(choice.means[choice.best])) {
    return "no setting has a valid " + score + " that is defined; " + best + ", the first, was taken";
  }
  std::string text = best + " (valid " + score + " " + percent_text(choice.means[choice.best]) + ")";
  if (std::ranges::count_if(settings, is_sound) == 1) return text;
  if (!choice.next) return text + "; that of the others is not defined";
  if (!choice.ties.empty())
    return text + " ties with " + joined(choice.ties) + "; the first of them was taken";
  text += "; next " + settings[*choice.next].label + " at " + percent_text(choice.means[*choice.next]);
  if (!choice.trial_deviation) return text + "; with one trial it is not known how much of that is noise";
  return text + (choice.within_deviation ? ", within" : ", beyond") + " the deviation of trials (" +
         percent_text(*choice.trial_deviation) + ")";
}

std::string sentence(const RateChoice& choice, const std::vector<SettingScores>& settings,
                     const std::string& score) {
  if (settings.size() < 2) return "";
  std::vector<std::string> diverged;
  for (const SettingScores& setting : settings) {
    if (!is_sound(setting)) diverged.push_back(setting.label);
  }
  const std::string text = comparison(choice, settings, score);
  if (diverged.empty()) return text;
  return text + "; " + joined(diverged) + " diverged and " + (diverged.size() == 1 ? "was" : "were") +
         " left out";
}

}  // namespace

RateChoice choose_rate(const std::vector<SettingScores>& settings, const std::string& score) {
  RateChoice choice;
  for (const SettingScores& setting : settings) {
    choice.means.push_back(is_sound(setting) ? mean_of(setting) : std::nan(""));
  }
  const auto first = std::ranges::find_if(settings, is_sound) - settings.begin();
  choice.best = largest(choice.means, std::nullopt).value_or(static_cast<std::size_t>(first));
  choice.next = largest(choice.means, choice.best);
  if (choice.next) {
    choice.margin = choice.means[choice.best] - choice.means[*choice.next];
    choice.trial_deviation = pooled_deviation(settings[choice.best], settings[*choice.next]);
    choice.within_deviation = choice.trial_deviation && *choice.margin <= *choice.trial_deviation;
    for (std::size_t s = 0; s < settings.size(); ++s) {
      const bool same = std::abs(choice.means[s] - choice.means[choice.best]) < kSame;
      if (s != choice.best && same) choice.ties.push_back(settings[s].label);
    }
  }
  choice.says = sentence(choice, settings, score);
  return choice;
}

}  // namespace histokt
