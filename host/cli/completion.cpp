// SPDX-License-Identifier: MIT
#include "cli/completion.hpp"

#include <algorithm>
#include <iostream>
#include <set>

#include "cli/help.hpp"
#include "cli/words.hpp"
#include "plugins/registry.hpp"

namespace histokt {
namespace {

class Candidates {
 public:
  explicit Candidates(std::string typed) : typed_(std::move(typed)) {}

  void add(const std::string& text, const std::string& summary = "") {
    if (text.starts_with(typed_)) lines_.push_back(text + "\t" + summary.substr(0, summary.find('\n')));
  }
  void add_files(const std::vector<std::string>& endings) {
    std::string line = ":files";
    for (const std::string& ending : endings) line += " " + ending;
    lines_.push_back(line);
  }
  void add_folders() { lines_.push_back(":folders"); }
  void add_subcommands() {
    for (const Subcommand& subcommand : subcommands()) add(subcommand.name, subcommand.summary);
  }

  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::string typed_;
  std::vector<std::string> lines_;
};

// Names of the plugins that are found, those of --plugins among them.
void add_plugins(Candidates& candidates, const Arguments& before, const std::optional<histokt_kind>& kind) {
  PluginRegistry& registry = PluginRegistry::instance();
  for (std::size_t i = 0; i + 1 < before.size(); ++i) {
    if (before[i] == "--plugins") registry.add_folder(before[i + 1], false);
  }
  registry.add_default_folders();
  std::set<std::string> offered;
  for (const PluginFile& found : registry.list()) {
    if (!found.problem.empty() || (kind && found.note.kind != *kind)) continue;
    if (offered.insert(found.note.name).second) {
      candidates.add(found.note.name, kind_name(found.note.kind) + " " + found.note.version);
    }
  }
}

void add_topics(Candidates& candidates, const Arguments& before) {
  const auto topic = std::ranges::find(help_topics(), before.empty() ? "" : before.back(), &HelpTopic::name);
  if (topic != help_topics().end()) {
    if (!topic->next_words) return;
    for (const std::string& word : topic->next_words()) candidates.add(word);
    return;
  }
  candidates.add_subcommands();
  for (const HelpTopic& known : help_topics()) candidates.add(known.name, known.summary);
}

void add_values(Candidates& candidates, const CommandOption& option, const Arguments& before) {
  for (const std::string& choice : option.choices) candidates.add(choice);
  const Completion& completion = option.completion;
  for (const std::string& word : completion.words) candidates.add(word);
  if (completion.topics) add_topics(candidates, before);
  if (completion.plugins || completion.kind) add_plugins(candidates, before, completion.kind);
  if (!completion.endings.empty()) candidates.add_files(completion.endings);
  if (completion.folders) candidates.add_folders();
}

// nullptr where there is none.
const CommandOption* find_option(const Subcommand* subcommand, const std::string& word) {
  const auto find = [&](std::span<const CommandOption> options) -> const CommandOption* {
    const auto found = std::ranges::find_if(
        options, [&](const CommandOption& option) { return "--" + option.name == word; });
    return found == options.end() ? nullptr : &*found;
  };
  const CommandOption* own = subcommand ? find(subcommand->options) : nullptr;
  return own ? own : find(common_options());
}

bool takes_value(const CommandOption* option) {
  return option && !option->value.empty();
}

void add_options(Candidates& candidates, const Subcommand* subcommand, const Arguments& before) {
  const auto add = [&](const CommandOption& option) {
    const std::string name = "--" + option.name;
    const bool given = std::ranges::find(before, name) != before.end();
    if (!option.positional && (option.repeats || !given)) candidates.add(name, option.help);
  };
  if (subcommand) std::ranges::for_each(subcommand->options, add);
  std::ranges::for_each(common_options(), add);
  if (!subcommand) candidates.add("--version", "print the versions");
}

// The option that takes the next word which needs no --; nullptr where no more are expected.
const CommandOption* next_by_place(const Subcommand& subcommand, const Arguments& before) {
  std::size_t words = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (!before[i].starts_with("-")) {
      ++words;
    } else if (takes_value(find_option(&subcommand, before[i]))) {
      ++i;
    }
  }
  for (const CommandOption& option : subcommand.options) {
    if (!option.positional) continue;
    if (option.repeats || words == 0) return &option;
    --words;
  }
  return nullptr;
}

// An experiment's name need not be there to be meant: it may be typed just now.
const Subcommand* subcommand_among(const Arguments& before) {
  try {
    return requested_subcommand(before);
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace

std::vector<std::string> completions(const Arguments& words) {
  const std::string typed = words.empty() ? "" : words.back();
  Arguments before(words.begin(), words.empty() ? words.end() : words.end() - 1);
  const Subcommand* subcommand = subcommand_among(before);
  if (subcommand) before = without_subcommand(before, *subcommand);

  const std::size_t equals = typed.find('=');
  if (typed.starts_with("--") && equals != std::string::npos) {
    Candidates candidates(typed.substr(equals + 1));
    const CommandOption* option = find_option(subcommand, typed.substr(0, equals));
    if (takes_value(option)) add_values(candidates, *option, before);
    return candidates.lines();
  }
  Candidates candidates(typed);
  const CommandOption* last = before.empty() ? nullptr : find_option(subcommand, before.back());
  if (takes_value(last)) {
    add_values(candidates, *last, before);
    return candidates.lines();
  }
  if (typed.starts_with("-")) {
    add_options(candidates, subcommand, before);
    return candidates.lines();
  }
  if (!subcommand) {
    candidates.add_subcommands();
    candidates.add_files({".toml"});
    return candidates.lines();
  }
  if (const CommandOption* next = next_by_place(*subcommand, before)) {
    add_values(candidates, *next, before);
  } else {
    add_options(candidates, subcommand, before);
  }
  return candidates.lines();
}

int print_completions(const Arguments& words) {
  for (const std::string& line : completions(words)) std::cout << line << "\n";
  std::cout << std::flush;
  return 0;
}

}  // namespace histokt
