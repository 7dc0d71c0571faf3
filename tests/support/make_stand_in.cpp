// SPDX-License-Identifier: MIT
// make-stand-in LAYOUT FOLDER [--full | --share S]: writes a tree that looks like the download of a published
// set, to inspect or to try a plugin on.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "support/stand_in_trees.hpp"

namespace {

using namespace histokt::test;

int print_usage() {
  std::fputs("make-stand-in LAYOUT FOLDER [--full | --share S]\nLAYOUT:", stderr);
  for (const std::string& name : stand_in_layouts()) std::fprintf(stderr, " %s", name.c_str());
  std::fputs(
      "\n--full: the published sizes and numbers; images of one class are one file under many names\n"
      "--share S: that share (0 to 1) of the published numbers, in the published sizes, each drawn anew\n",
      stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string choice = argc > 3 ? argv[3] : "";
  TreeSize size = TreeSize::small();
  if (argc == 4 && choice == "--full") {
    size = TreeSize::full();
  } else if (argc == 5 && choice == "--share" && std::atof(argv[4]) > 0 && std::atof(argv[4]) <= 1) {
    size = {std::atof(argv[4]), 1, 1, false, false};
  } else if (argc != 3) {
    return print_usage();
  }
  try {
    write_stand_in(argv[1], argv[2], size);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make-stand-in: %s\n", error.what());
    return 1;
  }
  return 0;
}
