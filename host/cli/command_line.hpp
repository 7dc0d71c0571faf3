// What the verbs share: options common to all, help, settings, logging.
#pragma once

#include <boost/program_options.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/configured_plugin.hpp"
#include "plugins/options.hpp"

namespace histokt {

// A verb's words after the verb.
using Arguments = std::vector<std::string>;

// One verb and what it does, which returns the exit code.
struct Verb {
  std::string name;
  int (*run)(const Arguments& arguments);
};

int standardize_verb(const Arguments& arguments);
int split_verb(const Arguments& arguments);
int audit_verb(const Arguments& arguments);
// These need libtorch.
int run_verb(const Arguments& arguments);
int distill_verb(const Arguments& arguments);
int diagnose_verb(const Arguments& arguments);
int evaluate_verb(const Arguments& arguments);
int predict_verb(const Arguments& arguments);
int plugins_verb(const Arguments& arguments);

// Parses a verb's arguments; every verb has --help, --plugins DIR (repeatable) and --quiet. Prints help and
// returns nullopt where it was asked for. usage: the first lines of the help, example: its last. Plugin
// folders are added to the registry. Throws RequestError with the nearest right name.
std::optional<boost::program_options::variables_map> parse_verb(
    const Arguments& arguments, const std::string& usage, const std::string& example,
    boost::program_options::options_description options,
    const boost::program_options::positional_options_description& positional);

// Settings "dataset.KEY=VALUE", "standardize.KEY=VALUE" ... by their first word. Throws RequestError for a
// first word that is not in `groups`.
toml::table settings_table(const std::vector<std::string>& settings, const std::vector<std::string>& groups);
// The table of one group, empty where nothing was set.
toml::table group_of(const toml::table& settings, const std::string& group);

// `path` made absolute. Throws RequestError where the folder it shall stand in is not there.
std::filesystem::path output_file(const std::string& path);

// --root as given, made absolute. Throws RequestError where there is no such folder.
std::filesystem::path picture_folder(const std::string& root);

// The model plugin of that name with its default options.
ConfiguredPlugin default_model(const std::string& name);

// Where errors of --set are said to come from; paths are relative to the current folder.
TomlSource command_line_source();

// Messages to standard error, everything with times behind what is in `file` where one is given. Throws
// RunError where it cannot be written.
void set_up_logging(const std::optional<std::filesystem::path>& file);
// Why the log file lacks something, or "": for the end of a run that succeeded all the same.
std::string log_problem();

// Where plugins may keep what they unpack or draw, when there is no experiment: the user's cache folder.
std::filesystem::path default_scratch();

}  // namespace histokt
