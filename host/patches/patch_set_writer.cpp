// SPDX-License-Identifier: MIT
#include "patches/patch_set_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "patches/hdf5.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

// Where `x` begins. What stands before it, the superblock and the root group, takes less than 4 KiB.
constexpr std::uint64_t kPixelOffset = 16384;

void write_info(hdf5::File& file, const PatchSetInfo& info) {
  file.set_text("dataset", info.dataset);
  file.set_texts("classes", info.classes);
  file.set_number("multi_label", static_cast<std::uint8_t>(info.multi_label));
  file.set_number("microns_per_pixel", info.microns_per_pixel);
  file.set_number("image_microns_per_pixel", info.image_microns_per_pixel);
  file.set_text("group_level", info.group_level);
  file.set_number("patch_side", static_cast<std::int32_t>(info.patch_side));
  file.set_number("overlap", info.overlap);
  file.set_number("min_contrast", info.min_contrast);
  file.set_text("protocol", info.protocol);
  file.set_text("versions", info.versions);
  file.set_numbers("paper_shares", std::span<const double>(info.paper_shares));
  file.set_numbers("paper_per_class", std::span<const std::uint64_t>(info.paper_per_class));
  file.set_number("images", info.images);
  file.set_number("dropped_background", info.dropped_background);
  file.set_number("dropped_uncovered", info.dropped_uncovered);
  // The ids are a dataset: an attribute has no room for thousands of them.
  file.set_number("skipped_images", static_cast<std::uint64_t>(info.skipped_images.size()));
  if (!info.skipped_images.empty()) file.write_strings("skipped", info.skipped_images);
}

template <typename T>
std::span<const T> view(const std::vector<T>& values) {
  return values;
}

void write_table(hdf5::File& file, const PatchTable& table, std::uint64_t classes) {
  const std::uint64_t count = table.size();
  if (table.labels.empty()) {
    file.write("y", view(table.label), {count});
  } else {
    file.write("y", view(table.labels), {count, classes});
  }
  if (!table.shares.empty()) file.write("y_share", view(table.shares), {count, classes});
  file.write_strings("id", table.id);
  file.write_strings("group", table.group);
  file.write_strings("source", table.source);
  file.write("left", view(table.left), {count});
  file.write("top", view(table.top), {count});
  file.write("official_split", view(table.official_split), {count});
  file.write("paper_split", view(table.paper_split), {count});
}

void check_columns(const PatchSetInfo& info, const PatchTable& table) {
  const std::size_t count = table.size(), classes = info.classes.size();
  const bool whole = table.label.size() == (info.multi_label ? 0 : count) &&
                     table.labels.size() == (info.multi_label ? count * classes : 0) &&
                     (table.shares.empty() || table.shares.size() == count * classes) &&
                     table.group.size() == count && table.source.size() == count &&
                     table.left.size() == count && table.top.size() == count &&
                     table.official_split.size() == count && table.paper_split.size() == count;
  if (!whole) throw RunError("the columns of a patch table differ in length");
}

template <typename T>
void add(Sha256& digest, const std::vector<T>& values) {
  digest.add(std::to_string(values.size()) + ":").add(std::as_bytes(std::span(values)));
}
void add(Sha256& digest, const std::vector<std::string>& values) {
  digest.add(std::to_string(values.size()) + ":");
  for (const std::string& value : values) digest.add(std::to_string(value.size()) + ":" + value);
}

}  // namespace

PatchSetWriter::PatchSetWriter(const fs::path& file, int patch_side)
    : file_(file),
      temporary_(temporary_beside(file)),
      patch_bytes_(static_cast<std::size_t>(patch_side) * patch_side * 3) {
  hdf5::File::create(temporary_).close();
  descriptor_ = ::open(temporary_.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor_ < 0) throw RunError(temporary_.string() + ": cannot be opened: " + write_failure(errno));
}

PatchSetWriter::~PatchSetWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

