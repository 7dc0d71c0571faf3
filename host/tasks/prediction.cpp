#include "tasks/prediction.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "base/errors.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "patches/split_set.hpp"
#include "tasks/network.hpp"
#include "tensors/weights.hpp"
#include "training/inference.hpp"
#include "training/samples.hpp"

namespace histokt {
namespace {

constexpr double kThreshold = 0.5;  // of one class, where there are several labels a patch

std::string predicted(const PredictionNetwork& network, const std::vector<double>& shares) {
  if (!network.multi_label) {
    return network.classes[static_cast<std::size_t>(std::ranges::max_element(shares) - shares.begin())];
  }
  std::string names;
  for (std::size_t c = 0; c < shares.size(); ++c) {
    if (shares[c] > kThreshold) names += (names.empty() ? "" : ";") + network.classes[c];
  }
  return names;
}

using Cells = std::vector<std::string>;

void add_numbers(Cells& cells, std::span<const double> numbers) {
  for (const double number : numbers) cells.push_back(number_text(number));
}

template <typename T>
T required(const std::optional<T>& value, const std::filesystem::path& checkpoint, const char* entry) {
  if (value) return *value;
  throw RunError(checkpoint.string() + " does not say its \"" + entry +
                 "\" in its metadata, which new pictures cannot be prepared without; take a checkpoint that "
                 "this program "
                 "trained (weights from elsewhere are tuned first, docs/weights.md)");
}

std::vector<double> logits_of(std::span<const float> logits, std::size_t patch, std::size_t classes) {
  const auto row = logits.subspan(patch * classes, classes);
  return {row.begin(), row.end()};
}

void check_finite(std::span<const float> logits, const PatchSet& patches, const PredictionNetwork& network) {
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (std::isfinite(logits[i])) continue;
    throw RunError(network.name + ": the network's output for patch " +
                   patches.table().id[i / network.classes.size()] +
                   " is not a finite number; its weights are not finite either: take another checkpoint");
  }
}

}  // namespace

PredictionNetwork prediction_network(const std::filesystem::path& checkpoint) {
  PredictionNetwork network;
  network.name = checkpoint.string();
  network.weights = read_weights(checkpoint);
  const CheckpointInfo info = info_of(network.weights, network.name);
  network.classes = required(info.classes, checkpoint, "classes");
  network.patch_side = required(info.patch_side, checkpoint, "patch_side");
  network.microns_per_pixel = required(info.microns_per_pixel, checkpoint, "microns_per_pixel");
  network.normalization = required(info.normalization, checkpoint, "mean and std");
  network.model = info.model.value_or("resnet18");
  network.multi_label = info.multi_label.value_or(false);
  network.rounding = info.rounding;
  if (network.classes.empty()) throw RunError(network.name + " names no classes; take another checkpoint");
  return network;
}

std::vector<float> patch_logits(const PredictionNetwork& network, const ConfiguredPlugin& model,
                                const std::shared_ptr<const PatchSet>& patches, const Workshop& workshop) {
  check_fits(info_of(network.weights, network.name), model.plugin->name(), *patches, network.name);
  use(*workshop.runtime);
  Network made(model, static_cast<std::int64_t>(network.classes.size()), 0);
  load(made, network.weights, network.name);
  place(made.model(), *workshop.runtime);
  std::vector<std::size_t> all(patches->size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const SplitView view(patches, std::move(all));
  Progress progress("predicting", "patches", patches->size());
  InferenceOptions options;
  options.normalization = network.normalization;
  options.loader_threads = workshop.loader_threads;
  options.on_batch = [&](std::size_t done) { progress.reach(done); };
  const torch::Tensor logits = infer(made.model(), view, options, *workshop.runtime).logits.contiguous();
  std::vector<float> values(logits.data_ptr<float>(), logits.data_ptr<float>() + logits.numel());
  check_finite(values, *patches, network);
  return values;
}

std::string patch_predictions_csv(const PredictionNetwork& network, const PatchSet& patches,
                                  std::span<const float> logits) {
  Cells header = {"id", "picture", "left", "top", "predicted"};
  for (const std::string& name : network.classes) header.push_back("probability_" + name);
  for (const std::string& name : network.classes) header.push_back("logit_" + name);
  std::string text = csv_line(header);
  const PatchTable& table = patches.table();
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const std::vector<double> own = logits_of(logits, i, network.classes.size());
    const std::vector<double> shares = probabilities(own, network.multi_label);
    Cells cells = {table.id[i], table.source[i], std::to_string(table.left[i]), std::to_string(table.top[i]),
                   predicted(network, shares)};
    add_numbers(cells, shares);
    add_numbers(cells, own);
    text += csv_line(cells);
  }
  return text;
}

std::string picture_predictions_csv(const PredictionNetwork& network,
                                    const std::vector<std::string>& pictures,
                                    const std::vector<std::string>& skipped, const PatchSet& patches,
                                    std::span<const float> logits) {
  struct Sum {
    std::size_t patches = 0;
    std::vector<double> shares;
  };
  std::map<std::string, Sum> sums;
  for (std::size_t i = 0; i < patches.size(); ++i) {
    Sum& sum = sums[patches.table().source[i]];
    const std::vector<double> shares =
        probabilities(logits_of(logits, i, network.classes.size()), network.multi_label);
    sum.shares.resize(shares.size(), 0);
    for (std::size_t c = 0; c < shares.size(); ++c) sum.shares[c] += shares[c];
    ++sum.patches;
  }
  const std::set<std::string> unreadable(skipped.begin(), skipped.end());
  Cells header = {"picture", "state", "patches", "predicted"};
  for (const std::string& name : network.classes) header.push_back("probability_" + name);
  std::string text = csv_line(header);
  for (const std::string& picture : pictures) {
    const auto found = sums.find(picture);
    if (found == sums.end()) {
      Cells cells = {picture, unreadable.contains(picture) ? "unreadable" : "background", "0"};
      cells.resize(header.size());
      text += csv_line(cells);
      continue;
    }
    std::vector<double> mean = found->second.shares;
    for (double& share : mean) share /= static_cast<double>(found->second.patches);
    Cells cells = {picture, "predicted", std::to_string(found->second.patches), predicted(network, mean)};
    add_numbers(cells, mean);
    text += csv_line(cells);
  }
  return text;
}

}  // namespace histokt
