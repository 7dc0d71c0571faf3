// SPDX-License-Identifier: MIT
// RegMean: each weight such that its outputs come closest to those of all sources, each on its own training
// patches:
//
//   W'^T = (sum_s G_s)^-1 sum_s G_s W_s^T,
//
// W_s unfolded to (n_o, k), G_s (k, k) the Gram matrix of its inputs, whose entries off the diagonal are
// multiplied by alpha. It is where sum_s |(W' - W_s) u|^2 over the inputs u of source s is least (for alpha =
// 1). Jin, Ren, Preotiuc-Pietro, Cheng, "Dataless Knowledge Fusion by Merging Weights of Language Models",
// ICLR 2023, for linear layers; here also for convolutions on unfolded inputs.
#pragma once

#include <array>
#include <cstdint>
#include <histokt/distiller.hpp>
#include <span>
#include <vector>

#include "regmean/regression.hpp"

namespace histokt {

class RegmeanDistiller : public Distiller {
 public:
  static constexpr bool kNeedsData = true;
  static constexpr std::array<histokt_option, 3> kOptions = {
      integer_option("samples", "256", 0, 1000000000,
                     "Number of training patches of each source for its Gram matrices; 0: all."),
      number_option("alpha", "0.9", 0, 1,
                    "Factor on the off-diagonal entries of the Gram matrices; 0: each input separately."),
      number_option("ridge", "1e-6", 0, 1,
                    "Regularisation towards the mean of the sources, as a share of the mean input's energy: "
                    "it decides where the inputs carry no information.")};

  explicit RegmeanDistiller(const DistillerRequest& request);

  // Tensors without Gram matrices (norms, biases, statistics, convolutions in groups) become the mean; what
  // all sources agree on stays as it is, so that a single source is unchanged. Throws PluginError if a system
  // cannot be solved, and errors of the host.
  void merge(const Merge& merge) override;
  bool order_matters() const override { return false; }

 private:
  // False if one of the sources has no Gram matrix for it.
  bool merge_weight(const Merge& merge, const TensorView& output);

  std::uint64_t samples_;
  double alpha_, ridge_;
  Host host_;
  Regression regression_;
};

}  // namespace histokt
