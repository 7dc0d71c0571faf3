// SPDX-License-Identifier: MIT
// The diagonal Fisher information of a network: how much its predictions depend on each parameter.
#pragma once

#include <histokt/model.hpp>
#include <vector>

#include "training/drawn_patches.hpp"
#include "training/runtime.hpp"

namespace histokt {

// The diagonal of the Fisher information, a tensor for each parameter, float32 on the CPU: the mean over the
// drawn patches x of E_y [(d log p(y | x) / dt)^2], y drawn from the network's own prediction (Martens 2020,
// "New Insights and Perspectives on the Natural Gradient Method"; Matena and Raffel 2022, "Merging Models
// with Fisher-Weighted Averaging"). The expectation is exact, so that labels are not used and only patches
// are drawn; several labels are independent of each other:
//
//   one label a patch       sum over classes c of p_c (d log p_c / dt)^2,  p = softmax(logits z)
//   several labels a patch  sum over classes c of p_c (1 - p_c) (d z_c / dt)^2,  p = logistic(z)
//
// Gradients are float32, one patch at a time; squares are summed in double in the patches' order. The same
// machine and number of threads give the same bits on the CPU. Takes a forward pass and C backward passes per
// patch, and 8 bytes per parameter. A parameter that the logits do not depend on gets zeros.
//
// Leaves the model in evaluation mode. It must be on the runtime's device. Throws RunError for an empty
// source and for gradients that are not finite, and Interrupted.
std::vector<NamedTensor> diagonal_fisher(Model& model, const PatchSource& patches, const DrawnPatches& drawn,
                                         const Runtime& runtime);

}  // namespace histokt
