// SPDX-License-Identifier: MIT
// The work of one thread on one image of a dataset: read, decode, standardise, label.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "imaging/standardize_image.hpp"
#include "patches/image_dataset.hpp"
#include "patches/mask_shares.hpp"

namespace histokt {

// The result of one image: n patches.
struct MadeImage {
  ImageSample sample;
  StandardizedImage image;
  std::vector<float> shares;         // (n, C), only from masks
  std::vector<std::uint8_t> labels;  // (n, C), only if multi-label
  std::uint64_t uncovered = 0;       // patches dropped because their classes cover too little of the mask
  std::optional<std::string> bad;    // why the image was skipped
  std::optional<StatedScale> other_scale;  // that it states, if it differs
};

// A reader of the dataset with memory that is kept from image to image. One thread at a time; the dataset
// must outlive it.
class ImageWorker {
 public:
  ImageWorker(const ImageDataset& dataset, const StandardizeOptions& options);

  // Throws RunError if the image, or its mask, cannot be read or standardised; the worker may then go on with
  // another.
  MadeImage make(std::uint64_t index);

 private:
  std::optional<StatedScale> take_image(ImageSource source, const std::string& id);
  Mask take_mask(MaskSource source, const std::string& id) const;
  void label_by_mask(MadeImage& made);

  const ImageDataset& dataset_;
  const StandardizeOptions options_;
  std::unique_ptr<ImageReader> reader_;
  std::optional<MaskShares> shares_;
  Image image_;
  WorkBuffers buffers_;
};

}  // namespace histokt
