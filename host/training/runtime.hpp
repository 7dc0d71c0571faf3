// SPDX-License-Identifier: MIT
// The runtime of training and inference: threads, device, precision, memory format.
#pragma once

#include <torch/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace histokt {

enum class Precision { kFloat32, kBFloat16 };
// Where the patches of a training are kept: on the device if it is a CUDA one, always in main memory, or on
// any device (on the CPU slower than a loader). Results do not depend on it.
enum class PatchPlace { kChosen, kMainMemory, kDevice };

struct Runtime {
  int threads = 1;  // of libtorch's operations and OpenBLAS
  torch::Device device = torch::kCPU;
  Precision precision = Precision::kFloat32;
  bool channels_last = true;   // memory format of images and convolutions; the results' names stay the same
  bool deterministic = false;  // on CUDA: the same bits for the same seed, slower. The CPU always is.
  PatchPlace patches = PatchPlace::kChosen;

  bool patches_on_device() const {
    return patches == PatchPlace::kDevice || (patches == PatchPlace::kChosen && device.is_cuda());
  }
  torch::MemoryFormat memory_format() const {
    return channels_last ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  }
};

// The runtime as the user requests it.
struct RuntimeRequest {
  int threads = 0;                    // 0: all cores
  std::string device = "auto";        // auto, cpu, cuda, cuda:1
  std::string precision = "float32";  // float32, bfloat16
  bool channels_last = true;
  bool deterministic = false;
};

// Resolves the request. Throws RequestError for a name it does not know, CUDA if libtorch has none, and
// bfloat16 on a CPU that would emulate it.
Runtime make_runtime(const RuntimeRequest& request);

// Sets the number of threads of libtorch's operations in this process, and of OpenBLAS, which plugins use.
void use_threads(int threads);

// Sets threads (as above) and determinism for the process, and lets the C library keep freed memory: a step
// frees and takes gigabytes, and fresh pages cost a tenth of its time. Call it from the thread that trains.
void use(const Runtime& runtime);

// One line for the log: "2 threads on the CPU, float32, channels-last".
std::string describe(const Runtime& runtime);

// Why bfloat16 is refused on this processor, or nullopt if it has instructions for it. cpuinfo is the text of
// /proc/cpuinfo.
std::optional<std::string> bfloat16_refusal(std::string_view cpuinfo);

}  // namespace histokt
