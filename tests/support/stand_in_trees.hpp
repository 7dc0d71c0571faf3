// SPDX-License-Identifier: MIT
// Trees that look like the downloads of the nine published sets: their folders, names, tables, file formats
// and quirks, with drawn images in place of real ones. For tests, and for authors of plugins to look at.
//
//   const TempFolder root;
//   write_stand_in("glas", root.path(), TreeSize::small());
//   open_dataset("glas", root.path());
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace histokt::test {

// How much of a set a tree holds.
struct TreeSize {
  double share = 0;          // of the published number of images, in each class and part
  std::size_t least = 2;     // images of each class and part, whatever the share
  int side_divisor = 8;      // sides are the published ones divided by this
  bool same_images = false;  // images of one class and size are one file, linked under many names
  bool packed = true;        // pcam: parts other than train as .h5.gz

  // A few small images of each class.
  static TreeSize small() { return {}; }
  // The published sizes and numbers, with cheap images.
  static TreeSize full() { return {1, 1, 1, true, false}; }

  std::size_t count(std::size_t published) const;
  int side(int published) const;
};

// "adp", "aj-lymph", "bach", "bcss", "crc", "glas", "mhist", "os", "pcam": the names of the plugins.
const std::vector<std::string>& stand_in_layouts();

// Writes the tree of one set below root, the root to give to the plugin. The same size gives the same bytes.
// Throws std::runtime_error, also for an unknown layout.
void write_stand_in(const std::string& layout, const std::filesystem::path& root, const TreeSize& size);

}  // namespace histokt::test
