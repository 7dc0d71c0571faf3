// SPDX-License-Identifier: MIT
#include "training/drawn_patches.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "base/random.hpp"

namespace histokt {

Pass pass_over(const PatchSource& patches, const DrawnPatches& drawn, std::size_t batch_size,
               std::string_view purpose) {
  if (patches.size() == 0) throw RunError("There are no training patches to run the network on.");
  Pass pass{.order = shuffled_order(patches.size(), drawn.seed, random_word(purpose)),
            .batch_size = batch_size};
  if (drawn.count > 0) pass.order.resize(std::min(pass.order.size(), drawn.count));
  return pass;
}

}  // namespace histokt
