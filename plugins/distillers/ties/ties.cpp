// SPDX-License-Identifier: MIT
#include "ties/ties.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "task-arithmetic/task_vectors.hpp"

namespace histokt {
namespace {

// The size from which on an entry of the source's task vector is kept; the whole network is one vector.
float threshold(const std::vector<TaskTensor>& tensors, std::size_t source, double density) {
  std::vector<float> sizes;
  for (const TaskTensor& tensor : tensors) {
    for (std::size_t i = 0; i < tensor.base.size(); ++i)
      sizes.push_back(std::fabs(tensor.difference(source, i)));
  }
  if (sizes.empty()) return 0;
  const auto kept = static_cast<std::size_t>(std::ceil(density * static_cast<double>(sizes.size())));
  const auto last =
      sizes.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(kept, 1, sizes.size()) - 1);
  std::nth_element(sizes.begin(), last, sizes.end(), std::greater<>());
  return *last;
}

// The mean of those differences that were kept and have the sign of their sum.
double agreed(const TaskTensor& tensor, std::size_t entry, const std::vector<float>& thresholds) {
  const auto kept = [&](std::size_t source) {
    const float difference = tensor.difference(source, entry);
    return std::fabs(difference) >= thresholds[source] ? difference : 0.0f;
  };
  double sum = 0;
  for (std::size_t s = 0; s < thresholds.size(); ++s) sum += kept(s);
  double agreeing = 0;
  int count = 0;
  for (std::size_t s = 0; s < thresholds.size(); ++s) {
    if (kept(s) * sum <= 0) continue;
    agreeing += kept(s);
    ++count;
  }
  return count == 0 ? 0 : agreeing / count;
}

}  // namespace

void TiesDistiller::merge(const Merge& merge) {
  const std::vector<TaskTensor> tensors = task_tensors(merge);
  std::vector<float> thresholds;
  for (std::size_t s = 0; s < merge.source_count(); ++s)
    thresholds.push_back(threshold(tensors, s, density_));
  merge_task_vectors(tensors, host_, [&](const TaskTensor& tensor, std::span<float> result) {
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = static_cast<float>(tensor.base[i] + scale_ * agreed(tensor, i, thresholds));
    }
  });
}

}  // namespace histokt
