// SPDX-License-Identifier: MIT
// The patch set: a dataset after standardisation, as one HDF5 file that Python reads with h5py.
//
//   x            uint8 (N, P, P, 3)  RGB pixels, contiguous and uncompressed: mapped, never copied
//   y            int64 (N) class index, or uint8 (N, C) of 0 and 1 if multi-label
//   y_share      float32 (N, C)      share of each class in the patch's mask, only if there were masks
//   id           string (N)          unique: the image's id and where the patch lies, "a/1.png@204,0"
//   group        string (N)          what no split may divide: patient, slide or image
//   source       string (N)          the image's id
//   left, top    int32 (N)           of the patch in its standardised image, pixels
//   official_split, paper_split      int8 (N): -1 none, 0 train, 1 valid, 2 test, 3 left out
//   skipped      string (skipped_images)   ids of images that could not be read; absent if none
//
// Attributes of the file are the members of PatchSetInfo by name (`skipped_images` as their number), and
// `digest`. PatchSetWriter (patch_set_writer.hpp) writes it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "patches/mapped_file.hpp"

namespace histokt {

struct PatchSetInfo {
  std::string dataset;
  std::vector<std::string> classes;
  bool multi_label = false;
  double microns_per_pixel = 1.0;        // of the patches
  double image_microns_per_pixel = 1.0;  // of the images they were cut from
  std::string group_level = "image";     // or "slide", "patient"
  int patch_side = 0;
  double overlap = 0;       // share of a patch's side
  double min_contrast = 0;  // of the background filter
  std::string protocol = "clean";
  std::string versions = "{}";  // what made the file, as JSON
  // The published protocol of splitting, see SplitRequest.
  std::array<double, 3> paper_shares = {0.8, 0.1, 0.1};
  std::array<std::uint64_t, 3> paper_per_class = {0, 0, 0};
  std::uint64_t images = 0;                 // that gave patches or lost all of them
  std::uint64_t dropped_background = 0;     // patches
  std::uint64_t dropped_uncovered = 0;      // patches whose classes cover too little of the mask
  std::vector<std::string> skipped_images;  // ids of those that could not be read
};

// Everything about the patches but their pixels, N entries a column.
struct PatchTable {
  std::vector<std::int64_t> label;   // class index; empty if multi-label
  std::vector<std::uint8_t> labels;  // (N, C) of 0 and 1; empty if single-label
  std::vector<float> shares;         // (N, C), or empty
  std::vector<std::string> id, group, source;
  std::vector<std::int32_t> left, top;
  std::vector<std::int8_t> official_split, paper_split;

  std::size_t size() const { return id.size(); }
};

// A patch set opened for reading: the table in memory, the pixels mapped. Any thread may call any method.
class PatchSet {
 public:
  // Throws RunError that names the file and what is missing, truncated or not as in a patch set.
  explicit PatchSet(const std::filesystem::path& file);

  std::size_t size() const { return table_.size(); }
  const PatchSetInfo& info() const { return info_; }
  const PatchTable& table() const { return table_; }
  int class_count() const { return static_cast<int>(info_.classes.size()); }
  // (P, P, 3), valid as long as the patch set.
  std::span<const std::uint8_t> pixels(std::size_t index) const {
    return pixels_.subspan(index * patch_bytes_, patch_bytes_);
  }
  // Advises that the patch is not read again soon, so that it need not count as this process's memory.
  void forget(std::size_t index) const { mapped_.forget(pixels(index)); }
  // C entries of 0 or 1; only if multi-label.
  std::span<const std::uint8_t> labels(std::size_t index) const {
    return std::span(table_.labels).subspan(index * info_.classes.size(), info_.classes.size());
  }
  // SHA-256 of pixels, table and info without versions, as it was written: equal digests are equal contents.
  const std::string& digest() const { return digest_; }
  const std::filesystem::path& file() const { return file_; }

 private:
  std::filesystem::path file_;
  PatchSetInfo info_;
  PatchTable table_;
  std::string digest_;
  MappedFile mapped_;
  std::span<const std::uint8_t> pixels_;
  std::size_t patch_bytes_ = 0;
};

}  // namespace histokt
