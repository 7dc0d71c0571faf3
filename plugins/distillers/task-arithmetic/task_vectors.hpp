// What each source learnt beyond a common base: its task vector, tau_s = W_s - B (Ilharco et al. 2023).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <histokt/distiller.hpp>

namespace histokt {

// A tensor of the result beside the same tensor of the base and of every source.
struct TaskTensor {
  TensorView output;
  std::span<const float> base;  // empty: no task vector, see below
  std::vector<std::span<const float>> sources;

  bool has_task_vector() const { return !base.empty(); }
  float difference(std::size_t source, std::size_t entry) const {
    return sources[source][entry] - base[entry];
  }
};

// Every tensor of the result, in its order. Running statistics of norms have no task vector, since adding up
// differences can make a variance negative; neither has a head that the base lacks. Throws PluginError where
// there is no base.
std::vector<TaskTensor> task_tensors(const Merge& merge);

// What becomes of a tensor without a task vector.
void write_mean(const TaskTensor& tensor);

}  // namespace histokt
