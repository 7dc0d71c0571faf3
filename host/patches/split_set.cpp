// SPDX-License-Identifier: MIT
#include "patches/split_set.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "patches/channel_statistics.hpp"
#include "patches/hdf5.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLinked[] = {"x", "y", "id", "group", "source", "left", "top"};

std::vector<std::size_t> indices_of(const std::vector<Split>& splits, Split wanted) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < splits.size(); ++i) {
    if (splits[i] == wanted) indices.push_back(i);
  }
  return indices;
}

std::vector<std::uint8_t> codes_of(const std::vector<Split>& splits) {
  std::vector<std::uint8_t> codes;
  codes.reserve(splits.size());
  for (const Split split : splits) codes.push_back(static_cast<std::uint8_t>(split));
  return codes;
}

// Everything of a split but its way to the patch set.
void write_split(hdf5::File& file, const PatchSet& patches, const SplitOptions& options,
                 const SplitAssignment& split, const ChannelStatistics& statistics) {
  const std::vector<std::uint8_t> codes = codes_of(split.split);
  file.write("split", std::span<const std::uint8_t>(codes), {codes.size()});
  file.write("mean", std::span<const double>(statistics.mean), {3});
  file.write("std", std::span<const double>(statistics.standard_deviation), {3});
  file.set_text("split_protocol", protocol_name(options.protocol));
  file.set_number("split_seed", options.seed);
  file.set_text("split_folds", folds_name(options.folds.count));
  file.set_number("split_fold", static_cast<std::int32_t>(options.folds.fold));
  file.set_numbers("split_shares", std::span<const double>(split.shares));
  file.set_text("split_group_level", patches.info().group_level);
  file.set_texts("split_warnings", split.warnings);
  file.set_text("split_digest", Sha256().add(patches.digest()).add(std::as_bytes(std::span(codes))).hex());
  file.set_text("patch_set_digest", patches.digest());
}

ChannelStatistics training_statistics(const PatchSet& patches, const SplitAssignment& split, int threads) {
  return channel_statistics(patches, indices_of(split.split, Split::kTrain), threads);
}

std::string relative_path(const fs::path& to, const fs::path& from_file) {
  return fs::weakly_canonical(to).lexically_relative(fs::weakly_canonical(from_file).parent_path()).string();
}

// Removes an unfinished file on every way out.
class Unpublished {
 public:
  explicit Unpublished(const fs::path& file) : file_(file), temporary_(temporary_beside(file)) {}
  ~Unpublished() {
    std::error_code ignored;
    fs::remove(temporary_, ignored);
  }
  const fs::path& path() const { return temporary_; }
  void publish() { publish_file(temporary_, file_); }

 private:
  const fs::path file_, temporary_;
};

}  // namespace

SplitRequest split_request(const PatchSet& patches, const SplitOptions& options) {
  return split_request(patches.info(), patches.table(), options);
}

SplitAssignment assign_split(const PatchSet& patches, const SplitOptions& options) {
  return assign_split(split_request(patches, options));
}

void write_split_file(const fs::path& path, const PatchSet& patches, const SplitOptions& options,
                      const SplitAssignment& split, int threads) {
  const ChannelStatistics statistics = training_statistics(patches, split, threads);
  const std::string target = relative_path(patches.file(), path);
  Unpublished unpublished(path);
  {
    hdf5::File file = hdf5::File::create(unpublished.path());
    write_split(file, patches, options, split, statistics);
    for (const char* name : kLinked) file.add_external_link(name, target);
    file.set_text("patch_set", target);
    file.close();
  }
  unpublished.publish();
}

void add_split(const PatchSet& patches, const SplitOptions& options, const SplitAssignment& split,
               int threads) {
  const ChannelStatistics statistics = training_statistics(patches, split, threads);
  hdf5::File file = hdf5::File::open_to_extend(patches.file());
  write_split(file, patches, options, split, statistics);
  file.set_text("patch_set", "");
  file.close();
}

SplitSet::SplitSet(const fs::path& path, TestPart test) : test_(test) {
  std::string target, patch_set_digest;
  std::vector<std::uint8_t> codes;
  {
    const hdf5::File file = hdf5::File::open(path);
    if (!file.has("split")) {
      file.fail(file.has("x") ? "this patch set has not been split: it lacks the dataset `split`"
                              : "this HDF5 file is no split: it lacks the dataset `split`");
    }
    const hdf5::Shape shape = file.shape("split");
    codes = file.read<std::uint8_t>("split", {shape.empty() ? 0 : shape.front()});
    std::ranges::copy(file.read<double>("mean", {3}), mean_.begin());
    std::ranges::copy(file.read<double>("std", {3}), standard_deviation_.begin());
    protocol_ = split_protocol(file.text("split_protocol"));
    seed_ = file.number<std::uint64_t>("split_seed");
    if (file.has_attribute("split_folds")) {  // not in files of earlier versions
      folds_ = {fold_count_from(file.text("split_folds")), file.number<std::int32_t>("split_fold")};
    }
    group_level_ = renamed(file.text("split_group_level"));
    warnings_ = file.texts("split_warnings");
    digest_ = file.text("split_digest");
    patch_set_digest = file.text("patch_set_digest");
    target = file.text("patch_set");
  }
  const fs::path patch_file = target.empty() ? path : (path.parent_path() / target).lexically_normal();
  if (!fs::exists(patch_file)) {
    throw RunError(path.string() + ": the patch set it was made for, " + patch_file.string() +
                   ", is not there; move both files together, or split anew");
  }
  patches_ = std::make_shared<const PatchSet>(patch_file);
  if (patches_->size() != codes.size() || patches_->digest() != patch_set_digest) {
    throw RunError(path.string() + ": it was made for another patch set than " + patch_file.string() +
                   " is now; split anew");
  }
  for (const std::uint8_t code : codes) {
    if (code > 2 && code != static_cast<std::uint8_t>(Split::kLeftOut)) {
      throw RunError(path.string() + ": `split` holds " + std::to_string(code) +
                     ", expected were 0, 1, 2 and 255");
    }
    split_.push_back(static_cast<Split>(code));
  }
}

SplitView SplitSet::view(Split split) const {
  if (split == Split::kTest && test_ == TestPart::kClosed) {
    throw std::logic_error("the test patches of " + patches_->info().dataset +
                           " are closed to who wants to read them here");
  }
  return {patches_, indices_of(split_, split)};
}

std::shared_ptr<const PatchSet> open_patches(const fs::path& file) {
  const bool is_split = hdf5::File::open(file).has("split");
  return is_split ? SplitSet(file).patches() : std::make_shared<const PatchSet>(file);
}

std::size_t SplitSet::count(Split split) const {
  return static_cast<std::size_t>(std::ranges::count(split_, split));
}

}  // namespace histokt
