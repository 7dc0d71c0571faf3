// SPDX-License-Identifier: MIT
// A temporary folder for a test, and small patch sets to put into it.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "patches/patch_set_writer.hpp"

namespace histokt::testing {

class Scratch {
 public:
  Scratch() {
    static std::atomic<int> counter{0};
    folder_ = std::filesystem::temp_directory_path() /
              ("histokt-patches-" + std::to_string(::getpid()) + "-" + std::to_string(counter++));
    std::filesystem::create_directories(folder_);
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
  const std::filesystem::path& folder() const { return folder_; }
  std::size_t file_count() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_)) ++count;
    return count;
  }

 private:
  std::filesystem::path folder_;
};

struct Patches {
  PatchSetInfo info;
  PatchTable table;
  std::vector<std::uint8_t> pixels;
};

// `count` patches of side 8, two an image, in groups of four, of two classes.
inline Patches small_patches(std::size_t count) {
  Patches made;
  made.info.dataset = "small";
  made.info.classes = {"be\xCC\x88nign", "malignant"};
  made.info.patch_side = 8;
  made.info.overlap = 0.25;
  made.info.min_contrast = 0.05;
  made.info.group_level = "patient";
  made.info.images = count / 2;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string image = "a/" + std::to_string(i / 2) + ".png";
    const int left = i % 2 == 0 ? 0 : 6;
    made.table.id.push_back(image + "@" + std::to_string(left) + ",0");
    made.table.group.push_back("patient " + std::to_string(i / 4));
    made.table.source.push_back(image);
    made.table.left.push_back(left);
    made.table.top.push_back(0);
    made.table.label.push_back(static_cast<std::int64_t>((i / 4) % 2));
    made.table.official_split.push_back(-1);
    made.table.paper_split.push_back(-1);
  }
  for (std::size_t i = 0; i < count * 8 * 8 * 3; ++i) {
    made.pixels.push_back(static_cast<std::uint8_t>((i * 2654435761u) >> 24));
  }
  return made;
}

inline void write(const std::filesystem::path& file, const Patches& patches) {
  PatchSetWriter writer(file, patches.info.patch_side);
  writer.write_pixels(0, patches.pixels);
  writer.finish(patches.info, patches.table);
  writer.publish();
}

// The message of the exception that `body` throws, or "" if it throws nothing.
template <typename Error, typename Body>
std::string message_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace histokt::testing
