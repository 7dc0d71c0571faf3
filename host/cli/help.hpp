// What `--help` and `help TOPIC` print, made from the table of subcommands.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/subcommand.hpp"

namespace histokt {

std::string overall_help();
std::string subcommand_help(const Subcommand& subcommand);

// A topic of `help` that is no subcommand.
struct HelpTopic {
  std::string name;
  std::string words;    // what may follow it, "[TABLE]"
  std::string summary;  // as a subcommand's
  // rest: the words behind the topic. Throws RequestError for one that it does not know.
  std::string (*text)(const std::vector<std::string>& rest);
  std::vector<std::string> (*next_words)();  // what `rest` may begin with, for completion
};
std::span<const HelpTopic> help_topics();

}  // namespace histokt
