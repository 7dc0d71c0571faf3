// Which of the words on a command line names the subcommand.
#pragma once

#include "cli/command_values.hpp"

namespace histokt {

// The place of the first word that is neither an option nor the folder of --plugins; the number of words
// where there is none.
std::size_t first_word(const Arguments& arguments);

// The subcommand that is meant: an experiment alone stands for `run`. nullptr where no word names one: then
// help or the version is asked for, or nothing. Throws RequestError with the nearest name.
const Subcommand* wanted_subcommand(const Arguments& arguments);

// What is left for it.
Arguments without_subcommand(Arguments arguments, const Subcommand& subcommand);

}  // namespace histokt
