// What one thread does with one picture of a dataset: read, decode, standardise, label.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "imaging/standardize_picture.hpp"
#include "patches/mask_shares.hpp"
#include "patches/picture_dataset.hpp"

namespace histokt {

// What came of one picture: n patches.
struct MadePicture {
  PictureSample sample;
  StandardizedPicture picture;
  std::vector<float> shares;         // (n, C), only from masks
  std::vector<std::uint8_t> labels;  // (n, C), only where multi-label
  std::uint64_t uncovered = 0;       // patches dropped since their classes cover too little of the mask
  std::optional<std::string> bad;    // why the picture was skipped
};

// A reader of the dataset with memory that is kept from picture to picture. One thread at a time; the dataset
// must outlive it.
class PictureWorker {
 public:
  PictureWorker(const PictureDataset& dataset, const StandardizeOptions& options);

  // Throws RunError where the picture, or its mask, cannot be read or standardised; then go on with another.
  MadePicture make(std::uint64_t index);

 private:
  void take_picture(PictureSource source, const std::string& id);
  Mask take_mask(MaskSource source, const std::string& id) const;
  void label_by_mask(MadePicture& made);

  const PictureDataset& dataset_;
  const StandardizeOptions options_;
  std::unique_ptr<PictureReader> reader_;
  std::optional<MaskShares> shares_;
  Picture picture_;
  WorkBuffers buffers_;
};

}  // namespace histokt
