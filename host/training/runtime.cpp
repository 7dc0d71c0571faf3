// SPDX-License-Identifier: MIT
#include "training/runtime.hpp"

#include <torch/cuda.h>

#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>

#include <algorithm>
#include <sstream>
#include <thread>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/thread_count.hpp"

namespace histokt {
namespace {

torch::Device resolve_device(const std::string& name) {
  const bool cuda = torch::cuda::is_available();
  if (name == "auto") return cuda ? torch::Device(torch::kCUDA, 0) : torch::Device(torch::kCPU);
  if (name == "cpu") return torch::kCPU;
  const bool numbered = name.starts_with("cuda:") && name.size() > 5 && name.size() < 9 &&
                        name.find_first_not_of("0123456789", 5) == std::string::npos;
  if (name != "cuda" && !numbered) {
    throw RequestError("device = \"" + name +
                       "\" is not known; use \"auto\", \"cpu\", \"cuda\" or \"cuda:1\".");
  }
  if (!cuda) {
    throw RequestError("device = \"" + name +
                       "\" was requested, but libtorch sees no CUDA device here (it may be built without "
                       "CUDA). Use \"cpu\" or \"auto\".");
  }
  const int index = numbered ? std::stoi(name.substr(5)) : 0;
  const auto count = static_cast<int>(torch::cuda::device_count());
  if (index >= count) {
    throw RequestError("device = \"" + name + "\" was requested, but there are " + std::to_string(count) +
                       " CUDA devices, counted from 0.");
  }
  return {torch::kCUDA, static_cast<torch::DeviceIndex>(index)};
}

Precision resolve_precision(const std::string& name, const torch::Device& device) {
  if (name == "float32") return Precision::kFloat32;
  if (name != "bfloat16") {
    throw RequestError("precision = \"" + name + "\" is not known; use \"float32\" or \"bfloat16\".");
  }
  if (device.is_cpu()) {
    if (const auto refusal = bfloat16_refusal(read_file("/proc/cpuinfo"))) throw RequestError(*refusal);
  }
  return Precision::kBFloat16;
}

}  // namespace

std::optional<std::string> bfloat16_refusal(std::string_view cpuinfo) {
  std::istringstream words{std::string(cpuinfo)};
  for (std::string word; words >> word;) {
    if (word == "avx512_bf16" || word == "amx_bf16" || word == "bf16") return std::nullopt;
  }
  return "precision = \"bfloat16\" was requested, but this processor has no instructions for it (avx512_bf16 "
         "or amx_bf16), so it would be emulated, slower than float32. Use \"float32\".";
}

Runtime make_runtime(const RuntimeRequest& request) {
  Runtime runtime;
  runtime.threads = thread_count(request.threads);
  runtime.device = resolve_device(request.device);
  runtime.precision = resolve_precision(request.precision, runtime.device);
  runtime.channels_last = request.channels_last;
  runtime.deterministic = request.deterministic;
  use(runtime);
  return runtime;
}

void use_threads(int threads) {
  at::set_num_threads(threads);
  // Other BLAS libraries have no such function, and OpenBLAS need not be what libtorch brings along.
  using SetThreads = void(int);
  if (auto* const set = reinterpret_cast<SetThreads*>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) {
    set(threads);
  }
}

void use(const Runtime& runtime) {
  use_threads(runtime.threads);
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);  // never
  mallopt(M_TOP_PAD, 64 << 20);
#endif
  if (runtime.device.is_cuda()) {
    // cuBLAS reads this when it starts; without it some of its sums depend on timing.
    if (runtime.deterministic) setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
    at::globalContext().setDeterministicAlgorithms(runtime.deterministic, false);
    at::globalContext().setDeterministicCuDNN(runtime.deterministic);
    at::globalContext().setBenchmarkCuDNN(!runtime.deterministic);
  }
}

std::string describe(const Runtime& runtime) {
  std::string text = std::to_string(runtime.threads) + (runtime.threads == 1 ? " thread" : " threads");
  text += runtime.device.is_cpu() ? " on the CPU" : " and " + runtime.device.str();
  text += runtime.precision == Precision::kBFloat16 ? ", bfloat16" : ", float32";
  text += runtime.channels_last ? ", channels-last" : ", channels-first";
  if (runtime.device.is_cuda() && runtime.deterministic) text += ", deterministic";
  return text;
}

}  // namespace histokt
