// What a network's weights are multiplied with: second moments of the inputs of its layers.
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

// The Gram matrix of each of `weights`, float32 on the CPU: the mean over the drawn patches of the sum over
// places of u u^T, u what one filter is multiplied with at one place, unfolded as the filter is: (n_i, kh,
// kw), zeros where it sticks out over the border. A linear layer has one place (Jin et al. 2023, "Dataless
// Knowledge Fusion by Merging Weights of Language Models", section 3; for convolutions on unfolded inputs).
//
// The layers are watched from outside, at libtorch's own operations `convolution`, `addmm` and `mm` (which
// linear layers come to), so that any model will do. Left out are weights that it does not use in these:
// convolutions in groups or transposed ones, and what is multiplied in another way. Sums are float32. One
// forward pass a patch and 2 k^2 operations for each place.
//
// Leaves the model in evaluation mode. It must be on the runtime's device. Throws RunError for an empty
// source and for inputs that are not finite, and Interrupted.
std::vector<NamedTensor> input_grams(Model& model, const std::vector<MultipliedWeight>& weights,
                                     const PatchSource& patches, const DrawnPatches& drawn,
                                     const Runtime& runtime);

}  // namespace histokt
