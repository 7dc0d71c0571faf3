// SPDX-License-Identifier: MIT
// The program's own standard output. Plugins run in the same process and may print; their output must not mix
// with that of `--json`. So the program keeps standard output to itself, and ordinary printing (printf,
// std::cout) goes to standard error.
#pragma once

#include <ostream>

namespace histokt {

// From now on file descriptor 1 is standard error for everybody but program_output(). Call once, from main,
// before anything is printed.
void keep_program_output();

// The stream for the program's results. Use from one thread. Without keep_program_output: standard output as
// it is.
std::ostream& program_output();

// Flushes it. Throws RunError if the output could not be written (a full disk).
void finish_program_output();

}  // namespace histokt
