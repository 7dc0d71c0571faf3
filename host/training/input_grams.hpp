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

// Memory of the Gram matrices that are there at a time, of all networks that are compared by them together:
// one weight has room whatever it takes, up to the most.
inline constexpr std::size_t kGramBytes = std::size_t{512} << 20, kMostGramBytes = std::size_t{2} << 30;

// Of one weight's, of so many networks.
std::size_t gram_bytes(const MultipliedWeight& weight, std::size_t networks);

// `weight` and as many of `all` behind it as have room in kGramBytes; none where it is not among them or
// takes more than kMostGramBytes by itself.
std::vector<MultipliedWeight> gram_window(const std::vector<MultipliedWeight>& all, const std::string& weight,
                                          std::size_t networks);

// The Gram matrix of each of `weights`, float32 on the CPU: the mean over the drawn patches of the sum over
// places of u u^T, u what one filter is multiplied with at one place, unfolded as the filter is: (n_i, kh,
// kw), zeros where it sticks out over the border. A linear layer has one place (Jin et al. 2023, "Dataless
// Knowledge Fusion by Merging Weights of Language Models", section 3; for convolutions on unfolded inputs).
//
// The layers are watched from outside, at libtorch's own operations `convolution`, `addmm` and `mm` (which
// linear layers come to), so that any model will do. Left out are weights that it does not use in these:
// convolutions in groups or transposed ones, and what is multiplied in another way. Sums are float32 and
// symmetric to the bit. One forward pass a patch and k^2 operations for each place, and a bit more for small
// k. Memory: 4 k^2 bytes each, and the unfolded inputs of about a thousand places.
//
// Leaves the model in evaluation mode. It must be on the runtime's device. Throws RunError for an empty
// source and for inputs that are not finite, and Interrupted.
std::vector<NamedTensor> input_grams(Model& model, const std::vector<MultipliedWeight>& weights,
                                     const PatchSource& patches, const DrawnPatches& drawn,
                                     const Runtime& runtime);

}  // namespace histokt
