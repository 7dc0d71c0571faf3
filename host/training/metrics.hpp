// How good predictions are. Logits are (N, C), rows first; "patch" below stands for whatever a row is of
// (samples.hpp makes rows of pictures and groups). What is not defined on the patches at hand (an AUC where
// only one class occurs) is std::nullopt, never 0. Needs no libtorch; everything here is thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace histokt {

// One label a patch. Ranks use softmax probabilities: a raw logit does not rank patches.
struct SingleLabelMetrics {
  std::int64_t count = 0;
  double top1 = 0;               // share of patches whose largest logit (the first of equals) is the label's
  double cross_entropy = 0;      // mean; weighted where classes are: the loss that is trained
  double chance = 0;             // 1 / C
  double majority_share = 0;     // of the commonest label here: what a constant answer would score
  double balanced_accuracy = 0;  // mean recall of the classes that occur
  double macro_f1 = 0;           // mean over the classes that occur or are predicted
  std::optional<double> auc;     // one against the rest, mean over the classes that have both sides
  std::optional<double> kappa, kappa_linear, kappa_quadratic;  // Cohen's, by the weight of a mistake
  std::optional<double> macro_average_precision;               // mean over the classes that occur
  std::vector<std::optional<double>> recall;                   // (C); nothing where a class does not occur
  std::vector<std::int64_t> confusion;  // (C, C): rows the label, columns the prediction
};

// Several labels a patch; a class is predicted where its logit is above 0 (probability above 1/2).
struct MultiLabelMetrics {
  std::int64_t count = 0;
  double elementwise_accuracy = 0;  // share of right entries of N x C: the paper's "top-1" there
  double all_negative = 0;          // what predicting nothing at all would score: chance to beat
  double majority = 0;              // what the commoner answer of each class here would score
  double subset_accuracy = 0;       // share of patches with every entry right
  double soft_margin_loss = 0;      // weighted; the loss that is trained
  std::optional<double> macro_f1;   // mean over the classes that occur or are predicted
  std::optional<double> micro_f1;
  std::optional<double> mean_average_precision;  // mean over the classes that occur
  std::optional<double>
      chance_average_precision;               // what scores by chance come to: the mean share of positives
  std::optional<double> macro_auc;            // mean over the classes that have both sides
  std::vector<std::optional<double>> recall;  // (C); nothing where a class does not occur
};

// class_weights: C of them, or none for 1 each; the mean of the loss is then over the weights of the labels.
// Throws RunError for sizes that do not fit, no patches, a label outside 0 .. C-1 or a logit that is not
// finite.
SingleLabelMetrics single_label_metrics(std::span<const double> logits, std::span<const std::int64_t> labels,
                                        int classes, std::span<const float> class_weights = {});
SingleLabelMetrics single_label_metrics(std::span<const float> logits, std::span<const std::int64_t> labels,
                                        int classes, std::span<const float> class_weights = {});

// labels: (N, C) of 0 or 1. class_weights as above. Throws as above.
MultiLabelMetrics multi_label_metrics(std::span<const double> logits, std::span<const std::uint8_t> labels,
                                      int classes, std::span<const float> class_weights = {});
MultiLabelMetrics multi_label_metrics(std::span<const float> logits, std::span<const std::uint8_t> labels,
                                      int classes, std::span<const float> class_weights = {});

// (N, C) -> probabilities by class (C, N), rows being softmaxed.
std::vector<double> probabilities_by_class(std::span<const double> logits, std::size_t classes);

// The members of SingleLabelMetrics that follow from the confusion matrix, count, chance and majority among
// them.
SingleLabelMetrics metrics_of_confusion(std::vector<std::int64_t> confusion, int classes);

// Harmonic mean of precision and recall; nothing where the class neither occurs nor is predicted.
std::optional<double> f1(double hits, double occurring, double predicted);

// A mean of what is defined; nothing where nothing is.
class Mean {
 public:
  void add(std::optional<double> value) {
    if (!value) return;
    sum_ += *value;
    ++count_;
  }
  std::optional<double> value() const {
    return count_ ? std::optional(sum_ / static_cast<double>(count_)) : std::nullopt;
  }

 private:
  double sum_ = 0;
  std::int64_t count_ = 0;
};

}  // namespace histokt
