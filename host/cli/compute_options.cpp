// SPDX-License-Identifier: MIT
#include "cli/compute_options.hpp"

namespace histokt {

CommandOption threads_option() {
  return {.name = "threads",
          .value = "N",
          .help = "number of threads; 0: all cores",
          .type = ValueType::kInteger,
          .default_text = "0",
          .least = 0,
          .most = 65536};
}

int threads_of(const CommandValues& values) {
  return static_cast<int>(values.integer("threads"));
}

std::vector<CommandOption> compute_options() {
  return {
      {.name = "device",
       .value = "NAME",
       .help = "auto, cpu, cuda, or one of several GPUs: cuda:1",
       .default_text = "auto",
       .completion = {.words = {"auto", "cpu", "cuda"}}},
      {.name = "precision",
       .value = "NAME",
       .help = "float32 or bfloat16",
       .default_text = "float32",
       .completion = {.words = {"float32", "bfloat16"}}},
      threads_option(),
      {.name = "loader-threads",
       .value = "N",
       .help = "additional threads that load batches; results do not depend on their number",
       .type = ValueType::kInteger,
       .default_text = "2",
       .least = 1,
       .most = 1024},
      {.name = "deterministic", .value = "", .help = "on CUDA: bit-identical results each time, but slower"},
  };
}

ComputeRequest compute_request(const CommandValues& values) {
  return {.threads = threads_of(values),
          .device = values.text("device"),
          .precision = values.text("precision"),
          .deterministic = values.has("deterministic"),
          .loader_threads = static_cast<int>(values.integer("loader-threads"))};
}

}  // namespace histokt
