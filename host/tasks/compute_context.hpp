// SPDX-License-Identifier: MIT
// The compute context that all steps share: device, precision, threads, and a scratch directory for plugins.
// Runtime is only declared here, so that planning and the command line do without libtorch's headers.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace histokt {

struct Runtime;

// Only device and precision count for identities.
struct ComputeContext {
  std::shared_ptr<const Runtime> runtime;
  std::string device;       // "cpu", "cuda"
  std::string precision;    // "float32", "bfloat16"
  std::string description;  // one line for the log
  int threads = 1;          // for images
  int loader_threads = 2;   // for batches
  std::filesystem::path scratch;
};

// What a user requests.
struct ComputeRequest {
  int threads = 0;  // 0: all cores
  std::string device = "auto", precision = "float32";
  bool deterministic = false;
  int loader_threads = 2;
  std::filesystem::path scratch;
};

// Throws RequestError for a device or precision that is not available here.
ComputeContext make_compute_context(const ComputeRequest& request);

}  // namespace histokt
