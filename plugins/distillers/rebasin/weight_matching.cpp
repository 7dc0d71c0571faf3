// SPDX-License-Identifier: MIT
#include "rebasin/weight_matching.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "rebasin/products.hpp"

namespace histokt {
namespace {

constexpr int kFree = -1;

Permutation identity(std::size_t n) {
  Permutation order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

// Offsets of all entries along the axes but `skipped`, the last axis fastest. orders[axis]: which channel
// stands where, nullptr for as it is.
std::vector<std::size_t> offsets(const std::vector<std::size_t>& sides, std::size_t skipped,
                                 const std::vector<const Permutation*>& orders) {
  std::vector<std::size_t> result = {0};
  std::size_t step = 1;
  for (std::size_t axis = sides.size(); axis-- > 0;) {
    if (axis != skipped) {
      std::vector<std::size_t> longer;
      longer.reserve(result.size() * sides[axis]);
      for (std::size_t at = 0; at < sides[axis]; ++at) {
        const std::size_t from = (orders[axis] ? (*orders[axis])[at] : at) * step;
        for (std::size_t inner : result) longer.push_back(from + inner);
      }
      result = std::move(longer);
    }
    step *= sides[axis];
  }
  return result;
}

std::size_t step_of(const std::vector<std::size_t>& sides, std::size_t axis) {
  return std::accumulate(sides.begin() + static_cast<std::ptrdiff_t>(axis) + 1, sides.end(), std::size_t{1},
                         std::multiplies<>());
}

}  // namespace

WeightMatching::WeightMatching(const std::vector<TensorView>& reference, const std::vector<TensorView>& other,
                               std::size_t threads)
    : threads_(threads) {
  for (std::size_t t = 0; t < reference.size(); ++t) {
    const histokt_role role = reference[t].role();
    const bool counts = role != HISTOKT_ROLE_NORM_STATISTIC && role != HISTOKT_ROLE_HEAD;
    tensors_.push_back({reference[t], other[t], {}, {}, counts});
    tie(tensors_.back());
  }
  if (orders_.empty()) {
    throw BadRequest(
        "rebasin needs to know which channels of the network are tied, and no model plugin is known: name "
        "that of the sources with --model, or use the distiller \"mean\"");
  }
}

void WeightMatching::tie(Tensor& tensor) {
  for (std::size_t axis = 0; axis < tensor.reference.shape().size(); ++axis) {
    const auto side = static_cast<std::size_t>(tensor.reference.shape()[axis]);
    tensor.sides.push_back(side);
    const std::string_view channels = tensor.reference.channels(axis);
    if (channels.empty()) {
      tensor.ties.push_back(kFree);
      continue;
    }
    const auto [found, is_new] =
        number_of_.try_emplace(std::string(channels), static_cast<int>(orders_.size()));
    if (is_new) orders_.push_back(identity(side));
    if (orders_[static_cast<std::size_t>(found->second)].size() != side) {
      throw PluginError(std::string(tensor.reference.name()) + " has " + std::to_string(side) +
                        " channels \"" + std::string(channels) + "\" where another tensor has " +
                        std::to_string(orders_[static_cast<std::size_t>(found->second)].size()) +
                        "; the model declares ties that are not possible");
    }
    tensor.ties.push_back(found->second);
  }
}

void WeightMatching::run(std::size_t passes) {
  const std::vector<Permutation> as_it_is = orders_;
  const double before = likeness();
  match_from_the_input();
  if (!(likeness() > before)) orders_ = as_it_is;

  // A set of channels is looked at again only when one that shares a tensor with it has changed.
  std::vector<bool> stale(orders_.size(), true);
  for (std::size_t pass = 0; pass < passes; ++pass) {
    if (std::none_of(stale.begin(), stale.end(), [](bool is) { return is; })) return;
    for (std::size_t tie = 0; tie < orders_.size(); ++tie) {
      if (!stale[tie]) continue;
      stale[tie] = false;
      if (!improve(static_cast<int>(tie))) continue;
      for (const Tensor& tensor : tensors_) {
        if (!tensor.counts || !touches(tensor, static_cast<int>(tie))) continue;
        for (std::size_t axis = 0; axis < tensor.ties.size(); ++axis) {
          const int neighbour = tensor.ties[axis];
          const bool once = std::count(tensor.ties.begin(), tensor.ties.end(), neighbour) == 1;
          if (neighbour != kFree && (neighbour != static_cast<int>(tie) || !once)) {
            stale[static_cast<std::size_t>(neighbour)] = true;
          }
        }
      }
    }
  }
}

// The channels whose tensors lead back to settled ones come first, in the model's order.
void WeightMatching::match_from_the_input() {
  std::vector<bool> settled(orders_.size(), false);
  const auto anchored = [&](int tie) {
    return std::any_of(tensors_.begin(), tensors_.end(), [&](const Tensor& tensor) {
      if (!tensor.counts || tensor.sides.size() < 2 || !touches(tensor, tie)) return false;
      return std::count(tensor.ties.begin(), tensor.ties.end(), tie) == 1 &&
             std::all_of(tensor.ties.begin(), tensor.ties.end(), [&](int other) {
               return other == kFree || other == tie || settled[static_cast<std::size_t>(other)];
             });
    });
  };
  for (std::size_t left = orders_.size(); left > 0; --left) {
    std::size_t next = orders_.size();
    for (std::size_t tie = 0; tie < orders_.size(); ++tie) {
      if (settled[tie]) continue;
      const bool first = next == orders_.size();
      const bool leads = anchored(static_cast<int>(tie));
      if (first || leads) next = tie;
      if (leads) break;
    }
    orders_[next] = best_assignment(gains(static_cast<int>(next), settled), orders_[next].size());
    settled[next] = true;
  }
}

bool WeightMatching::improve(int tie) {
  Permutation& order = orders_[static_cast<std::size_t>(tie)];
  const double before = likeness_around(tie);
  const Permutation kept = order;
  order = best_assignment(gains(tie, std::vector<bool>(orders_.size(), true)), order.size());
  if (order == kept) return false;
  // Less than rounding can make of it is no gain.
  if (likeness_around(tie) > before + 1e-12 * std::abs(before)) return true;
  order = kept;
  return false;
}

bool WeightMatching::touches(const Tensor& tensor, int tie) const {
  return std::find(tensor.ties.begin(), tensor.ties.end(), tie) != tensor.ties.end();
}

// What each channel of `other` would add to L in each place, by those tensors whose other channels are
// settled.
std::vector<double> WeightMatching::gains(int tie, const std::vector<bool>& settled) const {
  const std::size_t n = orders_[static_cast<std::size_t>(tie)].size();
  std::vector<double> products(n * n, 0.0);
  for (const Tensor& tensor : tensors_) {
    if (!tensor.counts) continue;
    for (std::size_t axis = 0; axis < tensor.ties.size(); ++axis) {
      if (tensor.ties[axis] != tie) continue;
      std::vector<const Permutation*> orders(tensor.ties.size(), nullptr);
      bool is_settled = true;
      for (std::size_t other = 0; other < tensor.ties.size(); ++other) {
        if (other == axis || tensor.ties[other] == kFree) continue;
        const auto number = static_cast<std::size_t>(tensor.ties[other]);
        is_settled = is_settled && settled[number];
        orders[other] = &orders_[number];
      }
      if (!is_settled) continue;
      const std::vector<const Permutation*> as_it_is(tensor.ties.size(), nullptr);
      const std::size_t step = step_of(tensor.sides, axis);
      add_products({tensor.reference.floats(), step, offsets(tensor.sides, axis, as_it_is)},
                   {tensor.other.floats(), step, offsets(tensor.sides, axis, orders)}, n, products, threads_);
    }
  }
  return products;
}

std::vector<float> WeightMatching::aligned(std::size_t number) const {
  const Tensor& tensor = tensors_[number];
  std::vector<const Permutation*> orders;
  for (int tie : tensor.ties)
    orders.push_back(tie == kFree ? nullptr : &orders_[static_cast<std::size_t>(tie)]);
  const std::span<const float> entries = tensor.other.floats();
  std::vector<float> result;
  result.reserve(entries.size());
  for (std::size_t from : offsets(tensor.sides, tensor.sides.size(), orders)) result.push_back(entries[from]);
  return result;
}

double WeightMatching::likeness_of(const Tensor& tensor) const {
  if (!tensor.counts) return 0;
  const std::vector<float> other = aligned(static_cast<std::size_t>(&tensor - tensors_.data()));
  const std::span<const float> reference = tensor.reference.floats();
  double sum = 0;
  for (std::size_t i = 0; i < other.size(); ++i) sum += static_cast<double>(reference[i]) * other[i];
  return sum;
}

double WeightMatching::likeness_around(int tie) const {
  double sum = 0;
  for (const Tensor& tensor : tensors_) {
    if (touches(tensor, tie)) sum += likeness_of(tensor);
  }
  return sum;
}

double WeightMatching::likeness() const {
  double sum = 0;
  for (const Tensor& tensor : tensors_) sum += likeness_of(tensor);
  return sum;
}

}  // namespace histokt
