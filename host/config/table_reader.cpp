// SPDX-License-Identifier: MIT
#include "config/table_reader.hpp"

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace histokt {
namespace {

std::string above_says(double above) {
  return "a number above " + number_text(above);
}

}  // namespace

std::string integer_says(std::int64_t minimum, std::int64_t maximum) {
  return "an integer from " + std::to_string(minimum) + " to " + std::to_string(maximum);
}

std::string number_says(double minimum, double maximum) {
  return "a number from " + number_text(minimum) + " to " + number_text(maximum);
}

std::string numbers_says(double above) {
  return above_says(above) + ", or a list of such numbers";
}

TableReader::TableReader(const toml::table& table, const TomlSource& source, std::string where)
    : table_(table), source_(source), where_(std::move(where)) {}

std::string TableReader::path_of(const std::string& key) const {
  return where_.empty() ? key : where_ + "." + key;
}

std::string TableReader::location(const std::string& key) const {
  const toml::node* found = table_.get(key);
  return located(source_, found ? *found : table_);
}

void TableReader::fail(const std::string& key, const std::string& expected) const {
  const toml::node* found = table_.get(key);
  throw RequestError(location(key) + path_of(key) + " is " + (found ? toml_type_name(*found) : "missing") +
                     ", expected " + expected + ".");
}

void TableReader::know(const std::string& key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
}

const toml::node* TableReader::node(const std::string& key) {
  know(key);
  return table_.get(key);
}

bool TableReader::has(const std::string& key) {
  return node(key) != nullptr;
}

const toml::node& TableReader::require(const std::string& key, const std::string& expected) {
  const toml::node* found = node(key);
  if (!found) fail(key, expected);
  return *found;
}

std::string TableReader::string(const std::string& key) {
  const toml::node& found = require(key, "a string");
  if (!found.is_string() || (**found.as_string()).empty()) fail(key, "a non-empty string");
  return **found.as_string();
}

std::string TableReader::choice(const std::string& key, const std::vector<std::string>& choices) {
  const std::string expected = "one of " + joined(choices, " or ");
  const toml::node& found = require(key, expected);
  if (!found.is_string()) fail(key, expected);
  std::string word = **found.as_string();
  if (std::find(choices.begin(), choices.end(), word) == choices.end()) {
    throw RequestError(location(key) + path_of(key) + " is \"" + word + "\", expected " + expected + "." +
                       did_you_mean(word, choices));
  }
  return word;
}

bool TableReader::boolean(const std::string& key) {
  const toml::node& found = require(key, "true or false");
  if (!found.is_boolean()) fail(key, "true or false");
  return **found.as_boolean();
}

std::int64_t TableReader::integer(const std::string& key, std::int64_t minimum, std::int64_t maximum) {
  const std::string expected = integer_says(minimum, maximum);
  const toml::node& found = require(key, expected);
  if (!found.is_integer() || **found.as_integer() < minimum || **found.as_integer() > maximum) {
    fail(key, expected);
  }
  return **found.as_integer();
}

double TableReader::number(const std::string& key, double minimum, double maximum) {
  const std::string expected = number_says(minimum, maximum);
  const toml::node& found = require(key, expected);
  if (!found.is_number()) fail(key, expected);
  const double value = *found.value<double>();
  if (!(value >= minimum && value <= maximum)) fail(key, expected);
  return value;
}

std::vector<std::string> TableReader::strings(const std::string& key) {
  const std::string expected = kStringsSays;
  const toml::node& found = require(key, expected);
  if (found.is_string()) return {**found.as_string()};
  const toml::array* array = found.as_array();
  if (!array || array->empty()) fail(key, expected);
  std::vector<std::string> all;
  for (const toml::node& item : *array) {
    if (!item.is_string()) fail(key, expected);
    all.push_back(**item.as_string());
  }
  return all;
}

std::vector<double> TableReader::numbers(const std::string& key, double above) {
  const std::string one = above_says(above);
  const std::string expected = numbers_says(above);
  const auto fits = [&](const toml::node& item) {
    return item.is_number() && *item.value<double>() > above && std::isfinite(*item.value<double>());
  };
  const toml::node& found = require(key, expected);
  const toml::array* array = found.as_array();
  if (!array) {
    if (!fits(found)) fail(key, expected);
    return {*found.value<double>()};
  }
  if (array->empty()) fail(key, expected);
  std::vector<double> all;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const toml::node& item = *array->get(i);
    if (!fits(item)) {
      throw RequestError(located(source_, item) + path_of(key) + "[" + std::to_string(i) + "] is " +
                         toml_type_name(item) + ", expected " + one + ".");
    }
    all.push_back(*item.value<double>());
  }
  return all;
}

const toml::table* TableReader::table(const std::string& key) {
  const toml::node* found = node(key);
  if (found && !found->is_table()) fail(key, "a table");
  return found ? found->as_table() : nullptr;
}

void TableReader::finish() const {
  for (const auto& [key, found] : table_) {
    const std::string name(key.str());
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    throw RequestError(located(source_, found) + "\"" + path_of(name) + "\" is not a known key." +
                       did_you_mean(name, known_) + " Known here: " + joined(known_) + ".");
  }
}

}  // namespace histokt
