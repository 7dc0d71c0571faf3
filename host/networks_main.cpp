// SPDX-License-Identifier: MIT
// lib/histokt/histokt-networks: all subcommands, and the child processes that check plugins.
#include <string_view>

#include "cli/cli.hpp"
#include "cli/plugin_child.hpp"

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == histokt::kPluginChildCommand) {
    return histokt::plugin_child(argv[2]);
  }
  return histokt::run_program(argc, argv);
}
