// SPDX-License-Identifier: MIT
#include "engine/claim.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr auto kHeartbeat = std::chrono::seconds(5);
// A host of our name with another boot is this one before it started again, or another machine that was given
// the same name. The latter renews its claim many times within this.
constexpr std::chrono::seconds kStaleOfOtherBoot(30);

std::string first_line(const fs::path& file) {
  std::ifstream input(file);
  std::string line;
  std::getline(input, line);
  return line;
}

// What /proc/PID/stat says of a process.
struct ProcessState {
  char letter = '?';    // field 3; Z: killed, but its parent has not asked yet
  long long start = 0;  // field 22, in clock ticks since boot
};

std::optional<ProcessState> process_state(int process) {
  const std::string stat = first_line("/proc/" + std::to_string(process) + "/stat");
  const std::size_t after_name = stat.rfind(')');
  if (after_name == std::string::npos) return std::nullopt;
  std::istringstream fields(stat.substr(after_name + 1));
  ProcessState state;
  fields >> state.letter;
  std::string field;
  for (int i = 4; i <= 22; ++i) fields >> field;
  state.start = std::strtoll(field.c_str(), nullptr, 10);
  return state;
}

bool is_dead(const ClaimOwner& owner) {
  if (::kill(owner.process, 0) != 0 && errno == ESRCH) return true;
  const std::optional<ProcessState> state = process_state(owner.process);
  if (!state) return false;  // it is there, but hidden from us
  return state->start != owner.process_start || state->letter == 'Z' || state->letter == 'X';
}

std::string to_text(const ClaimOwner& owner) {
  return Json{{"host", owner.host},
              {"boot_id", owner.boot_id},
              {"pid_namespace", owner.pid_namespace},
              {"process", owner.process},
              {"process_start", owner.process_start}}
      .dump();
}

// Nothing where the file is gone or unreadable.
std::optional<ClaimOwner> read_owner(const fs::path& file) {
  std::ifstream input(file);
  const Json json = Json::parse(input, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  try {
    return ClaimOwner{json.value("host", "?"), json.value("boot_id", ""),
                      json.value("pid_namespace", this_process().pid_namespace), json.value("process", 0),
                      json.value("process_start", 0LL)};
  } catch (const Json::exception&) {  // a value of another type
    return std::nullopt;
  }
}

bool is_ours(const fs::path& file) {
  return read_owner(file) == this_process();
}

std::optional<timespec> time_of_change(const fs::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return std::nullopt;
  return info.st_mtim;
}

// Makes `text` as a file of a name of its own beside `file`, and removes that name at the end.
class Draft {
 public:
  Draft(const fs::path& file, const std::string& text) : file_(file), path_(temporary_beside(file)) {
    std::ofstream output(path_);
    output << text << std::flush;
    if (output) return;
    const int reason = errno;
    ::unlink(path_.c_str());
    throw RunError(file.string() + ": the claim cannot be written: " + write_failure(reason));
  }
  ~Draft() { ::unlink(path_.c_str()); }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  // Gives it the claim's name, if that is free.
  bool link() const {
    if (::link(path_.c_str(), file_.c_str()) == 0) return true;
    const int reason = errno;
    struct stat info {};
    // The answer of a server may be lost though it did what was asked.
    if (::stat(path_.c_str(), &info) == 0 && info.st_nlink == 2) return true;
    if (reason == EEXIST) return false;
    throw RunError(file_.string() + ": the claim cannot be created: " + write_failure(reason));
  }
  // Gives it the claim's name in place of what had it.
  bool replace() const { return ::rename(path_.c_str(), file_.c_str()) == 0; }
  // Of the file system's clock, which need not agree with ours.
  std::optional<timespec> time() const { return time_of_change(path_); }

 private:
  fs::path file_, path_;
};

std::chrono::seconds age_of(const fs::path& file) {
  const std::optional<timespec> changed = time_of_change(file);
  const std::optional<timespec> now = Draft(file, "").time();
  if (!changed || !now) return std::chrono::seconds(0);
  return std::chrono::seconds(now->tv_sec - changed->tv_sec);
}

bool is_stale(const fs::path& file, const std::optional<ClaimOwner>& owner,
              std::chrono::seconds stale_after) {
  const ClaimOwner self = this_process();
  if (owner && owner->host == self.host) {
    if (owner->boot_id != self.boot_id) return age_of(file) > std::min(stale_after, kStaleOfOtherBoot);
    if (owner->pid_namespace == self.pid_namespace) return is_dead(*owner);
  }
  return age_of(file) > stale_after;
}

// Replaces a stale claim. Those who would take it over exclude each other by a lock on the stale file itself,
// which the kernel gives back when its holder dies; whoever comes to hold it later finds that the name leads
// elsewhere. Without locks on this file system two may replace one after the other: then the later one has
// it, and the other finds out in check().
bool take_over(const fs::path& file, std::chrono::seconds stale_after) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return false;
  const auto taken = [&] {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
    struct stat locked {
    }, named{};
    if (::fstat(descriptor, &locked) != 0 || ::stat(file.c_str(), &named) != 0) return false;
    if (locked.st_ino != named.st_ino || locked.st_dev != named.st_dev) return false;
    if (!is_stale(file, read_owner(file), stale_after)) return false;
    return Draft(file, to_text(this_process())).replace() && is_ours(file);
  }();
  ::close(descriptor);
  return taken;
}

}  // namespace

