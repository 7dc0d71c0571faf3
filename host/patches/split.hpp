// Which patch serves training, validation or test. Pure functions: the same request gives the same answer on
// every machine and for any number of threads.
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

enum class SplitProtocol {
  kByGroup,  // no group in two splits, classes spread as evenly as groups allow
  kPaper     // patches shuffled and cut, whatever they belong to (how the published numbers came about)
};

// "by-group" or "paper"; throws RequestError for anything else.
SplitProtocol split_protocol(const std::string& name);
const char* protocol_name(SplitProtocol protocol);

// Whether by-group splitting takes over the test and validation pictures the dataset's makers chose.
enum class KeepOfficial {
  kAuto,    // where they share no group with the rest
  kAlways,  // also where they do, with a warning
  kNever
};

// What a user may choose.
struct SplitOptions {
  SplitProtocol protocol = SplitProtocol::kByGroup;
  std::uint64_t seed = 0;
  // Of train, valid and test: not negative, not all 0; scaled to add up to 1. Where not given: 0.8, 0.1, 0.1
  // by group, and the dataset's published shares for the paper's protocol.
  std::optional<std::array<double, 3>> shares;
  KeepOfficial keep_official = KeepOfficial::kAuto;
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
  // most paper_per_class patches of a class go into each split (0: no limit), the surplus is left out.
  std::array<double, 3> paper_shares = {0.8, 0.1, 0.1};
  std::array<std::uint64_t, 3> paper_per_class = {0, 0, 0};
};

struct SplitAssignment {
  std::vector<Split> split;        // N
  std::array<double, 3> shares{};  // that were asked for, scaled
  std::array<std::uint64_t, 3> patches{};
  std::array<std::uint64_t, 3> groups{};  // with a patch in each split
  std::uint64_t groups_in_two = 0;        // groups with patches in more than one split: leakage
  std::uint64_t left_out = 0;             // patches
  bool official_test_kept = false;
  std::vector<std::string> warnings;  // whole sentences
};

// Throws RequestError where shares make no sense.
SplitAssignment assign_split(const SplitRequest& request);

namespace detail {

// "1 patient", "3 patients".
std::string counted(std::size_t count, const std::string& what);

// A way of splitting fills this in: a split for each of N patches.
struct SplitDraft {
  std::vector<std::optional<Split>> split;
  std::array<double, 3> shares{};
  bool official_test_kept = false;
  std::vector<std::string> warnings;
};
SplitDraft draft_by_group(const SplitRequest& request, const std::array<double, 3>& shares);

}  // namespace detail
}  // namespace histokt
