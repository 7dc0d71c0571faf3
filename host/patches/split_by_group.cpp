// SPDX-License-Identifier: MIT
// Splitting by group: official splits are kept if they do not leak; the other groups are assigned one by one,
// each to the part that it balances best. The parts are the three splits, or the folds of a cross-validation
// and then, of what is not held out, training and validation.
#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <string_view>

#include "base/errors.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "patches/split.hpp"

namespace histokt {
namespace detail {
namespace {

constexpr std::int8_t kOfficialValid = 1, kOfficialTest = 2, kOfficialLeftOut = 3;

struct Group {
  std::vector<std::size_t> patches;
  std::vector<double> of_class;  // C + 1 counts: patches of each class, and all patches
  std::optional<std::size_t> part;
};

using Groups = std::map<std::string_view, Group>;

// Names of groups that stand both within and without the patches of an official split, among the pool.
std::size_t shared_groups(const SplitRequest& request, const SplitDraft& draft, std::int8_t official) {
  std::set<std::string_view> inside, outside;
  for (std::size_t i = 0; i < request.group.size(); ++i) {
    if (draft.split[i]) continue;
    (request.official[i] == official ? inside : outside).insert(request.group[i]);
  }
  return static_cast<std::size_t>(
      std::ranges::count_if(inside, [&](std::string_view group) { return outside.contains(group); }));
}

bool keep_official(const SplitRequest& request, std::int8_t official, SplitDraft& draft) {
  const auto as_split = static_cast<Split>(official);
  if (request.options.keep_official == KeepOfficial::kNever) return false;
  if (std::ranges::find(request.official, official) == request.official.end()) return false;
  const std::size_t shared = shared_groups(request, draft, official);
  if (shared > 0) {
    const std::string found = "the official " + std::string(split_name(as_split)) + " split shares " +
                              counted(shared, request.group_level) + " with the rest; ";
    const bool keep = request.options.keep_official == KeepOfficial::kAlways;
    draft.warnings.push_back(found + (keep ? "it is kept, as asked for." : "its patches are split anew."));
    if (!keep) return false;
  }
  for (std::size_t i = 0; i < draft.split.size(); ++i) {
    if (!draft.split[i] && request.official[i] == official) draft.split[i] = as_split;
  }
  return true;
}

Groups pool_groups(const SplitRequest& request, const SplitDraft& draft) {
  const std::size_t classes = request.classes.size();
  Groups groups;
  for (std::size_t i = 0; i < draft.split.size(); ++i) {
    if (draft.split[i]) continue;
    Group& group = groups[request.group[i]];
    group.of_class.resize(classes + 1);
    group.patches.push_back(i);
    group.of_class[classes] += 1;
    if (request.labels.empty()) {
      group.of_class[static_cast<std::size_t>(request.label[i])] += 1;
    } else {
      for (std::size_t c = 0; c < classes; ++c) group.of_class[c] += request.labels[i * classes + c];
    }
  }
  return groups;
}

// Large groups first, as they are hard to place late; those of about one size in an order the seed decides.
std::vector<Group*> dealing_order(Groups& groups, std::uint64_t seed, const char* purpose) {
  std::vector<Group*> order;
  for (auto& [name, group] : groups) order.push_back(&group);
  Random{seed, random_word("split"), random_word(purpose)}.shuffle(order);
  const auto size_class = [](const Group* group) { return std::bit_width(group->patches.size()); };
  std::ranges::stable_sort(order,
                           [&](const Group* a, const Group* b) { return size_class(a) > size_class(b); });
  return order;
}

// How far the parts are from their shares of every class: the sum over parts and classes of
// (have - want)^2 / want, as in a chi-square test.
class Table {
 public:
  Table(const std::vector<Group*>& groups, std::vector<double> shares)
      : shares_(std::move(shares)), groups_(shares_.size(), 0) {
    const std::size_t columns = groups.front()->of_class.size();
    total_.assign(columns, 0);
    have_.assign(shares_.size(), std::vector<double>(columns, 0));
    for (const Group* group : groups) {
      for (std::size_t c = 0; c < columns; ++c) total_[c] += group->of_class[c];
    }
  }

  // Change of the sum when the group enters (sign 1) or leaves (sign -1) the part.
  double change(const Group& group, std::size_t part, double sign) const {
    double sum = 0;
    for (std::size_t c = 0; c < total_.size(); ++c) {
      const double moved = sign * group.of_class[c];
      if (moved == 0) continue;
      const double want = shares_[part] * total_[c];
      sum += moved * (2 * (have_[part][c] - want) + moved) / want;
    }
    return sum;
  }

  void move(Group& group, std::size_t part) {
    if (group.part) add(group, *group.part, -1);
    add(group, part, 1);
    group.part = part;
  }

  std::size_t parts() const { return shares_.size(); }
  double share(std::size_t part) const { return shares_[part]; }
  std::size_t groups_in(std::size_t part) const { return groups_[part]; }

