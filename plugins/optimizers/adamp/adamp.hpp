// AdamP (Heo et al. 2021). With m, v the moments of Adam and t the steps a parameter has had:
//
//   p = m / (sqrt(v) / sqrt(1 - beta2^t) + eps)        with nesterov: beta1 m + (1 - beta1) g for m
//   w <- (1 - rate weight_decay ratio) w - rate / (1 - beta1^t) p
//
// For tensors of more than one dimension the rows of w are looked at, first one per output channel, then the
// whole tensor as one: where the largest |cosine(g, w)| of a view is below delta / sqrt(row length), the part
// of p along w is taken out row by row, ratio becomes wd_ratio, and the second view is not looked at.
//
// float32 in main memory takes a fused path, whose bits do not depend on the number of threads; everything
// else goes through libtorch's operations.
#pragma once

#include <histokt/optimizer.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace histokt {

class AdamP final : public Optimizer {
 public:
  static constexpr histokt_option kOptions[] = {
      list_of(number_option("betas", "[0.9, 0.999]", 0, 1, "Decay of the two moments, each below 1.")),
      number_option("eps", "1e-8", 0, 1, "Added to the denominator."),
      number_option("weight_decay", "0", 0, 1e6, "Decoupled decay: the weights shrink by rate x this."),
      number_option("delta", "0.1", 0, 1e6, "Cosine threshold of scale-invariant weights."),
      number_option("wd_ratio", "0.1", 0, 1e6, "Factor on the weight decay of scale-invariant weights."),
      boolean_option("nesterov", "false", "Look ahead along the first moment."),
  };

  explicit AdamP(const OptimizerRequest& request);

  void step(double rate_factor) override;
  std::vector<double> learning_rates() const override;
  std::map<std::string, torch::Tensor> state() const override;
  void load_state(const std::map<std::string, torch::Tensor>& state) override;

 private:
  struct Entry {
    NamedParameter parameter;
    torch::Tensor moment1, moment2;
    std::int64_t steps = 0;
  };
  // Numbers of one step of one parameter.
  struct Scales {
    double root_of_bias2;
    double rate;  // decays the weights
    double step;  // moves them: rate / (1 - beta1^t)
  };

  // One parameter's step over plain memory, by one thread.
  struct PlainTask {
    Entry* entry;
    torch::Tensor gradient;  // laid out as the weights
    Scales scales;
  };

  void step_plain(const PlainTask& task) const;
  void step_general(Entry& entry, const torch::Tensor& gradient, const Scales& scales) const;

  double learning_rate_;
  double beta1_, beta2_, eps_, weight_decay_, delta_, wd_ratio_;
  bool nesterov_;
  std::vector<Entry> entries_;
};

}  // namespace histokt
