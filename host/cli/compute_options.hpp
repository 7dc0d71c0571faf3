// SPDX-License-Identifier: MIT
// The compute options (device, precision, threads) of every subcommand that runs a network.
#pragma once

#include <vector>

#include "cli/command_values.hpp"
#include "tasks/compute_context.hpp"

namespace histokt {

// --threads, also for subcommands that run no network.
CommandOption threads_option();
// 0 for all cores.
int threads_of(const CommandValues& values);

// --device, --precision, --threads, --loader-threads and --deterministic.
std::vector<CommandOption> compute_options();
ComputeRequest compute_request(const CommandValues& values);

}  // namespace histokt