void PatchSetWriter::write_bytes(std::uint64_t offset, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw RunError(file_.string() + ": writing failed: " + write_failure(errno));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

void PatchSetWriter::write_pixels(std::size_t first, std::span<const std::uint8_t> patches) {
  write_bytes(kPixelOffset + first * patch_bytes_, patches);
  std::vector<Digest> digests(patches.size() / patch_bytes_);
  for (std::size_t i = 0; i < digests.size(); ++i) {
    std::ranges::copy(Sha256().add(std::as_bytes(patches.subspan(i * patch_bytes_, patch_bytes_))).hex(),
                      digests[i].begin());
  }
  const std::lock_guard lock(mutex_);
  digests_.resize(std::max(digests_.size(), first + digests.size()));
  std::ranges::copy(digests, digests_.begin() + static_cast<std::ptrdiff_t>(first));
}

std::string PatchSetWriter::content_digest(const PatchSetInfo& info, const PatchTable& table) const {
  Sha256 digest;
  for (const Digest& patch : digests_) digest.add({patch.data(), patch.size()});
  add(digest, std::vector{info.dataset, info.group_level, info.protocol, std::to_string(info.multi_label),
                          number_text(info.microns_per_pixel), number_text(info.image_microns_per_pixel),
                          std::to_string(info.patch_side), number_text(info.overlap),
                          number_text(info.min_contrast), std::to_string(info.images),
                          std::to_string(info.dropped_background), std::to_string(info.dropped_uncovered)});
  digest.add(std::as_bytes(std::span(info.paper_shares)));
  digest.add(std::as_bytes(std::span(info.paper_per_class)));
  add(digest, info.classes);
  add(digest, info.skipped_images);
  add(digest, table.label);
  add(digest, table.labels);
  add(digest, table.shares);
  add(digest, table.id);
  add(digest, table.group);
  add(digest, table.source);
  add(digest, table.left);
  add(digest, table.top);
  add(digest, table.official_split);
  add(digest, table.paper_split);
  return digest.hex();
}

// Only sets of a few kilobytes come here: the library puts such small datasets where it likes.
void PatchSetWriter::move_pixels(std::uint64_t offset, std::size_t size) {
  std::vector<std::uint8_t> pixels(size);
  for (std::size_t done = 0; done < size;) {
    const auto from = static_cast<off_t>(kPixelOffset + done);
    const ssize_t taken = ::pread(descriptor_, pixels.data() + done, size - done, from);
    if (taken < 0 && errno == EINTR) continue;
    if (taken <= 0) throw RunError(file_.string() + ": reading back failed: " + read_failure(errno));
    done += static_cast<std::size_t>(taken);
  }
  write_bytes(offset, pixels);
}

void PatchSetWriter::finish(const PatchSetInfo& info, const PatchTable& table) {
  check_columns(info, table);
  if (table.size() == 0 || table.size() != digests_.size()) {
    throw RunError(file_.string() + ": " + std::to_string(table.size()) + " patches are listed, but " +
                   std::to_string(digests_.size()) + " were written; a patch set needs at least one");
  }
  const std::uint64_t count = table.size();
  const auto side = static_cast<std::uint64_t>(info.patch_side);
  // Aligned so, `x` comes to lie just where the pixels are already: the library fills no gaps and writes
  // nothing into a dataset whose filling is switched off.
  hdf5::File file = hdf5::File::open_to_extend(temporary_, count * patch_bytes_, kPixelOffset);
  const std::uint64_t offset = file.add_unwritten_bytes("x", {count, side, side, 3});
  if (offset != kPixelOffset) move_pixels(offset, count * patch_bytes_);
  write_table(file, table, info.classes.size());
  write_info(file, info);
  file.set_text("digest", content_digest(info, table));
  file.close();
}

void PatchSetWriter::publish() {
  publish_file(temporary_, file_);
}

}  // namespace histokt
