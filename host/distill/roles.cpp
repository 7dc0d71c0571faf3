// SPDX-License-Identifier: MIT
#include "distill/roles.hpp"

#include <algorithm>

#include "base/errors.hpp"

namespace histokt {
namespace {

bool is_head(const std::string& name) {
  return name.starts_with("fc.") || name.starts_with("classifier.") || name.starts_with("head.");
}

// The rank of the weight of the module that the tensor belongs to, 0 where it has none.
std::size_t rank_of_weight(const TensorFile& network, const std::string& name) {
  const std::size_t dot = name.rfind('.');
  const StoredTensor* weight =
      dot == std::string::npos ? nullptr : network.find(name.substr(0, dot) + ".weight");
  return weight ? weight->shape.size() : 0;
}

histokt_role inferred(const TensorFile& network, const StoredTensor& tensor) {
  if (is_head(tensor.name)) return HISTOKT_ROLE_HEAD;
  if (tensor.shape.size() == 4) return HISTOKT_ROLE_CONVOLUTION;
  if (tensor.shape.size() == 2) return HISTOKT_ROLE_LINEAR;
  if (tensor.shape.size() != 1) return HISTOKT_ROLE_OTHER;
  if (tensor.name.ends_with("running_mean") || tensor.name.ends_with("running_var")) {
    return HISTOKT_ROLE_NORM_STATISTIC;
  }
  switch (rank_of_weight(network, tensor.name)) {
    case 1:
      return HISTOKT_ROLE_NORM;
    case 2:
      return HISTOKT_ROLE_LINEAR;
    default:
      return HISTOKT_ROLE_OTHER;
  }
}

}  // namespace

std::vector<TensorRole> roles_of(const TensorFile& network, const std::vector<TensorRole>& known) {
  std::vector<TensorRole> roles;
  for (const StoredTensor& tensor : network.tensors) {
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const TensorRole& role) { return role.name == tensor.name; });
    if (found == known.end()) {
      roles.push_back({tensor.name, inferred(network, tensor), {}});
      continue;
    }
    if (!found->channels.empty() && found->channels.size() != tensor.shape.size()) {
      throw RunError("tensor \"" + tensor.name + "\" has " + std::to_string(tensor.shape.size()) +
                     " axes, but the model names channels for " + std::to_string(found->channels.size()));
    }
    roles.push_back(*found);
  }
  return roles;
}

}  // namespace histokt
