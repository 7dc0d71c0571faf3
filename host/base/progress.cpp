// SPDX-License-Identifier: MIT
#include "base/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace histokt {
namespace {

std::atomic<bool> enabled{true};
std::mutex prefix_mutex;
std::string prefix;
constexpr auto kLiveInterval = std::chrono::milliseconds(100);
constexpr auto kPlainInterval = std::chrono::seconds(10);

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10) return size.ws_col;
  return 80;
}

}  // namespace

std::string readable_seconds(double seconds) {
  const long whole = std::lround(std::max(seconds, 0.0));
  char text[48];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%ld h %02ld min", whole / 3600, whole / 60 % 60);
  } else if (whole >= 60) {
    std::snprintf(text, sizeof text, "%ld min %02ld s", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld s", whole);
  }
  return text;
}

bool clears_lines(int file) {
  const char* const kind = std::getenv("TERM");
  return isatty(file) == 1 && kind && std::string_view(kind) != "" && std::string_view(kind) != "dumb";
}

bool live_progress() {
  static const bool terminal = clears_lines(STDERR_FILENO);  // asked after every batch
  return terminal && enabled;
}

void set_progress_enabled(bool value) {
  enabled = value;
}

void show_live_line(const std::string& text) {
  if (!live_progress()) return;
  std::unique_lock lock(prefix_mutex);
  const std::string line = prefix + text;
  lock.unlock();
  std::fprintf(stderr, "\r\033[K%.*s", static_cast<int>(terminal_width() - 1), line.c_str());
  std::fflush(stderr);
}

void set_live_prefix(std::string text) {
  const std::lock_guard lock(prefix_mutex);
  prefix = std::move(text);
}

void clear_live_line() {
  if (!live_progress()) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
}

Progress::Progress(std::string what, std::string unit, std::uint64_t total, Lines lines)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      total_(total),
      lines_(lines),
      start_(std::chrono::steady_clock::now()),
      shown_(start_) {}

Progress::~Progress() {
  if (line_open_) clear_live_line();
}

void Progress::add(std::uint64_t done) {
  const std::lock_guard lock(mutex_);
  set(done_ + done);
}

void Progress::reach(std::uint64_t done) {
  const std::lock_guard lock(mutex_);
  set(done);
}

void Progress::set(std::uint64_t done) {
  done_ = done;
  const auto now = std::chrono::steady_clock::now();
  const bool last = done_ >= total_;
  if (!last && now - shown_ < (live_progress() ? std::chrono::milliseconds(kLiveInterval)
                                               : std::chrono::milliseconds(kPlainInterval))) {
    return;
  }
  shown_ = now;
  show(last);
}

void Progress::show(bool last) {
  if (!enabled) return;
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const double share = total_ ? static_cast<double>(done_) / static_cast<double>(total_) : 1.0;
  const double rate = elapsed > 0 ? static_cast<double>(done_) / elapsed : 0.0;
  char numbers[160];
  std::snprintf(numbers, sizeof numbers, "%llu of %llu %s, %.1f/s, %s",
                static_cast<unsigned long long>(done_), static_cast<unsigned long long>(total_),
                unit_.c_str(), rate,
                last ? readable_seconds(elapsed).c_str()
                     : (readable_seconds(elapsed / std::max(share, 1e-9) - elapsed) + " left").c_str());
  if (live_progress() && !last) {
    constexpr int kCells = 24;
    const int full = std::clamp(static_cast<int>(share * kCells), 0, kCells);
    show_live_line(what_ + " [" + std::string(full, '#') + std::string(kCells - full, '.') + "] " + numbers);
    line_open_ = true;
    return;
  }
  if (line_open_) clear_live_line();
  line_open_ = false;
  if (lines_ == Lines::kLive) return;
  std::fprintf(stderr, "%s: %s\n", what_.c_str(), numbers);
}

}  // namespace histokt
