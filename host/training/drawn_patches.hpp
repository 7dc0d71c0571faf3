// SPDX-License-Identifier: MIT
// A random sample of the training patches, drawn by a seed, for statistics of a network.
#pragma once

#include <torch/types.h>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/patch_source.hpp"
#include "training/loader.hpp"
#include "training/normalization.hpp"

namespace histokt {

struct DrawnPatches {
  Normalization normalization = {};
  std::size_t count = 0;  // at most; 0: all
  std::uint64_t seed = 0;
  int loader_threads = 0;
  // Called now and then with the patches done and their total.
  std::function<void(std::size_t, std::size_t)> on_progress = {};
};

// A pass over the sample, without augmentation: the same patches in the same order for the same seed, number
// of patches and purpose. Throws RunError for an empty source.
Pass pass_over(const PatchSource& patches, const DrawnPatches& drawn, std::size_t batch_size,
               std::string_view purpose = "drawn");

struct NamedTensor {
  std::string name;
  torch::Tensor tensor;
};

}  // namespace histokt
