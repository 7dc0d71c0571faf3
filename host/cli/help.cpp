// SPDX-License-Identifier: MIT
#include "cli/help.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "base/program_output.hpp"
#include "base/text.hpp"
#include "cli/command_values.hpp"
#include "cli/man_page.hpp"
#include "cli/run_subcommands.hpp"
#include "config/experiment_help.hpp"

namespace histokt {
namespace {

constexpr std::size_t kWidth = 100;       // of the page
constexpr std::size_t kWidestLabel = 30;  // a wider one stands on a line of its own

// Words of `text` on lines of at most kWidth, each behind `indent` blanks; line ends of the text stay.
std::string wrapped(const std::string& text, std::size_t indent) {
  const std::string start = "\n" + std::string(indent, ' ');
  std::string page;
  std::size_t column = indent;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    const std::string word = text.substr(at, end - at);
    if (column > indent && column + 1 + word.size() > kWidth) {
      page += start;
      column = indent;
    } else if (column > indent) {
      page += ' ';
      ++column;
    }
    page += word;
    column += word.size();
    if (end < text.size() && text[end] == '\n') {
      page += start;
      column = indent;
    }
    at = end + 1;
  }
  return page;
}

std::string section(const std::string& title, std::span<const HelpLine> lines) {
  if (lines.empty()) return "";
  std::size_t width = 0;
  for (const HelpLine& line : lines) {
    if (line.label.size() <= kWidestLabel) width = std::max(width, line.label.size());
  }
  std::string page = "\n" + title + ":\n";
  for (const HelpLine& line : lines) {
    page += "  " + line.label;
    page += line.label.size() > width ? "\n" + std::string(width + 4, ' ')
                                      : std::string(width + 2 - line.label.size(), ' ');
    page += wrapped(line.text, width + 4) + "\n";
  }
  return page;
}

HelpLine option_line(const CommandOption& option) {
  const std::string text = option_text(option);
  if (option.positional) return {option.value + (option.repeats ? "..." : ""), text};
  const std::string name = option.name == "help" ? "--help, -h" : "--" + option.name;
  return {option.value.empty() ? name : name + " " + option.value, text};
}

std::string option_sections(const std::vector<CommandOption>& options) {
  std::vector<HelpLine> words, own, common;
  for (const CommandOption& option : options)
    (option.positional ? words : own).push_back(option_line(option));
  for (const CommandOption& option : common_options()) common.push_back(option_line(option));
  return section("Arguments", words) + section("Options", own) +
         section("Options of every subcommand", common);
}

std::string names_of_topics() {
  std::vector<std::string> names = {"a subcommand"};
  for (const HelpTopic& topic : help_topics()) names.push_back(topic.name);
  return joined(names, " or ");
}

std::string keys_of_experiment(const std::vector<std::string>& rest) {
  if (rest.size() > 1) throw RequestError("help experiment: one table at a time");
  return experiment_help(rest.empty() ? "" : rest.front());
}

std::string man_topic(const std::vector<std::string>&) {
  return man_page();
}

std::vector<std::string> names_of_tables() {
  std::vector<std::string> names;
  for (const TableText& table : experiment_tables()) {
    if (!table.name.empty()) names.push_back(table.name);
  }
  return names;
}

}  // namespace

std::span<const HelpTopic> help_topics() {
  static const std::vector<HelpTopic> topics = {
      {"experiment", "[TABLE]", "print the keys of an experiment file", keys_of_experiment, names_of_tables},
      {"man", "", "print the manual page, for `man -l -`", man_topic, nullptr},
  };
  return topics;
}

std::span<const HelpLine> exit_codes() {
  static const std::vector<HelpLine> codes = {
      {"0", "done"},
      {"1", "the work failed"},
      {"2", "the request is invalid; detected before any step starts"},
      {"130", "interrupted"},
  };
  return codes;
}

std::string option_text(const CommandOption& option) {
  std::string text = option.help;
  if (option.required && !option.positional) text += " (required)";
  if (option.default_text) text += " (default: " + *option.default_text + ")";
  if (option.repeats && !option.positional) text += "; may be repeated";
  return text;
}

std::string overall_help() {
  std::vector<HelpLine> commands, topics;
  for (const Subcommand& subcommand : subcommands())
    commands.push_back({subcommand.name, subcommand.summary});
  for (const HelpTopic& topic : help_topics())
    topics.push_back({topic.name + (topic.words.empty() ? "" : " " + topic.words), topic.summary});
  std::vector<HelpLine> options;
  for (const CommandOption& option : common_options()) options.push_back(option_line(option));
  options.push_back({"--version", "print the versions of the program and of its libraries"});
  return "histokt-host [--plugins DIR]... EXPERIMENT.toml\n"
         "histokt-host [--plugins DIR]... SUBCOMMAND ...\n\n"
         "Knowledge transfer between histology image datasets: standardise, train, transfer, merge, "
         "test.\n" +
         section("Subcommands", commands) + section("Help topics", topics) + section("Options", options) +
         section("Exit codes", exit_codes()) +
         "\nhistokt-host SUBCOMMAND --help explains a subcommand.\n\nExample:\n  histokt-host "
         "examples/two-laboratories.toml\n";
}

std::string subcommand_help(const Subcommand& subcommand) {
  std::string page;
  for (const std::string& usage : subcommand.usage) page += "histokt-host " + usage + "\n";
  page += "\n" + wrapped(subcommand.description, 0) + "\n";
  if (subcommand.more_help) page += "\n" + subcommand.more_help();
  page += option_sections(subcommand.options) + "\nExample:\n";
  for (const std::string& example : subcommand.examples) page += "  histokt-host " + example + "\n";
  return page;
}

int run_help(const CommandValues& values) {
  const std::vector<std::string>& words = values.texts("topic");
  if (words.empty()) {
    program_output() << overall_help();
    return 0;
  }
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  const auto topic = std::ranges::find(help_topics(), words[0], &HelpTopic::name);
  const bool is_topic = topic != help_topics().end();
  if (is_topic && (rest.empty() || !topic->words.empty())) {
    program_output() << topic->text(rest);
    return 0;
  }
  const Subcommand* subcommand = find_subcommand(words[0]);
  if (subcommand && rest.empty()) {
    program_output() << subcommand_help(*subcommand);
    return 0;
  }
  std::vector<std::string> names;
  for (const Subcommand& known : subcommands()) names.push_back(known.name);
  for (const HelpTopic& known : help_topics()) names.push_back(known.name);
  const std::string& wrong = subcommand || is_topic ? rest[0] : words[0];
  throw RequestError("there is no help on \"" + wrong + "\"; expected " + names_of_topics() + "." +
                     did_you_mean(wrong, names) + " --help lists them.");
}

}  // namespace histokt
