// SPDX-License-Identifier: MIT
#include "patches/audit.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdio>
#include <cstring>
#include <optional>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "patches/perceptual_hash.hpp"

namespace histokt {
namespace {

// Calls work(i) for 0 .. count - 1 on `threads` threads. work must not throw.
template <typename Work>
void for_all(std::size_t count, int threads, const Work& work) {
  std::atomic<std::size_t> next{0};
  const auto loop = [&] {
    for (std::size_t i = next++; i < count && !interrupt_requested(); i = next++) work(i);
  };
  {
    std::vector<std::jthread> workers;
    for (int i = 1; i < threads; ++i) workers.emplace_back(loop);
    loop();
  }
  throw_if_interrupted();
}

using Indices = std::vector<std::size_t>;

std::array<Indices, 3> indices_of(std::span<const Split> split) {
  std::array<Indices, 3> indices;
  for (std::size_t i = 0; i < split.size(); ++i) {
    if (split[i] != Split::kLeftOut) indices[static_cast<std::size_t>(split[i])].push_back(i);
  }
  return indices;
}

// Counts patches with their groups and images.
class Counter {
 public:
  void add(const PatchTable& table, std::size_t i) {
    ++patches_;
    groups_.insert(table.group[i]);
    images_.insert(table.source[i]);
  }
  AuditCount count() const { return {patches_, groups_.size(), images_.size()}; }

 private:
  std::uint64_t patches_ = 0;
  std::unordered_set<std::string_view> groups_, images_;
};

AuditSplit count_split(const PatchSet& patches, const Indices& indices) {
  const std::size_t classes = patches.info().classes.size();
  Counter all;
  std::vector<Counter> by_class(classes);
  AuditSplit result;
  for (const std::size_t i : indices) {
    all.add(patches.table(), i);
    if (!patches.info().multi_label) {
      by_class.at(static_cast<std::size_t>(patches.table().label[i])).add(patches.table(), i);
      continue;
    }
    const auto labels = patches.labels(i);
    if (std::ranges::count(labels, 0) == static_cast<std::ptrdiff_t>(classes)) ++result.unlabelled;
    for (std::size_t c = 0; c < classes; ++c) {
      if (labels[c]) by_class[c].add(patches.table(), i);
    }
  }
  result.all = all.count();
  for (const Counter& counter : by_class) result.classes.push_back(counter.count());
  return result;
}

SeenShare share_of_known(const std::vector<std::string>& column, const Indices& train, const Indices& test) {
  std::unordered_set<std::string_view> known;
  for (const std::size_t i : train) known.insert(column[i]);
  SeenShare share{0, test.size()};
  for (const std::size_t i : test) share.seen += known.contains(column[i]);
  return share;
}

struct Corner {
  std::int64_t left, top;
};

// Pixels of the square at `test` that lie in at least one square of `train`; all have this side.
std::uint64_t covered_pixels(Corner test, std::span<const Corner> train, std::int64_t side) {
  // Between two neighbouring edges of x, and of y, all pixels are alike.
  struct Box {
    std::int64_t left, top, right, bottom;
  };
  std::vector<Box> boxes;
  std::vector<std::int64_t> xs, ys;
  for (const Corner& corner : train) {
    const Box box{std::max(test.left, corner.left), std::max(test.top, corner.top),
                  std::min(test.left, corner.left) + side, std::min(test.top, corner.top) + side};
    if (box.left >= box.right || box.top >= box.bottom) continue;
    boxes.push_back(box);
    xs.insert(xs.end(), {box.left, box.right});
    ys.insert(ys.end(), {box.top, box.bottom});
  }
  for (auto* edges : {&xs, &ys}) {
    std::ranges::sort(*edges);
    edges->erase(std::unique(edges->begin(), edges->end()), edges->end());
  }
  std::int64_t covered = 0;
  for (std::size_t y = 0; y + 1 < ys.size(); ++y) {
    for (std::size_t x = 0; x + 1 < xs.size(); ++x) {
      const bool in = std::ranges::any_of(boxes, [&](const Box& box) {
        return box.left <= xs[x] && xs[x] < box.right && box.top <= ys[y] && ys[y] < box.bottom;
      });
      if (in) covered += (xs[x + 1] - xs[x]) * (ys[y + 1] - ys[y]);
    }
  }
  return static_cast<std::uint64_t>(covered);
}

// The training squares of each image, by the tile of one patch's side that their corner lies in: what meets
// a test square has its corner in one of nine tiles.
class TrainingSquares {
 public:
  TrainingSquares(const PatchSet& patches, const Indices& train)
      : table_(patches.table()), side_(patches.info().patch_side) {
    for (const std::size_t i : train) {
      std::vector<Corner>& there = images_[table_.source[i]][tile(corner(i))];
      // Equal squares cover nothing more.
      if (std::ranges::none_of(
              there, [&](const Corner& c) { return c.left == table_.left[i] && c.top == table_.top[i]; })) {
        there.push_back(corner(i));
      }
    }
  }

