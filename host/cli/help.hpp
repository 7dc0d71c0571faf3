// SPDX-License-Identifier: MIT
// The text of `--help` and `help TOPIC`, made from the table of subcommands.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/subcommand.hpp"

namespace histokt {

// Behind the program's name on its manual page.
inline constexpr const char* kProgramSummary = "knowledge transfer between histology image datasets";

std::string overall_help();
std::string subcommand_help(const Subcommand& subcommand);

// A topic of `help` that is not a subcommand.
struct HelpTopic {
  std::string name;
  std::string words;    // what may follow it, "[TABLE]"; "": nothing
  std::string summary;  // like a subcommand's
  // rest: the arguments after the topic. Throws RequestError for an unknown one.
  std::string (*text)(const std::vector<std::string>& rest);
  std::vector<std::string> (*next_words)();  // what `rest` may begin with, for completion; nullptr: nothing
};
std::span<const HelpTopic> help_topics();

// A label and what it means.
struct HelpLine {
  std::string label, text;
};
std::span<const HelpLine> exit_codes();

// What help says of an option behind its label.
std::string option_text(const CommandOption& option);

}  // namespace histokt
