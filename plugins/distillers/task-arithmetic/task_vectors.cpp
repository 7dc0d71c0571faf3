// SPDX-License-Identifier: MIT
#include "task-arithmetic/task_vectors.hpp"

namespace histokt {
namespace {

std::span<const float> base_of(const Merge& merge, const TensorView& output) {
  if (output.role() == HISTOKT_ROLE_NORM_STATISTIC) return {};
  try {
    return merge.base(output.name()).floats();
  } catch (const PluginError&) {
    if (output.role() == HISTOKT_ROLE_HEAD) return {};
    throw;
  }
}

}  // namespace

std::vector<TaskTensor> task_tensors(const Merge& merge) {
  std::vector<TaskTensor> tensors;
  for (const TensorView& output : merge.outputs()) {
    tensors.push_back({output, base_of(merge, output), in_all_sources(merge, output.name())});
  }
  return tensors;
}

void merge_task_vectors(const std::vector<TaskTensor>& tensors, const Host& host,
                        const std::function<void(const TaskTensor&, std::span<float> result)>& body) {
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    host.progress("tensors merged", t, tensors.size());
    const TaskTensor& tensor = tensors[t];
    if (tensor.has_task_vector()) {
      body(tensor, tensor.output.floats());
    } else {
      write_mean(tensor.sources, tensor.output.floats());
    }
  }
}

}  // namespace histokt
