// bin/histokt-host: what needs no network.
#include "cli/cli.hpp"

int main(int argc, char** argv) {
  const histokt::Verb verbs[] = {{"standardize", histokt::standardize_verb},
                                 {"split", histokt::split_verb},
                                 {"audit", histokt::audit_verb}};
  return histokt::run_program(argc, argv, verbs);
}
