// What the work of all steps shares: threads, device, room for what plugins unpack. Known here by name alone,
// so that planning and the command line do without libtorch's headers.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace histokt {

struct Runtime;

// Nothing in it counts for identities but device and precision.
struct Workshop {
  std::shared_ptr<const Runtime> runtime;
  std::string device;       // "cpu", "cuda"
  std::string precision;    // "float32", "bfloat16"
  std::string description;  // one line for the log
  int threads = 1;          // for pictures
  int loader_threads = 2;   // for batches
  std::filesystem::path scratch;
};

// What a user says of it.
struct WorkshopRequest {
  int threads = 0;  // 0: all cores
  std::string device = "auto", precision = "float32";
  bool deterministic = false;
  int loader_threads = 2;
  std::filesystem::path scratch;
};

// Throws RequestError for a device or precision that is not to be had here.
Workshop make_workshop(const WorkshopRequest& request);

}  // namespace histokt
