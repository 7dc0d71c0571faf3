// make-stand-in LAYOUT FOLDER [--full]: writes a tree that looks like the download of a published set, to
// look at or to try a plugin on.
#include <cstdio>
#include <exception>
#include <string>

#include "support/stand_in_trees.hpp"

int main(int argc, char** argv) {
  using namespace histokt::test;
  const std::string last = argc > 3 ? argv[3] : "";
  if (argc < 3 || argc > 4 || (argc == 4 && last != "--full")) {
    std::fputs("make-stand-in LAYOUT FOLDER [--full]\nLAYOUT:", stderr);
    for (const std::string& name : stand_in_layouts()) std::fprintf(stderr, " %s", name.c_str());
    std::fputs("\n--full: the published sizes and numbers, with cheap pictures\n", stderr);
    return 2;
  }
  try {
    write_stand_in(argv[1], argv[2], last.empty() ? TreeSize::small() : TreeSize::full());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make-stand-in: %s\n", error.what());
    return 1;
  }
  return 0;
}