  std::uint64_t seen_of(std::size_t test) const {
    const auto image = images_.find(table_.source[test]);
    if (image == images_.end()) return 0;
    std::vector<Corner> near;
    const Corner at = corner(test);
    for (const std::int64_t y : {at.top - side_, at.top, at.top + side_}) {
      for (const std::int64_t x : {at.left - side_, at.left, at.left + side_}) {
        const auto found = image->second.find(tile({x, y}));
        if (found != image->second.end()) near.insert(near.end(), found->second.begin(), found->second.end());
      }
    }
    return covered_pixels(at, near, side_);
  }

 private:
  Corner corner(std::size_t i) const { return {table_.left[i], table_.top[i]}; }
  // Both numbers of the tile in one; corners are 32-bit.
  std::int64_t tile(Corner at) const {
    const auto number = [&](std::int64_t value) { return (value + (std::int64_t{1} << 33) * side_) / side_; };
    return (number(at.top) - (std::int64_t{1} << 33)) * (std::int64_t{1} << 32) +
           (number(at.left) - (std::int64_t{1} << 33));
  }

  const PatchTable& table_;
  const std::int64_t side_;
  std::unordered_map<std::string_view, std::unordered_map<std::int64_t, std::vector<Corner>>> images_;
};

SeenShare share_of_pixels(const PatchSet& patches, const Indices& train, const Indices& test, int threads) {
  const auto side = static_cast<std::uint64_t>(patches.info().patch_side);
  const TrainingSquares squares(patches, train);
  std::atomic<std::uint64_t> seen{0};
  for_all(test.size(), threads, [&](std::size_t i) { seen += squares.seen_of(test[i]); });
  return {seen, test.size() * side * side};
}

// What a patch is recognised by.
struct Marks {
  std::uint64_t pixels = 0;  // equal pixels have equal ones; others hardly ever, so equality is looked at
  std::optional<std::uint64_t> look;
};

std::uint64_t hash_of_bytes(std::span<const std::uint8_t> bytes) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  std::array<std::uint64_t, 4> lanes = {1, 2, 3, bytes.size()};
  while (!bytes.empty()) {
    std::array<std::uint64_t, 4> words{};
    const std::size_t n = std::min(bytes.size(), sizeof words);
    std::memcpy(words.data(), bytes.data(), n);
    for (std::size_t i = 0; i < 4; ++i) {
      lanes[i] = (lanes[i] ^ words[i]) * kOdd;
      lanes[i] ^= lanes[i] >> 29;
    }
    bytes = bytes.subspan(n);
  }
  std::uint64_t hash = 0;
  for (const std::uint64_t lane : lanes) hash = (std::rotl(hash, 19) ^ lane) * kOdd;
  return hash ^ hash >> 32;
}

bool same_pixels(const PatchSet& patches, std::size_t a, std::size_t b) {
  return std::ranges::equal(patches.pixels(a), patches.pixels(b));
}

// Finds the first patch of a split with the pixels, or the look, of another. Hashes are cut into one piece
// more than bits may differ: near ones have a piece in common (the pigeonhole principle).
class Lookup {
 public:
  Lookup(const PatchSet& patches, const std::vector<Marks>& marks, const Indices& indices)
      : patches_(patches), marks_(marks) {
    std::unordered_map<std::uint64_t, std::size_t> looks;  // each once, by the first patch that has it
    for (const std::size_t i : indices) {
      by_pixels_[marks[i].pixels].push_back(i);
      if (marks[i].look) looks.try_emplace(*marks[i].look, i);
    }
    entries_.assign(looks.begin(), looks.end());
    std::ranges::sort(entries_, {}, &std::pair<std::uint64_t, std::size_t>::second);
    for (std::size_t piece = 0; piece < kPieces; ++piece) {
      buckets_[piece].resize(std::size_t{1} << kPieceBits);
      for (std::size_t at = 0; at < entries_.size(); ++at) {
        buckets_[piece][bits(entries_[at].first, piece)].push_back(at);
      }
    }
  }

