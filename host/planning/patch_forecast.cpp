// SPDX-License-Identifier: MIT
#include "planning/patch_forecast.hpp"

#include <algorithm>
#include <chrono>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "config/standardize_options.hpp"
#include "patches/image_worker.hpp"
#include "patches/patch_set.hpp"
#include "patches/split.hpp"
#include "patches/split_set.hpp"
#include "steps/steps.hpp"

namespace histokt {
namespace {

constexpr std::uint64_t kImages = 12;  // of a dataset, evenly spread over its list
constexpr auto kEnough = std::chrono::seconds(3);

struct Sampled {
  double patches = 0;
  std::uint64_t images = 0;
};

Sampled sample(const ImageDataset& dataset, const StandardizeOptions& options) {
  ImageWorker worker(dataset, options);
  const std::uint64_t size = dataset.info().size, count = std::min(kImages, size);
  const auto start = std::chrono::steady_clock::now();
  Sampled sampled;
  for (std::uint64_t i = 0; i < count; ++i) {
    throw_if_interrupted();
    if (sampled.images > 0 && std::chrono::steady_clock::now() - start > kEnough) break;
    try {
      sampled.patches += static_cast<double>(worker.make(i * size / count).image.count());
      ++sampled.images;
    } catch (const BadImage&) {
      continue;  // standardising will tell
    }
  }
  if (sampled.images == 0) {
    throw RunError(dataset.info().name + ": none of " + std::to_string(count) +
                   " images could be read; run its standardize step, which names them");
  }
  return sampled;
}

}  // namespace

PatchForecast::Looked PatchForecast::look(const DatasetConfig& dataset) const {
  const OptionSet how = resolve_standardize(dataset.standardize, experiment_.source, experiment_.protocol);
  Looked looked{open_dataset(experiment_, dataset, compute_)};
  const ImageDatasetInfo& info = looked.opened.dataset->info();
  StandardizeOptions options = standardize_request(how, experiment_.protocol, looked.opened.overlap).image;
  options.microns_per_pixel = info.microns_per_pixel;
  options.as_is = info.as_is;
  check_options(options);
  looked.side = options.patch_side;
  const Sampled sampled = sample(*looked.opened.dataset, options);
  looked.patches_per_image = sampled.patches / static_cast<double>(sampled.images);
  looked.looked_at = sampled.images;
  return looked;
}

ExpectedPatches PatchForecast::of(const DatasetConfig& dataset, int fold) {
  const SplitOptions options = split_options(experiment_, dataset, fold);
  if (options.protocol == SplitProtocol::kFile) {
    throw RequestError("datasets." + dataset.name + ": a table assigns the split, patch by patch");
  }
  auto at = looked_.find(dataset.name);
  if (at == looked_.end()) at = looked_.emplace(dataset.name, look(dataset)).first;
  const Looked& looked = at->second;
  const ImageDatasetInfo& info = looked.opened.dataset->info();
  PatchTable table;
  for (std::uint64_t i = 0; i < info.size; ++i) {
    const ImageSample sample = looked.opened.dataset->sample(i);
    table.group.push_back(sample.group);
    table.official_split.push_back(sample.official_split);
    table.paper_split.push_back(sample.paper_split);
    if (!info.multi_label) table.label.push_back(sample.label);
  }
  // Of several labels a patch, which are not known yet where masks give them, groups alone count.
  if (info.multi_label) table.labels.assign(info.size * info.classes.size(), 1);
  const SplitAssignment split = assign_split(split_request(info, table, options));
  ExpectedPatches expected;
  for (std::size_t part = 0; part < 3; ++part) {
    expected.patches[part] = looked.patches_per_image * static_cast<double>(split.patches[part]);
  }
  expected.all = looked.patches_per_image * static_cast<double>(info.size);
  expected.side = looked.side;
  expected.classes = static_cast<int>(info.classes.size());
  expected.multi_label = info.multi_label;
  expected.images = info.size;
  expected.looked_at = looked.looked_at;
  return expected;
}

}  // namespace histokt
