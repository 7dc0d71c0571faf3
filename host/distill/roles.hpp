// SPDX-License-Identifier: MIT
// The role of each tensor of a network: convolution, norm, head ...
#pragma once

#include <string>
#include <vector>

#include <histokt/plugin.h>

#include "tensors/safetensors.hpp"

namespace histokt {

struct TensorRole {
  std::string name;
  histokt_role role = HISTOKT_ROLE_OTHER;
  // A name for the channels along each axis, "" if not applicable; empty: unknown.
  std::vector<std::string> channels;
};

// One role for each tensor of `network`, in its order: the one in `known`, or else one inferred. Heads are
// named fc., classifier. or head.; four dimensions are a convolution, two are linear; running_mean and
// running_var are statistics; one dimension is linear beside a weight of two dimensions, other beside a
// convolution, and a norm elsewhere. Throws RunError if `known` does not fit a tensor's rank.
std::vector<TensorRole> roles_of(const TensorFile& network, const std::vector<TensorRole>& known);

}  // namespace histokt