  std::optional<std::size_t> exact(std::size_t index) const {
    const auto found = by_pixels_.find(marks_[index].pixels);
    if (found == by_pixels_.end()) return std::nullopt;
    // Equal pixels stand one behind the other; the first that is equal ends the search.
    for (const std::size_t other : found->second) {
      if (same_pixels(patches_, index, other)) return other;
    }
    return std::nullopt;
  }

  std::optional<std::size_t> near(std::size_t index) const {
    if (!marks_[index].look) return std::nullopt;
    for (const std::uint64_t look : turned_hashes(*marks_[index].look)) {
      for (std::size_t piece = 0; piece < kPieces; ++piece) {
        for (const std::size_t at : buckets_[piece][bits(look, piece)]) {
          if (differing_bits(look, entries_[at].first) <= kNearDuplicateBits) return entries_[at].second;
        }
      }
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kPieces = kNearDuplicateBits + 1;
  static constexpr std::size_t kPieceBits = (64 + kPieces - 1) / kPieces;
  static std::size_t bits(std::uint64_t hash, std::size_t piece) {
    return hash >> (piece * kPieceBits) & ((std::size_t{1} << kPieceBits) - 1);
  }

  const PatchSet& patches_;
  const std::vector<Marks>& marks_;
  std::unordered_map<std::uint64_t, Indices> by_pixels_;
  std::vector<std::pair<std::uint64_t, std::size_t>> entries_;  // hash, patch
  std::array<std::vector<Indices>, kPieces> buckets_;           // places in entries_
};

Duplicates find_duplicates(const PatchSet& patches, const Lookup& earlier, const Indices& later,
                           int threads) {
  std::vector<std::optional<std::size_t>> exact(later.size()), near(later.size());
  for_all(later.size(), threads, [&](std::size_t i) {
    exact[i] = earlier.exact(later[i]);
    if (!exact[i]) near[i] = earlier.near(later[i]);
  });
  Duplicates found;
  const auto collect = [&](const auto& twins, std::uint64_t& count, std::vector<DuplicatePair>& pairs) {
    for (std::size_t i = 0; i < later.size(); ++i) {
      if (!twins[i]) continue;
      if (++count <= Duplicates::kNamedPairs) {
        pairs.push_back({patches.table().id[later[i]], patches.table().id[*twins[i]]});
      }
    }
  };
  collect(exact, found.exact, found.exact_pairs);
  collect(near, found.near, found.near_pairs);
  return found;
}

std::vector<Marks> marks_of(const PatchSet& patches, std::span<const Split> split, int threads,
                            Progress& progress) {
  std::vector<Marks> marks(patches.size());
  for_all(patches.size(), threads, [&](std::size_t i) {
    if (split[i] != Split::kLeftOut) {
      marks[i] = {hash_of_bytes(patches.pixels(i)),
                  perceptual_hash(patches.pixels(i), patches.info().patch_side)};
    }
    progress.add();
  });
  return marks;
}

std::vector<std::vector<std::uint64_t>> positives_at_thresholds(const PatchSet& patches,
                                                                std::span<const Split> split) {
  const std::vector<float>& shares = patches.table().shares;
  if (shares.empty()) return {};
  const std::size_t classes = patches.info().classes.size();
  std::vector<std::vector<std::uint64_t>> counts(kShareThresholds.size(),
                                                 std::vector<std::uint64_t>(classes));
  for (std::size_t i = 0; i < patches.size(); ++i) {
    if (split[i] == Split::kLeftOut) continue;
    for (std::size_t t = 0; t < counts.size(); ++t) {
      for (std::size_t c = 0; c < classes; ++c) counts[t][c] += shares[i * classes + c] > kShareThresholds[t];
    }
  }
  return counts;
}

// Never rounds what is not all to "100 %", or what is not nothing to "0 %".
std::string percent(const SeenShare& share) {
  char text[32];
  if (share.seen != 0 && share.share() < 0.001) return "less than 0.1 %";
  if (share.seen != share.of && share.share() > 0.999) return "more than 99.9 %";
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share.share());
  return text;
}

std::string leakage_warning_of(const Audit& found, const std::string& level) {
  std::vector<std::string> reasons;
  const Duplicates& twins = found.duplicates[1];
  if (found.test_pixels.seen) {
    reasons.push_back(percent(found.test_pixels) +
                      " of the test pixels lie in training patches of the same images");
  } else if (found.test_image.seen) {
    reasons.push_back(percent(found.test_image) +
                      " of the test patches are from images that also have training patches");
  }
  if (found.test_group.seen && level != "image") {
    reasons.push_back(percent(found.test_group) + " of the test patches are of a " + level +
                      " that also has training patches");
  }
  if (const std::uint64_t count = twins.exact + twins.near) {
    reasons.push_back(percent({count, found.splits[2].all.patches}) +
                      " of the test patches are duplicates of training patches");
  }
  if (!reasons.empty()) return "Accuracy on this split is optimistically biased: " + joined(reasons) + ".";
  if (found.splits[2].all.patches == 0) return "";
  if (level == "image") {
    return "Accuracy on this split may be optimistically biased: no group above the image is known, so "
           "patients may be shared between training and test.";
  }
  return "";
}

}  // namespace

std::string group_level_in_words(const std::string& level) {
  if (level == "image") return "image: patients may be shared";
  if (level == "slide") return "slide: slides of one patient may be shared";
  return level;
}

Audit audit(const PatchSet& patches, std::span<const Split> split, int threads, Progress& progress) {
  if (split.size() != patches.size()) {
    throw RunError(patches.file().string() + ": the split is of " + std::to_string(split.size()) +
                   " patches, but the set has " + std::to_string(patches.size()) + "; split it again");
  }
  const auto [train, valid, test] = indices_of(split);
  Audit found;
  found.splits = {count_split(patches, train), count_split(patches, valid), count_split(patches, test)};
  found.left_out = patches.size() - train.size() - valid.size() - test.size();
  found.test_group = share_of_known(patches.table().group, train, test);
  found.test_image = share_of_known(patches.table().source, train, test);
  found.test_pixels = share_of_pixels(patches, train, test, threads);
  found.positives_at = positives_at_thresholds(patches, split);

  const std::vector<Marks> marks = marks_of(patches, split, threads, progress);
  for (const Indices* part : {&train, &valid, &test}) {
    for (const std::size_t i : *part) found.flat += !marks[i].look;
  }
  const Lookup in_train(patches, marks, train), in_valid(patches, marks, valid);
  const auto look = [&](const Lookup& earlier, Split earlier_split, const Indices& later, Split later_split) {
    Duplicates result = find_duplicates(patches, earlier, later, threads);
    result.later = later_split;
    result.earlier = earlier_split;
    return result;
  };
  found.duplicates = {look(in_train, Split::kTrain, valid, Split::kValid),
                      look(in_train, Split::kTrain, test, Split::kTest),
                      look(in_valid, Split::kValid, test, Split::kTest)};
  found.leakage_warning = leakage_warning_of(found, patches.info().group_level);
  return found;
}

}  // namespace histokt
