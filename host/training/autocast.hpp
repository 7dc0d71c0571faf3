// SPDX-License-Identifier: MIT
// Automatic mixed precision, and the only place that knows how libtorch's versions spell it.
#pragma once

#include <ATen/autocast_mode.h>
#include <torch/version.h>

#include "training/runtime.hpp"

namespace histokt {

// While it lives, the forward pass of this thread runs in the runtime's precision; the backward pass belongs
// outside. Does nothing for float32.
class AutocastScope {
 public:
  explicit AutocastScope(const Runtime& runtime)
      : active_(runtime.precision == Precision::kBFloat16), cuda_(runtime.device.is_cuda()) {
    if (!active_) return;
    at::autocast::increment_nesting();
    set(true);
  }
  ~AutocastScope() {
    if (!active_) return;
    set(false);
    // The weights' low-precision copies are stale after the next step.
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  }
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

 private:
  void set(bool enabled) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
    const auto device = cuda_ ? at::kCUDA : at::kCPU;
    at::autocast::set_autocast_dtype(device, at::kBFloat16);
    at::autocast::set_autocast_enabled(device, enabled);
#else
    if (cuda_) {
      at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
      at::autocast::set_enabled(enabled);
    } else {
      at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
      at::autocast::set_cpu_enabled(enabled);
    }
#endif
  }

  bool active_, cuda_;
};

}  // namespace histokt
