// SPDX-License-Identifier: MIT
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
#include "cli/command_values.hpp"
#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/logging.hpp"
#include "cli/words.hpp"
#include "plugins/plugin_call.hpp"
#include "plugins/registry.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

void take_over_output_and_signals() {
  keep_program_output();
  install_interrupt_handlers();
  install_crash_handlers();
  report_lost_files();
}

int run_without_subcommand(const Arguments& arguments) {
  const auto has = [&](const char* word) { return std::ranges::find(arguments, word) != arguments.end(); };
  if (has("--version")) {
    program_output() << program_version() << std::endl;
  } else if (has("--help") || has("-h")) {
    program_output() << overall_help() << std::flush;
  } else {
    throw RequestError("no command given: name an experiment or a subcommand; --help lists them.");
  }
  return 0;
}

[[noreturn]] void become_networks_program(char** argv, const std::string& subcommand) {
  std::string program;
  for (const fs::path& folder : installed_folders()) {
    program = folder / "histokt-networks";
    ::execv(program.c_str(), argv);
    if (errno != ENOENT) break;
  }
  throw RunError(program + ", which runs \"" + subcommand + "\", cannot be started: " + std::strerror(errno) +
                 "; build the whole project, or reinstall it");
}

void apply_common_options(const CommandValues& values) {
  if (values.has("quiet")) set_quiet();
  PluginRegistry& registry = PluginRegistry::instance();
  for (const std::string& folder : values.texts("plugins")) registry.add_folder(folder, true);
  registry.add_default_folders();
  set_up_logging();
}

int dispatch(const Arguments& arguments, char** argv) {
  const Subcommand* subcommand = requested_subcommand(arguments);
  if (!subcommand) {
    take_over_output_and_signals();
    return run_without_subcommand(arguments);
  }
  const auto values = parse(*subcommand, without_subcommand(arguments, *subcommand));
  if (values && !subcommand->run) become_networks_program(argv, subcommand->name);
  take_over_output_and_signals();
  if (!values) {
    program_output() << subcommand_help(*subcommand) << std::flush;
    return 0;
  }
  apply_common_options(*values);
  return subcommand->run(*values);
}

}  // namespace

int run_program(int argc, char** argv) {
  try {
    const Arguments arguments(argv + 1, argv + argc);
    if (!arguments.empty() && arguments[0] == kCompletionCommand) {
      return print_completions({arguments.begin() + 1, arguments.end()});
    }
    const int code = dispatch(arguments, argv);
    finish_program_output();
    return code;
  } catch (const Interrupted&) {
    print_interruption_sentence();
    return 130;
  } catch (const RequestError& error) {
    std::cerr << "histokt-host: " << error.what() << std::endl;
    return 2;
  } catch (const std::bad_alloc&) {
    std::cerr
        << "histokt-host: not enough memory; use fewer threads or smaller batches, or close other programs"
        << std::endl;
    return 1;
  } catch (const std::exception& error) {
    std::cerr << "histokt-host: " << error.what() << std::endl;
    return 1;
  }
}

}  // namespace histokt
