// lib/histokt/histokt-networks: all subcommands, and the children in which plugins are tried.
#include <string_view>

#include "cli/cli.hpp"
#include "cli/plugin_child.hpp"

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == histokt::kPluginChildWord) {
    return histokt::plugin_child(argv[2]);
  }
  return histokt::run_program(argc, argv);
}
