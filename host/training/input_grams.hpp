// SPDX-License-Identifier: MIT
// Gram matrices of the inputs of a network's layers: second moments of what the weights are multiplied with.
#pragma once

#include <cstdint>
#include <histokt/model.hpp>
#include <string>
#include <vector>

#include "training/drawn_patches.hpp"
#include "training/runtime.hpp"

namespace histokt {

// A weight that may have a Gram matrix (k, k): a parameter (n_o, k...) of two or four dimensions.
struct MultipliedWeight {
  std::string name;
  std::int64_t side = 0;  // k
};

// In the model's order.
std::vector<MultipliedWeight> multiplied_weights(Model& model);

// Memory for the Gram matrices held at a time, over all networks that are compared by them: a single weight
// may exceed the first limit, up to the second.
inline constexpr std::size_t kGramBytes = std::size_t{512} << 20, kMostGramBytes = std::size_t{2} << 30;

// The memory of one weight's matrices in so many networks.
std::size_t gram_bytes(const MultipliedWeight& weight, std::size_t networks);

// `weight` and as many of `all` after it as fit in kGramBytes; empty if it is not among them or takes more
// than kMostGramBytes by itself.
std::vector<MultipliedWeight> gram_window(const std::vector<MultipliedWeight>& all, const std::string& weight,
                                          std::size_t networks);

// The Gram matrix of each of `weights`, float32 on the CPU: the mean over the drawn patches of the sum over
// positions of u u^T, u the input of one filter at one position, unfolded like the filter: (n_i, kh, kw),
// zeros beyond the border. A linear layer has one position (Jin et al. 2023, "Dataless Knowledge Fusion by
// Merging Weights of Language Models", section 3; for convolutions on unfolded inputs).
//
// The inputs are observed from outside, at libtorch's own operations `convolution`, `addmm` and `mm` (used by
// linear layers), so that any model works. Weights that are not used in these are left out: grouped or
// transposed convolutions, and weights multiplied in another way. Sums are float32 and symmetric to the bit.
// One forward pass per patch and k^2 operations per position, a bit more for small k. Memory: 4 k^2 bytes
// each, and the unfolded inputs of about a thousand positions.
//
// Leaves the model in evaluation mode. It must be on the runtime's device. Throws RunError for an empty
// source and for inputs that are not finite, and Interrupted.
std::vector<NamedTensor> input_grams(Model& model, const std::vector<MultipliedWeight>& weights,
                                     const PatchSource& patches, const DrawnPatches& drawn,
                                     const Runtime& runtime);

}  // namespace histokt
