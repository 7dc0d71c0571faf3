#include "cli/cli.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "base/program_output.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "experiment/version.hpp"

namespace histokt {
namespace {

constexpr Verb kVerbs[] = {
    {"run", "run an experiment (the verb may be left out)", run_verb},
    {"standardize", "bring a dataset's pictures to one scale and cut them into patches", standardize_verb},
    {"split", "write the split of a patch set as a table, or take one from a table", split_verb},
    {"distill", "merge checkpoints into one", distill_verb},
    {"diagnose", "tell what a merge kept of its sources, and the loss barrier between them", diagnose_verb},
    {"evaluate", "test a checkpoint on one split of a patch set", evaluate_verb},
    {"predict", "say what a network makes of pictures without labels", predict_verb},
    {"audit", "tell what a split is worth: leakage, duplicates, balance", audit_verb},
    {"plugins", "list the plugins, describe one, or check a file", plugins_verb},
};

void print_help() {
  program_output() << "histokt-host [--plugins DIR]... EXPERIMENT.toml\nhistokt-host [--plugins DIR]... VERB ...\n\n"
               "Knowledge transfer between histology picture sets: standardise, train, transfer, merge, test.\n\n"
               "Verbs:\n";
  for (const Verb& verb : kVerbs) {
    program_output() << "  " << verb.name << std::string(14 - std::string(verb.name).size(), ' ') << verb.summary << "\n";
  }
  program_output() << "\nOptions:\n"
               "  --plugins DIR look for plugins here first, then in the folders of HISTOKT_PLUGIN_PATH (with : between\n"
               "                them), then beside the program; may be given several times\n"
               "  --quiet       no progress, warnings and errors only\n"
               "  --version     the versions of the program and of its libraries\n"
               "  --help, -h    this help\n"
               "\nhistokt-host VERB --help says more. Exit codes: 0 done, 1 the work failed, 2 the request is wrong,\n"
               "130 interrupted.\n\nExample:\n  histokt-host examples/two-laboratories.toml"
            << std::endl;
}

// The place of the verb or file: the first word that is neither an option nor --plugins' folder.
std::size_t first_word(const std::vector<std::string>& arguments) {
  std::size_t at = 0;
  while (at < arguments.size() && arguments[at].starts_with("-")) at += arguments[at] == "--plugins" ? 2 : 1;
  return std::min(at, arguments.size());
}

}  // namespace

int run_command_line(std::vector<std::string> arguments) {
  const std::size_t at = first_word(arguments);
  if (at == arguments.size()) {
    const auto has = [&](const char* word) {
      return std::find(arguments.begin(), arguments.end(), word) != arguments.end();
    };
    if (has("--version")) {
      program_output() << program_version() << std::endl;
    } else if (has("--help") || has("-h")) {
      print_help();
    } else {
      throw RequestError("what is to be done? Name an experiment or a verb; --help lists them.");
    }
    return 0;
  }
  const std::string word = arguments[at];
  std::vector<std::string> names;
  for (const Verb& verb : kVerbs) {
    names.emplace_back(verb.name);
    if (word != verb.name) continue;
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(at));
    return verb.run(arguments);
  }
  const bool names_an_experiment = std::any_of(arguments.begin(), arguments.end(),
                                               [](const std::string& text) { return text.ends_with(".toml"); });
  if (names_an_experiment) return run_verb(arguments);
  throw RequestError("\"" + word + "\" is neither a verb nor a .toml file." + did_you_mean(word, names) +
                     " --help lists the verbs.");
}

}  // namespace histokt
