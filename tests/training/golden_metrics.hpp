// SPDX-License-Identifier: MIT
// Golden logits and labels, their metrics by scikit-learn, and plain formulas for the other metrics.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/golden_tensors.hpp"

namespace histokt::testing {

class GoldenMetrics {
 public:
  explicit GoldenMetrics(const std::string& name = "metrics") : file_(read_golden(name + ".safetensors")) {}

  double value(const std::string& name) const { return file_.number(name); }
  std::size_t count(const std::string& name) const { return static_cast<std::size_t>(file_.integer(name)); }
  template <typename T>
  std::vector<T> entries(const std::string& name) const {
    return file_[name].values<T>();
  }
  std::vector<float> single_logits() const { return entries<float>("single/logits"); }
  std::vector<std::int64_t> single_labels() const { return entries<std::int64_t>("single/labels"); }
  std::vector<float> multi_logits() const { return entries<float>("multi/logits"); }
  std::vector<std::uint8_t> multi_labels() const { return entries<std::uint8_t>("multi/labels"); }

  // `kind` is "single" or "multi".
  std::size_t patches(const std::string& kind) const { return side(kind, 0); }
  int classes(const std::string& kind) const { return static_cast<int>(side(kind, 1)); }

  // N / (C n_c) for n_c patches of class c: scikit-learn's compute_class_weight("balanced").
  std::vector<float> balanced_weights() const {
    std::vector<double> counts(side("single", 1));
    for (const std::int64_t label : single_labels()) ++counts.at(static_cast<std::size_t>(label));
    std::vector<float> weights;
    for (const double count : counts) {
      weights.push_back(
          static_cast<float>(static_cast<double>(patches("single")) / (classes("single") * count)));
    }
    return weights;
  }

  // sum w_y (log sum_c exp(z_c) - z_y) / sum w_y: scikit-learn's log_loss with the weights as the samples'.
  double weighted_cross_entropy(const std::vector<float>& weights) const {
    const std::vector<float> logits = single_logits();
    const std::vector<std::int64_t> labels = single_labels();
    double loss = 0, sum = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const float* const row = logits.data() + i * weights.size();
      double exponentials = 0;
      for (std::size_t c = 0; c < weights.size(); ++c) exponentials += std::exp(double{row[c]});
      const double weight = weights.at(static_cast<std::size_t>(labels[i]));
      loss += weight * (std::log(exponentials) - double{row[labels[i]]});
      sum += weight;
    }
    return loss / sum;
  }

  // The share of positives of each class of several labels.
  std::vector<double> positive_shares() const {
    const std::vector<std::uint8_t> labels = multi_labels();
    std::vector<double> shares(side("multi", 1));
    for (std::size_t i = 0; i < labels.size(); ++i) shares[i % shares.size()] += labels[i];
    for (double& share : shares) share /= static_cast<double>(patches("multi"));
    return shares;
  }

 private:
  std::size_t side(const std::string& kind, std::size_t axis) const {
    return static_cast<std::size_t>(file_[kind + "/logits"].shape.at(axis));
  }

  GoldenFile file_;
};

}  // namespace histokt::testing
