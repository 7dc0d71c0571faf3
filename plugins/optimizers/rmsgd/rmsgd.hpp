// SPDX-License-Identifier: MIT
// RMSGD (Hosseini et al. 2022) and Adas, its older form: SGD with momentum and a learning rate for each
// tensor, updated at the end of each epoch from the weights themselves.
//
// A measured weight (n_o, n_i, kh, kw) is unfolded along its outputs (n_o x rest) and its inputs (n_i x
// rest). EVBMF keeps of each the singular values d that stand above the noise; the knowledge gain of an
// unfolding is sum(d / max d) / rows, of a layer the mean of the two, 0 if nothing is kept. Rates follow
// it (rates.hpp).
//
// Measured are 4-D weights (Adas: with kernels larger than 1 both ways); with `linear` 2-D ones too, in one
// unfolding. Weights are measured in float32, in main memory.
#pragma once

#include <histokt/optimizer.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/optimizers/momentum.hpp"
#include "optimizers/rmsgd/evbmf.hpp"
#include "optimizers/rmsgd/rates.hpp"

namespace histokt {

class Rmsgd final : public Optimizer {
 public:
  static constexpr const char* kVariants[] = {"rmsgd", "adas", nullptr};
  static constexpr const char* kSearches[] = {"published", "converged", nullptr};
  static constexpr histokt_option kOptions[] = {
      string_option("variant", "\"rmsgd\"", kVariants, "rmsgd as released in 2022, or adas as used before."),
      Momentum::kMomentum,
      Momentum::kDampening,
      Momentum::kNesterov,
      Momentum::kWeightDecay,
      number_option("beta", "0.8", 0, 1, "Momentum of the learning rates, below 1."),
      integer_option("step_size", "0", 0, 1e9, "Epochs between two decays by gamma; 0: none."),
      number_option("gamma", "1", 0, 1e6, "Factor of each decay, above 0."),
      boolean_option("linear", "false", "Also measure the weights of linear layers."),
      string_option("sigma2_search", "\"published\"", kSearches,
                    "Noise search of EVBMF: to the published absolute tolerance, or converged at any scale."),
  };

  explicit Rmsgd(const OptimizerRequest& request);

  void step(double rate_factor) override;
  // Throws std::runtime_error, naming the parameter, if a weight is not finite.
  void epoch_end() override;
  std::vector<double> learning_rates() const override { return rates_.state().rates; }
  std::map<std::string, torch::Tensor> state() const override;
  void load_state(const std::map<std::string, torch::Tensor>& state) override;
  // For each measured tensor: rank (share of singular values kept), knowledge_gain (S) and condition (largest
  // over smallest kept), as means over its unfoldings and of each: in_ along its inputs, out_ along its
  // outputs. learning_rate is its rate from now on.
  std::vector<LayerMeasure> measures() const override { return measures_; }

 private:
  Momentum momentum_;
  NoiseSearch noise_search_;
  std::vector<std::size_t> measured_;  // indices into the parameters
  Rates rates_;
  std::vector<LayerMeasure> measures_;
};

}  // namespace histokt
