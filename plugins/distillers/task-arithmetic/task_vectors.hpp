// SPDX-License-Identifier: MIT
// Task vectors: what each source learnt beyond a common base, tau_s = W_s - B (Ilharco et al. 2023).
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include <histokt/distiller.hpp>

#include "mean/weighted_mean.hpp"

namespace histokt {

// A tensor of the result beside the same tensor of the base and of every source.
struct TaskTensor {
  TensorView output;
  std::span<const float> base;  // empty: no task vector, see below
  InAllSources sources;

  bool has_task_vector() const { return !base.empty(); }
  float difference(std::size_t source, std::size_t entry) const {
    return sources[source][entry] - base[entry];
  }
};

// Every tensor of the result, in its order. Running statistics of norms have no task vector, since adding up
// differences can make a variance negative; neither has a head that the base lacks: they become the mean.
// Throws PluginError if there is no base.
std::vector<TaskTensor> task_tensors(const Merge& merge);

// Writes the outputs of `tensors`: body(tensor, result) for each that has a task vector, the mean for the
// rest. Reports progress to the host.
void merge_task_vectors(const std::vector<TaskTensor>& tensors, const Host& host,
                        const std::function<void(const TaskTensor&, std::span<float> result)>& body);

}  // namespace histokt
