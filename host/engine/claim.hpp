// Who works on a step. A claim is a file beside the step's folder, made atomically, that names host, process
// and boot, and whose time of change is renewed while the work goes on. Works between terminals, and between
// machines that share a file system: nothing here needs more of it than NFS gives (link and rename are
// atomic; a listing or a time of change may be some seconds old; locks may be missing).
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
  std::string process_space;  // of process numbers, "pid:[4026531836]": containers on one host have their own
  int process = 0;
  long long process_start =
      0;  // in clock ticks since boot: tells a process from a later one of the same number

  std::string text() const;
  bool operator==(const ClaimOwner&) const = default;
};

// A held claim; released by the destructor, and where an interruption ends the process. Not copyable; belongs
// to one thread.
class Claim {
 public:
  // Claims `file`. A claim of a process of this host that is dead is taken over at once, any other one when
  // it has not been renewed for `stale_after`, by the file system's own clock. Returns nullopt where somebody
  // else holds it, and says who in `owner`. Throws RunError where the folder cannot be written.
  static std::optional<Claim> try_take(const std::filesystem::path& file, ClaimOwner& owner,
                                       std::chrono::seconds stale_after = std::chrono::seconds(120));

  // Throws RunError where another process has taken the claim over, because this one stood still for too
  // long: what it made must not be published.
  void check() const;

  Claim(Claim&&) noexcept;
  ~Claim();

 private:
  explicit Claim(const std::filesystem::path& file);
  struct Held;
  std::unique_ptr<Held> held_;
};

// Who this process is.
ClaimOwner this_process();

}  // namespace histokt
