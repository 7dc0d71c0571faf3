// SPDX-License-Identifier: MIT
// Any bytes as TOML, and that as the options of a plugin that declares one of every type: resolved, or
// refused with a RequestError.
#include <cstdlib>
#include <cstring>
#include <histokt/options.hpp>

#include "base/errors.hpp"
#include "plugins/options.hpp"

namespace {

using namespace histokt;

constexpr const char* kChoices[] = {"mean", "max", nullptr};
constexpr histokt_option kDeclared[] = {
    boolean_option("boolean", "false", "b"),
    integer_option("integer", "1", -5, 5, "i"),
    number_option("number", "0.5", 0, 0, "n"),
    string_option("string", "\"\"", nullptr, "s"),
    string_option("choice", "\"mean\"", kChoices, "c"),
    path_option("path", "\"\"", "p"),
    list_of(boolean_option("booleans", "[]", "b")),
    list_of(integer_option("integers", "[1, 2]", 0, 100, "i")),
    list_of(number_option("numbers", "[]", -1, 1, "n")),
    list_of(string_option("strings", "[]", nullptr, "s")),
    list_of(string_option("choices", "[]", kChoices, "c")),
    list_of(path_option("paths", "[]", "p")),
};

// What the plugin sees must be what is recorded.
void check(const OptionSet& options) {
  const Settings settings(options.settings());
  if (settings.string("string") != options.json().at("string").get<std::string>()) std::abort();
  if (settings.strings("strings").size() != options.json().at("strings").size()) std::abort();
  if (settings.integer("integer") < -5 || settings.integer("integer") > 5) std::abort();
  for (const double number : settings.numbers("numbers")) {
    if (!(number >= -1 && number <= 1)) std::abort();
  }
  settings.path("path");
  options.json().dump();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TomlSource kSource{"fuzz.toml", "/no/such"};
  toml::table given;
  try {
    given = toml::parse(std::string_view(reinterpret_cast<const char*>(data), size), kSource.file);
  } catch (const toml::parse_error&) {
    return 0;
  }
  toml_to_json(given).dump();
  try {
    check(OptionSet::resolve(kDeclared, given, kSource, "plugin \"fuzz\""));
  } catch (const RequestError&) {
  }
  return 0;
}
