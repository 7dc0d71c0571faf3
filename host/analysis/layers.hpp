// What a merge kept of each network that it was made of, layer by layer. Needs no libtorch in this header.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "distill/merge.hpp"

namespace histokt {

// A source's weight W beside the merge's M, both unfolded to (n_o, k), n_o the length of the first axis. |.|
// is the Frobenius norm. Except for the norm, NaN where |W| (for the cosine also |M|) is 0.
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
  // One a source; nothing where its head is not there or has another shape.
  std::vector<std::optional<LayerOfSource>> sources;

  // r / k: what a row space of that rank and of random direction keeps on average. 1 where M spans all there
  // is, and energy says nothing.
  double random_share() const { return static_cast<double>(rank) / static_cast<double>(columns); }
};

// The convolutions and linear weights of the merge (every floating tensor of two axes and more), in its
// order. Throws RunError, naming both files, where a source lacks one or has it in another shape, the head
// aside, where numbers are not finite, and where there is no such weight. Which is the head `known_roles`
// say, and names where they do not (distill/roles.hpp).
std::vector<Layer> diagnose_layers(const MergeInput& merge, const std::vector<MergeInput>& sources,
                                   const std::vector<TensorRole>& known_roles = {});

// All layers as one long vector: energies, products and squares are added up. Its columns and rank are sums
// too. For each source over the layers that it has.
Layer whole_network(std::span<const Layer> layers);

}  // namespace histokt
