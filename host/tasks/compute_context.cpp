// SPDX-License-Identifier: MIT
#include "tasks/compute_context.hpp"

#include "base/thread_count.hpp"
#include "training/runtime.hpp"

namespace histokt {

ComputeContext make_compute_context(const ComputeRequest& request) {
  RuntimeRequest wanted;
  wanted.threads = request.threads;
  wanted.device = request.device;
  wanted.precision = request.precision;
  wanted.deterministic = request.deterministic;
  const Runtime runtime = make_runtime(wanted);
  ComputeContext compute;
  compute.runtime = std::make_shared<const Runtime>(runtime);
  compute.device = runtime.device.is_cpu() ? "cpu" : "cuda";
  compute.precision = runtime.precision == Precision::kBFloat16 ? "bfloat16" : "float32";
  compute.description = describe(runtime);
  compute.threads = thread_count(request.threads);
  compute.loader_threads = request.loader_threads;
  compute.scratch = request.scratch;
  return compute;
}

}  // namespace histokt
