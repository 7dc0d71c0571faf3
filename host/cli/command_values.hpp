// SPDX-License-Identifier: MIT
// The arguments of a command line, checked against the table of their subcommand.
//
//   const std::optional<CommandValues> values = parse(subcommand, {"--split", "test", "--quiet"});
//   values->text("split");  // "test"
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/subcommand.hpp"

namespace histokt {

// The arguments after the program's name, or after the subcommand's.
using Arguments = std::vector<std::string>;

// Names are those of the table: any other is a programming error (std::out_of_range).
class CommandValues {
 public:
  CommandValues(Arguments arguments, std::map<std::string, std::vector<std::string>> values)
      : arguments_(std::move(arguments)), values_(std::move(values)) {}

  // Given or set by its default; for a switch: given.
  bool has(const std::string& name) const { return !values_.at(name).empty(); }
  // For an option that is required or has a default.
  const std::string& text(const std::string& name) const { return values_.at(name).at(0); }
  std::optional<std::string> given(const std::string& name) const;
  std::string text_or(const std::string& name, const std::string& otherwise) const {
    return given(name).value_or(otherwise);
  }
  // All values of an option that may be given several times; empty if it was not given.
  const std::vector<std::string>& texts(const std::string& name) const { return values_.at(name); }
  std::int64_t integer(const std::string& name) const;
  double number(const std::string& name) const;

  // As they were given.
  const Arguments& arguments() const { return arguments_; }

 private:
  Arguments arguments_;
  std::map<std::string, std::vector<std::string>> values_;  // an entry for each option of the table
};

// nullopt if help is requested, even if other arguments are wrong. Throws RequestError with the nearest right
// name, or with what was expected of a value.
std::optional<CommandValues> parse(const Subcommand& subcommand, const Arguments& arguments);

}  // namespace histokt
