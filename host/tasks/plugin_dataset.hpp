// A dataset plugin, opened on a root, as standardising sees it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "config/experiment.hpp"
#include "patches/picture_dataset.hpp"
#include "plugins/options.hpp"
#include "plugins/registry.hpp"
#include "tasks/workshop.hpp"

namespace histokt {

// A dataset and what the plugin says of it beyond PictureDatasetInfo.
struct OpenedDataset {
  std::unique_ptr<PictureDataset> dataset;
  std::optional<double> overlap;  // of neighbouring patches, as published for this dataset
};

// Lists the dataset. max_pixels: the option standardize.max_pixels, kept to where the plugin hands over
// pixels. name: what the user calls it; root: absolute, or empty where the plugin makes its own pictures.
// Throws RequestError where root or options cannot be met (also a missing root), RunError for bad data,
// Interrupted. The dataset must not outlive `options`' plugin, which lives as long as the process.
OpenedDataset open_dataset(const Plugin& plugin, const OptionSet& options, const std::string& name,
                           const std::filesystem::path& root, const std::filesystem::path& scratch,
                           std::int64_t max_pixels);

// The same of an experiment's dataset.
OpenedDataset open_dataset(const Experiment& experiment, const DatasetConfig& dataset,
                           const Workshop& workshop);

// Asks for the picture behind the last, by listing and by reading: both must be refused with a reason, or it
// is a fault of the plugin (RunError). For a dataset of open_dataset.
void check_refusals_behind_the_end(const OpenedDataset& opened);

}  // namespace histokt
