// SPDX-License-Identifier: MIT
// Standardising a dataset of images into a patch set, on all cores.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "imaging/standardize_image.hpp"
#include "patches/image_dataset.hpp"
#include "patches/split.hpp"

namespace histokt {

enum class OnBadImage {
  kFail,  // the first one is an error
  kSkip   // it is left out, counted and warned of
};

struct StandardizeRequest {
  // microns_per_pixel and as_is are the dataset's and taken from there.
  StandardizeOptions image;
  std::string protocol = "clean";  // recorded; the caller sets `image` accordingly
  std::string versions = "{}";     // of program and plugin, as JSON; recorded
  OnBadImage on_bad_image = OnBadImage::kFail;
  // If given, the split is written into the patch set's file as well.
  std::optional<SplitOptions> split;
};

struct StandardizeSummary {
  std::uint64_t images = 0;  // that were read
  std::uint64_t patches = 0;
  std::uint64_t dropped_background = 0, dropped_uncovered = 0;  // patches
  std::vector<std::string> skipped_images;                      // ids
  std::vector<std::string> warnings;                            // whole sentences, the split's too
  std::optional<SplitAssignment> split;
  std::string digest;  // PatchSet::digest()
};

// Reads, standardises and writes every image; patches stand in the order of the images, so that the number of
// threads changes no byte of the file. Memory is bounded: each thread works on one image, and few finished
// images wait for earlier ones. `output` appears whole or not at all. Throws RequestError for invalid
// options; RunError naming the image (the first bad one in order) or the file; Interrupted.
StandardizeSummary standardize(const ImageDataset& dataset, const StandardizeRequest& request,
                               const std::filesystem::path& output, int threads, Progress& progress);

}  // namespace histokt
