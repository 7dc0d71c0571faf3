// SPDX-License-Identifier: MIT
#include "patches/split.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>

#include "base/errors.hpp"
#include "base/random.hpp"
#include "base/text.hpp"

namespace histokt {
namespace {

std::size_t index_of(Split split) {
  return static_cast<std::size_t>(split);
}

std::array<double, 3> scaled(const std::array<double, 3>& shares) {
  const double sum = shares[0] + shares[1] + shares[2];
  const bool sound = std::ranges::all_of(shares, [](double s) { return s >= 0 && std::isfinite(s); });
  if (!sound || sum <= 0) {
    throw RequestError("the shares of training, validation and test are " + number_text(shares[0]) + ", " +
                       number_text(shares[1]) + " and " + number_text(shares[2]) +
                       "; none may be negative, and one at least must be above 0");
  }
  return {shares[0] / sum, shares[1] / sum, shares[2] / sum};
}

// The pool is cut where the running sum of the shares falls, rounded down: 2397 patches at 40/10/50 give
// 958/240/1199 as in Table 1. The small addend keeps 0.7 + 0.1 from falling below 0.8.
std::size_t cut(double running_share, std::size_t count) {
  return std::min(count, static_cast<std::size_t>(running_share * static_cast<double>(count) + 1e-6));
}

void cut_pool(const std::vector<std::size_t>& pool, const std::array<double, 3>& shares,
              std::vector<std::optional<Split>>& split) {
  const std::size_t train_end = cut(shares[0], pool.size());
  const std::size_t valid_end = cut(shares[0] + shares[1], pool.size());
  for (std::size_t i = 0; i < pool.size(); ++i) {
    split[pool[i]] = i < train_end ? Split::kTrain : i < valid_end ? Split::kValid : Split::kTest;
  }
}

detail::SplitDraft draft_paper(const SplitRequest& request, const std::array<double, 3>& shares) {
  const std::size_t count = request.paper.size();
  detail::SplitDraft draft{.split = std::vector<std::optional<Split>>(count), .shares = shares};
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random{request.options.seed, random_word("split"), random_word("paper")}.shuffle(order);

  std::vector<std::size_t> pool;
  for (const std::size_t i : order) {
    const std::int8_t fixed = request.paper[i];
    if (fixed < 0) {
      pool.push_back(i);
    } else {
      draft.split[i] = fixed <= 2 ? static_cast<Split>(fixed) : Split::kLeftOut;
    }
  }
  cut_pool(pool, shares, draft.split);

  if (request.label.empty()) return draft;  // caps are by class, of which a patch has one
  std::vector<std::array<std::uint64_t, 3>> taken(request.classes.size());
  for (const std::size_t i : order) {
    if (draft.split[i] == Split::kLeftOut) continue;
    const std::size_t to = index_of(*draft.split[i]);
    std::uint64_t& so_far = taken[static_cast<std::size_t>(request.label[i])][to];
    if (request.paper_per_class[to] > 0 && so_far == request.paper_per_class[to]) {
      draft.split[i] = Split::kLeftOut;
    } else {
      ++so_far;
    }
  }
  return draft;
}

void warn_of_absent_classes(const SplitRequest& request, SplitAssignment& made) {
  for (const Split split : kSplits) {
    if (made.patches[index_of(split)] == 0) continue;
    std::vector<std::string> absent;
    for (std::size_t c = 0; c < request.classes.size(); ++c) {
      bool in_split = false, anywhere = false;
      for (std::size_t i = 0; i < made.split.size() && !in_split; ++i) {
        if (!detail::shows_class(request, i, c)) continue;
        anywhere = true;
        in_split = made.split[i] == split;
      }
      if (anywhere && !in_split) absent.push_back(request.classes[c]);
    }
    if (!absent.empty()) {
      made.warnings.push_back("the " + std::string(split_name(split)) + " split has no patch of " +
                              joined(absent) + ".");
    }
  }
}

void count_groups_of_splits(const SplitRequest& request, SplitAssignment& made) {
  std::map<std::string_view, unsigned> splits_of;  // a bit for each split
  for (std::size_t i = 0; i < request.group.size(); ++i) {
    if (made.split[i] != Split::kLeftOut) splits_of[request.group[i]] |= 1u << index_of(made.split[i]);
  }
  for (const auto& [group, splits] : splits_of) {
    unsigned in = 0;
    for (const Split split : kSplits) {
      const unsigned bit = (splits >> index_of(split)) & 1u;
      made.groups[index_of(split)] += bit;
      in += bit;
    }
    made.groups_in_two += in > 1;
  }
}

}  // namespace

bool detail::shows_class(const SplitRequest& request, std::size_t patch, std::size_t class_index) {
  if (request.labels.empty()) return request.label[patch] == static_cast<std::int64_t>(class_index);
  return request.labels[patch * request.classes.size() + class_index] != 0;
}

const char* split_name(Split split) {
  switch (split) {
    case Split::kTrain:
      return "training";
    case Split::kValid:
      return "validation";
    case Split::kTest:
      return "test";
    case Split::kLeftOut:
      break;
  }
  return "left out";
}

const char* split_word(Split split) {
  switch (split) {
    case Split::kTrain:
      return "train";
    case Split::kValid:
      return "valid";
    case Split::kTest:
      return "test";
    case Split::kLeftOut:
      break;
  }
  return "left-out";
}

SplitProtocol split_protocol(const std::string& name) {
  if (name == "by-group") return SplitProtocol::kByGroup;
  if (name == "paper") return SplitProtocol::kPaper;
  if (name == "file") return SplitProtocol::kFile;
  throw RequestError("`" + name + "` is no way to split patches; there are `by-group`, `paper` and `file`");
}

const char* protocol_name(SplitProtocol protocol) {
  return protocol == SplitProtocol::kPaper ? "paper" : protocol == SplitProtocol::kFile ? "file" : "by-group";
}

KeepOfficial keep_official_from(const std::string& word) {
  if (word == "auto") return KeepOfficial::kAuto;
  if (word == "always") return KeepOfficial::kAlways;
  if (word == "never") return KeepOfficial::kNever;
  throw RequestError("keep_official is `" + word + "`, expected `auto`, `always` or `never`");
}

int fold_count_from(const std::string& word) {
  if (word == "none") return Folds::kNone;
  if (word == "leave-one-group-out") return Folds::kLeaveOneGroupOut;
  int count = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
  if (error == std::errc() && end == word.data() + word.size() && count >= 2 && count <= Folds::kMost) {
    return count;
  }
  throw RequestError("folds is `" + word + "`, expected `leave-one-group-out` or a number from 2 to " +
                     std::to_string(Folds::kMost));
}

std::string folds_name(int count) {
  return count == Folds::kNone               ? "none"
         : count == Folds::kLeaveOneGroupOut ? "leave-one-group-out"
                                             : std::to_string(count);
}

SplitAssignment assign_split(const SplitRequest& request) {
  if (request.options.protocol == SplitProtocol::kFile) {
    throw std::logic_error("a split from a file is read, not made");
  }
  const bool paper = request.options.protocol == SplitProtocol::kPaper;
  const std::array<double, 3> usual = paper ? request.paper_shares : std::array{0.8, 0.1, 0.1};
  const std::array<double, 3> shares = scaled(request.options.shares.value_or(usual));
  detail::SplitDraft draft = paper ? draft_paper(request, shares) : detail::draft_by_group(request, shares);

  std::vector<Split> split;
  for (const std::optional<Split>& drafted : draft.split) split.push_back(*drafted);
  SplitAssignment made = count_split(request, std::move(split));
  made.shares = shares;
  made.official_test_kept = draft.official_test_kept;
  made.warnings.insert(made.warnings.begin(), draft.warnings.begin(), draft.warnings.end());
  return made;
}

SplitAssignment count_split(const SplitRequest& request, std::vector<Split> split) {
  SplitAssignment made;
  made.split = std::move(split);
  for (const Split of_patch : made.split) {
    if (of_patch == Split::kLeftOut) {
      ++made.left_out;
    } else {
      ++made.patches[index_of(of_patch)];
    }
  }
  for (const Split part : kSplits) {
    if (made.patches[index_of(part)] == 0) {
      made.warnings.push_back("the " + std::string(split_name(part)) + " split is empty.");
    }
  }
  count_groups_of_splits(request, made);
  if (made.groups_in_two > 0) {
    made.warnings.push_back("patches of " + counted(made.groups_in_two, request.group_level) +
                            " stand in more than one split, so results will be optimistically biased.");
  }
  warn_of_absent_classes(request, made);
  return made;
}

std::string split_text(const SplitAssignment& split, const std::string& group_level) {
  std::string text;
  for (const Split part : kSplits) {
    const std::size_t i = index_of(part);
    const char* name = part == Split::kTrain ? "train " : part == Split::kValid ? ", valid " : ", test ";
    text += name;
    text += part == Split::kTrain ? counted(split.patches[i], "patch") : std::to_string(split.patches[i]);
    text += " (" + counted(split.groups[i], group_level) + ")";
  }
  if (split.left_out > 0) text += ", left out " + std::to_string(split.left_out);
  if (group_level == "image") text += std::string("; ") + kPatientsMayBeShared;
  return text;
}

}  // namespace histokt
