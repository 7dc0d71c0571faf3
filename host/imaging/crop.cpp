// SPDX-License-Identifier: MIT
#include "imaging/crop.hpp"

#include <algorithm>
#include <cassert>

#include "imaging/polyphase.hpp"

namespace histokt {
namespace {

int patches_along(int length, int patch_side, int stride) {
  return length < patch_side ? 0 : (length - patch_side) / stride + 1;
}

int covered_length(int length, int patch_side, int stride) {
  const int count = patches_along(length, patch_side, stride);
  return count == 0 ? 0 : (count - 1) * stride + patch_side;
}

// Rows that exist are widened; rows below them repeat rows already made.
template <int kChannels, typename Raster>
void wrap(const Raster& image, int side, Raster& out) {
  assert(&image != &out);
  out.resize(std::max(image.height, side), std::max(image.width, side));
  for (int y = 0; y < image.height; ++y) {
    const auto from = image.row(y);
    const auto to = out.row(y);
    std::copy(from.begin(), from.end(), to.begin());
    for (int x = image.width; x < out.width; ++x) {
      std::copy_n(&from[mirrored_index(x, image.width) * kChannels], kChannels, &to[x * kChannels]);
    }
  }
  for (int y = image.height; y < out.height; ++y) {
    const auto from = out.row(mirrored_index(y, image.height));
    std::copy(from.begin(), from.end(), out.row(y).begin());
  }
}

}  // namespace

int crop_stride(int patch_side, double overlap) {
  return static_cast<int>(patch_side * (1.0 - overlap));
}

std::vector<Corner> patch_corners(Size size, int patch_side, int stride) {
  std::vector<Corner> corners;
  for (int top = 0; top + patch_side <= size.height; top += stride) {
    for (int left = 0; left + patch_side <= size.width; left += stride) corners.push_back({left, top});
  }
  return corners;
}

Size covered_part(Size size, int patch_side, int stride) {
  return {covered_length(size.height, patch_side, stride), covered_length(size.width, patch_side, stride)};
}

void reflection_wrap(const Image& image, int side, Image& out) {
  wrap<Image::kChannels>(image, side, out);
}

void reflection_wrap(const Mask& mask, int side, Mask& out) {
  wrap<1>(mask, side, out);
}

}  // namespace histokt
