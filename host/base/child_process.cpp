// SPDX-License-Identifier: MIT
#include "base/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>

#include "base/errors.hpp"
#include "base/interrupt.hpp"

extern char** environ;

namespace histokt {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kReportDescriptor = 3;  // in the child
constexpr std::size_t kMostPrinted = std::size_t{64} * 1024;
constexpr int kLookMilliseconds = 50;  // how often the parent looks whether the child still lives

[[noreturn]] void fail(const std::string& what, int error) {
  throw RunError("the program cannot start itself as a child: " + what + ": " + std::strerror(error));
}

class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_, O_CLOEXEC) != 0) fail("pipe", errno);
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);
  }
  ~Pipe() {
    close(ends_[0]);
    close_write();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_write() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }
  // What has come; "" where nothing has.
  std::string take() const {
    std::array<char, 4096> block{};
    const ssize_t size = read(ends_[0], block.data(), block.size());
    return size > 0 ? std::string(block.data(), static_cast<std::size_t>(size)) : std::string();
  }

 private:
  int ends_[2];
};

// A running child, killed with what it started if it is still there.
class Child {
 public:
  Child(const std::vector<std::string>& arguments, const Pipe& reports, const Pipe& prints) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, prints.write_end(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, prints.write_end(), STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&files, reports.write_end(), kReportDescriptor);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    std::vector<std::string> words = {"histokt-host"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const int error = posix_spawn(&id_, "/proc/self/exe", &files, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (error) fail("posix_spawn", error);
  }
  ~Child() {
    if (!ended_) kill();
    while (!ended_ && waitpid(id_, &status_, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // What it started goes with it, also after its own end.
  void kill() const { ::kill(-id_, SIGKILL); }
  bool ended() {
    if (!ended_) ended_ = waitpid(id_, &status_, WNOHANG) == id_;
    return ended_;
  }
  int status() const { return status_; }

 private:
  pid_t id_ = 0;
  int status_ = 0;
  bool ended_ = false;
};

void split_lines(std::string& text, std::vector<std::string>& lines) {
  for (std::size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
    lines.push_back(text.substr(0, end));
  }
}

}  // namespace

ChildResult run_child(const std::vector<std::string>& arguments, std::chrono::milliseconds patience) {
  Pipe reports, prints;
  Child child(arguments, reports, prints);
  reports.close_write();
  prints.close_write();

  ChildResult result;
  std::string open_line;
  Clock::time_point heard = Clock::now();
  const auto listen = [&] {
    bool any = false;
    for (std::string text; !(text = reports.take()).empty(); any = true) {
      open_line += text;
      heard = Clock::now();
    }
    split_lines(open_line, result.lines);
    for (std::string text; !(text = prints.take()).empty(); any = true) {
      result.printed_bytes += text.size();
      if (result.printed.size() < kMostPrinted) result.printed += text;
      if (Clock::now() - heard > patience) break;  // it prints without end
    }
    return any;
  };
  while (!child.ended()) {
    pollfd ends[] = {{reports.read_end(), POLLIN, 0}, {prints.read_end(), POLLIN, 0}};
    poll(ends, 2, kLookMilliseconds);
    if (!listen()) usleep(1000);  // a closed end is always ready
    if (interrupt_requested()) throw Interrupted();
    if (Clock::now() - heard <= patience) continue;
    result.timed_out = true;
    return result;
  }
  child.kill();
  listen();
  result.signal = WIFSIGNALED(child.status()) ? WTERMSIG(child.status()) : 0;
  result.exit_code = WIFEXITED(child.status()) ? WEXITSTATUS(child.status()) : 0;
  return result;
}

void report_to_parent(const std::string& line) {
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  const std::string text = line + "\n";
  std::size_t at = 0;
  while (at < text.size()) {
    const ssize_t written = write(kReportDescriptor, text.data() + at, text.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    at += static_cast<std::size_t>(written);
  }
}

void begin_as_child() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int crash : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) std::signal(crash, SIG_DFL);
}

const char* signal_text(int signal) noexcept {
  switch (signal) {
    case SIGSEGV:
      return "a segmentation fault (SIGSEGV)";
    case SIGBUS:
      return "a bus error (SIGBUS)";
    case SIGFPE:
      return "an arithmetic error (SIGFPE)";
    case SIGILL:
      return "an illegal instruction (SIGILL)";
    case SIGABRT:
      return "a call to abort (SIGABRT)";
    case SIGKILL:
      return "SIGKILL (by the system where memory ran out, or by a user)";
    default:
      return "a signal";
  }
}

}  // namespace histokt
