// SPDX-License-Identifier: MIT
#include "cli/man_page.hpp"

#include <sstream>
#include <utility>
#include <vector>

#include "base/version.hpp"
#include "cli/help.hpp"

namespace histokt {
namespace {

// Of characters that roff would take as its own, or set as a typographic one that no shell reads.
std::string escaped(const std::string& text) {
  static const std::vector<std::pair<char, std::string>> special = {
      {'\\', "\\e"}, {'-', "\\-"}, {'\'', "\\(aq"}, {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"}};
  std::string page;
  for (const char character : text) {
    std::string written(1, character);
    for (const auto& [from, to] : special) {
      if (character == from) written = to;
    }
    page += written;
  }
  return page;
}

// Lines of running text. One that begins with a stop would be a request to roff.
std::string paragraph(const std::string& text) {
  std::string page;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    page += (line.starts_with('.') ? "\\&" : "") + escaped(line) + "\n";
  }
  return page;
}

// Lines that keep their ends and blanks.
std::string as_typed(const std::string& text) {
  return ".PP\n.RS 4\n.nf\n" + paragraph(text) + ".fi\n.RE\n";
}

std::string bold(const std::string& text) {
  return "\\fB" + escaped(text) + "\\fR";
}

std::string italic(const std::string& text) {
  return text.empty() ? "" : "\\fI" + escaped(text) + "\\fR";
}

std::string section(const std::string& title) {
  return ".SH " + title + "\n";
}

// A term, already in roff, and what it means.
std::string entry(const std::string& term, const std::string& text) {
  return ".TP\n" + term + "\n" + paragraph(text);
}

std::string term_of(const CommandOption& option) {
  if (option.positional) return italic(option.value) + (option.repeats ? "..." : "");
  std::string term = bold("--" + option.name);
  if (option.name == "help") term += ", " + bold("-h");
  return option.value.empty() ? term : term + " " + italic(option.value);
}

std::string entries(std::span<const CommandOption> options) {
  std::string page;
  for (const CommandOption& option : options) page += entry(term_of(option), option_text(option));
  return page;
}

std::string page_of(const Subcommand& subcommand) {
  std::string page = ".SS " + escaped(subcommand.name) + "\n";
  for (std::size_t i = 0; i < subcommand.usage.size(); ++i) {
    page += (i == 0 ? "" : ".br\n") + bold("histokt-host") + " " + escaped(subcommand.usage[i]) + "\n";
  }
  page += ".PP\n" + paragraph(subcommand.description);
  page += entries(subcommand.options);
  if (subcommand.more_help) page += as_typed(subcommand.more_help());
  std::string examples;
  for (const std::string& example : subcommand.examples) examples += "histokt-host " + example + "\n";
  return page + ".PP\nExample:\n" + as_typed(examples);
}

std::string title() {
  const std::string version = program_version();
  return ".TH HISTOKT\\-HOST 1 \"\" \"" + escaped(version.substr(0, version.find(" ("))) +
         "\" \"User Commands\"\n.nh\n.ad l\n";  // names of options and variables stay in one piece
}

std::string synopsis() {
  const std::string program = bold("histokt-host") + " [" + bold("--plugins") + " " + italic("DIR") + "]... ";
  return section("SYNOPSIS") + program + italic("EXPERIMENT.toml") + "\n.br\n" + program +
         italic("SUBCOMMAND") + " ...\n";
}

std::string options() {
  return section("OPTIONS") + paragraph("Every subcommand takes these:") + entries(common_options()) +
         ".PP\nWithout a subcommand:\n" +
         entry(bold("--version"), "print the versions of the program and of its libraries");
}

std::string topics() {
  std::string page = section("HELP TOPICS");
  for (const HelpTopic& topic : help_topics()) {
    const std::string words = topic.words.empty() ? "" : " " + italic(topic.words);
    page += entry(bold("histokt-host help " + topic.name) + words, topic.summary);
  }
  return page;
}

std::string exit_status() {
  std::string page = section("EXIT STATUS");
  for (const HelpLine& line : exit_codes()) page += entry(bold(line.label), line.text);
  return page;
}

std::string environment() {
  return section("ENVIRONMENT") +
         entry(bold("HISTOKT_PLUGIN_PATH"), "folders to look for plugins in, separated by :") +
         entry(bold("XDG_CACHE_HOME"),
               "plugins keep files that they unpack in histokt/ below it (default: ~/.cache)");
}

}  // namespace

std::string man_page() {
  std::string page =
      title() + section("NAME") + "histokt\\-host \\- " + escaped(kProgramSummary) + "\n" + synopsis() +
      section("DESCRIPTION") +
      paragraph(
          "Runs experiments on knowledge transfer between histology image datasets. One TOML file "
          "describes an experiment; datasets, models, optimizers and distillers are plugins. "
          "Subcommands run single steps of an experiment.") +
      section("SUBCOMMANDS");
  for (const Subcommand& subcommand : subcommands()) page += page_of(subcommand);
  return page + options() + topics() + exit_status() + environment();
}

}  // namespace histokt
