// SPDX-License-Identifier: MIT
// Layer-by-layer comparison of a merged network with its sources. This header needs no libtorch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "distill/merge.hpp"

namespace histokt {

// A source's weight W beside the merge's M, both unfolded to (n_o, k), n_o the length of the first axis. |.|
// is the Frobenius norm. Except for the norm, NaN if |W| (for the cosine also |M|) is 0.
struct LayerOfSource {
  // |W V|^2 / |W|^2, V being the right singular vectors of M with singular values above max(n_o, k) e s_1
  // (s_1 the largest, e the step of float32 at 1): the share of the source's spectral energy in the merge's
  // row space, 0..1.
  double energy_kept = 0;
  double distance = 0;  // |M - W| / |W|
  double cosine = 0;    // <M, W> / (|M| |W|)
  double norm = 0;      // |W|
};

struct Layer {
  std::string name;                    // "layer1.0.conv1"; of a head or without ".weight": the tensor's own
  std::int64_t rows = 0, columns = 0;  // n_o and k
  std::int64_t rank = 0;               // r: how many directions V holds
  double norm = 0;                     // |M|
  // One per source; nullopt if its head is missing or has another shape.
  std::vector<std::optional<LayerOfSource>> sources;

  // r / k: the share that a random row space of that rank keeps on average. 1 if M spans the whole space;
  // energy_kept is then uninformative.
  double random_share() const { return static_cast<double>(rank) / static_cast<double>(columns); }
};

// The convolutions and linear weights of the merge (every floating tensor of two axes and more), in its
// order. Throws RunError, naming both files, if a source lacks one or has it in another shape (the head
// excepted), if values are not finite, or if there is no such weight. `known_roles` says which tensors are
// the head; without it names decide (distill/roles.hpp).
std::vector<Layer> diagnose_layers(const MergeInput& merge, const std::vector<MergeInput>& sources,
                                   const std::vector<TensorRole>& known_roles = {});

// All layers as one long vector: energies, products and squares are summed, and so are columns and rank. Each
// source is summed over the layers that it has.
Layer whole_network(std::span<const Layer> layers);

}  // namespace histokt
