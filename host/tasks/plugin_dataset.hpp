// SPDX-License-Identifier: MIT
// A dataset plugin opened on a root, as an ImageDataset.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "config/experiment.hpp"
#include "patches/image_dataset.hpp"
#include "plugins/options.hpp"
#include "plugins/registry.hpp"
#include "tasks/compute_context.hpp"

namespace histokt {

// A dataset, and what the plugin declares beyond ImageDatasetInfo.
struct OpenedDataset {
  std::unique_ptr<ImageDataset> dataset;
  std::optional<double> overlap;    // of neighbouring patches, as published for this dataset
  std::vector<std::string> unread;  // images of formats that are not read, sorted; no samples
};

// Lists the dataset. max_pixels: the option standardize.max_pixels, enforced if the plugin hands over pixels.
// name: the user's name for it; root: absolute, or empty if the plugin makes its own images. Throws
// RequestError if root or options cannot be met (also a missing root), RunError for bad data, Interrupted.
// The dataset must not outlive `options`' plugin, which lives as long as the process.
OpenedDataset open_dataset(const Plugin& plugin, const OptionSet& options, const std::string& name,
                           const std::filesystem::path& root, const std::filesystem::path& scratch,
                           std::int64_t max_pixels);

// The same for an experiment's dataset.
OpenedDataset open_dataset(const Experiment& experiment, const DatasetConfig& dataset,
                           const ComputeContext& compute);

// Requests the sample and the image after the last: both must be refused with a reason, otherwise it is a
// fault of the plugin (RunError). For a dataset from open_dataset.
void check_out_of_range_refusals(const OpenedDataset& opened);

}  // namespace histokt
