// SPDX-License-Identifier: MIT
// The background filter, which drops patches that show almost nothing but glass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace histokt {

// Measures patches one after another; keeps its scratch memory between them, so one thread at a time.
class BackgroundFilter {
 public:
  // Share of the span -1..1 below which a patch is background. The paper's 0.05 is a tenth of the range black
  // to white, as scikit-image measures a luma image against a span of 2. 0 keeps every patch.
  explicit BackgroundFilter(double min_contrast = 0.05) : min_contrast_(min_contrast) {}

  // Equal to scikit-image's `is_low_contrast(patch, min_contrast, lower_percentile=5, upper_percentile=99)`
  // on RGB pixels (interleaved, at least one): luma = 0.2125 R + 0.7154 G + 0.0721 B, percentiles
  // interpolated linearly.
  bool is_background(std::span<const std::uint8_t> rgb);

 private:
  double min_contrast_;
  std::vector<std::uint32_t> histogram_;  // of luma
};

}  // namespace histokt
