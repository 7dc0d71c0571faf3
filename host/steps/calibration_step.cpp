// SPDX-License-Identifier: MIT
// Calibration of a tested network's probabilities: reliability bins on the target's test patches.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <span>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "steps/features.hpp"
#include "steps/step_graph.hpp"

namespace histokt {
namespace {

constexpr std::size_t kBins = 15;

// What was said with a probability in [low, low + 1 / 15).
struct Bin {
  double said = 0, right = 0;  // sums over what is in it
  std::size_t count = 0;
};
using Bins = std::array<Bin, kBins>;

void add(double probability, bool right, Bins& bins) {
  Bin& bin = bins[std::min(kBins - 1, static_cast<std::size_t>(probability * kBins))];
  bin.said += probability;
  bin.right += right ? 1 : 0;
  ++bin.count;
}

template <typename T>
std::vector<T> values_of(const StoredTensor& tensor) {
  std::vector<T> values(tensor.entry_count());
  if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

// One label a patch: the largest probability, and whether it is the label's. Several: each class's.
Bins bins_of(const FeatureTable& table) {
  const std::vector<float> logits = values_of<float>(*table.logits);
  const std::size_t classes = table.info.classes.size();
  Bins bins;
  if (table.info.multi_label) {
    const auto labels = values_of<std::uint8_t>(table.label);
    for (std::size_t i = 0; i < logits.size(); ++i)
      add(1 / (1 + std::exp(-static_cast<double>(logits[i]))), labels[i] != 0, bins);
    return bins;
  }
  const auto labels = values_of<std::int64_t>(table.label);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = std::span(logits).subspan(i * classes, classes);
    const auto top = std::ranges::max_element(row);
    double sum = 0;
    for (const float logit : row) sum += std::exp(static_cast<double>(logit) - *top);
    add(1 / sum, top - row.begin() == labels[i], bins);
  }
  return bins;
}

// bin, from, to, count, mean_probability, share_right: the last two are empty where nothing is in the bin.
std::string csv_of(const Bins& bins) {
  std::string text = "bin,from,to,count,mean_probability,share_right\n";
  for (std::size_t i = 0; i < kBins; ++i) {
    const double count = static_cast<double>(bins[i].count);
    text += std::to_string(i + 1) + "," + number_text(static_cast<double>(i) / kBins) + "," +
            number_text(static_cast<double>(i + 1) / kBins) + "," + std::to_string(bins[i].count) + "," +
            (count > 0 ? number_text(bins[i].said / count) + "," + number_text(bins[i].right / count) : ",") +
            "\n";
  }
  return text;
}

Json summary_of(const Bins& bins) {
  double count = 0, expected = 0, largest = 0;
  for (const Bin& bin : bins) {
    if (bin.count == 0) continue;
    const double gap = std::abs(bin.said - bin.right);
    count += static_cast<double>(bin.count);
    expected += gap;
    largest = std::max(largest, gap / static_cast<double>(bin.count));
  }
  return {{"expected_calibration_error", expected / count}, {"largest_gap", largest}, {"bins", kBins}};
}

}  // namespace

Step* attach_calibration(const StepKind& kind, const Subject& subject, StepGraph& graph) {
  auto step = new_step(kind);
  step->label = subject.step_label(subject.label);
  step->inputs = {{"features", features_of(subject, Split::kTest, graph), "features"}};
  step->work = [](StepContext& context) {
    const FeatureTable table = features_from(context, "features");
    if (!table.logits || table.info.source_classes != table.info.classes) {
      throw RunError("the model has no head for the classes of " + table.info.dataset +
                     ", so it gives no probabilities; remove \"calibration\" from extra_steps");
    }
    const Bins bins = bins_of(table);
    const std::string csv = csv_of(bins);
    write_file_atomically(context.folder() / "calibration.csv", csv);
    const Json summary = summary_of(bins);
    write_file_atomically(context.folder() / "calibration.json", summary.dump(2) + "\n");
    return StepResult{{{"calibration", {sha256_of_text(csv), "calibration.csv"}}}, summary};
  };
  return graph.add(std::move(step));
}

}  // namespace histokt
