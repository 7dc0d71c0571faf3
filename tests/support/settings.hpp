// SPDX-License-Identifier: MIT
// Resolved options for tests: a plugin's defaults, some of them replaced, without the host's resolver.
//
//   TestSettings settings(AdamP::kOptions, {{"nesterov", true}, {"betas", std::vector<double>{0.9, 0.99}}});
//   use(settings.view());
//
// Supports booleans, integers, numbers, texts and lists of numbers. Throws std::logic_error if a default is
// missing or a key is not declared.
#pragma once

#include <histokt/options.hpp>

#include <cstdint>
#include <initializer_list>
#include <list>
#include <map>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace histokt::testing {

using OptionValue = std::variant<bool, std::int64_t, double, std::string, std::vector<double>>;

class TestSettings {
 public:
  explicit TestSettings(std::span<const histokt_option> options,
                        const std::map<std::string, OptionValue>& replaced = {}) {
    std::size_t used = 0;
    for (const histokt_option& option : options) {
      const auto found = replaced.find(option.key);
      used += found != replaced.end();
      if (found == replaced.end() && !option.default_text) throw std::logic_error("a value is missing");
      values_.push_back(resolve(option, found != replaced.end() ? found->second : parse(option)));
    }
    if (used != replaced.size()) throw std::logic_error("an option is set that is not declared");
    settings_ = {sizeof(histokt_settings), sizeof(histokt_value), values_.data(), values_.size()};
  }
  TestSettings(const TestSettings&) = delete;
  TestSettings& operator=(const TestSettings&) = delete;

  // Valid as long as this object.
  Settings view() const { return Settings(settings_); }

 private:
  static OptionValue parse(const histokt_option& option) {
    const std::string text = option.default_text;
    switch (option.type) {
      case HISTOKT_BOOLEAN:
        return text == "true";
      case HISTOKT_INTEGER:
        return static_cast<std::int64_t>(std::stoll(text));
      case HISTOKT_NUMBER:
        return std::stod(text);
      case HISTOKT_STRING:
        return text.substr(1, text.size() - 2);
      case HISTOKT_NUMBER + HISTOKT_LIST:
        return parse_list(text);
      default:
        throw std::logic_error("TestSettings does not know this type of option");
    }
  }

  static std::vector<double> parse_list(const std::string& text) {
    std::istringstream stream(text.substr(1, text.size() - 2));
    std::vector<double> numbers;
    for (std::string item; std::getline(stream, item, ',');) numbers.push_back(std::stod(item));
    return numbers;
  }

  histokt_value resolve(const histokt_option& option, const OptionValue& given) {
    histokt_value value{option.key, option.type, 0, 0, 0, nullptr, nullptr, 0};
    if (const auto* boolean = std::get_if<bool>(&given)) value.integer = *boolean;
    if (const auto* integer = std::get_if<std::int64_t>(&given)) {
      value.integer = *integer;
      value.number = static_cast<double>(*integer);
    }
    if (const auto* number = std::get_if<double>(&given)) value.number = *number;
    if (const auto* text = std::get_if<std::string>(&given)) value.text = texts_.emplace_back(*text).c_str();
    if (const auto* numbers = std::get_if<std::vector<double>>(&given)) {
      std::vector<histokt_value>& items = lists_.emplace_back();
      for (double number : *numbers)
        items.push_back({nullptr, HISTOKT_NUMBER, 0, 0, number, nullptr, nullptr, 0});
      value.items = items.data();
      value.count = items.size();
    }
    return value;
  }

  std::list<std::string> texts_;
  std::list<std::vector<histokt_value>> lists_;
  std::vector<histokt_value> values_;
  histokt_settings settings_;
};

}  // namespace histokt::testing
