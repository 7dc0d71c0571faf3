// SPDX-License-Identifier: MIT
// The interface of an image dataset to standardising, implemented by plugins and tests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "imaging/image.hpp"

namespace histokt {

struct ImageDatasetInfo {
  std::string name;
  std::vector<std::string> classes;
  double microns_per_pixel = 1.0;  // of the images as they are on disk
  bool multi_label = false;
  bool as_is = false;              // images are patches already
  bool labels_from_masks = false;  // labels follow from read_mask() and mask_rules(); needs multi_label
  std::string group_level = "image";
  std::uint64_t size = 0;  // images
  std::array<double, 3> paper_shares = {0.8, 0.1, 0.1};
  std::array<std::uint64_t, 3> paper_per_class = {0, 0, 0};
};

struct ImageSample {
  std::string id;                    // unique
  std::string group;                 // never empty
  std::int64_t label = -1;           // class index, if single-label
  std::vector<std::uint8_t> labels;  // C entries of 0 or 1, if multi-label and not from masks
  std::int8_t official_split = -1;   // -1 none, 0 train, 1 valid, 2 test, 3 left out
  std::int8_t paper_split = -1;
};

// A file, an encoded image, or pixels.
using ImageSource = std::variant<std::filesystem::path, std::vector<std::byte>, Image>;
using MaskSource = std::variant<std::filesystem::path, std::vector<std::byte>, Mask>;

struct MaskCode {
  static constexpr int kOtherTissue = -1;    // counts, but is not one of the classes
  static constexpr int kOutsideRegion = -2;  // does not count

  int code = 0;         // 0..65535
  int class_index = 0;  // or one of the above
};

struct MaskRules {
  std::vector<MaskCode> codes;   // all codes that may occur
  double label_threshold = 0.0;  // a class is present if its share of the counted pixels is above
  double min_coverage = 0.0;     // a patch is kept if all classes together have at least this share
};

// Belongs to one thread at a time. Functions throw RunError if the data is bad, Interrupted.
class ImageReader {
 public:
  virtual ~ImageReader() = default;
  virtual ImageSource read(std::uint64_t index) = 0;
  // Only if labels come from masks.
  virtual MaskSource read_mask(std::uint64_t index) = 0;
};

// Immutable once made; any thread may call any method.
class ImageDataset {
 public:
  virtual ~ImageDataset() = default;
  virtual const ImageDatasetInfo& info() const = 0;
  virtual ImageSample sample(std::uint64_t index) const = 0;
  virtual std::unique_ptr<ImageReader> make_reader() const = 0;
  virtual MaskRules mask_rules() const { return {}; }
};

}  // namespace histokt
