// A dataset of pictures to a patch set, on all cores.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "imaging/standardize_picture.hpp"
#include "patches/picture_dataset.hpp"
#include "patches/split.hpp"

namespace histokt {

enum class OnBadPicture {
  kFail,  // the first one ends the work
  kSkip   // it is left out, counted and warned of
};

struct StandardizeRequest {
  // microns_per_pixel and as_is are the dataset's and taken from there.
  StandardizeOptions picture;
  std::string protocol = "clean";  // recorded; what it means for `picture` is the caller's to set
  std::string versions = "{}";     // of program and plugin, as JSON; recorded
  OnBadPicture on_bad_picture = OnBadPicture::kFail;
  // Where given, the split is written into the patch set's file as well.
  std::optional<SplitOptions> split;
};

struct StandardizeSummary {
  std::uint64_t pictures = 0;  // that were read
  std::uint64_t patches = 0;
  std::uint64_t dropped_background = 0, dropped_uncovered = 0;  // patches
  std::vector<std::string> skipped_pictures;                    // ids
  std::vector<std::string> warnings;                            // whole sentences, the split's too
  std::optional<SplitAssignment> split;
  std::string digest;  // PatchSet::digest()
};

// Reads, standardises and writes every picture; patches stand in the order of the pictures, so that the
// number of threads changes no byte of the file. Memory is bounded: each thread works on one picture, and few
// finished ones wait for those before them. `output` appears whole or not at all.
// Throws RequestError for options that make no sense; RunError naming the picture (the first bad one in
// order) or the file; Interrupted.
StandardizeSummary standardize(const PictureDataset& dataset, const StandardizeRequest& request,
                               const std::filesystem::path& output, int threads, Progress& progress);

}  // namespace histokt
