// SPDX-License-Identifier: MIT
// The table of subcommands and their options, read by the parser, help and shell completion.
#pragma once

#include <histokt/plugin.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace histokt {

class CommandValues;

// What a shell offers for a value; several may be set.
struct Completion {
  bool plugins = false;              // names of plugins, of `kind` or of any
  std::optional<histokt_kind> kind;  // implies `plugins`
  std::vector<std::string> endings;  // files that end so, ".toml"
  bool folders = false;
  bool topics = false;             // of help
  std::vector<std::string> words;  // further candidates
};

enum class ValueType { kText, kInteger, kNumber };

// An option, or a positional argument.
struct CommandOption {
  std::string name;   // without --; a positional argument's is used by the program only
  std::string value;  // as help shows it, "FILE.h5"; "": a switch, which has none
  std::string help;
  ValueType type = ValueType::kText;
  std::optional<std::string> default_text = std::nullopt;
  bool required = false;
  bool repeats = false;                   // may be given several times
  bool positional = false;                // positional; with `repeats` it takes all remaining arguments
  std::vector<std::string> choices = {};  // the only values, if there are any
  double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
  Completion completion = {};
};

struct Subcommand {
  std::string name;
  std::string summary;  // one line, in lower case and without a full stop
  std::vector<CommandOption> options;
  std::vector<std::string> usage;  // each way to call it, after the program's name
  std::string description;
  std::vector<std::string> examples;     // likewise; one at least
  std::string (*more_help)() = nullptr;  // text between description and options; nullptr: none
  // Runs it and returns the exit code. nullptr in the program that cannot run it: histokt-networks does.
  int (*run)(const CommandValues& values) = nullptr;
};

// The table, in the order of the help (subcommands.cpp). Lives as long as the program.
std::span<const Subcommand> subcommands();

// nullptr if there is none of that name.
const Subcommand* find_subcommand(const std::string& name);

// --plugins, --quiet and --help, which all of them take.
std::span<const CommandOption> common_options();

}  // namespace histokt
