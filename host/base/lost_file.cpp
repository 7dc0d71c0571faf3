// SPDX-License-Identifier: MIT
#include "base/lost_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>

namespace histokt {
namespace {

// Only what a signal handler may call is called from here on: no memory is taken, no lock.

// Lines of /proc/self/maps, one after another.
class MapLines {
 public:
  MapLines() : descriptor_(::open("/proc/self/maps", O_RDONLY | O_CLOEXEC)) {}
  ~MapLines() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  // The next line, cut at the buffer's size, or nullptr.
  const char* next() {
    std::size_t size = 0;
    for (char c; (c = take()) != '\0' && c != '\n';) {
      if (size + 1 < sizeof line_) line_[size++] = c;
    }
    line_[size] = '\0';
    return size > 0 ? line_ : nullptr;
  }

 private:
  char take() {
    if (at_ == end_) {
      const ssize_t count = descriptor_ < 0 ? 0 : ::read(descriptor_, block_, sizeof block_);
      if (count <= 0) return '\0';
      at_ = 0;
      end_ = static_cast<std::size_t>(count);
    }
    return block_[at_++];
  }

  int descriptor_;
  char block_[1024], line_[512];
  std::size_t at_ = 0, end_ = 0;
};

// Reads a hexadecimal number and moves behind it.
std::uintptr_t take_hex(const char*& text) {
  std::uintptr_t value = 0;
  for (;; ++text) {
    const char c = *text;
    if (c >= '0' && c <= '9') {
      value = value * 16 + static_cast<std::uintptr_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = value * 16 + static_cast<std::uintptr_t>(c - 'a' + 10);
    } else {
      return value;
    }
  }
}

// The path in a line "BEGIN-END rw-p ... /path" that holds the address, or nullptr.
const char* path_at(const char* line, std::uintptr_t address) {
  const std::uintptr_t begin = take_hex(line);
  if (*line != '-') return nullptr;
  ++line;
  const std::uintptr_t end = take_hex(line);
  return address >= begin && address < end ? std::strchr(line, '/') : nullptr;
}

struct sigaction before;

void say(const char* text) {
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, std::strlen(text));
}

extern "C" void on_bus_error(int signal, siginfo_t* info, void*) {
  MapLines lines;
  while (const char* line = lines.next()) {
    const char* path = path_at(line, reinterpret_cast<std::uintptr_t>(info->si_addr));
    if (!path) continue;
    say("histokt-host: ");
    say(path);
    say(": it can no longer be read although it was complete when it was opened: it was truncated, or its "
        "disk or network share is gone. Restore it and run the same command again.\n");
    _exit(1);
  }
  sigaction(signal, &before, nullptr);  // not ours: the fault comes again, to who was here first
}

}  // namespace

void report_lost_files() {
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &action, &before);
}

}  // namespace histokt
