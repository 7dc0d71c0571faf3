// bin/histokt-host: what needs no network.
#include "cli/cli.hpp"

int main(int argc, char** argv) {
  return histokt::run_program(argc, argv);
}
