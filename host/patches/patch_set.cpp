// SPDX-License-Identifier: MIT
#include "patches/patch_set.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "patches/hdf5.hpp"

namespace histokt {
namespace {

// Files of version 0.1 say "picture" where later ones say "image".
template <typename T>
T number_of_either(const hdf5::File& file, const std::string& name, const std::string& name_before) {
  return file.number<T>(file.has_attribute(name_before) ? name_before : name);
}

PatchSetInfo read_info(const hdf5::File& file) {
  PatchSetInfo info;
  info.dataset = file.text("dataset");
  info.classes = file.texts("classes");
  info.multi_label = file.number<std::uint8_t>("multi_label") != 0;
  info.microns_per_pixel = file.number<double>("microns_per_pixel");
  info.image_microns_per_pixel =
      number_of_either<double>(file, "image_microns_per_pixel", "picture_microns_per_pixel");
  info.group_level = renamed(file.text("group_level"));
  info.patch_side = file.number<std::int32_t>("patch_side");
  info.overlap = file.number<double>("overlap");
  info.min_contrast = file.number<double>("min_contrast");
  info.protocol = file.text("protocol");
  info.versions = file.text("versions");
  std::ranges::copy(file.numbers<double>("paper_shares", 3), info.paper_shares.begin());
  std::ranges::copy(file.numbers<std::uint64_t>("paper_per_class", 3), info.paper_per_class.begin());
  info.images = number_of_either<std::uint64_t>(file, "images", "pictures");
  info.dropped_background = file.number<std::uint64_t>("dropped_background");
  info.dropped_uncovered = file.number<std::uint64_t>("dropped_uncovered");
  if (const auto skipped = number_of_either<std::uint64_t>(file, "skipped_images", "skipped_pictures")) {
    info.skipped_images = file.read_strings("skipped", skipped);
  }
  return info;
}

PatchTable read_table(const hdf5::File& file, const PatchSetInfo& info, std::uint64_t count) {
  const std::uint64_t classes = info.classes.size();
  PatchTable table;
  if (info.multi_label) {
    table.labels = file.read<std::uint8_t>("y", {count, classes});
  } else {
    table.label = file.read<std::int64_t>("y", {count});
  }
  if (file.has("y_share")) table.shares = file.read<float>("y_share", {count, classes});
  table.id = file.read_strings("id", count);
  table.group = file.read_strings("group", count);
  table.source = file.read_strings("source", count);
  table.left = file.read<std::int32_t>("left", {count});
  table.top = file.read<std::int32_t>("top", {count});
  table.official_split = file.read<std::int8_t>("official_split", {count});
  table.paper_split = file.read<std::int8_t>("paper_split", {count});
  return table;
}

void check_labels(const hdf5::File& file, const PatchSetInfo& info, const PatchTable& table) {
  const auto classes = static_cast<std::int64_t>(info.classes.size());
  for (const std::int64_t label : table.label) {
    if (label < 0 || label >= classes) {
      file.fail("`y` holds the class index " + std::to_string(label) + ", but there are " +
                std::to_string(classes) + " classes");
    }
  }
  if (std::ranges::any_of(table.labels, [](std::uint8_t label) { return label > 1; })) {
    file.fail("`y` holds values other than 0 and 1");
  }
}

// What the numbers of the file are counted on must itself be believable.
void check_info(const hdf5::File& file, const PatchSetInfo& info) {
  constexpr int kLargestSide = 16384;
  constexpr std::size_t kMostClasses = 10'000;
  if (info.patch_side < 1 || info.patch_side > kLargestSide) {
    file.fail("the attribute `patch_side` is " + std::to_string(info.patch_side) + ", expected 1 to " +
              std::to_string(kLargestSide));
  }
  if (info.classes.empty() || info.classes.size() > kMostClasses) {
    file.fail("the attribute `classes` has " + std::to_string(info.classes.size()) +
              " names, expected 1 to " + std::to_string(kMostClasses));
  }
}

}  // namespace

PatchSet::PatchSet(const std::filesystem::path& path) : file_(path) {
  const auto fail_cut_off = [&] {
    throw RunError(path.string() + ": the file is truncated within `x`; make it again");
  };
  std::uint64_t offset = 0;
  {
    const hdf5::File file = hdf5::File::open(path);
    if (file.links_outside("x")) {
      file.fail("this is a split file, whose patches are in another file; open it as a split");
    }
    if (!file.has("x") || !file.has_attribute("dataset")) {
      file.fail("this HDF5 file is not a patch set: it lacks the dataset `x` or the attribute `dataset`");
    }
    info_ = read_info(file);
    check_info(file, info_);
    const hdf5::Shape shape = file.shape("x");
    const auto side = static_cast<std::uint64_t>(info_.patch_side);
    if (shape.size() != 4 || shape[0] == 0 || shape != hdf5::Shape{shape[0], side, side, 3}) {
      file.fail("`x` does not have the shape (N, " + std::to_string(side) + ", " + std::to_string(side) +
                ", 3) that the attribute `patch_side` calls for");
    }
    offset = file.contiguous_bytes_offset("x");
    patch_bytes_ = side * side * 3;
    const std::uint64_t file_bytes = std::filesystem::file_size(path);
    if (offset > file_bytes || shape[0] > (file_bytes - offset) / patch_bytes_) fail_cut_off();
    table_ = read_table(file, info_, shape[0]);
    check_labels(file, info_, table_);
    digest_ = file.text("digest");
  }
  mapped_ = MappedFile(path);
  if (mapped_.bytes().size() < offset + size() * patch_bytes_) fail_cut_off();
  pixels_ = mapped_.bytes().subspan(offset, size() * patch_bytes_);
}

}  // namespace histokt
