// SPDX-License-Identifier: MIT
// Finding the subcommand on a command line.
#pragma once

#include "cli/command_values.hpp"

namespace histokt {

// Index of the first argument that is neither an option nor the folder of --plugins; the number of arguments
// if there is none.
std::size_t first_word(const Arguments& arguments);

// The requested subcommand; an experiment alone means `run`. nullptr if no argument names one: then help or
// the version is requested, or nothing. Throws RequestError with the nearest name.
const Subcommand* requested_subcommand(const Arguments& arguments);

// The arguments left for it.
Arguments without_subcommand(Arguments arguments, const Subcommand& subcommand);

}  // namespace histokt
