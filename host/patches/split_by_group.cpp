// Splitting by group: what the dataset's makers fixed is kept where it does not leak; the other groups are
// dealt out one by one, each to the split it suits best.
#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <string_view>

#include "base/random.hpp"
#include "patches/split.hpp"

namespace histokt::detail {
namespace {

constexpr std::int8_t kOfficialValid = 1, kOfficialTest = 2, kOfficialLeftOut = 3;

struct Group {
  std::vector<std::size_t> patches;
  std::vector<double> of_class;  // C + 1 counts: patches of each class, and all patches
  std::optional<std::size_t> split;
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
std::vector<Group*> dealing_order(Groups& groups, std::uint64_t seed) {
  std::vector<Group*> order;
  for (auto& [name, group] : groups) order.push_back(&group);
  Random{seed, random_word("split"), random_word("by-group")}.shuffle(order);
  const auto size_class = [](const Group* group) { return std::bit_width(group->patches.size()); };
  std::ranges::stable_sort(order,
                           [&](const Group* a, const Group* b) { return size_class(a) > size_class(b); });
  return order;
}

// How far the splits are from their shares of every class: the sum over splits and classes of
// (have - want)^2 / want, as in a chi-square test.
class Table {
 public:
  Table(const std::vector<Group*>& groups, const std::array<double, 3>& shares) : shares_(shares) {
    const std::size_t columns = groups.front()->of_class.size();
    total_.assign(columns, 0);
    have_.fill(std::vector<double>(columns, 0));
    for (const Group* group : groups) {
      for (std::size_t c = 0; c < columns; ++c) total_[c] += group->of_class[c];
    }
  }

  // Change of the sum when the group enters (sign 1) or leaves (sign -1) the split.
  double change(const Group& group, std::size_t split, double sign) const {
    double sum = 0;
    for (std::size_t c = 0; c < total_.size(); ++c) {
      const double moved = sign * group.of_class[c];
      if (moved == 0) continue;
      const double want = shares_[split] * total_[c];
      sum += moved * (2 * (have_[split][c] - want) + moved) / want;
    }
    return sum;
  }

  void move(Group& group, std::size_t split) {
    if (group.split) add(group, *group.split, -1);
    add(group, split, 1);
    group.split = split;
  }

  std::size_t groups_in(std::size_t split) const { return groups_[split]; }

 private:
  void add(const Group& group, std::size_t split, double sign) {
    for (std::size_t c = 0; c < total_.size(); ++c) have_[split][c] += sign * group.of_class[c];
    groups_[split] = sign > 0 ? groups_[split] + 1 : groups_[split] - 1;
  }

  const std::array<double, 3> shares_;
  std::vector<double> total_;
  std::array<std::vector<double>, 3> have_;
  std::array<std::size_t, 3> groups_{};
};

// Moves the group whose move costs least into a split that got none, from one that has several.
void fill_empty_split(const std::vector<Group*>& groups, std::size_t split, Table& table) {
  Group* best = nullptr;
  double least = 0;
  for (Group* group : groups) {
    if (table.groups_in(*group->split) < 2) continue;
    const double cost = table.change(*group, *group->split, -1) + table.change(*group, split, 1);
    if (!best || cost < least) {
      best = group;
      least = cost;
    }
  }
  if (best) table.move(*best, split);
}

void deal_out(Groups& groups, const SplitDraft& draft, std::uint64_t seed) {
  if (groups.empty()) return;
  const std::vector<Group*> order = dealing_order(groups, seed);
  Table table(order, draft.shares);
  for (Group* group : order) {
    std::optional<std::size_t> best;
    for (std::size_t split = 0; split < 3; ++split) {
      if (draft.shares[split] == 0) continue;
      if (!best || table.change(*group, split, 1) < table.change(*group, *best, 1)) best = split;
    }
    table.move(*group, *best);
  }
  for (std::size_t split = 0; split < 3; ++split) {
    if (draft.shares[split] > 0 && table.groups_in(split) == 0) fill_empty_split(order, split, table);
  }
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

}  // namespace

SplitDraft draft_by_group(const SplitRequest& request, const std::array<double, 3>& shares) {
  SplitDraft draft{.split = std::vector<std::optional<Split>>(request.group.size()), .shares = shares};
  for (std::size_t i = 0; i < draft.split.size(); ++i) {
    if (request.official[i] >= kOfficialLeftOut) draft.split[i] = Split::kLeftOut;
  }
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
  warn_of_few_groups(request, groups, draft);
  deal_out(groups, draft, request.options.seed);
  for (const auto& [name, group] : groups) {
    for (const std::size_t patch : group.patches) draft.split[patch] = static_cast<Split>(*group.split);
  }
  return draft;
}

}  // namespace histokt::detail
