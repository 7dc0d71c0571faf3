// What the completion of a shell offers. The shells' own scripts (completion/) know nothing of the program:
// they ask it, so they fit whatever version is called, and its plugins.
#pragma once

#include <string>
#include <vector>

#include "cli/command_values.hpp"

namespace histokt {

// The first word of such a question. For the scripts alone, so no help names it.
inline constexpr const char* kCompletionWord = "complete-words";

// words: all behind the program's name, the last being typed, perhaps empty. Lines for the script:
//   TEXT<tab>SUMMARY   a candidate for the last word, or for what stands behind its `=`
//   :files ENDING...   names of files with one of the endings, or of any where none is given
//   :folders           names of folders
// Never throws for what is typed: where nothing is known there are no lines.
std::vector<std::string> completions(const Arguments& words);

// Prints them. Returns the exit code.
int print_completions(const Arguments& words);

}  // namespace histokt
