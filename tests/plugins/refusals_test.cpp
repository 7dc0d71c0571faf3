// SPDX-License-Identifier: MIT
// Plugin files that break the rules before any of their functions is called (hostile/): each is refused with
// path, reason and remedy.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/errors.hpp"
#include "plugins/registry.hpp"
#include "support/folders.hpp"

namespace histokt {
namespace {

const std::filesystem::path kHostile = test::build_folder() / "tests" / "hostile";

std::string refusal(const std::string& name) {
  PluginRegistry::instance().add_folder(kHostile, true);
  try {
    PluginRegistry::instance().open(HISTOKT_DATASET, name);
    return "";
  } catch (const RequestError& error) {
    return error.what();
  }
}

struct Case {
  const char* name;
  std::vector<std::string> parts;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

class Refusal : public ::testing::TestWithParam<Case> {};

TEST_P(Refusal, NamesPathReasonAndRemedy) {
  const std::string text = refusal(GetParam().name);
  const std::string file = (kHostile / ("histokt-dataset-" + std::string(GetParam().name) + ".so")).string();
  EXPECT_NE(text.find(file), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  for (const std::string& part : GetParam().parts)
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

const std::string kNextMajor = std::to_string(HOSTILE_NEXT_MAJOR),
                  kNextMinor = std::to_string(HOSTILE_NEXT_MINOR);

INSTANTIATE_TEST_SUITE_P(
    Hostile, Refusal,
    ::testing::Values(Case{"no-note", {"has no HistoKT note", "build it with the SDK's macro"}},
                      Case{"other-descriptor",
                           {"its note says dataset \"other-descriptor\"", "\"somebody-else\"", "one macro"}},
                      Case{"wrong-kind", {"its note says dataset", "its descriptor model", "one macro"}},
                      Case{"next-major", {"ABI " + kNextMajor + ".", "this host has", "rebuild"}},
                      Case{"next-minor", {"." + kNextMinor + ", this host has", "rebuild"}},
                      Case{"missing-symbol", {"undefined symbol: a_function_of_no_library", "link it"}},
                      Case{"no-descriptor", {"does not export histokt_plugin", "histokt_add_plugin"}},
                      Case{"duplicate-options", {"option \"size\" twice", "keep one"}},
                      Case{"option-count", {"says it has 900 entries", "true count"}},
                      Case{"option-count-by-one", {"says it has 3 entries", "entry 3", "true count"}},
                      Case{"option-count-huge", {"says it has 1000000000000 entries", "rebuild"}},
                      Case{"option-size", {"entries of 48 bytes", "rebuild"}},
                      Case{"struct-size", {"its descriptor has 64 bytes", "rebuild"}},
                      Case{"null-names", {"its descriptor has no name", "write"}},
                      Case{"null-summary", {"its descriptor has no summary", "write"}},
                      Case{"null-function", {"function 2 of its function table is missing", "fill in"}}),
    [](const auto& tested) {
      std::string name = tested.param.name;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

}  // namespace
}  // namespace histokt
