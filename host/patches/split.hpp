// SPDX-License-Identifier: MIT
// Splits of patches into training, validation and test. Pure functions: the same request gives the same split
// on every machine and for any number of threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace histokt {

enum class Split : std::uint8_t { kTrain = 0, kValid = 1, kTest = 2, kLeftOut = 255 };

inline constexpr std::array<Split, 3> kSplits = {Split::kTrain, Split::kValid, Split::kTest};

// "training", "validation", "test" or "left out".
const char* split_name(Split split);
// As written in keys and files: "train", "valid", "test", "left-out".
const char* split_word(Split split);

enum class SplitProtocol {
  kByGroup,  // no group in two splits, classes spread as evenly as groups allow
  kPaper,    // patches shuffled and cut, whatever they belong to (as for the published numbers)
  kFile      // as a table says (split_csv.hpp)
};

// "by-group", "paper" or "file"; throws RequestError for anything else.
SplitProtocol split_protocol(const std::string& name);
const char* protocol_name(SplitProtocol protocol);

// Whether by-group splitting takes over the test and validation images the dataset's makers chose.
enum class KeepOfficial {
  kAuto,    // if they share no group with the rest
  kAlways,  // even if they do, with a warning
  kNever
};

// "auto", "always" or "never"; throws RequestError for anything else.
KeepOfficial keep_official_from(const std::string& word);

// Cross-validation: how often the patches are split, and which of those splits this is. Each group is held
// out as test in exactly one fold.
struct Folds {
  static constexpr int kNone = 0;               // a single hold-out
  static constexpr int kLeaveOneGroupOut = -1;  // as many folds as groups
  static constexpr int kMost = 100;

  int count = kNone;  // or one of the above, or 2 to kMost
  int fold = 1;       // from 1
};

// "none", "leave-one-group-out" or a number from 2 to Folds::kMost as Folds::count; throws RequestError for
// anything else.
int fold_count_from(const std::string& word);
// The inverse.
std::string folds_name(int count);

// If a class has fewer groups than this, a single hold-out tests on one or none of them and is refused.
inline constexpr std::size_t kFewestGroups = 5;

// The options of a user.
struct SplitOptions {
  SplitProtocol protocol = SplitProtocol::kByGroup;
  std::uint64_t seed = 0;
  // Of train, valid and test: not negative, not all 0; scaled to add up to 1. By default 0.8, 0.1, 0.1 by
  // group, and the dataset's published shares for the paper's protocol.
  std::optional<std::array<double, 3>> shares;
  KeepOfficial keep_official = KeepOfficial::kAuto;
  // By-group only. With folds, official splits are ignored except for what they leave out; the validation
  // groups are drawn from those that are not held out, at the shares of train and valid.
  Folds folds = {};
  bool allow_few_groups = false;  // warn instead of refusing a hold-out
};

// What is split: columns of a patch table, N entries each, which must outlive the call.
struct SplitRequest {
  SplitOptions options;
  std::span<const std::string> classes;   // C names
  std::span<const std::int64_t> label;    // N class indices, or
  std::span<const std::uint8_t> labels;   // (N, C) of 0 and 1
  std::span<const std::string> group;     // by-group only
  std::span<const std::int8_t> official;  // by-group only; -1 none, 0, 1, 2, 3 left out
  std::span<const std::int8_t> paper;     // paper only; as official
  std::string group_level = "group";      // "patient", for sentences
  // The dataset's published protocol: what has no paper split is shuffled and cut at paper_shares, then at
  // most paper_per_class patches of a class go into each split (0: no limit), the rest is left out.
  std::array<double, 3> paper_shares = {0.8, 0.1, 0.1};
  std::array<std::uint64_t, 3> paper_per_class = {0, 0, 0};
};

struct SplitAssignment {
  std::vector<Split> split;        // N
  std::array<double, 3> shares{};  // the requested ones, scaled
  std::array<std::uint64_t, 3> patches{};
  std::array<std::uint64_t, 3> groups{};  // with a patch in each split
  std::uint64_t groups_in_two = 0;        // groups with patches in more than one split: leakage
  std::uint64_t left_out = 0;             // patches
  bool official_test_kept = false;
  std::vector<std::string> warnings;  // whole sentences
};

// Throws RequestError if shares are invalid, if there are too few groups for the folds, or if a class has
// fewer than kFewestGroups groups for a single hold-out by group. Labels of multi-label patches are often
// rare: there the groups of all classes together are counted.
SplitAssignment assign_split(const SplitRequest& request);

// Counts an existing split, with the warnings that follow from it.
SplitAssignment count_split(const SplitRequest& request, std::vector<Split> split);

// The number of groups that take part: the number of folds if one is left out at a time.
std::size_t count_groups(const SplitRequest& request);

// "train 40 patches (4 patients), valid 10 (1 patient), test 10 (1 patient)", then what is left out, and if
// the level is "image" that patients may be shared.
std::string split_text(const SplitAssignment& split, const std::string& group_level);

// The note shown wherever the group level is "image".
inline constexpr const char* kPatientsMayBeShared =
    "no group above the image is known: patients may be shared between the splits";

namespace detail {

// Whether the patch shows the class.
bool shows_class(const SplitRequest& request, std::size_t patch, std::size_t class_index);

// The result of a splitting method: a split for each of N patches.
struct SplitDraft {
  std::vector<std::optional<Split>> split;
  std::array<double, 3> shares{};
  bool official_test_kept = false;
  std::vector<std::string> warnings;
};
SplitDraft draft_by_group(const SplitRequest& request, const std::array<double, 3>& shares);

}  // namespace detail
}  // namespace histokt