std::string ClaimOwner::text() const {
  return "process " + std::to_string(process) + " on " + host;
}

ClaimOwner this_process() {
  static const ClaimOwner self = [] {
    char host[256] = "";
    ::gethostname(host, sizeof host - 1);
    std::error_code none;
    const int process = ::getpid();
    return ClaimOwner{host, first_line("/proc/sys/kernel/random/boot_id"),
                      fs::read_symlink("/proc/self/ns/pid", none).string(), process,
                      process_state(process).value_or(ProcessState{}).start};
  }();
  return self;
}

// Renews the claim's time of change until it is destroyed, and gives the claim back then.
struct Claim::Held {
  fs::path file;
  std::mutex mutex;
  std::condition_variable stop;
  bool stopping = false;
  std::thread heartbeat;
  ShutdownHook release_at_shutdown;

  explicit Held(const fs::path& claim)
      : file(claim), heartbeat([this] { beat(); }), release_at_shutdown([claim] { release(claim); }) {}
  ~Held() {
    {
      std::lock_guard lock(mutex);
      stopping = true;
    }
    stop.notify_all();
    heartbeat.join();
    release(file);
  }

  void beat() {
    std::unique_lock lock(mutex);
    while (!stop.wait_for(lock, kHeartbeat, [this] { return stopping; })) {
      // "Now" of the file system, not of this machine. A vanished one is told by the work itself.
      if (is_ours(file)) ::utimensat(AT_FDCWD, file.c_str(), nullptr, 0);
    }
  }

  static void release(const fs::path& file) {
    if (is_ours(file)) ::unlink(file.c_str());
  }
};

Claim::Claim(const fs::path& file) : held_(std::make_unique<Held>(file)) {}

Claim::Claim(Claim&&) noexcept = default;

Claim::~Claim() = default;

void Claim::check() const {
  if (is_ours(held_->file)) return;
  const std::optional<ClaimOwner> other = read_owner(held_->file);
  throw RunError(
      held_->file.string() + ": this process's claim is gone" +
      (other ? "; " + other->text() + " took it over, since this process had not responded for too long"
             : std::string()) +
      ". The step is left to other processes; run the same command again.");
}

std::optional<Claim> Claim::try_take(const fs::path& file, ClaimOwner& owner,
                                     std::chrono::seconds stale_after) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    std::optional<ClaimOwner> holder = read_owner(file);
    if (!holder && Draft(file, to_text(this_process())).link()) return Claim(file);
    if (!holder) holder = read_owner(file);
    std::error_code error;
    if (!holder && !fs::exists(file, error)) continue;  // given back just now
    if (is_stale(file, holder, stale_after) && take_over(file, stale_after)) return Claim(file);
    owner = holder.value_or(ClaimOwner{"an unknown host", "", "", 0, 0});
    return std::nullopt;
  }
  owner = {"an unknown host", "", "", 0, 0};
  return std::nullopt;
}

}  // namespace histokt
