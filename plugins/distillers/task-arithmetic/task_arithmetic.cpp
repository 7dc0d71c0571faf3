#include "task-arithmetic/task_arithmetic.hpp"

#include "task-arithmetic/task_vectors.hpp"

namespace histokt {

void TaskArithmeticDistiller::merge(const Merge& merge) {
  const std::vector<TaskTensor> tensors = task_tensors(merge);
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    host_.progress("tensors merged", t, tensors.size());
    const TaskTensor& tensor = tensors[t];
    if (!tensor.has_task_vector()) {
      write_mean(tensor.sources, tensor.output.floats());
      continue;
    }
    const std::span<float> result = tensor.output.floats();
    for (std::size_t i = 0; i < result.size(); ++i) {
      double sum = 0;
      for (std::size_t s = 0; s < tensor.sources.size(); ++s) sum += tensor.difference(s, i);
      result[i] = static_cast<float>(tensor.base[i] + scale_ * sum);
    }
  }
}

}  // namespace histokt
