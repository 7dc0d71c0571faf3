// SPDX-License-Identifier: MIT
// bin/histokt-host: the program without libtorch.
#include "cli/cli.hpp"

int main(int argc, char** argv) {
  return histokt::run_program(argc, argv);
}
