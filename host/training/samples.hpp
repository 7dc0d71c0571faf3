// SPDX-License-Identifier: MIT
// The samples that metrics are computed on: patches, or the images or groups (slides, patients) that patches
// belong to. Needs no libtorch.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace histokt {

// N samples of C classes, with the network's logits.
struct Samples {
  int classes = 0;
  bool multi_label = false;
  std::vector<double> logits;        // (N, C)
  std::vector<std::int64_t> label;   // (N); empty if multi-label
  std::vector<std::uint8_t> labels;  // (N, C) of 0 and 1; empty if single-label
  std::vector<std::uint32_t> group;  // (N), from 0: the unit that intervals resample;
                                     // empty if no interval is needed
  std::size_t group_count = 0;
  std::size_t several_labels = 0;  // of merged ones: how many images or groups became more than one sample

  std::size_t size() const {
    return multi_label ? labels.size() / static_cast<std::size_t>(std::max(classes, 1)) : label.size();
  }
  // Whether sample i has class c.
  bool has(std::size_t i, std::size_t c) const {
    return multi_label ? labels[i * static_cast<std::size_t>(classes) + c] != 0
                       : static_cast<std::size_t>(label[i]) == c;
  }
};

// The probabilities that a row of logits stands for: softmax, or the logistic function of each logit if
// multi-label.
std::vector<double> probabilities(std::span<const double> logits, bool multi_label);

// Makes one sample of all patches that have the same key (image or group) and the same label, or the same set
// of labels. Its probabilities are the means over the patches, and its logits those that give them. So an
// image with patches of two classes becomes one sample of each. key: (N), from 0.
Samples merged(const Samples& patches, std::span<const std::uint32_t> key);

// Encodes words as numbers: 0 for the first, and the next number for each new word.
std::vector<std::uint32_t> encode_labels(std::span<const std::string> words);

}  // namespace histokt
