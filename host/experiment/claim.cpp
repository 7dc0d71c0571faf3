#include "experiment/claim.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/errors.hpp"
#include "base/files.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr auto kHeartbeat = std::chrono::seconds(5);

std::string first_line(const fs::path& file) {
  std::ifstream input(file);
  std::string line;
  std::getline(input, line);
  return line;
}

// Start time of a process in clock ticks since boot, field 22 of /proc/PID/stat; 0 where there is none.
long long process_start(int process) {
  const std::string stat = first_line("/proc/" + std::to_string(process) + "/stat");
  const std::size_t after_name = stat.rfind(')');
  if (after_name == std::string::npos) return 0;
  std::istringstream fields(stat.substr(after_name + 1));
  std::string field;
  for (int i = 3; i <= 22; ++i) fields >> field;
  return std::strtoll(field.c_str(), nullptr, 10);
}

std::string to_text(const ClaimOwner& owner) {
  return Json{{"host", owner.host},
              {"boot_id", owner.boot_id},
              {"process", owner.process},
              {"process_start", owner.process_start}}
      .dump();
}

// Nothing where the file is gone or unreadable.
std::optional<ClaimOwner> read_owner(const fs::path& file) {
  std::ifstream input(file);
  const Json json = Json::parse(input, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  return ClaimOwner{json.value("host", "?"), json.value("boot_id", ""), json.value("process", 0),
                    json.value("process_start", 0LL)};
}

std::chrono::seconds age_of(const fs::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return std::chrono::seconds(0);
  return std::chrono::seconds(std::time(nullptr) - info.st_mtime);
}

bool is_stale(const fs::path& file, const std::optional<ClaimOwner>& owner, std::chrono::seconds stale_after) {
  const ClaimOwner self = this_process();
  if (owner && owner->host == self.host) {
    return owner->boot_id != self.boot_id || process_start(owner->process) != owner->process_start;
  }
  return age_of(file) > stale_after;
}

// Makes `file` with `text`, whole, only if it is not there yet.
bool make_exclusively(const fs::path& file, const std::string& text) {
  const fs::path temporary = temporary_beside(file);
  {
    std::ofstream output(temporary);
    output << text << std::flush;
    if (!output) throw RunError(file.string() + ": the claim cannot be written: " + std::strerror(errno));
  }
  const int result = ::link(temporary.c_str(), file.c_str());
  const int reason = errno;
  ::unlink(temporary.c_str());
  if (result == 0) return true;
  if (reason == EEXIST) return false;
  throw RunError(file.string() + ": the claim cannot be made: " + std::strerror(reason));
}

// Replaces a stale claim. Takers exclude each other by a second file, which itself is stale after a minute.
bool take_over(const fs::path& file, std::chrono::seconds stale_after) {
  const fs::path lock = file.string() + ".takeover";
  if (!make_exclusively(lock, to_text(this_process()))) {
    if (age_of(lock) > std::chrono::minutes(1)) ::unlink(lock.c_str());
    return false;
  }
  bool taken = false;
  if (is_stale(file, read_owner(file), stale_after)) {  // still
    ::unlink(file.c_str());
    taken = make_exclusively(file, to_text(this_process()));
  }
  ::unlink(lock.c_str());
  return taken;
}

}  // namespace

std::string ClaimOwner::text() const { return "process " + std::to_string(process) + " on " + host; }

ClaimOwner this_process() {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  const int process = ::getpid();
  return {host, first_line("/proc/sys/kernel/random/boot_id"), process, process_start(process)};
}

// Renews the claim's time of change until it is destroyed.
struct Claim::Heartbeat {
  std::mutex mutex;
  std::condition_variable stop;
  bool stopping = false;
  std::thread thread;

  explicit Heartbeat(fs::path file)
      : thread([this, file = std::move(file)] {
          std::unique_lock lock(mutex);
          while (!stop.wait_for(lock, kHeartbeat, [this] { return stopping; })) {
            std::error_code ignored;  // a vanished file system is told by the work itself
            fs::last_write_time(file, fs::file_time_type::clock::now(), ignored);
          }
        }) {}
  ~Heartbeat() {
    {
      std::lock_guard lock(mutex);
      stopping = true;
    }
    stop.notify_all();
    thread.join();
  }
};

Claim::Claim(fs::path file) : file_(std::move(file)), heartbeat_(std::make_unique<Heartbeat>(file_)) {}

Claim::Claim(Claim&&) noexcept = default;

Claim::~Claim() {
  if (!heartbeat_) return;  // moved from
  heartbeat_.reset();
  std::error_code ignored;
  fs::remove(file_, ignored);
}

std::optional<Claim> Claim::try_take(const fs::path& file, ClaimOwner& owner,
                                     std::chrono::seconds stale_after) {
  if (make_exclusively(file, to_text(this_process()))) return Claim(file);
  const std::optional<ClaimOwner> holder = read_owner(file);
  if (is_stale(file, holder, stale_after) && take_over(file, stale_after)) return Claim(file);
  owner = holder.value_or(ClaimOwner{"an unknown host", "", 0, 0});
  return std::nullopt;
}

}  // namespace histokt
