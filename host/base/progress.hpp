// SPDX-License-Identifier: MIT
// Progress of long work: one live line on a terminal, otherwise an occasional plain line.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace histokt {

// Progress over `total` items, images for instance. add() is safe from any thread. The destructor ends the
// live line and does not report unfinished work as done.
class Progress {
 public:
  // kLive: only on a terminal, where the line is erased at the end.
  enum class Lines { kLiveAndPlain, kLive };

  // what: "standardising crc"; unit: "images". Nothing is shown when progress is switched off.
  Progress(std::string what, std::string unit, std::uint64_t total, Lines lines = Lines::kLiveAndPlain);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void add(std::uint64_t done = 1);
  // Sets how many are done in all.
  void reach(std::uint64_t done);

 private:
  void set(std::uint64_t done);  // needs the mutex
  void show(bool last);

  std::string what_, unit_;
  std::uint64_t total_, done_ = 0;
  Lines lines_;
  std::chrono::steady_clock::time_point start_, shown_;
  bool line_open_ = false;
  std::mutex mutex_;
};

// Shows `text` as the live line on a terminal, replacing the one before; does nothing elsewhere. Text beyond
// the terminal's width is cut off.
void show_live_line(const std::string& text);
// The prefix of every live line from now on: "[7/24] ", step 7 of 24. Safe from any thread.
void set_live_prefix(std::string prefix);
// Ends the live line so that ordinary output can follow.
void clear_live_line();

// Whether the file descriptor is a terminal that can clear a line: false if TERM is unset or "dumb".
bool clears_lines(int file);

// True if standard error is such a terminal and progress is not switched off.
bool live_progress();
// Switches all progress off (--quiet) or on again.
void set_progress_enabled(bool enabled);

// "1 h 02 min", "3 min 20 s", "12 s".
std::string readable_seconds(double seconds);

}  // namespace histokt
