// The command line of histokt-host.
#pragma once

#include <string>
#include <vector>

namespace histokt {

// Finds the verb and runs it; a first word that is a TOML file means `run`. Returns the exit code. Throws
// RequestError (exit 2), RunError and any other exception (exit 1), Interrupted (exit 130).
int run_command_line(std::vector<std::string> arguments);

}  // namespace histokt
