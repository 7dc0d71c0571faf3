// SPDX-License-Identifier: MIT
#include "task-arithmetic/task_arithmetic.hpp"

#include "task-arithmetic/task_vectors.hpp"

namespace histokt {

void TaskArithmeticDistiller::merge(const Merge& merge) {
  merge_task_vectors(task_tensors(merge), host_, [&](const TaskTensor& tensor, std::span<float> result) {
    for (std::size_t i = 0; i < result.size(); ++i) {
      double sum = 0;
      for (std::size_t s = 0; s < tensor.sources.size(); ++s) sum += tensor.difference(s, i);
      result[i] = static_cast<float>(tensor.base[i] + scale_ * sum);
    }
  });
}

}  // namespace histokt
