// Where and how networks run: the options of every subcommand that runs one, declared and read here alone.
#pragma once

#include <vector>

#include "cli/command_values.hpp"
#include "tasks/workshop.hpp"

namespace histokt {

// --threads, for those that run no network as well.
CommandOption threads_option();
// 0 for all cores.
int threads_of(const CommandValues& values);

// --device, --precision, --threads, --loader-threads and --deterministic.
std::vector<CommandOption> compute_options();
WorkshopRequest compute_request(const CommandValues& values);

}  // namespace histokt
