// SPDX-License-Identifier: MIT
#include "training/samples.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

namespace histokt {
namespace {

using Labels = std::vector<std::int64_t>;

// One label and several alike, to be compared.
Labels labels_of(const Samples& samples, std::size_t i) {
  if (!samples.multi_label) return {samples.label[i]};
  const auto begin = samples.labels.begin() + static_cast<std::ptrdiff_t>(i) * samples.classes;
  return {begin, begin + samples.classes};
}

// What softmax, or the logistic function, makes `p` of; finite for 0 and 1 too.
double logit(double p, bool multi_label) {
  const double above_zero = std::max(p, std::numeric_limits<double>::min());
  if (!multi_label) return std::log(above_zero);
  return std::log(above_zero) - std::log(std::max(1 - p, std::numeric_limits<double>::epsilon() / 2));
}

void add_mean(const Samples& patches, const std::vector<std::size_t>& members, Samples& to) {
  const auto classes = static_cast<std::size_t>(patches.classes);
  const auto row = [&](std::size_t i) { return std::span(patches.logits).subspan(i * classes, classes); };
  const std::size_t first = members.front();
  if (members.size() == 1) {
    to.logits.insert(to.logits.end(), row(first).begin(), row(first).end());
  } else {
    std::vector<double> mean(classes, 0.0);
    for (std::size_t i : members) {
      const std::vector<double> p = probabilities(row(i), patches.multi_label);
      for (std::size_t c = 0; c < classes; ++c) mean[c] += p[c] / static_cast<double>(members.size());
    }
    for (double p : mean) to.logits.push_back(logit(p, patches.multi_label));
  }
  to.group.push_back(patches.group[first]);
  if (patches.multi_label) {
    const auto labels = std::span(patches.labels).subspan(first * classes, classes);
    to.labels.insert(to.labels.end(), labels.begin(), labels.end());
  } else {
    to.label.push_back(patches.label[first]);
  }
}

}  // namespace

std::vector<double> probabilities(std::span<const double> logits, bool multi_label) {
  std::vector<double> result(logits.size());
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (std::size_t c = 0; c < logits.size(); ++c) {
    result[c] = multi_label ? 1 / (1 + std::exp(-logits[c])) : std::exp(logits[c] - top);
    sum += result[c];
  }
  if (!multi_label) {
    for (double& p : result) p /= sum;
  }
  return result;
}

Samples merged(const Samples& patches, std::span<const std::uint32_t> key) {
  std::map<std::pair<std::uint32_t, Labels>, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < patches.size(); ++i) members[{key[i], labels_of(patches, i)}].push_back(i);
  Samples result{.classes = patches.classes, .multi_label = patches.multi_label};
  result.group_count = patches.group_count;
  std::map<std::uint32_t, std::size_t> samples_of;
  for (const auto& [what, patches_of_it] : members) {
    add_mean(patches, patches_of_it, result);
    if (++samples_of[what.first] == 2) ++result.several_labels;
  }
  return result;
}

std::vector<std::uint32_t> encode_labels(std::span<const std::string> words) {
  std::unordered_map<std::string, std::uint32_t> numbers;
  std::vector<std::uint32_t> result;
  for (const std::string& word : words) {
    result.push_back(numbers.try_emplace(word, static_cast<std::uint32_t>(numbers.size())).first->second);
  }
  return result;
}

}  // namespace histokt
