// This program started once more, for what might crash or hang: the child tells what it does line by line,
// and whatever it prints is caught. Made by posix_spawn, never by fork: libraries have threads before main.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace histokt {

struct ChildResult {
  std::vector<std::string> lines;  // what it reported, in order, whole lines only
  std::string printed;             // its standard output and standard error together, at most 64 KiB
  std::size_t printed_bytes = 0;   // how much it printed
  bool timed_out = false;          // ended because it reported nothing for too long
  int exit_code = 0;               // where it ended by itself
  int signal = 0;                  // what ended it; 0: it ended by itself
};

// Runs this program with `arguments` and waits. The child and what it started are killed once it has reported
// nothing for `patience`, and when an interruption is asked for (throws Interrupted). Throws RunError where
// it cannot be started.
ChildResult run_child(const std::vector<std::string>& arguments, std::chrono::milliseconds patience);

// In the child: one line to the parent, which must not hold a line end. Any thread.
void report_to_parent(const std::string& line);

// In the child, first of all: it ends when its parent ends, and a crash ends it by its signal, whatever a
// sanitizer or a library has installed.
void begin_as_child();

// "a segmentation fault (SIGSEGV)". Static text; safe within a signal handler.
const char* signal_text(int signal) noexcept;

}  // namespace histokt
