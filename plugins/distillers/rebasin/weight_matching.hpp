// SPDX-License-Identifier: MIT
// Weight matching (Ainsworth, Hayase, Srinivasa 2023, section 3.2): the order of a network's channels in
// which its weights are most like those of a reference.
//
// Channels that the model ties have one permutation P_g, wherever they run along an axis. It maximises
//   L(P) = sum over tensors of <reference, tensor with P applied along each of its axes>,
// one P_g at a time, exactly, while the others stay, until none improves: a local maximum. Running statistics
// and heads are not part of L, but are permuted too.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <histokt/distiller.hpp>

#include "rebasin/assignment.hpp"

namespace histokt {

class WeightMatching {
 public:
  // `reference` and `other` are tensors of the same names and shapes, in one order; threads: of the products,
  // which changes no bit. Throws BadRequest if no channels are tied, PluginError if tied axes differ in
  // length.
  WeightMatching(const std::vector<TensorView>& reference, const std::vector<TensorView>& other,
                 std::size_t threads);

  // At most `passes` over all tied channels. Starts from the better of two orders: the present one, and one
  // that is matched from the input on, each set of channels by the tensors whose other channels are already
  // matched. The latter recovers a network that was only permuted.
  void run(std::size_t passes);

  // The current L.
  double likeness() const;

  // A tensor of `other`, by its index, in the reference's order of channels.
  std::vector<float> aligned(std::size_t tensor) const;

 private:
  struct Tensor {
    TensorView reference, other;
    std::vector<std::size_t> sides;
    std::vector<int> ties;  // of each axis: its tied channels, kFree if there are none
    bool counts;
  };

  void tie(Tensor& tensor);
  bool touches(const Tensor& tensor, int tie) const;
  std::vector<double> gains(int tie, const std::vector<bool>& settled) const;
  double likeness_of(const Tensor& tensor) const;
  double likeness_around(int tie) const;
  void match_from_the_input();
  bool improve(int tie);

  std::size_t threads_;
  std::vector<Tensor> tensors_;
  std::map<std::string, int, std::less<>> number_of_;
  std::vector<Permutation> orders_;  // of each set of tied channels
};

}  // namespace histokt
