// SPDX-License-Identifier: MIT
// Random orthonormal directions: the columns of Q of a matrix of normal numbers, so that every subspace is as
// likely as any other.
#pragma once

#include <cstdint>
#include <string_view>

#include "svd/scratch.hpp"

namespace histokt {

// The key of the random numbers.
struct RandomKey {
  std::uint64_t seed = 0;
  std::string_view name;  // the tensor's
};

class RandomDirections {
 public:
  // `count` orthonormal columns of `side` entries, 0 < count <= side. Valid until the next call. Throws
  // PluginError.
  const double* draw(const RandomKey& key, int side, int count);

 private:
  Scratch matrix_, work_;
};

}  // namespace histokt
