// SPDX-License-Identifier: MIT
// A split on disk: a small HDF5 file beside the patch set, or the same datasets within the patch set's file.
//
//   split      uint8 (N)     0 train, 1 valid, 2 test, 255 left out
//   mean, std  float64 (3)   of the training patches' channels, pixel values scaled to 0..1; NaN without any
//   x, y, id, group, source, left, top   external links into the patch set, by relative path
//
// Attributes: split_protocol, split_seed, split_shares, split_group_level, split_warnings, split_digest,
// split_folds ("none", "leave-one-group-out" or their number), split_fold,
// patch_set (relative path, "" within the patch set's own file) and patch_set_digest.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/patch_source.hpp"
#include "patches/patch_set.hpp"
#include "patches/split.hpp"

namespace histokt {

// A request to split the patches of a table, with the classes, group level and published protocol of `info`:
// of a patch set, or of a dataset whose images stand for their patches. Both must outlive the request.
template <typename Info>
SplitRequest split_request(const Info& info, const PatchTable& table, const SplitOptions& options) {
  return {.options = options,
          .classes = info.classes,
          .label = table.label,
          .labels = table.labels,
          .group = table.group,
          .official = table.official_split,
          .paper = table.paper_split,
          .group_level = info.group_level,
          .paper_shares = info.paper_shares,
          .paper_per_class = info.paper_per_class};
}

// The same for a patch set.
SplitRequest split_request(const PatchSet& patches, const SplitOptions& options);

// Splits the patches of a set by its own labels, groups and published protocol.
SplitAssignment assign_split(const PatchSet& patches, const SplitOptions& options);

// Writes a split file, whole or not at all. Throws RunError, Interrupted.
void write_split_file(const std::filesystem::path& file, const PatchSet& patches, const SplitOptions& options,
                      const SplitAssignment& split, int threads);

// Adds the split to the patch set's own file, which is not published yet (PatchSetWriter::temporary()).
void add_split(const PatchSet& patches, const SplitOptions& options, const SplitAssignment& split,
               int threads);

// The patches of one split, in the order of the patch set. Any thread may call any method; copies share the
// patch set and keep it open.
class SplitView : public PatchSource {
 public:
  SplitView(std::shared_ptr<const PatchSet> patches, std::vector<std::size_t> indices)
      : patches_(std::move(patches)), indices_(std::move(indices)) {}

  std::size_t size() const override { return indices_.size(); }
  int patch_side() const override { return patches_->info().patch_side; }
  int class_count() const override { return patches_->class_count(); }
  bool multi_label() const override { return patches_->info().multi_label; }
  std::span<const std::uint8_t> pixels(std::size_t index) const override {
    return patches_->pixels(indices_[index]);
  }
  std::int64_t label(std::size_t index) const override { return patches_->table().label[indices_[index]]; }
  std::span<const std::uint8_t> labels(std::size_t index) const override {
    return patches_->labels(indices_[index]);
  }

  // Index of the patch in the patch set, for its id, source and group.
  std::size_t index_in_set(std::size_t index) const { return indices_[index]; }
  const PatchSet& patches() const { return *patches_; }

 private:
  std::shared_ptr<const PatchSet> patches_;
  std::vector<std::size_t> indices_;
};

// Whether the test patches can be read. Code that must not read them closes them, so that a mistake is
// caught.
enum class TestPart { kOpen, kClosed };

// A split opened for reading, with its patch set. Training and selection see train() and valid(); only steps
// whose catalogue row opens the test set may call open_test().
class SplitSet {
 public:
  // `file` is a split file or a patch set with its split in it. Throws RunError naming the file and what is
  // missing, also if the patch set it was made for has moved or changed.
  explicit SplitSet(const std::filesystem::path& file, TestPart test = TestPart::kOpen);

  SplitView train() const { return view(Split::kTrain); }
  SplitView valid() const { return view(Split::kValid); }
  SplitView open_test() const { return view(Split::kTest); }
  // kTest is open_test(); kLeftOut gives the patches left out. Throws std::logic_error for a closed test
  // part.
  SplitView open(Split split) const { return view(split); }

  const std::shared_ptr<const PatchSet>& patches() const { return patches_; }
  const std::vector<Split>& split() const { return split_; }
  std::size_t count(Split split) const;
  const std::array<double, 3>& mean() const { return mean_; }
  const std::array<double, 3>& standard_deviation() const { return standard_deviation_; }
  SplitProtocol protocol() const { return protocol_; }
  std::uint64_t seed() const { return seed_; }
  const Folds& folds() const { return folds_; }
  const std::string& group_level() const { return group_level_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  // SHA-256 of the patch set's digest and of the split of each patch.
  const std::string& digest() const { return digest_; }

 private:
  SplitView view(Split split) const;

  TestPart test_;
  std::shared_ptr<const PatchSet> patches_;
  std::vector<Split> split_;
  std::array<double, 3> mean_{}, standard_deviation_{};
  SplitProtocol protocol_ = SplitProtocol::kByGroup;
  std::uint64_t seed_ = 0;
  Folds folds_;
  std::string group_level_, digest_;
  std::vector<std::string> warnings_;
};

// The patch set in `file`, or that `file` is a split of. Throws RunError.
std::shared_ptr<const PatchSet> open_patches(const std::filesystem::path& file);

}  // namespace histokt
