// SPDX-License-Identifier: MIT
// This program run as a child process, for work that might crash or hang. The child reports line by line, and
// whatever it prints is captured. Started by posix_spawn, never by fork: libraries have threads before main.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace histokt {

struct ChildResult {
  std::vector<std::string> lines;  // what it reported, in order, whole lines only
  std::string printed;             // its standard output and standard error together, at most 64 KiB
  std::size_t printed_bytes = 0;   // how much it printed
  bool timed_out = false;          // killed because it reported nothing for too long
  int exit_code = 0;               // if it exited by itself
  int signal = 0;                  // that killed it; 0: it exited by itself
};

// Runs this program with `arguments` and waits. The child and what it started are killed once it has reported
// nothing for `patience`, and when an interruption is requested (throws Interrupted). Throws RunError if it
// cannot be started.
ChildResult run_child(const std::vector<std::string>& arguments, std::chrono::milliseconds patience);

// In the child: sends one line, without a line end, to the parent. Any thread.
void report_to_parent(const std::string& line);

// In the child, first of all: it ends when its parent ends, and a crash ends it by its signal, whatever a
// sanitizer or a library has installed.
void begin_as_child();

// "a segmentation fault (SIGSEGV)". Static text; safe within a signal handler.
const char* signal_text(int signal) noexcept;

}  // namespace histokt
