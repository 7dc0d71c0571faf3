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
    TaskTensor tensor{output, base_of(merge, output), {}};
    for (std::size_t s = 0; s < merge.source_count(); ++s) {
      tensor.sources.push_back(merge.input(s, output.name()).floats());
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

void write_mean(const TaskTensor& tensor) {
  const std::span<float> result = tensor.output.floats();
  for (std::size_t i = 0; i < result.size(); ++i) {
    double sum = 0;
    for (const auto& source : tensor.sources) sum += source[i];
    result[i] = static_cast<float>(sum / static_cast<double>(tensor.sources.size()));
  }
}

}  // namespace histokt
