// The program's own standard output. Plugins live in the same process and may print; what they print must not
// get between the lines of `--json`. So the program keeps standard output to itself, and whoever prints in
// the ordinary way (printf, std::cout) prints to standard error.
#pragma once

#include <ostream>

namespace histokt {

// From now on file descriptor 1 is standard error for everybody but program_output(). Call once, from main,
// before anything is printed.
void keep_program_output();

// Where the program's answers go. Use from one thread. Without keep_program_output: standard output as it is.
std::ostream& program_output();

// Writes out what is still held back. Throws RunError where the answer could not be written (a full disk).
void finish_program_output();

}  // namespace histokt
