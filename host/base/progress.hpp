// How far long work has come: one live line on a terminal, a plain line now and then otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace histokt {

// Progress of `total` like things, for instance pictures. add() is safe from any thread. The destructor ends
// the live line; what was not finished stays said as it was.
class Progress {
 public:
  // kLive: on a terminal alone, and nothing is left of it there.
  enum class Lines { kLiveAndPlain, kLive };

  // what: "standardising crc"; unit: "pictures". Nothing is shown when progress is switched off.
  Progress(std::string what, std::string unit, std::uint64_t total, Lines lines = Lines::kLiveAndPlain);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void add(std::uint64_t done = 1);
  // So many are done in all.
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

// Shows `text` as the live line on a terminal, replacing the one before; does nothing elsewhere. What does
// not fit into the terminal's width is cut off.
void show_live_line(const std::string& text);
// What every live line begins with from now on: "[7/24] ", which step of how many. From any thread.
void set_live_prefix(std::string prefix);
// Ends the live line so that ordinary output can follow.
void clear_live_line();

// True where standard error is a terminal and progress is not switched off.
bool live_progress();
// Switches all progress off (--quiet) or on again.
void set_progress_enabled(bool enabled);

// "1 h 02 min", "3 min 20 s", "12 s".
std::string readable_seconds(double seconds);

}  // namespace histokt
