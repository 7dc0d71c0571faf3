// SPDX-License-Identifier: MIT
#include "analysis/layers.hpp"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "distill/floats.hpp"
#include "distill/roles.hpp"
#include "distill/sources.hpp"
#include "training/checkpoint.hpp"

namespace histokt {
namespace {

using torch::Tensor;

constexpr const char* kWeight = ".weight";

// (n_o, k), float64.
Tensor unfolded(const MergeInput& input, const StoredTensor& tensor) {
  const Tensor values = to_torch(tensor).to(torch::kDouble);
  if (!values.isfinite().all().item<bool>()) {
    throw RunError(input.name + ": tensor \"" + tensor.name +
                   "\" holds NaN or infinity; only models with finite weights can be compared");
  }
  return values.reshape({tensor.shape[0], -1});
}

double frobenius(const Tensor& matrix) {
  return matrix.norm().item<double>();
}

// An orthonormal basis of M's row space, (k, r), through the smaller of M M^T and M^T M.
Tensor row_space(const Tensor& merge) {
  const bool wide = merge.size(0) <= merge.size(1);
  const Tensor gram = wide ? merge.mm(merge.t()) : merge.t().mm(merge);
  const auto [squares, vectors] = torch::linalg_eigh(gram, "L");  // ascending
  const double largest = std::sqrt(std::max(squares[-1].item<double>(), 0.0));
  const double least = static_cast<double>(std::max(merge.size(0), merge.size(1))) *
                       static_cast<double>(std::numeric_limits<float>::epsilon()) * largest;
  const std::int64_t rank = largest > 0 ? (squares > least * least).sum().item<std::int64_t>() : 0;
  const std::int64_t first = squares.size(0) - rank;
  const Tensor kept = vectors.slice(1, first);
  if (!wide) return kept;
  return merge.t().mm(kept) / squares.slice(0, first).sqrt();
}

LayerOfSource compare(const Tensor& merge, const Tensor& basis, const Tensor& source) {
  const double norm = frobenius(source), merge_norm = frobenius(merge);
  const double product = (merge * source).sum().item<double>();
  constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
  if (!(norm > 0)) return {kUndefined, kUndefined, kUndefined, norm};
  const double energy = source.mm(basis).pow(2).sum().item<double>();
  return {std::min(energy / (norm * norm), 1.0), frobenius(merge - source) / norm,
          product / (norm * merge_norm), norm};
}

// The source's tensor for the merge's; nullptr for a head that is not there or is of other classes.
const StoredTensor* counterpart(const MergeInput& merge, const StoredTensor& tensor, const MergeInput& source,
                                bool is_head) {
  const StoredTensor* same = source.content.find(tensor.name);
  if (same && same->shape == tensor.shape && is_floating(same->dtype)) return same;
  if (is_head) return nullptr;
  const std::string found =
      same ? "has it as " + std::string(dtype_name(same->dtype)) + " " + shape_text(same->shape)
           : "has no tensor of that name";
  throw RunError("\"" + tensor.name + "\" has the shape " + shape_text(tensor.shape) + " in " + merge.name +
                 ", but " + source.name + " " + found + "; give the sources of this merge");
}

std::string layer_name(const StoredTensor& tensor) {
  const std::string& name = tensor.name;
  return name.ends_with(kWeight) ? name.substr(0, name.size() - std::string(kWeight).size()) : name;
}

}  // namespace

std::vector<Layer> diagnose_layers(const MergeInput& merge, const std::vector<MergeInput>& sources,
                                   const std::vector<TensorRole>& known_roles) {
  const torch::NoGradGuard no_gradient;
  const std::vector<TensorRole> roles = roles_of(merge.content, known_roles);
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < merge.content.tensors.size(); ++i) {
    const StoredTensor& tensor = merge.content.tensors[i];
    if (!is_floating(tensor.dtype) || tensor.shape.size() < 2 || tensor.entry_count() == 0) continue;
    throw_if_interrupted();
    const Tensor weight = unfolded(merge, tensor);
    const Tensor basis = row_space(weight);
    Layer layer{layer_name(tensor), weight.size(0), weight.size(1), basis.size(1), frobenius(weight), {}};
    for (const MergeInput& source : sources) {
      const StoredTensor* same = counterpart(merge, tensor, source, roles[i].role == HISTOKT_ROLE_HEAD);
      layer.sources.push_back(same ? std::optional(compare(weight, basis, unfolded(source, *same)))
                                   : std::nullopt);
    }
    layers.push_back(std::move(layer));
  }
  if (layers.empty()) {
    throw RunError(merge.name +
                   " has no weight with two or more dimensions, so there is no layer to compare; give a "
                   "model's weights");
  }
  return layers;
}

Layer whole_network(std::span<const Layer> layers) {
  Layer whole{"all", 0, 0, 0, 0, {}};
  for (const Layer& layer : layers) {
    whole.rows += layer.rows;
    whole.columns += layer.columns;
    whole.rank += layer.rank;
    whole.norm = std::hypot(whole.norm, layer.norm);
  }
  const std::size_t sources = layers.empty() ? 0 : layers.front().sources.size();
  for (std::size_t s = 0; s < sources; ++s) {
    double kept = 0, apart = 0, product = 0, squares = 0, merge_squares = 0;
    for (const Layer& layer : layers) {
      const std::optional<LayerOfSource>& source = layer.sources[s];
      if (!source) continue;
      merge_squares += layer.norm * layer.norm;
      if (!(source->norm > 0)) continue;
      const double square = source->norm * source->norm;
      kept += source->energy_kept * square;
      apart += source->distance * source->distance * square;
      if (layer.norm > 0) product += source->cosine * layer.norm * source->norm;
      squares += square;
    }
    whole.sources.push_back(LayerOfSource{kept / squares, std::sqrt(apart / squares),
                                          product / std::sqrt(squares * merge_squares), std::sqrt(squares)});
  }
  return whole;
}

}  // namespace histokt
