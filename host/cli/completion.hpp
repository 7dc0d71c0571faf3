// SPDX-License-Identifier: MIT
// Shell completion. The shells' own scripts (completion/) know nothing of the program: they ask it, so they
// match whatever version is installed, and its plugins.
#pragma once

#include <string>
#include <vector>

#include "cli/command_values.hpp"

namespace histokt {

// The first argument of such a request. Only the scripts use it, so help does not list it.
inline constexpr const char* kCompletionCommand = "complete-words";

// words: all after the program's name; the last one is being typed and may be empty. Lines for the script:
//   TEXT<tab>SUMMARY   a candidate for the last word, or for the part after its `=`
//   :files ENDING...   names of files with one of the endings, or with any if none is given
//   :folders           names of folders
// Never throws for what is typed: if nothing matches there are no lines.
std::vector<std::string> completions(const Arguments& words);

// Prints them. Returns the exit code.
int print_completions(const Arguments& words);

}  // namespace histokt
