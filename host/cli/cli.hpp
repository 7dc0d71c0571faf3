// The command line of histokt-host. Two programs serve it: loading libtorch takes a third of a second, so
// what needs no network, help and the completion of shells are done by bin/histokt-host alone, and for the
// rest lib/histokt/histokt-networks takes its place.
#pragma once

namespace histokt {

// All that a program's main does. A subcommand that this program cannot run turns it into histokt-networks,
// once its words are checked. Errors go to standard error. Returns the exit code: 0 done, 1 the work failed,
// 2 the request is wrong, 130 interrupted.
int run_program(int argc, char** argv);

}  // namespace histokt
