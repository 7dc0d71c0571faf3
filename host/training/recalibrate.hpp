// Batch-norm's running statistics made anew for weights that no training has led to: merged or interpolated
// ones. Their activations are not those of any source (they mostly vary less), so averaged statistics do not
// fit them: Jordan et al. 2023, "REPAIR", section 3; Izmailov et al. 2018 do the same after averaging
// weights.
//
//   recalibrate(model, split.train(), {.normalization = normalization, .count = 1000}, runtime);
#pragma once

#include <cstddef>
#include <histokt/model.hpp>

#include "training/drawn_patches.hpp"
#include "training/runtime.hpp"

namespace histokt {

// Each running mean and variance (tensors named *.running_mean and *.running_var) becomes the mean over
// batches of what training would take from them, (patches of the batch / all patches) apiece: no trace of the
// old values is left, and no momentum weighs the last batches more. Patches are shuffled and not augmented.
// The weights stay, and the model ends in evaluation mode. It must be on the runtime's device.
//
// Returns how many norms were made anew: 0 where the model has none. Throws RunError for fewer than two
// patches, a norm that keeps its statistics while training and statistics that are not finite (naming the
// tensor), and Interrupted; then the running statistics are of no use.
std::size_t recalibrate(Model& model, const PatchSource& patches, const DrawnPatches& drawn,
                        const Runtime& runtime, std::size_t batch_size = 64);

}  // namespace histokt
