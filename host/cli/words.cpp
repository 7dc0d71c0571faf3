// SPDX-License-Identifier: MIT
#include "cli/words.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace histokt {

std::size_t first_word(const Arguments& arguments) {
  std::size_t at = 0;
  while (at < arguments.size() && arguments[at].starts_with("-")) at += arguments[at] == "--plugins" ? 2 : 1;
  return std::min(at, arguments.size());
}

const Subcommand* requested_subcommand(const Arguments& arguments) {
  const std::size_t at = first_word(arguments);
  if (at == arguments.size()) return nullptr;
  const std::string& word = arguments[at];
  if (const Subcommand* named = find_subcommand(word)) return named;
  const bool names_an_experiment =
      std::ranges::any_of(arguments, [](const std::string& text) { return text.ends_with(".toml"); });
  if (names_an_experiment) return find_subcommand("run");
  std::vector<std::string> names;
  for (const Subcommand& subcommand : subcommands()) names.push_back(subcommand.name);
  throw RequestError("\"" + word + "\" is neither a subcommand nor a .toml file." +
                     did_you_mean(word, names) + " --help lists the subcommands.");
}

Arguments without_subcommand(Arguments arguments, const Subcommand& subcommand) {
  const std::size_t at = first_word(arguments);
  if (arguments[at] == subcommand.name) arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(at));
  return arguments;
}

}  // namespace histokt
