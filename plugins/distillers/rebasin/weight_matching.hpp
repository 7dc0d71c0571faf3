// Weight matching (Ainsworth, Hayase, Srinivasa 2023, section 3.2): the order of a network's channels in
// which its weights are most like those of a reference.
//
// Channels that the model ties have one permutation P_g, wherever they run along an axis. What is made large
// is
//   L(P) = sum over tensors of <reference, tensor with P applied along each of its axes>,
// one P_g at a time, exactly, while the others stay, until none improves: a local maximum. Running
// statistics and heads do not count in L, but are permuted along.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <histokt/distiller.hpp>

#include "rebasin/assignment.hpp"

namespace histokt {

class WeightMatching {
 public:
  // `reference` and `other` are tensors of the same names and shapes, in one order; threads: what products
  // are made with, which changes no bit. Throws BadRequest where no channels are tied, PluginError where tied
  // axes differ in length.
  WeightMatching(const std::vector<TensorView>& reference, const std::vector<TensorView>& other,
                 std::size_t threads);

  // At most `passes` over all tied channels. Begins with the better of two orders: as it is, and one that is
  // matched from the input on, each set of channels by the tensors whose other channels are settled. The
  // latter finds a network again that was only permuted.
  void run(std::size_t passes);

  // L as it stands.
  double likeness() const;

  // A tensor of `other`, by its place, in the reference's order.
  std::vector<float> aligned(std::size_t tensor) const;

 private:
  struct Tensor {
    TensorView reference, other;
    std::vector<std::size_t> sides;
    std::vector<int> ties;  // of each axis: its tied channels, kFree where there are none
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
