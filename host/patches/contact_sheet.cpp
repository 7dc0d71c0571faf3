// SPDX-License-Identifier: MIT
#include "patches/contact_sheet.hpp"

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "base/files.hpp"

namespace histokt {
namespace {

constexpr std::size_t kColumns = 8;
constexpr int kTile = 128;  // pixels a patch is shown with at most
constexpr int kGap = 8;
constexpr int kHeading = 28;  // height of a class's name
constexpr double kLetters = 0.55;

std::vector<std::vector<std::size_t>> patches_of_classes(const PatchSet& patches) {
  std::vector<std::vector<std::size_t>> of(patches.info().classes.size());
  for (std::size_t i = 0; i < patches.size(); ++i) {
    if (!patches.info().multi_label) {
      of.at(static_cast<std::size_t>(patches.table().label[i])).push_back(i);
      continue;
    }
    for (std::size_t c = 0; c < of.size(); ++c) {
      if (patches.labels(i)[c]) of[c].push_back(i);
    }
  }
  return of;
}

// OpenCV's letters are ASCII; a letter of several bytes becomes one '?'.
std::string ascii(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) result += c;
    if (byte >= 0xC0 || byte < 0x20 || byte == 0x7F) result += '?';
  }
  return result;
}

cv::Mat tile_of(const PatchSet& patches, std::size_t index, int side) {
  const int patch_side = patches.info().patch_side;
  // OpenCV takes no constant pixels; these are only read.
  const cv::Mat rgb(patch_side, patch_side, CV_8UC3, const_cast<std::uint8_t*>(patches.pixels(index).data()));
  cv::Mat tile;
  cv::cvtColor(rgb, tile, cv::COLOR_RGB2BGR);
  if (side != patch_side) {
    cv::resize(tile, tile, {side, side}, 0, 0, side < patch_side ? cv::INTER_AREA : cv::INTER_NEAREST);
  }
  return tile;
}

// Small patches are shown a whole number of times as large.
int tile_side(int patch_side) {
  return patch_side >= kTile ? kTile : patch_side * (kTile / patch_side);
}

}  // namespace

void write_contact_sheet(const std::filesystem::path& file, const PatchSet& patches) {
  const auto of = patches_of_classes(patches);
  const int side = tile_side(patches.info().patch_side);
  const int row = kHeading + side + kGap;
  const cv::Scalar paper(255, 255, 255), ink(30, 30, 30);
  try {
    cv::Mat sheet(kGap + row * static_cast<int>(of.size()),
                  kGap + (kTile + kGap) * static_cast<int>(kColumns), CV_8UC3, paper);
    for (std::size_t c = 0; c < of.size(); ++c) {
      const int top = kGap + row * static_cast<int>(c);
      const std::string name = ascii(patches.info().classes[c]) + ": " + std::to_string(of[c].size()) +
                               (of[c].size() == 1 ? " patch" : " patches");
      cv::putText(sheet, name, {kGap, top + kHeading - 9}, cv::FONT_HERSHEY_SIMPLEX, kLetters, ink, 1,
                  cv::LINE_AA);
      const std::size_t shown = std::min(kColumns, of[c].size());
      for (std::size_t i = 0; i < shown; ++i) {
        const int left = kGap + (side + kGap) * static_cast<int>(i);
        tile_of(patches, of[c][i * of[c].size() / shown], side)
            .copyTo(sheet(cv::Rect(left, top + kHeading, side, side)));
      }
    }
    std::vector<unsigned char> bytes;
    if (!cv::imencode(".png", sheet, bytes))
      throw RunError(file.string() + ": the sheet could not be encoded");
    write_file_atomically(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  } catch (const cv::Exception& error) {
    throw RunError(file.string() + ": no contact sheet could be drawn (" + error.err + ")");
  }
}

}  // namespace histokt
