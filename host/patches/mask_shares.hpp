// SPDX-License-Identifier: MIT
// The share of each class in a patch's mask.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "patches/image_dataset.hpp"

namespace histokt {

// Counts patches one after another; one thread at a time.
class MaskShares {
 public:
  // Throws RunError if the rules name a code twice or a class that does not exist.
  MaskShares(const MaskRules& rules, std::size_t class_count);

  struct Result {
    std::vector<float> shares;         // C, of the counted pixels; all 0 if no pixel counts
    std::vector<std::uint8_t> labels;  // C, share > label_threshold
    bool covered = false;              // the classes have min_coverage of the counted pixels, of which
                                       // there is at least one
  };
  // Throws RunError naming a code that is not in the rules.
  Result measure(std::span<const std::uint16_t> codes);

 private:
  const double label_threshold_, min_coverage_;
  const std::size_t class_count_;
  std::vector<int> meaning_;              // of each code 0..65535: class index, MaskCode::k..., or unknown
  std::vector<std::uint32_t> histogram_;  // of codes; all 0 between calls
};

}  // namespace histokt
