// SPDX-License-Identifier: MIT
// Recalibration of batch-norm: running statistics recomputed for merged or interpolated weights. Their
// activations are not those of any source (they mostly vary less), so averaged statistics do not fit them:
// Jordan et al. 2023, "REPAIR", section 3; Izmailov et al. 2018 do the same after averaging weights.
//
//   recalibrate(model, split.train(), {.normalization = normalization, .count = 1000}, runtime);
#pragma once

#include <cstddef>
#include <histokt/model.hpp>

#include "training/drawn_patches.hpp"
#include "training/runtime.hpp"

namespace histokt {

// Each running mean and variance (tensors named *.running_mean and *.running_var) becomes the mean of the
// batches' statistics as training computes them, each batch weighted by its share of the patches: the old
// values have no influence, and no momentum favours the last batches. Patches are shuffled and not augmented.
// The weights stay, and the model ends in evaluation mode. It must be on the runtime's device.
//
// Returns how many norms were recalibrated: 0 if the model has none. Throws RunError for fewer than two
// patches, a norm that does not update its statistics while training, and statistics that are not finite
// (naming the tensor), and Interrupted; the running statistics are then invalid.
std::size_t recalibrate(Model& model, const PatchSource& patches, const DrawnPatches& drawn,
                        const Runtime& runtime, std::size_t batch_size = 64);

}  // namespace histokt
