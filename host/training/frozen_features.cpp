// SPDX-License-Identifier: MIT
#include "training/frozen_features.hpp"

#include <algorithm>

#include "base/random.hpp"
#include "training/inference.hpp"
#include "training/resident_patches.hpp"
#include "training/validation.hpp"

namespace histokt {
namespace {

constexpr int kBeforeTheFirstEpoch = -1;

InferenceOptions options_of(const TrainRequest& request) {
  InferenceOptions options{.normalization = request.normalization, .batch_size = 2 * request.batch_size};
  options.loader_threads = request.loader_threads;
  options.features = true;
  options.seed = request.seed;
  return options;
}

}  // namespace

FrozenFeatures::FrozenFeatures(Model& model, const TrainRequest& request)
    : patches_(request.train->size()),
      batch_size_(request.batch_size),
      seed_(request.seed),
      views_(request.views),
      labels_(labels_of(*request.train).to(request.runtime.device)) {
  const std::size_t of_views = static_cast<std::size_t>(views_) * patches_;
  const auto tell = inference_reporter(request, kBeforeTheFirstEpoch, of_views + request.valid->size());
  std::size_t before = 0;
  InferenceOptions options = options_of(request);
  if (tell) options.on_batch = [&](std::size_t done) { tell(before + done); };
  validation_ = infer(model, *request.valid, options, request.runtime).features.to(request.runtime.device);
  before = request.valid->size();
  options.augmentation = request.augmentation;
  const auto say = [&](const std::string& what) {
    if (request.on_note) request.on_note("training patches " + what);
  };
  const auto resident =
      ResidentPatches::where_they_fit(*request.train, NormalizationTable(request.normalization),
                                      options.augmentation, options.batch_size, request.runtime, say);
  if (resident) options.resident = &*resident;
  std::vector<torch::Tensor> views;
  for (int view = 0; view < views_; ++view, before += patches_) {
    options.epoch = static_cast<std::uint64_t>(view);
    views.push_back(infer(model, *request.train, options, request.runtime).features);
  }
  training_ = torch::cat(views).to(request.runtime.device);
}

int FrozenFeatures::view(std::uint64_t seed, std::size_t patch, int epoch, int views) {
  const auto count = static_cast<std::uint64_t>(views);
  const std::uint64_t first = Random{seed, random_word("view"), patch}.below(count);
  return static_cast<int>((first + static_cast<std::uint64_t>(epoch)) % count);
}

void FrozenFeatures::begin(int epoch) {
  const std::vector<std::size_t> order = shuffled_order(patches_, seed_, static_cast<std::uint64_t>(epoch));
  std::vector<std::int64_t> patches, rows;
  for (const std::size_t patch : order) {
    const auto row = static_cast<std::size_t>(view(seed_, patch, epoch, views_)) * patches_ + patch;
    patches.push_back(static_cast<std::int64_t>(patch));
    rows.push_back(static_cast<std::int64_t>(row));
  }
  order_ = torch::tensor(patches, torch::kInt64).to(labels_.device());
  rows_ = torch::tensor(rows, torch::kInt64).to(training_.device());
  bounds_ = batch_bounds(patches_, batch_size_, /*join_lone_patch=*/true);
  given_ = 0;
}

std::optional<Batch> FrozenFeatures::next() {
  if (given_ == batch_count()) return std::nullopt;
  const auto begin = static_cast<std::int64_t>(bounds_[given_]),
             end = static_cast<std::int64_t>(bounds_[given_ + 1]);
  ++given_;
  return Batch{training_.index_select(0, rows_.slice(0, begin, end)),
               labels_.index_select(0, order_.slice(0, begin, end))};
}

}  // namespace histokt
