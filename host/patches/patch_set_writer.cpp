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
  file.set("dataset", info.dataset);
  file.set("classes", std::span<const std::string>(info.classes));
  file.set("multi_label", static_cast<std::uint8_t>(info.multi_label));
  file.set("microns_per_pixel", info.microns_per_pixel);
  file.set("picture_microns_per_pixel", info.picture_microns_per_pixel);
  file.set("group_level", info.group_level);
  file.set("patch_side", static_cast<std::int32_t>(info.patch_side));
  file.set("overlap", info.overlap);
  file.set("min_contrast", info.min_contrast);
  file.set("protocol", info.protocol);
  file.set("versions", info.versions);
  file.set_list("paper_shares", std::span<const double>(info.paper_shares));
  file.set_list("paper_per_class", std::span<const std::uint64_t>(info.paper_per_class));
  file.set("pictures", info.pictures);
  file.set("dropped_background", info.dropped_background);
  file.set("dropped_uncovered", info.dropped_uncovered);
  file.set("skipped_pictures", std::span<const std::string>(info.skipped_pictures));
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
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor_ < 0) throw RunError(temporary_.string() + ": cannot be opened: " + std::strerror(errno));
}

PatchSetWriter::~PatchSetWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

void PatchSetWriter::write_pixels(std::size_t first, std::span<const std::uint8_t> patches) {
  auto offset = static_cast<off_t>(kPixelOffset + first * patch_bytes_);
  for (auto left = patches; !left.empty();) {
    const ssize_t written = ::pwrite(descriptor_, left.data(), left.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw RunError(file_.string() + ": writing failed: " + std::strerror(errno));
    left = left.subspan(static_cast<std::size_t>(written));
    offset += written;
  }
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
                          number_text(info.microns_per_pixel), number_text(info.picture_microns_per_pixel),
                          std::to_string(info.patch_side), number_text(info.overlap),
                          number_text(info.min_contrast), std::to_string(info.pictures),
                          std::to_string(info.dropped_background), std::to_string(info.dropped_uncovered)});
  digest.add(std::as_bytes(std::span(info.paper_shares)));
  digest.add(std::as_bytes(std::span(info.paper_per_class)));
  add(digest, info.classes);
  add(digest, info.skipped_pictures);
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

void PatchSetWriter::finish(const PatchSetInfo& info, const PatchTable& table) {
  check_columns(info, table);
  if (table.size() == 0 || table.size() != digests_.size()) {
    throw RunError(file_.string() + ": " + std::to_string(table.size()) + " patches are listed, but " +
                   std::to_string(digests_.size()) + " were written; a patch set needs one at least");
  }
  const std::uint64_t count = table.size();
  const auto side = static_cast<std::uint64_t>(info.patch_side);
  // The library would cut the file at its own end; now it finds `x` aligned to just where the pixels lie.
  hdf5::File file = hdf5::File::open_to_extend(temporary_, count * patch_bytes_, kPixelOffset);
  if (file.add_unwritten_bytes("x", {count, side, side, 3}) != kPixelOffset) {
    file.fail("the HDF5 library did not place `x` where its pixels were written");
  }
  write_table(file, table, info.classes.size());
  write_info(file, info);
  file.set("digest", content_digest(info, table));
  file.close();
}

void PatchSetWriter::publish() {
  publish_file(temporary_, file_);
}

}  // namespace histokt
