// SPDX-License-Identifier: MIT
// An audit of a split for leakage, duplicates and imbalance: its content, and how much of the test set a
// network has seen in training.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "patches/patch_set.hpp"
#include "patches/split.hpp"

namespace histokt {

// Of one split, or of one class in it.
struct AuditCount {
  std::uint64_t patches = 0;
  std::uint64_t groups = 0;  // with a patch here
  std::uint64_t images = 0;  // likewise
};

struct AuditSplit {
  AuditCount all;
  std::vector<AuditCount> classes;  // C; a patch of several labels counts for each of them
  std::uint64_t unlabelled = 0;     // patches without any label, if multi-label
};

// How many test patches (or pixels) there are, and how many of them training has seen.
struct SeenShare {
  std::uint64_t seen = 0;
  std::uint64_t of = 0;
  double share() const { return of == 0 ? 0 : static_cast<double>(seen) / static_cast<double>(of); }
};

// A patch of `later` that is also in `earlier`, by id.
struct DuplicatePair {
  std::string later, earlier;
};

// Patches of one split that are also in another: valid in train, test in train, test in valid.
struct Duplicates {
  Split later = Split::kTest;
  Split earlier = Split::kTrain;
  std::uint64_t exact = 0;  // patches of `later` with the same pixels as one of `earlier`
  std::uint64_t near = 0;   // others, alike by perceptual_hash.hpp, flipped and turned as well
  std::vector<DuplicatePair> exact_pairs, near_pairs;  // the first kNamedPairs in the order of the set

  static constexpr std::size_t kNamedPairs = 5;
};

struct Audit {
  std::array<AuditSplit, 3> splits;  // train, valid, test
  std::uint64_t left_out = 0;        // patches
  SeenShare test_group;              // test patches whose group also has training patches
  SeenShare test_image;              // whose image has
  // Pixels of the test patches, each patch's counted, that lie in a training patch of the same image: by
  // left, top and side, so that padding counts like the rest.
  SeenShare test_pixels;
  std::array<Duplicates, 3> duplicates;
  std::uint64_t flat = 0;  // patches too flat to be compared but for exact equality
  // If shares were measured: (4, C) patches of all splits with a share above kShareThresholds[i].
  std::vector<std::vector<std::uint64_t>> positives_at;

  // "Accuracy on this split is optimistically biased: ...", "... may be ...", or "" if nothing was found.
  std::string leakage_warning;
};

inline constexpr std::array<float, 4> kShareThresholds = {0.0f, 0.05f, 0.1f, 0.2f};

// The group level with what it implies: "image: patients may be shared".
std::string group_level_in_words(const std::string& level);

// split: one for each patch. Time grows with the pixels, which are read once, and hardly with the square of
// the patches: hashes are compared only if a fifth of their bits is equal. The number of threads changes
// nothing. Throws RunError for a split of another length, Interrupted.
Audit audit(const PatchSet& patches, std::span<const Split> split, int threads, Progress& progress);

}  // namespace histokt
