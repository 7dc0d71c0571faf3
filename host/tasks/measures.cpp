#include "tasks/measures.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "training/intervals.hpp"
#include "training/metrics.hpp"
#include "training/samples.hpp"

namespace histokt {
namespace {

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json list_of(const std::vector<std::optional<double>>& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(or_null(value));
  return list;
}

Json single_label(const Samples& samples) {
  const SingleLabelMetrics m = single_label_metrics(samples.logits, samples.label, samples.classes);
  return {{"accuracy", m.top1},
          {"loss", m.cross_entropy},
          {"chance", m.chance},
          {"majority", m.majority_share},
          {"balanced_accuracy", m.balanced_accuracy},
          {"macro_f1", m.macro_f1},
          {"auc", or_null(m.auc)},
          {"kappa", or_null(m.kappa)},
          {"kappa_linear", or_null(m.kappa_linear)},
          {"kappa_quadratic", or_null(m.kappa_quadratic)},
          {"macro_average_precision", or_null(m.macro_average_precision)},
          {"recall", list_of(m.recall)},
          {"confusion", m.confusion}};
}

Json multi_label(const Samples& samples) {
  const MultiLabelMetrics m = multi_label_metrics(samples.logits, samples.labels, samples.classes);
  return {{"accuracy", m.elementwise_accuracy},
          {"loss", m.soft_margin_loss},
          {"chance", 0.5},
          {"majority", m.majority},
          {"all_negative", m.all_negative},
          {"subset_accuracy", m.subset_accuracy},
          {"macro_f1", or_null(m.macro_f1)},
          {"micro_f1", or_null(m.micro_f1)},
          {"mean_average_precision", or_null(m.mean_average_precision)},
          {"chance_average_precision", or_null(m.chance_average_precision)},
          {"auc", or_null(m.macro_auc)},
          {"recall", list_of(m.recall)}};
}

Json measures_of(const Samples& samples, int threads) {
  Json json = samples.multi_label ? multi_label(samples) : single_label(samples);
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
  return numbered(of_view);
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

// How a metric is called and written for a person.
struct Line {
  const char* key;
  const char* name;
  bool percent;
};

constexpr Line kSingleLabelLines[] = {{"accuracy", "accuracy", true},
                                      {"chance", "  by chance", true},
                                      {"majority", "  of the commonest class", true},
                                      {"balanced_accuracy", "balanced accuracy", true},
                                      {"macro_f1", "macro F1", true},
                                      {"macro_average_precision", "macro average precision", true},
                                      {"auc", "area under the ROC curve", false},
                                      {"kappa", "Cohen's kappa", false},
                                      {"kappa_linear", "  weighted linearly", false},
                                      {"kappa_quadratic", "  weighted quadratically", false},
                                      {"loss", "cross entropy", false}};
constexpr Line kMultiLabelLines[] = {{"accuracy", "accuracy of entries", true},
                                     {"chance", "  by chance", true},
                                     {"all_negative", "  of predicting nothing", true},
                                     {"majority", "  of each class's commoner answer", true},
                                     {"mean_average_precision", "mean average precision", true},
                                     {"chance_average_precision", "  by chance", true},
                                     {"macro_f1", "macro F1", true},
                                     {"micro_f1", "micro F1", true},
                                     {"subset_accuracy", "patches wholly right", true},
                                     {"auc", "area under the ROC curve", false},
                                     {"loss", "loss", false}};

std::string value_text(const Json& value, bool percent) {
  if (!value.is_number()) return "-";
  char text[40];
  std::snprintf(text, sizeof text, percent ? "%.1f %%" : "%.3f", (percent ? 100 : 1) * value.get<double>());
  return text;
}

// "81.2 % (76.0 to 86.1)".
std::string cell_text(const Json& level, const Line& line) {
  std::string text = value_text(level.at(line.key), line.percent);
  const Json& intervals = level.at("intervals");
  if (!intervals.is_object() || !intervals.contains(line.key)) return text;
  const double scale = line.percent ? 100 : 1;
  char interval[60];
  std::snprintf(interval, sizeof interval, line.percent ? " (%.1f to %.1f)" : " (%.3f to %.3f)",
                scale * intervals.at(line.key).at(0).get<double>(),
                scale * intervals.at(line.key).at(1).get<double>());
  return text + interval;
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 1, ' ');
}

std::string plural(const Json& count, const std::string& word) {
  const auto number = count.get<std::size_t>();
  return std::to_string(number) + " " + word + (number == 1 ? "" : word == "patch" ? "es" : "s");
}

std::string metrics_text(const Json& result) {
  constexpr std::size_t kNames = 36, kCells = 26;
  std::vector<const Json*> levels = {&result, &result.at("by_picture")};
  std::string text = padded("", kNames) + padded("patches", kCells) + padded("pictures", kCells);
  if (const std::string level = result.at("group_level"); level != "picture") {
    levels.push_back(&result.at("by_group"));
    text += level + "s";
  }
  text += "\n" + padded("samples", kNames) + padded(result.at("patches").dump(), kCells);
  for (std::size_t i = 1; i < levels.size(); ++i) text += padded(levels[i]->at("samples").dump(), kCells);
  text.erase(text.find_last_not_of(' ') + 1);
  text += "\n";
  const auto add = [&](const Line& line) {
    text += padded(line.name, kNames);
    for (const Json* level : levels) text += padded(cell_text(*level, line), kCells);
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  };
  if (result.at("multi_label").get<bool>()) {
    for (const Line& line : kMultiLabelLines) add(line);
  } else {
    // Of two classes all weights are the same.
    const bool weights = result.at("classes").size() > 2;
    for (const Line& line : kSingleLabelLines) {
      if (weights || !std::string_view(line.key).starts_with("kappa_")) add(line);
    }
  }
  return text;
}

std::string classes_text(const Json& result) {
  const auto classes = result.at("classes").get<std::vector<std::string>>();
  const bool confusion = result.contains("confusion") && classes.size() <= 12;
  std::size_t width = 8;
  for (const std::string& name : classes) width = std::max(width, name.size() + 2);
  std::string text = "\n" + padded("class", width) + padded("patches", 10) + padded("recall", 10) +
                     (confusion ? "answered as" : "") + "\n";
  for (std::size_t c = 0; c < classes.size(); ++c) {
    text += padded(classes[c], width) + padded(result.at("patches_per_class").at(c).dump(), 10) +
            padded(value_text(result.at("recall").at(c), true), 10);
    for (std::size_t k = 0; confusion && k < classes.size(); ++k) {
      text += padded(result.at("confusion").at(c * classes.size() + k).dump(), width);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  }
  return text;
}

// Pictures and groups that are more than one sample, since their patches have several labels.
std::string several_labels_text(const Json& result) {
  std::string text;
  for (const auto& [key, word] : {std::pair<const char*, std::string>{"by_picture", "picture"},
                                  {"by_group", result.at("group_level").get<std::string>()}}) {
    const Json& count = result.at(key).at("several_labels");
    if (count == 0 || (word == "picture" && std::string(key) == "by_group")) continue;
    text += "  " + plural(count, word) + " with patches of several labels: a sample of each\n";
  }
  return text;
}

}  // namespace

Json measures(const SplitView& view, const std::string& group_level, std::span<const float> logits,
              int threads) {
  const Samples patches = samples_of(view, logits);
  Json json = measures_of(patches, threads);
  json["by_picture"] = measures_of_merged(patches, column(view, view.patches().table().source), threads);
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
  std::string text = "group,patches,right\n";
  for (std::size_t g = 0; g < names.size(); ++g) {
    text += csv_line(std::vector{names[g], number_text(patches[g]), number_text(right[g])});
  }
  return text;
}

std::string evaluation_text(const Json& result) {
  std::string text = result.at("dataset").get<std::string>() + ", " + result.at("split").get<std::string>() +
                     ": " + plural(result.at("patches"), "patch") + " of " +
                     plural(result.at("groups"), result.at("group_level").get<std::string>()) + ", split " +
                     result.at("split_protocol").get<std::string>() + "\n\n";
  text += metrics_text(result) + classes_text(result) + "\n";
  text += "  " + result.at("intervals_are").get<std::string>() + "\n";
  text += several_labels_text(result);
  for (const Json& note : result.at("notes")) text += "  " + note.get<std::string>() + "\n";
  return text;
}

}  // namespace histokt
