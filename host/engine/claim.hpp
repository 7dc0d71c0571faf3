// SPDX-License-Identifier: MIT
// Claims on steps: the process that works on a step holds its claim. A claim is a file beside the step's
// folder, created atomically, that names host, process and boot, and whose modification time is renewed while
// the work continues. Works between terminals, and between machines that share a file system: NFS suffices
// (link and rename are atomic; a listing or a modification time may be some seconds old; locks may be
// missing).
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
  std::string pid_namespace;  // the PID namespace, "pid:[4026531836]": each container has its own
  int process = 0;
  long long process_start =
      0;  // in clock ticks since boot: tells a process from a later one of the same number

  std::string text() const;
  bool operator==(const ClaimOwner&) const = default;
};

// A held claim; released by the destructor, and when an interruption ends the process. Not copyable; belongs
// to one thread.
class Claim {
 public:
  // Claims `file`. The claim of a dead process of this host is taken over at once, any other one if it has
  // not been renewed for `stale_after`, by the file system's own clock. Returns nullopt if another process
  // holds it, and sets `owner` to it. Throws RunError if the folder cannot be written.
  static std::optional<Claim> try_take(const std::filesystem::path& file, ClaimOwner& owner,
                                       std::chrono::seconds stale_after = std::chrono::seconds(120));

  // Throws RunError if another process has taken the claim over because this one stalled for too long: its
  // work must not be published.
  void check() const;

  Claim(Claim&&) noexcept;
  ~Claim();

 private:
  explicit Claim(const std::filesystem::path& file);
  struct Held;
  std::unique_ptr<Held> held_;
};

// This process as an owner.
ClaimOwner this_process();

}  // namespace histokt
