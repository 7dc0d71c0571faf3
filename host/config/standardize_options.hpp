// SPDX-License-Identifier: MIT
// The options of standardising, [standardize] in an experiment and --set standardize.KEY on the command line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "config/experiment.hpp"
#include "patches/standardize.hpp"
#include "plugins/options.hpp"
#include "plugins/registry.hpp"

namespace histokt {

// The declarations, for help.
std::span<const histokt_option> standardize_options();

// Checks what the user gave; the protocol sets what is not given. Throws RequestError.
OptionSet resolve_standardize(GivenOptions given, const TomlSource& source, Protocol protocol);

// The largest accepted image, in pixels.
std::int64_t max_pixels(const OptionSet& options);

// Options as patches/ takes them. dataset_overlap: what the dataset's makers used, taken if the user gives
// none.
StandardizeRequest standardize_request(const OptionSet& options, Protocol protocol,
                                       std::optional<double> dataset_overlap);
// The same, with the dataset's plugin among the recorded versions.
StandardizeRequest standardize_request(const OptionSet& options, Protocol protocol,
                                       std::optional<double> dataset_overlap, const Plugin& plugin);

// Standardises with a progress bar, draws the contact sheet (a PNG) and logs the warnings: a missing contact
// sheet is a warning, not a failure.
StandardizeSummary standardize_with_progress(const ImageDataset& dataset, const StandardizeRequest& request,
                                             const std::filesystem::path& output,
                                             const std::filesystem::path& contact_sheet, int threads);

}  // namespace histokt