 private:
  void add(const Group& group, std::size_t part, double sign) {
    for (std::size_t c = 0; c < total_.size(); ++c) have_[part][c] += sign * group.of_class[c];
    groups_[part] = sign > 0 ? groups_[part] + 1 : groups_[part] - 1;
  }

  const std::vector<double> shares_;
  std::vector<double> total_;
  std::vector<std::vector<double>> have_;
  std::vector<std::size_t> groups_;
};

// Moves the group whose move costs least into a part that got none, from one that has several.
void fill_empty_part(const std::vector<Group*>& groups, std::size_t part, Table& table) {
  Group* best = nullptr;
  double least = 0;
  for (Group* group : groups) {
    if (table.groups_in(*group->part) < 2) continue;
    const double cost = table.change(*group, *group->part, -1) + table.change(*group, part, 1);
    if (!best || cost < least) {
      best = group;
      least = cost;
    }
  }
  if (best) table.move(*best, part);
}

// Gives each group that has none yet its part; every part with a share gets a group where there are enough.
void deal_out(const std::vector<Group*>& order, Table& table) {
  std::vector<Group*> free;
  for (Group* group : order) {
    if (group->part) continue;
    free.push_back(group);
    std::optional<std::size_t> best;
    for (std::size_t part = 0; part < table.parts(); ++part) {
      if (table.share(part) == 0) continue;
      if (!best || table.change(*group, part, 1) < table.change(*group, *best, 1)) best = part;
    }
    table.move(*group, *best);
  }
  for (std::size_t part = 0; part < table.parts(); ++part) {
    if (table.share(part) > 0 && table.groups_in(part) == 0) fill_empty_part(free, part, table);
  }
}

// Groups that show each class.
std::vector<std::vector<Group*>> groups_by_class(Groups& groups, std::size_t classes) {
  std::vector<std::vector<Group*>> showing(classes);
  for (auto& [name, group] : groups) {
    for (std::size_t c = 0; c < classes; ++c) {
      if (group.of_class[c] > 0) showing[c].push_back(&group);
    }
  }
  return showing;
}

// "malignant (3 patients)", for each class that some but few groups show.
std::vector<std::string> classes_of_few_groups(const SplitRequest& request, Groups& groups) {
  std::vector<std::string> few;
  const auto showing = groups_by_class(groups, request.classes.size());
  for (std::size_t c = 0; c < showing.size(); ++c) {
    if (showing[c].empty() || showing[c].size() >= kFewestGroups) continue;
    few.push_back(request.classes[c] + " (" + counted(showing[c].size(), request.group_level) + ")");
  }
  return few;
}

// A single hold-out of few groups says more about those that happen to be held out than about the network.
void refuse_few_groups(const SplitRequest& request, Groups& groups, SplitDraft& draft) {
  if (groups.empty() || draft.shares[2] == 0) return;
  const std::vector<std::string> few = classes_of_few_groups(request, groups);
  const bool all_few = groups.size() < kFewestGroups;
  if (few.empty() && !all_few) return;
  const std::string found = all_few ? "there " + std::string(groups.size() == 1 ? "is " : "are ") +
                                          counted(groups.size(), request.group_level)
                                    : "fewer than " + std::to_string(kFewestGroups) + " " +
                                          request.group_level + "s show " + joined(few);
  if (request.options.allow_few_groups || (!all_few && request.labels.size() > 0)) {
    draft.warnings.push_back(found + ", so a test on what is held out says little.");
    return;
  }
  const std::string folds = groups.size() < 2
                                ? ""
                                : "folds = \"leave-one-group-out\" or folds = " +
                                      std::to_string(std::min<std::size_t>(3, groups.size())) + ", ";
  throw RequestError(
      found + ", too few to hold some out for a test (" + std::to_string(kFewestGroups) +
      " a class are needed); set " + folds +
      "split = \"paper\" (patches shuffled, groups parted), or allow_few_groups = true for a trial "
      "of the program");
}

void warn_of_few_groups(const SplitRequest& request, const Groups& groups, SplitDraft& draft) {
  const auto wanted =
      static_cast<std::size_t>(std::ranges::count_if(draft.shares, [](double share) { return share > 0; }));
  if (!groups.empty() && groups.size() < wanted) {
    draft.warnings.push_back("only " + counted(groups.size(), request.group_level) +
                             " can be told apart, for " + std::to_string(wanted) +
                             " splits; some stay empty.");
  }
}

void place(const Groups& groups, SplitDraft& draft) {
  for (const auto& [name, group] : groups) {
    for (const std::size_t patch : group.patches) draft.split[patch] = static_cast<Split>(*group.part);
  }
}

// The fold in which each group is held out: the order of names decides where one is left out at a time, else
// classes are spread over the folds.
void hold_out(const SplitRequest& request, Groups& groups) {
  const Folds& folds = request.options.folds;
  const bool one_by_one = folds.count == Folds::kLeaveOneGroupOut;
  const std::size_t count = one_by_one ? groups.size() : static_cast<std::size_t>(folds.count);
  if (count > groups.size()) {
    throw RequestError("folds = " + std::to_string(count) + " needs as many " + request.group_level +
                       "s, but there " + (groups.size() == 1 ? "is " : "are ") +
                       counted(groups.size(), request.group_level) +
                       "; set folds = \"leave-one-group-out\" or a smaller number");
  }
  if (count < 2) {
    throw RequestError("folds need 2 " + request.group_level + "s at least, but there is " +
                       counted(groups.size(), request.group_level) +
                       "; set split = \"paper\" (patches shuffled) or name finer groups");
  }
  if (folds.fold < 1 || static_cast<std::size_t>(folds.fold) > count) {
    throw RequestError("fold " + std::to_string(folds.fold) + " is asked for, but there are " +
                       std::to_string(count) + " folds, counted from 1" +
                       (one_by_one ? ", one for each " + request.group_level + " with a patch; set folds = " +
                                         std::to_string(count) + " where one lost all its patches"
                                   : ""));
  }
  if (one_by_one) {
    std::size_t next = 0;
    for (auto& [name, group] : groups) group.part = next++;
    return;
  }
  const std::vector<Group*> order = dealing_order(groups, request.options.seed, "folds");
  Table table(order, std::vector<double>(count, 1.0 / static_cast<double>(count)));
  deal_out(order, table);
}

// Of the groups that are not held out. A class's only group among them trains: without it the class could not
// be learnt, while validation can do without.
void deal_rest(const SplitRequest& request, Groups& rest, SplitDraft& draft) {
  const std::vector<Group*> order = dealing_order(rest, request.options.seed, "fold's validation");
  Table table(order, {draft.shares[0], draft.shares[1]});
  constexpr std::size_t kTrainPart = 0;
  std::vector<std::string> only_trained;
  const auto showing = groups_by_class(rest, request.classes.size());
  for (std::size_t c = 0; c < showing.size(); ++c) {
    if (showing[c].size() != 1) continue;
    only_trained.push_back(request.classes[c]);
    if (!showing[c].front()->part) table.move(*showing[c].front(), kTrainPart);
  }
  if (!only_trained.empty()) {
    draft.warnings.push_back("besides the " + request.group_level + "s held out, one " + request.group_level +
                             " alone shows " + joined(only_trained) + "; it trains.");
  }
  deal_out(order, table);
}

SplitDraft draft_fold(const SplitRequest& request, SplitDraft draft) {
  Groups groups = pool_groups(request, draft);
  hold_out(request, groups);
  Groups rest, held_out;
  for (auto& [name, group] : groups) {
    const bool test = *group.part == static_cast<std::size_t>(request.options.folds.fold - 1);
    group.part.reset();
    if (test) group.part = static_cast<std::size_t>(Split::kTest);
    (test ? held_out : rest).emplace(name, std::move(group));
  }
  const double train_and_valid = draft.shares[0] + draft.shares[1];
  draft.shares = train_and_valid > 0
                     ? std::array{draft.shares[0] / train_and_valid, draft.shares[1] / train_and_valid, 0.0}
                     : std::array{1.0, 0.0, 0.0};
  deal_rest(request, rest, draft);
  place(rest, draft);
  place(held_out, draft);
  return draft;
}

}  // namespace

SplitDraft draft_by_group(const SplitRequest& request, const std::array<double, 3>& shares) {
  SplitDraft draft{.split = std::vector<std::optional<Split>>(request.group.size()), .shares = shares};
  for (std::size_t i = 0; i < draft.split.size(); ++i) {
    if (request.official[i] >= kOfficialLeftOut) draft.split[i] = Split::kLeftOut;
  }
  if (request.options.folds.count != Folds::kNone) return draft_fold(request, std::move(draft));
  draft.official_test_kept = keep_official(request, kOfficialTest, draft);
  if (draft.official_test_kept) draft.shares[2] = 0;
  // Without the test split that belongs to it, an official validation split is one more part of the pool.
  if (draft.official_test_kept && keep_official(request, kOfficialValid, draft)) draft.shares[1] = 0;
  const double rest = draft.shares[0] + draft.shares[1] + draft.shares[2];
  if (rest == 0) {
    draft.shares = {1, 0, 0};
  } else {
    for (double& share : draft.shares) share /= rest;
  }

  Groups groups = pool_groups(request, draft);
  refuse_few_groups(request, groups, draft);
  warn_of_few_groups(request, groups, draft);
  if (!groups.empty()) {
    const std::vector<Group*> order = dealing_order(groups, request.options.seed, "by-group");
    Table table(order, {draft.shares.begin(), draft.shares.end()});
    deal_out(order, table);
  }
  place(groups, draft);
  return draft;
}

}  // namespace detail

std::size_t count_groups(const SplitRequest& request) {
  std::set<std::string_view> groups;
  for (std::size_t i = 0; i < request.group.size(); ++i) {
    if (request.official[i] < detail::kOfficialLeftOut) groups.insert(request.group[i]);
  }
  return groups.size();
}

}  // namespace histokt
