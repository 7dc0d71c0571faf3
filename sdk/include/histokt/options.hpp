// SPDX-License-Identifier: MIT
// The options of a plugin in C++: a table of declarations, and typed access to the resolved values.
//
//   static constexpr histokt_option kOptions[] = {
//       histokt::number_option("momentum", "0.9", 0, 1, "Momentum of the gradient."),
//       histokt::boolean_option("nesterov", "false", "Look ahead along the momentum."),
//   };
//
// Defaults are written as in TOML; nullptr makes an option required. Needs no library.
#pragma once

#include <histokt/plugin.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace histokt {

constexpr histokt_option boolean_option(const char* key, const char* default_text, const char* help) {
  return {key, HISTOKT_BOOLEAN, 0, default_text, 0, 0, nullptr, help};
}

// minimum and maximum are inclusive; both 0: no limit.
constexpr histokt_option integer_option(const char* key, const char* default_text, double minimum,
                                        double maximum, const char* help) {
  return {key, HISTOKT_INTEGER, 0, default_text, minimum, maximum, nullptr, help};
}

constexpr histokt_option number_option(const char* key, const char* default_text, double minimum,
                                       double maximum, const char* help) {
  return {key, HISTOKT_NUMBER, 0, default_text, minimum, maximum, nullptr, help};
}

// choices ends with nullptr; nullptr alone: any text.
constexpr histokt_option string_option(const char* key, const char* default_text, const char* const* choices,
                                       const char* help) {
  return {key, HISTOKT_STRING, 0, default_text, 0, 0, choices, help};
}

constexpr histokt_option path_option(const char* key, const char* default_text, const char* help) {
  return {key, HISTOKT_PATH, 0, default_text, 0, 0, nullptr, help};
}

// A list of any of the above.
constexpr histokt_option list_of(histokt_option item) {
  item.type += HISTOKT_LIST;
  return item;
}

// The resolved options. A view: valid as long as the histokt_settings below it, which is the call to create.
// A key that was not declared, or not with that type, is a fault of the plugin: std::logic_error.
class Settings {
 public:
  explicit Settings(const histokt_settings& settings) : settings_(&settings) {}

  bool boolean(std::string_view key) const { return find(key, HISTOKT_BOOLEAN).integer != 0; }
  std::int64_t integer(std::string_view key) const { return find(key, HISTOKT_INTEGER).integer; }
  double number(std::string_view key) const { return find(key, HISTOKT_NUMBER).number; }
  std::string string(std::string_view key) const { return find(key, HISTOKT_STRING).text; }
  std::string path(std::string_view key) const { return find(key, HISTOKT_PATH).text; }

  std::vector<std::string> strings(std::string_view key) const {
    std::vector<std::string> texts;
    for (const histokt_value& item : items(key, HISTOKT_STRING)) texts.emplace_back(item.text);
    return texts;
  }
  std::vector<double> numbers(std::string_view key) const {
    std::vector<double> numbers;
    for (const histokt_value& item : items(key, HISTOKT_NUMBER)) numbers.push_back(item.number);
    return numbers;
  }
  std::vector<std::int64_t> integers(std::string_view key) const {
    std::vector<std::int64_t> integers;
    for (const histokt_value& item : items(key, HISTOKT_INTEGER)) integers.push_back(item.integer);
    return integers;
  }

 private:
  const histokt_value& at(const histokt_value* values, std::size_t index) const {
    const char* bytes = reinterpret_cast<const char*>(values);
    return *reinterpret_cast<const histokt_value*>(bytes + index * settings_->value_size);
  }

  const histokt_value& find(std::string_view key, histokt_option_type type) const {
    for (std::size_t i = 0; i < settings_->count; ++i) {
      const histokt_value& value = at(settings_->values, i);
      if (key == value.key && type == value.type) return value;
    }
    throw std::logic_error("the plugin asks for option \"" + std::string(key) +
                           "\", which it does not declare with that type");
  }

  std::vector<histokt_value> items(std::string_view key, histokt_option_type type) const {
    const histokt_value& list = find(key, type + HISTOKT_LIST);
    std::vector<histokt_value> copies;
    for (std::size_t i = 0; i < list.count; ++i) copies.push_back(at(list.items, i));
    return copies;
  }

  const histokt_settings* settings_;
};

}  // namespace histokt
