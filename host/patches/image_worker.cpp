// SPDX-License-Identifier: MIT
#include "patches/image_worker.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <variant>

#include "base/errors.hpp"
#include "imaging/decode.hpp"
#include "patches/image_scale.hpp"

namespace histokt {

ImageWorker::ImageWorker(const ImageDataset& dataset, const StandardizeOptions& options)
    : dataset_(dataset), options_(options), reader_(dataset.make_reader()) {
  const ImageDatasetInfo& info = dataset.info();
  if (info.labels_from_masks) shares_.emplace(dataset.mask_rules(), info.classes.size());
}

MadeImage ImageWorker::make(std::uint64_t index) {
  MadeImage made{.sample = dataset_.sample(index)};
  made.other_scale = take_image(reader_->read(index), made.sample.id);
  if (shares_) {
    const auto read_mask = [&] { return take_mask(reader_->read_mask(index), made.sample.id); };
    made.image = standardize_image(image_, read_mask, options_, made.sample.id, buffers_);
    label_by_mask(made);
  } else {
    made.image = standardize_image(image_, options_, made.sample.id, buffers_);
    for (std::size_t i = 0; i < made.image.count() && dataset_.info().multi_label; ++i) {
      made.labels.insert(made.labels.end(), made.sample.labels.begin(), made.sample.labels.end());
    }
  }
  return made;
}

// Returns the scale that the image states, if it is another one than the dataset's.
std::optional<StatedScale> ImageWorker::take_image(ImageSource source, const std::string& id) {
  const DecodeLimits limits{options_.max_pixels, options_.bits};
  std::optional<StatedScale> stated;
  if (const auto* file = std::get_if<std::filesystem::path>(&source)) {
    stated = decode_image_into(*file, limits, image_);
  } else if (const auto* bytes = std::get_if<std::vector<std::byte>>(&source)) {
    stated = decode_image_into(*bytes, id, limits, image_);
  } else {
    image_ = std::get<Image>(std::move(source));
  }
  if (!stated || !differs(*stated, options_.microns_per_pixel)) return std::nullopt;
  if (stated->is_certain && options_.require_scale)
    throw RunError(fault_in_tags(*stated, options_.microns_per_pixel));
  return stated;
}

Mask ImageWorker::take_mask(MaskSource source, const std::string& id) const {
  const DecodeLimits limits{options_.max_pixels};
  if (const auto* file = std::get_if<std::filesystem::path>(&source)) return decode_mask(*file, limits);
  if (const auto* bytes = std::get_if<std::vector<std::byte>>(&source))
    return decode_mask(*bytes, id, limits);
  return std::get<Mask>(std::move(source));
}

// Labels the patches by their masks; those covered too little are taken out, which leaves no gap.
void ImageWorker::label_by_mask(MadeImage& made) {
  StandardizedImage& image = made.image;
  const std::size_t area = static_cast<std::size_t>(options_.patch_side) * options_.patch_side;
  const std::size_t bytes = area * Image::kChannels;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < image.count(); ++i) {
    const auto result = shares_->measure({image.masks.data() + i * area, area});
    if (!result.covered) continue;
    if (kept != i) {
      std::copy_n(image.patches.data() + i * bytes, bytes, image.patches.data() + kept * bytes);
      image.corners[kept] = image.corners[i];
    }
    ++kept;
    made.shares.insert(made.shares.end(), result.shares.begin(), result.shares.end());
    made.labels.insert(made.labels.end(), result.labels.begin(), result.labels.end());
  }
  made.uncovered = image.count() - kept;
  image.corners.resize(kept);
  image.patches.resize(kept * bytes);
  image.masks = {};
}

}  // namespace histokt
