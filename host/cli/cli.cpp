#include "cli/cli.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <new>

#include "base/errors.hpp"
#include "base/installation.hpp"
#include "base/interrupt.hpp"
#include "base/lost_file.hpp"
#include "base/program_output.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "plugins/plugin_call.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

struct HelpLine {
  const char* verb;
  const char* summary;
};

constexpr HelpLine kLines[] = {
    {"run", "run an experiment (the verb may be left out)"},
    {"standardize", "bring a dataset's pictures to one scale and cut them into patches"},
    {"split", "write the split of a patch set as a table, or take one from a table"},
    {"distill", "merge checkpoints into one"},
    {"diagnose", "tell what a merge kept of its sources, and the loss barrier between them"},
    {"evaluate", "test a checkpoint on one split of a patch set"},
    {"predict", "say what a network makes of pictures without labels"},
    {"audit", "tell what a split is worth: leakage, duplicates, balance"},
    {"plugins", "list the plugins, describe one, or check a file"},
};

void print_help() {
  program_output()
      << "histokt-host [--plugins DIR]... EXPERIMENT.toml\nhistokt-host [--plugins DIR]... VERB ...\n\n"
         "Knowledge transfer between histology picture sets: standardise, train, transfer, merge, test.\n\n"
         "Verbs:\n";
  for (const HelpLine& line : kLines) {
    program_output() << "  " << line.verb << std::string(14 - std::string(line.verb).size(), ' ')
                     << line.summary << "\n";
  }
  program_output() << "\nOptions:\n"
                      "  --plugins DIR look for plugins here first, then in the folders of "
                      "HISTOKT_PLUGIN_PATH (with : between\n"
                      "                them), then beside the program; may be given several times\n"
                      "  --quiet       no progress, warnings and errors only\n"
                      "  --version     the versions of the program and of its libraries\n"
                      "  --help, -h    this help\n"
                      "\nhistokt-host VERB --help says more. Exit codes: 0 done, 1 the work failed, 2 the "
                      "request is wrong,\n"
                      "130 interrupted.\n\nExample:\n  histokt-host examples/two-laboratories.toml"
                   << std::endl;
}

// The place of the verb or file: the first word that is neither an option nor --plugins' folder.
std::size_t first_word(const std::vector<std::string>& arguments) {
  std::size_t at = 0;
  while (at < arguments.size() && arguments[at].starts_with("-")) at += arguments[at] == "--plugins" ? 2 : 1;
  return std::min(at, arguments.size());
}

// The verb that is meant, "" where there is none: then help or the version is asked for, or nothing.
std::string verb_of(const Arguments& arguments) {
  const std::size_t at = first_word(arguments);
  if (at == arguments.size()) return "";
  const std::string& word = arguments[at];
  std::vector<std::string> names;
  for (const HelpLine& line : kLines) {
    names.emplace_back(line.verb);
    if (word == line.verb) return word;
  }
  const bool names_an_experiment =
      std::ranges::any_of(arguments, [](const std::string& text) { return text.ends_with(".toml"); });
  if (names_an_experiment) return "run";
  throw RequestError("\"" + word + "\" is neither a verb nor a .toml file." + did_you_mean(word, names) +
                     " --help lists the verbs.");
}

const Verb* find(std::span<const Verb> verbs, const std::string& name) {
  const auto found = std::ranges::find(verbs, name, &Verb::name);
  return found == verbs.end() ? nullptr : &*found;
}

void answer_without_verb(const Arguments& arguments) {
  const auto has = [&](const char* word) { return std::ranges::find(arguments, word) != arguments.end(); };
  if (has("--version")) {
    program_output() << program_version() << std::endl;
  } else if (has("--help") || has("-h")) {
    print_help();
  } else {
    throw RequestError("what is to be done? Name an experiment or a verb; --help lists them.");
  }
}

[[noreturn]] void become_networks_program(char** argv, const std::string& verb) {
  std::string program;
  for (const fs::path& folder : installed_folders()) {
    program = folder / "histokt-networks";
    ::execv(program.c_str(), argv);
    if (errno != ENOENT) break;
  }
  throw RunError(program + ", which does \"" + verb + "\", cannot be started: " + std::strerror(errno) +
                 "; build the whole project, or install it again");
}

int run(Arguments arguments, const std::string& name, std::span<const Verb> verbs) {
  keep_program_output();
  install_interrupt_handlers();
  install_crash_handlers();
  explain_lost_files();
  int code = 0;
  if (name.empty()) {
    answer_without_verb(arguments);
  } else {
    const std::size_t at = first_word(arguments);
    if (arguments[at] == name) arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(at));
    code = find(verbs, name)->run(arguments);
  }
  finish_program_output();
  return code;
}

}  // namespace

int run_program(int argc, char** argv, std::span<const Verb> verbs) {
  try {
    const Arguments arguments(argv + 1, argv + argc);
    const std::string verb = verb_of(arguments);
    if (!verb.empty() && !find(verbs, verb)) become_networks_program(argv, verb);
    return run(arguments, verb, verbs);
  } catch (const Interrupted&) {
    say_interruption_sentence();
    return 130;
  } catch (const RequestError& error) {
    std::cerr << "histokt-host: " << error.what() << std::endl;
    return 2;
  } catch (const std::bad_alloc&) {
    std::cerr << "histokt-host: there is not enough memory; use fewer threads or smaller batches, or end "
                 "other programs"
              << std::endl;
    return 1;
  } catch (const std::exception& error) {
    std::cerr << "histokt-host: " << error.what() << std::endl;
    return 1;
  }
}

}  // namespace histokt
