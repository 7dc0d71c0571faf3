// SPDX-License-Identifier: MIT
#include "base/files.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPartial = ".partial";

// Closed on every way out.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return number_; }

 private:
  int number_;
};

[[noreturn]] void fail(const fs::path& path, const std::string& what) {
  throw RunError(path.string() + ": " + what + ": " + read_failure(errno));
}

[[noreturn]] void fail_to_write(const fs::path& path, const std::string& what) {
  throw RunError(path.string() + ": " + what + ": " + write_failure(errno));
}

void sync_to_disk(const fs::path& path, int flags) {
  const Descriptor descriptor(::open(path.c_str(), flags | O_CLOEXEC));
  if (descriptor < 0) fail_to_write(path, "cannot be opened for syncing");
  // Some file systems cannot sync a folder (EINVAL); that is no failure of the write.
  if (::fsync(descriptor) != 0 && errno != EINVAL) fail_to_write(path, "cannot be synced to disk");
}

void write_whole(const fs::path& temporary, const fs::path& file, std::string_view bytes) {
  const Descriptor descriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (descriptor < 0) fail_to_write(file, "cannot be written");
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_to_write(file, "writing failed");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Names this machine in files. Process numbers mean something only within one space of them, so a container
// that has its own counts as a machine.
const std::string& machine_name() {
  static const std::string name = [] {
    char host[256] = "host";
    ::gethostname(host, sizeof host - 1);
    std::error_code none;
    const std::string space = fs::read_symlink("/proc/self/ns/pid", none).string();
    constexpr std::string_view kOutside = "pid:[4026531836]";  // the number the kernel gives the first space
    return file_safe(host) + (space.empty() || space == kOutside ? "" : file_safe("." + space));
  }();
  return name;
}

// A process that was killed but not waited for (Z) still has its number.
bool lives(int process) {
  if (::kill(process, 0) != 0 && errno == ESRCH) return false;
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string stat;
  std::getline(file, stat);
  const std::size_t after_name = stat.rfind(") ");
  return after_name == std::string::npos || (stat[after_name + 2] != 'Z' && stat[after_name + 2] != 'X');
}

// The process that began `name`, if the name is one of temporary_beside() on this machine; 0 otherwise.
int process_that_began(std::string_view name) {
  const std::string mark = "." + machine_name() + "-";
  const std::size_t at = name.rfind(mark);
  if (!name.ends_with(kPartial) || at == std::string_view::npos) return 0;
  const std::string numbers(name.substr(at + mark.size(), name.size() - kPartial.size() - at - mark.size()));
  int process = 0, counter = 0, length = 0;
  const bool fits = std::sscanf(numbers.c_str(), "%d-%d%n", &process, &counter, &length) == 2 &&
                    static_cast<std::size_t>(length) == numbers.size();
  return fits && process > 0 ? process : 0;
}

}  // namespace

std::string write_failure(int error) {
  std::string reason = std::strerror(error);
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return reason + ". Free some space there, or write elsewhere, and run the same command again.";
    case EROFS:
    case EACCES:
    case EPERM:
      return reason + ". Write elsewhere (--output), or get write permission there.";
    case EFBIG:
      return reason + ". Raise the limit (ulimit -f), or write to a file system that takes larger files.";
    case ENOENT:
    case ENOTDIR:
    case ESTALE:
    case ENODEV:
    case ENOTCONN:
      return reason +
             ". Its folder does not exist: it was never created, was removed, or is on a disk or network "
             "share that is not mounted. Create or restore it, and run the same command again.";
    case EIO:
      return reason + ". The disk or network share is failing: check the system log.";
    default:
      return reason;
  }
}

std::string read_failure(int error) {
  const std::string reason = std::strerror(error);
  switch (error) {
    case EACCES:
    case EPERM:
      return reason + ". Get read permission (ls -l shows who has it).";
    case ENOENT:
    case ENOTDIR:
      return reason + ". Check the spelling, and whether its disk or network share is mounted.";
    case EMFILE:
    case ENFILE:
      return reason + ". Raise the limit (ulimit -n), or use fewer threads.";
    case ESTALE:
    case EIO:
    case ENODEV:
    case ENOTCONN:
      return reason + ". The disk or network share is failing: check the system log.";
    default:
      return reason + ".";
  }
}

std::string read_file(const fs::path& file) {
  std::ifstream input(file, std::ios::binary);
  if (!input) fail(file, "cannot be opened for reading");
  std::ostringstream text;
  text << input.rdbuf();
  if (input.bad()) fail(file, "reading failed");
  return std::move(text).str();
}

fs::path temporary_beside(const fs::path& file) {
  static std::atomic<unsigned> counter{0};
  clear_leftovers(file.parent_path(), file.filename().string() + ".");
  return file.string() + "." + machine_name() + "-" + std::to_string(::getpid()) + "-" +
         std::to_string(counter++) + std::string(kPartial);
}

void clear_leftovers(const fs::path& folder, std::string_view prefix) noexcept {
  try {
    std::error_code error;
    for (fs::directory_iterator at(folder.empty() ? "." : folder, error), end; !error && at != end;
         at.increment(error)) {
      const std::string name = at->path().filename().string();
      const int process = name.starts_with(prefix) ? process_that_began(name) : 0;
      std::error_code ignored;
      if (process != 0 && !lives(process)) fs::remove_all(at->path(), ignored);
    }
  } catch (const std::exception&) {
    return;
  }
}

void publish_file(const fs::path& temporary, const fs::path& file) {
  sync_to_disk(temporary, O_RDONLY);
  if (::rename(temporary.c_str(), file.c_str()) != 0) fail_to_write(file, "cannot be moved into place");
  sync_to_disk(file.parent_path().empty() ? fs::path(".") : file.parent_path(), O_RDONLY | O_DIRECTORY);
}

void write_file_atomically(const fs::path& file, std::string_view bytes) {
  const fs::path temporary = temporary_beside(file);
  try {
    write_whole(temporary, file, bytes);
    publish_file(temporary, file);
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
}

void make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw RunError(folder.string() + ": the folder cannot be created: " + write_failure(error.value()));
}

FolderHandle::FolderHandle(fs::path folder) : path_(std::move(folder)) {
  make_folders(path_);
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0) fail(path_, "the folder cannot be opened");
}

FolderHandle::~FolderHandle() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void FolderHandle::check() const {
  struct stat opened {
  }, named{};
  const bool same = ::fstat(descriptor_, &opened) == 0 && ::stat(path_.c_str(), &named) == 0 &&
                    opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
  if (same) return;
  throw RunError(path_.string() +
                 ": this is no longer the folder that the run started in: it was removed, or its disk or "
                 "network share was unmounted. Restore it and run the same command again.");
}

}  // namespace histokt
