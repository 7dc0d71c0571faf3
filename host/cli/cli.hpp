// The command line of histokt-host. Two programs serve it: loading libtorch takes a third of a second, so
// what needs no network is done by bin/histokt-host alone, and for the rest lib/histokt/histokt-networks
// takes its place.
#pragma once

#include <span>

#include "cli/command_line.hpp"

namespace histokt {

// All that a program's main does. `verbs` are those that it can do itself; where another is asked for it
// becomes histokt-networks. Errors go to standard error. Returns the exit code: 0 done, 1 the work failed, 2
// the request is wrong, 130 interrupted.
int run_program(int argc, char** argv, std::span<const Verb> verbs);

}  // namespace histokt
