// lib/histokt/histokt-networks: all verbs, and the children in which plugins are tried.
#include <string_view>

#include "cli/cli.hpp"
#include "cli/plugin_child.hpp"

int main(int argc, char** argv) {
  using namespace histokt;
  if (argc == 3 && std::string_view(argv[1]) == kPluginChildWord) return plugin_child(argv[2]);
  const Verb verbs[] = {{"run", run_verb},           {"standardize", standardize_verb},
                        {"split", split_verb},       {"distill", distill_verb},
                        {"diagnose", diagnose_verb}, {"evaluate", evaluate_verb},
                        {"predict", predict_verb},   {"audit", audit_verb},
                        {"plugins", plugins_verb}};
  return run_program(argc, argv, verbs);
}
