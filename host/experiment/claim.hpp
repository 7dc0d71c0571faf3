// Who works on a step. A claim is a file beside the step's folder, made atomically, that names host, process and
// boot, and whose time of change is renewed while the work goes on. Works between terminals, and between machines
// that share a file system.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace histokt {

// Who holds a claim, for messages: "process 4711 on node3".
struct ClaimOwner {
  std::string host, boot_id;
  int process = 0;
  long long process_start = 0;  // in clock ticks since boot: tells a process from a later one of the same number

  std::string text() const;
};

// A held claim; released by the destructor. Not copyable; belongs to one thread.
class Claim {
 public:
  // Claims `file`, taking over a claim whose process is dead, or whose host has not renewed it for
  // `stale_after`. Returns nullopt where somebody else holds it, and says who in `owner`. Throws RunError where
  // the folder cannot be written.
  static std::optional<Claim> try_take(const std::filesystem::path& file, ClaimOwner& owner,
                                       std::chrono::seconds stale_after = std::chrono::seconds(120));

  Claim(Claim&&) noexcept;
  ~Claim();

 private:
  explicit Claim(std::filesystem::path file);
  struct Heartbeat;
  std::filesystem::path file_;
  std::unique_ptr<Heartbeat> heartbeat_;
};

// Who this process is.
ClaimOwner this_process();

}  // namespace histokt
