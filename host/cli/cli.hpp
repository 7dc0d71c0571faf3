// SPDX-License-Identifier: MIT
// The command line of histokt-host, served by two programs: loading libtorch takes a third of a second, so
// bin/histokt-host does help, shell completion and whatever needs no network, and is replaced by
// lib/histokt/histokt-networks for the rest.
#pragma once

namespace histokt {

// The body of main(). For a subcommand that this program cannot run it is replaced by histokt-networks, once
// the arguments are checked. Errors go to standard error. Returns the exit code: 0 done, 1 the work failed, 2
// the request is wrong, 130 interrupted.
int run_program(int argc, char** argv);

}  // namespace histokt
