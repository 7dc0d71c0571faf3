// What the command line knows of its subcommands, as data: the parser, the help and the completion of shells
// read it.
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

// What a shell offers where a value is typed; several may be set.
struct Completion {
  bool plugins = false;              // names of plugins, of `kind` or of any
  std::optional<histokt_kind> kind;  // implies `plugins`
  std::vector<std::string> endings;  // files that end so, ".toml"
  bool folders = false;
  bool topics = false;             // of help
  std::vector<std::string> words;  // what else may be meant
};

enum class ValueType { kText, kInteger, kNumber };

// An option, or a word that is known by its place.
struct CommandOption {
  std::string name;   // without --; of a word by its place, only the program uses it
  std::string value;  // as help writes it, "FILE.h5"; "": a switch, which has none
  std::string help;
  ValueType type = ValueType::kText;
  std::optional<std::string> default_text = std::nullopt;
  bool required = false;
  bool repeats = false;                   // may be given several times
  bool by_place = false;                  // needs no --; with `repeats` it takes all words that are left
  std::vector<std::string> choices = {};  // the only values, where there are any
  double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
  Completion completion = {};
};

struct Subcommand {
  std::string name;
  std::string summary;  // one line, in lower case and without a stop
  std::vector<CommandOption> options;
  std::vector<std::string> usage;  // each way to call it, behind the program's name
  std::string description;
  std::vector<std::string> examples;     // likewise; one at least
  std::string (*more_help)() = nullptr;  // what stands between description and options; nullptr: nothing
  // Does it and returns the exit code. nullptr in the program that cannot: there it is for histokt-networks.
  int (*run)(const CommandValues& values) = nullptr;
};

// The table, in the order of the help (subcommands.cpp). Lives as long as the program.
std::span<const Subcommand> subcommands();

// nullptr where there is none of that name.
const Subcommand* find_subcommand(const std::string& name);

// --plugins, --quiet and --help, which all of them take.
std::span<const CommandOption> common_options();

}  // namespace histokt
