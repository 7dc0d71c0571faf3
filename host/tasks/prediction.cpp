// SPDX-License-Identifier: MIT
#include "tasks/prediction.hpp"

#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "base/errors.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "patches/split_set.hpp"
#include "tasks/network.hpp"
#include "tasks/prediction_columns.hpp"
#include "tensors/weights.hpp"
#include "training/inference.hpp"

namespace histokt {
namespace {

using Cells = PredictionColumns::Cells;

template <typename T>
T required(const std::optional<T>& value, const std::filesystem::path& checkpoint, const char* entry) {
  if (value) return *value;
  throw RunError(checkpoint.string() + " has no \"" + entry +
                 "\" in its metadata, which is needed to prepare new images; use a checkpoint that this "
                 "program trained (tune weights from elsewhere first, docs/weights.md)");
}

std::span<const float> logits_of(std::span<const float> logits, std::size_t patch, std::size_t classes) {
  return logits.subspan(patch * classes, classes);
}

void check_finite(std::span<const float> logits, const PatchSet& patches, const PredictionNetwork& network) {
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (std::isfinite(logits[i])) continue;
    throw RunError(network.name + ": the network's output for patch " +
                   patches.table().id[i / network.classes.size()] +
                   " is not a finite number; its weights are not finite either: use another checkpoint");
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
  if (network.classes.empty()) throw RunError(network.name + " names no classes; use another checkpoint");
  return network;
}

std::vector<float> patch_logits(const PredictionNetwork& network, const ConfiguredPlugin& model,
                                const std::shared_ptr<const PatchSet>& patches,
                                const ComputeContext& compute) {
  check_fits(info_of(network.weights, network.name), model.plugin->name(), *patches, network.name);
  use(*compute.runtime);
  Network made(model, static_cast<std::int64_t>(network.classes.size()), 0);
  load(made, network.weights, network.name);
  place(made.model(), *compute.runtime);
  std::vector<std::size_t> all(patches->size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const SplitView view(patches, std::move(all));
  Progress progress("predicting", "patches", patches->size());
  InferenceOptions options;
  options.normalization = network.normalization;
  options.loader_threads = compute.loader_threads;
  options.on_batch = [&](std::size_t done) { progress.reach(done); };
  const torch::Tensor logits = infer(made.model(), view, options, *compute.runtime).logits.contiguous();
  std::vector<float> values(logits.data_ptr<float>(), logits.data_ptr<float>() + logits.numel());
  check_finite(values, *patches, network);
  return values;
}

std::string patch_predictions_csv(const PredictionNetwork& network, const PatchSet& patches,
                                  std::span<const float> logits) {
  const PredictionColumns columns(network.classes, network.multi_label);
  const PatchTable& table = patches.table();
  Cells head = {"id", "image", "left", "top"};
  columns.add_names(head);
  std::string text = csv_line(head);
  for (std::size_t i = 0; i < patches.size(); ++i) {
    Cells cells = {table.id[i], table.source[i], std::to_string(table.left[i]), std::to_string(table.top[i])};
    columns.add(cells, logits_of(logits, i, network.classes.size()));
    text += csv_line(cells);
  }
  return text;
}

std::string image_predictions_csv(const PredictionNetwork& network, const std::vector<std::string>& images,
                                  const std::vector<std::string>& skipped, const PatchSet& patches,
                                  std::span<const float> logits) {
  struct Sum {
    std::size_t patches = 0;
    std::vector<double> shares;
  };
  const PredictionColumns columns(network.classes, network.multi_label);
  std::map<std::string, Sum> sums;
  for (std::size_t i = 0; i < patches.size(); ++i) {
    Sum& sum = sums[patches.table().source[i]];
    const std::vector<double> shares = columns.probabilities_of(logits_of(logits, i, network.classes.size()));
    sum.shares.resize(shares.size(), 0);
    for (std::size_t c = 0; c < shares.size(); ++c) sum.shares[c] += shares[c];
    ++sum.patches;
  }
  const std::set<std::string> unreadable(skipped.begin(), skipped.end());
  Cells head = {"image", "state", "patches"};
  columns.add_mean_names(head);
  std::string text = csv_line(head);
  for (const std::string& image : images) {
    const auto found = sums.find(image);
    if (found == sums.end()) {
      Cells cells = {image, unreadable.contains(image) ? "unreadable" : "background", "0"};
      cells.resize(head.size());
      text += csv_line(cells);
      continue;
    }
    std::vector<double> mean = found->second.shares;
    for (double& share : mean) share /= static_cast<double>(found->second.patches);
    Cells cells = {image, "predicted", std::to_string(found->second.patches)};
    columns.add_means(cells, mean);
    text += csv_line(cells);
  }
  return text;
}

}  // namespace histokt
