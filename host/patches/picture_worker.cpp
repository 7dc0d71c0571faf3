#include "patches/picture_worker.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <variant>

#include "imaging/decode.hpp"

namespace histokt {

PictureWorker::PictureWorker(const PictureDataset& dataset, const StandardizeOptions& options)
    : dataset_(dataset), options_(options), reader_(dataset.make_reader()) {
  const PictureDatasetInfo& info = dataset.info();
  if (info.labels_from_masks) shares_.emplace(dataset.mask_rules(), info.classes.size());
}

MadePicture PictureWorker::make(std::uint64_t index) {
  MadePicture made{.sample = dataset_.sample(index)};
  take_picture(reader_->read(index), made.sample.id);
  if (shares_) {
    const auto read_mask = [&] { return take_mask(reader_->read_mask(index), made.sample.id); };
    made.picture = standardize_picture(picture_, read_mask, options_, made.sample.id, buffers_);
    label_by_mask(made);
  } else {
    made.picture = standardize_picture(picture_, options_, made.sample.id, buffers_);
    for (std::size_t i = 0; i < made.picture.count() && dataset_.info().multi_label; ++i) {
      made.labels.insert(made.labels.end(), made.sample.labels.begin(), made.sample.labels.end());
    }
  }
  return made;
}

void PictureWorker::take_picture(PictureSource source, const std::string& id) {
  const DecodeLimits limits{options_.max_pixels};
  if (const auto* file = std::get_if<std::filesystem::path>(&source)) {
    decode_picture_into(*file, limits, picture_);
  } else if (const auto* bytes = std::get_if<std::vector<std::byte>>(&source)) {
    decode_picture_into(*bytes, id, limits, picture_);
  } else {
    picture_ = std::get<Picture>(std::move(source));
  }
}

Mask PictureWorker::take_mask(MaskSource source, const std::string& id) const {
  const DecodeLimits limits{options_.max_pixels};
  if (const auto* file = std::get_if<std::filesystem::path>(&source)) return decode_mask(*file, limits);
  if (const auto* bytes = std::get_if<std::vector<std::byte>>(&source))
    return decode_mask(*bytes, id, limits);
  return std::get<Mask>(std::move(source));
}

// Labels the patches by their masks; those covered too little are taken out, which leaves no gap.
void PictureWorker::label_by_mask(MadePicture& made) {
  StandardizedPicture& picture = made.picture;
  const std::size_t area = static_cast<std::size_t>(options_.patch_side) * options_.patch_side;
  const std::size_t bytes = area * Picture::kChannels;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < picture.count(); ++i) {
    const auto result = shares_->measure({picture.masks.data() + i * area, area});
    if (!result.covered) continue;
    if (kept != i) {
      std::copy_n(picture.patches.data() + i * bytes, bytes, picture.patches.data() + kept * bytes);
      picture.corners[kept] = picture.corners[i];
    }
    ++kept;
    made.shares.insert(made.shares.end(), result.shares.begin(), result.shares.end());
    made.labels.insert(made.labels.end(), result.labels.begin(), result.labels.end());
  }
  made.uncovered = picture.count() - kept;
  picture.corners.resize(kept);
  picture.patches.resize(kept * bytes);
  picture.masks = {};
}

}  // namespace histokt
