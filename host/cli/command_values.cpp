// SPDX-License-Identifier: MIT
#include "cli/command_values.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <cmath>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace histokt {
namespace {

namespace po = boost::program_options;

template <typename Number>
std::optional<Number> read_number(const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

// "a whole number from 2 to 1001".
std::string expected_number(const CommandOption& option) {
  const std::string kind = option.type == ValueType::kInteger ? "a whole number" : "a number";
  if (std::isfinite(option.least) && std::isfinite(option.most)) {
    return kind + " from " + number_text(option.least) + " to " + number_text(option.most);
  }
  return std::isfinite(option.least) ? kind + ", " + number_text(option.least) + " or more" : kind;
}

bool is_right_number(const CommandOption& option, const std::string& text) {
  const auto within = [&](const auto& number) {
    return number && static_cast<double>(*number) >= option.least &&
           static_cast<double>(*number) <= option.most;
  };
  return option.type == ValueType::kInteger ? within(read_number<std::int64_t>(text))
                                            : within(read_number<double>(text));
}

void check_value(const CommandOption& option, const std::string& text) {
  const std::string place = option.positional ? text : "--" + option.name + " " + text;
  if (!option.choices.empty() && std::ranges::find(option.choices, text) == option.choices.end()) {
    throw RequestError(place + ": expected " + joined(option.choices, " or ") + "." +
                       did_you_mean(text, option.choices));
  }
  if (option.type != ValueType::kText && !is_right_number(option, text)) {
    throw RequestError(place + ": expected " + expected_number(option));
  }
}

// The table of one subcommand as Boost has it: only how words become options is left to it.
class WordParser {
 public:
  explicit WordParser(const Subcommand& subcommand) {
    for (const CommandOption& option : subcommand.options) add(option);
    for (const CommandOption& option : common_options()) add(option);
  }

  po::variables_map parse(const Arguments& arguments) const {
    po::variables_map found;
    // No abbreviations: an option added later must not change what a script means.
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(arguments).options(boost_).positional(places_).style(style).run(),
              found);
    return found;
  }

  std::map<std::string, std::vector<std::string>> checked(const po::variables_map& found) const {
    std::map<std::string, std::vector<std::string>> values;
    for (const CommandOption* option : options_) {
      std::vector<std::string>& own = values[option->name];
      if (found.contains(option->name)) {
        own = texts(*option, found[option->name]);
      } else if (option->required) {
        throw RequestError(missing(*option) + " --help says what is expected.");
      }
      for (const std::string& text : own) check_value(*option, text);
      if (own.empty() && option->default_text) own = {*option->default_text};
    }
    return values;
  }

  // What is wrong with the words.
  RequestError mistake(const po::error& error) const {
    if (const auto* unknown = dynamic_cast<const po::unknown_option*>(&error)) {
      std::vector<std::string> names;
      for (const CommandOption* option : options_) names.push_back("--" + option->name);
      return RequestError("unknown option " + unknown->get_option_name() + "." +
                          did_you_mean(unknown->get_option_name(), names) + " --help lists them.");
    }
    const bool too_many = dynamic_cast<const po::too_many_positional_options_error*>(&error);
    const std::string what =
        too_many ? "too many arguments; is the -- of an option missing?" : std::string(error.what()) + ".";
    return RequestError(what + " --help says what is expected.");
  }

 private:
  void add(const CommandOption& option) {
    options_.push_back(&option);
    const std::string name = option.name == "help" ? "help,h" : option.name;
    if (option.value.empty()) {
      boost_.add_options()(name.c_str(), "");
    } else if (option.repeats) {
      boost_.add_options()(name.c_str(), po::value<std::vector<std::string>>());
    } else {
      boost_.add_options()(name.c_str(), po::value<std::string>());
    }
    if (option.positional) places_.add(option.name.c_str(), option.repeats ? -1 : 1);
  }

  static std::vector<std::string> texts(const CommandOption& option, const po::variable_value& found) {
    if (option.value.empty()) return {"true"};
    if (option.repeats) return found.as<std::vector<std::string>>();
    return {found.as<std::string>()};
  }

  static std::string missing(const CommandOption& option) {
    if (option.positional) return option.value + " is missing: " + option.help + ".";
    return "the option '--" + option.name + "' is required but missing.";
  }

  std::vector<const CommandOption*> options_;
  po::options_description boost_;
  po::positional_options_description places_;
};

bool asks_for_help(const Arguments& arguments) {
  return std::ranges::any_of(arguments, [](const auto& word) { return word == "--help" || word == "-h"; });
}

}  // namespace

std::optional<std::string> CommandValues::given(const std::string& name) const {
  const std::vector<std::string>& own = values_.at(name);
  return own.empty() ? std::nullopt : std::optional(own[0]);
}

std::int64_t CommandValues::integer(const std::string& name) const {
  return read_number<std::int64_t>(text(name)).value();
}

double CommandValues::number(const std::string& name) const {
  return read_number<double>(text(name)).value();
}

std::optional<CommandValues> parse(const Subcommand& subcommand, const Arguments& arguments) {
  const WordParser parser(subcommand);
  try {
    const po::variables_map found = parser.parse(arguments);
    if (found.contains("help")) return std::nullopt;
    return CommandValues(arguments, parser.checked(found));
  } catch (const po::error& error) {
    if (asks_for_help(arguments)) return std::nullopt;
    throw parser.mistake(error);
  }
}

}  // namespace histokt
