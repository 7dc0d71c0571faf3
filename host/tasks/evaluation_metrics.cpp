// SPDX-License-Identifier: MIT
#include "tasks/evaluation_metrics.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "training/intervals.hpp"
#include "training/metrics.hpp"
#include "training/samples.hpp"

namespace histokt {
namespace {

Json or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

// (C, C), a list for each label.
Json confusion_of(const Outcome& outcome) {
  Json rows = Json::array();
  const std::vector<std::int64_t>& confusion = outcome.counts().confusion;
  for (auto row = confusion.begin(); row != confusion.end();) {
    const auto end = row + static_cast<std::ptrdiff_t>(outcome.classes());
    rows.push_back(std::vector(row, end));
    row = end;
  }
  return rows;
}

Json measures_of(const Samples& samples, int threads) {
  const AllSamples outcome(samples);
  Json json;
  for (const Metric& metric : metric_table()) {
    if (metric.fits(samples.multi_label)) json[metric.key] = or_null(metric.value(outcome));
  }
  for (const auto& of_class : recall(outcome)) json["recall"].push_back(or_null(of_class));
  if (!samples.multi_label) json["confusion"] = confusion_of(outcome);
  json["intervals"] = nullptr;
  for (const auto& [name, interval] : metric_intervals(samples, threads)) {
    json["intervals"][name] = {interval.low, interval.high};
  }
  return json;
}

// One word of the patch set's table for each patch of the view, as numbers.
std::vector<std::uint32_t> column(const SplitView& view, const std::vector<std::string>& words) {
  std::vector<std::string> of_view;
  for (std::size_t i = 0; i < view.size(); ++i) of_view.push_back(words[view.index_in_set(i)]);
  return encode_labels(of_view);
}

Samples samples_of(const SplitView& view, std::span<const float> logits) {
  Samples samples{.classes = view.class_count(), .multi_label = view.multi_label()};
  samples.logits.assign(logits.begin(), logits.end());
  for (std::size_t i = 0; i < view.size(); ++i) {
    if (!view.multi_label()) {
      samples.label.push_back(view.label(i));
      continue;
    }
    const auto labels = view.labels(i);
    samples.labels.insert(samples.labels.end(), labels.begin(), labels.end());
  }
  samples.group = column(view, view.patches().table().group);
  samples.group_count = samples.group.empty() ? 0 : 1 + *std::ranges::max_element(samples.group);
  return samples;
}

Json measures_of_merged(const Samples& patches, std::span<const std::uint32_t> key, int threads) {
  const Samples samples = merged(patches, key);
  Json json = measures_of(samples, threads);
  json["samples"] = samples.size();
  json["several_labels"] = samples.several_labels;
  return json;
}

// The share of right answers for one patch: 0 or 1, or that of its entries.
double right_share(const SplitView& view, std::size_t i, std::span<const float> logits) {
  const auto classes = static_cast<std::size_t>(view.class_count());
  const auto row = logits.subspan(i * classes, classes);
  if (!view.multi_label())
    return std::max_element(row.begin(), row.end()) - row.begin() == view.label(i) ? 1 : 0;
  std::size_t right = 0;
  for (std::size_t c = 0; c < classes; ++c) right += (row[c] > 0) == (view.labels(i)[c] != 0);
  return static_cast<double>(right) / static_cast<double>(classes);
}

std::string value_text(const Json& value, MetricUnit unit) {
  if (!value.is_number()) return "-";
  const bool percent = unit == MetricUnit::kPercent;
  char text[40];
  std::snprintf(text, sizeof text, percent ? "%.1f %%" : "%.3f", (percent ? 100 : 1) * value.get<double>());
  return text;
}

// "81.2 % (76.0 to 86.1)".
std::string cell_text(const Json& level, const Metric& metric) {
  std::string text = value_text(level.at(metric.key), metric.unit);
  const Json& intervals = level.at("intervals");
  if (!intervals.is_object() || !intervals.contains(metric.key)) return text;
  const bool percent = metric.unit == MetricUnit::kPercent;
  const double scale = percent ? 100 : 1;
  const Json& interval = intervals.at(metric.key);
  char bounds[60];
  std::snprintf(bounds, sizeof bounds, percent ? " (%.1f to %.1f)" : " (%.3f to %.3f)",
                scale * interval.at(0).get<double>(), scale * interval.at(1).get<double>());
  return text + bounds;
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 1, ' ');
}

std::string metrics_text(const Json& result) {
  constexpr std::size_t kNames = 36, kCells = 26;
  std::vector<const Json*> levels = {&result, &result.at("by_image")};
  std::string text = padded("", kNames) + padded("patches", kCells) + padded("images", kCells);
  if (const std::string level = result.at("group_level"); level != "image") {
    levels.push_back(&result.at("by_group"));
    text += level + "s";
  }
  text += "\n" + padded("samples", kNames) + padded(result.at("patches").dump(), kCells);
  for (std::size_t i = 1; i < levels.size(); ++i) text += padded(levels[i]->at("samples").dump(), kCells);
  text.erase(text.find_last_not_of(' ') + 1);
  text += "\n";
  for (const Metric& metric : metric_table()) {
    if (!metric.fits(result.at("multi_label").get<bool>())) continue;
    if (result.at("classes").size() < metric.from_classes) continue;
    text += padded(metric.title, kNames);
    for (const Json* level : levels) text += padded(cell_text(*level, metric), kCells);
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  }
  return text;
}

std::string classes_text(const Json& result) {
  const auto classes = result.at("classes").get<std::vector<std::string>>();
  const bool confusion = result.contains("confusion") && classes.size() <= 12;
  std::size_t width = 8;
  for (const std::string& name : classes) width = std::max(width, name.size() + 2);
  std::string text = "\n" + padded("class", width) + padded("patches", 10) + padded("recall", 10) +
                     (confusion ? "predicted as" : "") + "\n";
  for (std::size_t c = 0; c < classes.size(); ++c) {
    text += padded(classes[c], width) + padded(result.at("patches_per_class").at(c).dump(), 10) +
            padded(value_text(result.at("recall").at(c), MetricUnit::kPercent), 10);
    for (std::size_t k = 0; confusion && k < classes.size(); ++k) {
      text += padded(result.at("confusion").at(c).at(k).dump(), width);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  }
  return text;
}

// Images and groups that are more than one sample, since their patches have several labels.
std::string several_labels_text(const Json& result) {
  std::string text;
  for (const auto& [key, word] : {std::pair<const char*, std::string>{"by_image", "image"},
                                  {"by_group", result.at("group_level").get<std::string>()}}) {
    const Json& count = result.at(key).at("several_labels");
    if (count == 0 || word == "image") continue;
    text += "  " + counted(count, word) + " with patches of several labels: a sample of each\n";
  }
  return text;
}

}  // namespace

Json measures(const SplitView& view, const std::string& group_level, std::span<const float> logits,
              int threads) {
  const Samples patches = samples_of(view, logits);
  Json json = measures_of(patches, threads);
  json["by_image"] = measures_of_merged(patches, column(view, view.patches().table().source), threads);
  json["by_group"] = measures_of_merged(patches, patches.group, threads);
  const std::string why_none = why_no_interval(patches.group_count, group_level);
  json["intervals_are"] = why_none.empty()
                              ? "95 %: the middle of " + std::to_string(kResamples) + " resamples of the " +
                                    std::to_string(patches.group_count) + " " + group_level + "s"
                              : why_none;
  return json;
}

std::string groups_csv(const SplitView& view, std::span<const float> logits) {
  const std::vector<std::uint32_t> group = column(view, view.patches().table().group);
  std::vector<std::string> names;
  std::vector<double> patches, right;
  for (std::size_t i = 0; i < view.size(); ++i) {
    if (group[i] == names.size()) {
      names.push_back(view.patches().table().group[view.index_in_set(i)]);
      patches.push_back(0);
      right.push_back(0);
    }
    patches[group[i]] += 1;
    right[group[i]] += right_share(view, i, logits);
  }
  std::string text = "group,patches,right_patches\n";
  for (std::size_t g = 0; g < names.size(); ++g) {
    text += csv_line(std::vector{names[g], number_text(patches[g]), number_text(right[g])});
  }
  return text;
}

std::string evaluation_text(const Json& result) {
  std::string text =
      result.at("dataset").get<std::string>() + ", " + result.at("split").get<std::string>() + ": " +
      counted(result.at("patches").get<std::size_t>(), "patch") + " of " +
      counted(result.at("groups").get<std::size_t>(), result.at("group_level").get<std::string>()) +
      ", split " + result.at("split_protocol").get<std::string>() + "\n\n";
  text += metrics_text(result) + classes_text(result) + "\n";
  text += "  " + result.at("intervals_are").get<std::string>() + "\n";
  text += several_labels_text(result);
  for (const Json& note : result.at("notes")) text += "  " + note.get<std::string>() + "\n";
  return text;
}

}  // namespace histokt
