// What metrics are taken of: patches, or the pictures or groups (slides, patients) that patches belong to.
// Needs no libtorch.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace histokt {

// N samples of C classes, with the network's answers.
struct Samples {
  int classes = 0;
  bool multi_label = false;
  std::vector<double> logits;        // (N, C)
  std::vector<std::int64_t> label;   // (N); empty where multi-label
  std::vector<std::uint8_t> labels;  // (N, C) of 0 and 1; empty where single-label
  std::vector<std::uint32_t> group;  // (N), from 0: what is drawn as a whole when an interval is made;
                                     // may be empty where none is
  std::size_t group_count = 0;
  std::size_t several_labels = 0;  // of merged ones: how many pictures or groups became more than one sample

  std::size_t size() const {
    return multi_label ? labels.size() / static_cast<std::size_t>(std::max(classes, 1)) : label.size();
  }
  // Whether it is what is to be predicted of sample i.
  bool has(std::size_t i, std::size_t c) const {
    return multi_label ? labels[i * static_cast<std::size_t>(classes) + c] != 0
                       : static_cast<std::size_t>(label[i]) == c;
  }
};

// The probabilities that a row of logits stands for: softmax, or the logistic function of each where several
// labels may be right.
std::vector<double> probabilities(std::span<const double> logits, bool multi_label);

// Makes one sample of all patches that have the same key (picture or group) and the same label, or the same
// set of labels. Its probabilities are the means over the patches, its logits those that give them. So a
// picture with patches of two classes, which has no label of its own, is a sample of each. key: (N), from 0.
Samples merged(const Samples& patches, std::span<const std::uint32_t> key);

// Numbers for words: 0 for the first, and the next number for each that has not been there.
std::vector<std::uint32_t> numbered(std::span<const std::string> words);

}  // namespace histokt
