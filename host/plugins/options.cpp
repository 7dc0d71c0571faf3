// SPDX-License-Identifier: MIT
#include "plugins/options.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <sstream>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace histokt {

struct OptionSet::Storage {
  std::vector<histokt_value> values;
  std::deque<std::string> texts;                 // stable addresses
  std::deque<std::vector<histokt_value>> lists;  // likewise
  histokt_settings settings{};
  nlohmann::json json = nlohmann::json::object();
};

namespace {

using Json = nlohmann::json;

std::string type_name(histokt_option_type type) {
  const bool list = type >= HISTOKT_LIST;
  switch (list ? type - HISTOKT_LIST : type) {
    case HISTOKT_BOOLEAN:
      return list ? "a list of booleans" : "true or false";
    case HISTOKT_INTEGER:
      return list ? "a list of integers" : "an integer";
    case HISTOKT_NUMBER:
      return list ? "a list of numbers" : "a number";
    case HISTOKT_STRING:
      return list ? "a list of strings" : "a string";
    case HISTOKT_PATH:
      return list ? "a list of paths" : "a path";
    default:
      return "a value of an unknown type";
  }
}

bool has_range(const histokt_option& option) {
  return option.minimum != 0 || option.maximum != 0;
}

std::vector<std::string> choices_of(const histokt_option& option) {
  std::vector<std::string> choices;
  for (const char* const* c = option.choices; c && *c; ++c) choices.emplace_back(*c);
  return choices;
}

// Checks and converts one node after another, keeping what histokt_value points to in a Storage.
class Resolver {
 public:
  Resolver(const TomlSource& source, const std::string& owner) : source_(source), owner_(owner) {}

  histokt_value convert(const histokt_option& option, histokt_option_type type, const toml::node& node,
                        auto& storage, Json& json) const {
    histokt_value value{};
    value.type = type;
    if (type >= HISTOKT_LIST) {
      const toml::array* array = node.as_array();
      if (!array) fail_type(option, node);
      json = Json::array();
      std::vector<histokt_value> items;
      for (const toml::node& item : *array) {
        items.push_back(convert(option, type - HISTOKT_LIST, item, storage, json.emplace_back()));
      }
      storage.lists.push_back(std::move(items));
      value.items = storage.lists.back().data();
      value.count = storage.lists.back().size();
      return value;
    }
    switch (type) {
      case HISTOKT_BOOLEAN:
        if (!node.is_boolean()) fail_type(option, node);
        value.integer = **node.as_boolean() ? 1 : 0;
        json = value.integer != 0;
        break;
      case HISTOKT_INTEGER:
        if (!node.is_integer()) fail_type(option, node);
        value.integer = **node.as_integer();
        value.number = static_cast<double>(value.integer);
        check_range(option, node, value.number);
        json = value.integer;
        break;
      case HISTOKT_NUMBER:
        if (!node.is_number()) fail_type(option, node);
        value.number = *node.value<double>();
        check_range(option, node, value.number);
        json = value.number;
        break;
      case HISTOKT_STRING:
      case HISTOKT_PATH:
        if (!node.is_string()) fail_type(option, node);
        value.text = keep_text(option, type, node, storage);
        json = value.text;
        break;
      default:
        throw RunError(owner_ + " declares option \"" + option.key + "\" with an unknown type");
    }
    return value;
  }

 private:
  const char* keep_text(const histokt_option& option, histokt_option_type type, const toml::node& node,
                        auto& storage) const {
    std::string text = **node.as_string();
    if (text.find('\0') != std::string::npos) {
      throw RequestError(located(source_, node) + "option \"" + option.key + "\" of " + owner_ +
                         " contains a zero byte (\\u0000), which plugins do not accept; remove it.");
    }
    const std::vector<std::string> choices = choices_of(option);
    if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end()) {
      throw RequestError(located(source_, node) + "option \"" + option.key + "\" of " + owner_ + " is \"" +
                         text + "\", expected one of " + joined(choices, " or ") + "." +
                         did_you_mean(text, choices));
    }
    if (type == HISTOKT_PATH && !text.empty()) {
      text = std::filesystem::absolute(source_.base_folder / text).lexically_normal().string();
    }
    storage.texts.push_back(std::move(text));
    return storage.texts.back().c_str();
  }

  [[noreturn]] void fail_type(const histokt_option& option, const toml::node& node) const {
    throw RequestError(located(source_, node) + "option \"" + option.key + "\" of " + owner_ + " is " +
                       toml_type_name(node) + ", expected " + type_name(option.type) + ": " + option.help);
  }

  void check_range(const histokt_option& option, const toml::node& node, double number) const {
    const bool outside = has_range(option) && (number < option.minimum || number > option.maximum);
    if (!outside && !std::isnan(number)) return;
    const std::string expected =
        has_range(option) ? number_text(option.minimum) + " to " + number_text(option.maximum) : "a number";
    throw RequestError(located(source_, node) + "option \"" + option.key + "\" of " + owner_ + " is " +
                       number_text(number) + ", expected " + expected + ": " + option.help);
  }

  const TomlSource& source_;
  const std::string& owner_;
};

}  // namespace

std::string located(const TomlSource& source, const toml::node& node) {
  std::string text = source.file;
  if (const auto& begin = node.source().begin; begin.line > 0) {
    text += ":" + std::to_string(begin.line) + ":" + std::to_string(begin.column);
  }
  return text.empty() ? "" : text + ": ";
}

std::string toml_type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "the string \"" + **node.as_string() + "\"";
    case toml::node_type::integer:
      return "the integer " + std::to_string(**node.as_integer());
    case toml::node_type::floating_point:
      return "the number " + number_text(**node.as_floating_point());
    case toml::node_type::boolean:
      return **node.as_boolean() ? "true" : "false";
    default:
      return "a date or time";
  }
}

Json toml_to_json(const toml::node& node) {
  Json json;
  node.visit([&](const auto& value) {
    if constexpr (toml::is_table<decltype(value)>) {
      json = Json::object();
      for (const auto& [key, item] : value) json[std::string(key.str())] = toml_to_json(item);
    } else if constexpr (toml::is_array<decltype(value)>) {
      json = Json::array();
      for (const toml::node& item : value) json.push_back(toml_to_json(item));
    } else if constexpr (toml::is_string<decltype(value)> || toml::is_number<decltype(value)> ||
                         toml::is_boolean<decltype(value)>) {
      json = value.get();
    } else {
      std::ostringstream text;
      text << value.get();
      json = text.str();
    }
  });
  return json;
}

void GivenOptions::override_with(const toml::table& table) {
  for (const auto& [key, node] : table) set(std::string(key.str()), node);
}

toml::table GivenOptions::table() const {
  toml::table copies;
  for (const auto& [key, node] : nodes_) copies.insert_or_assign(key, *node);
  return copies;
}

const toml::node* GivenOptions::find(const std::string& key) const {
  const auto found = nodes_.find(key);
  return found == nodes_.end() ? nullptr : found->second;
}

OptionSet::OptionSet() : OptionSet(resolve({}, GivenOptions(), {}, "")) {}
OptionSet::OptionSet(std::shared_ptr<const Storage> storage) : storage_(std::move(storage)) {}

OptionSet OptionSet::resolve(std::span<const histokt_option> declared, const GivenOptions& given,
                             const TomlSource& source, const std::string& owner) {
  std::vector<std::string> keys;
  for (const histokt_option& option : declared) keys.emplace_back(option.key);
  for (const auto& [key, node] : given.nodes()) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      std::string known = keys.empty() ? " It has no options." : " Its options are " + joined(keys) + ".";
      throw RequestError(located(source, *node) + owner + " has no option \"" + key + "\"." +
                         did_you_mean(key, keys) + known);
    }
  }

  auto storage = std::make_shared<Storage>();
  const Resolver resolver(source, owner);
  for (const histokt_option& option : declared) {
    const toml::node* node = given.find(option.key);
    toml::table parsed_default;
    if (!node) {
      if (!option.default_text) {
        throw RequestError((source.file.empty() ? "" : source.file + ": ") + owner + " needs option \"" +
                           option.key + "\", " + type_name(option.type) + ": " + option.help);
      }
      try {
        parsed_default = toml::parse(std::string("value = ") + option.default_text);
      } catch (const toml::parse_error&) {
        throw RunError(owner + " declares option \"" + option.key + "\" with the default " +
                       option.default_text + ", which is not a TOML value");
      }
      node = parsed_default.get("value");
    }
    histokt_value value = resolver.convert(option, option.type, *node, *storage, storage->json[option.key]);
    storage->texts.emplace_back(option.key);
    value.key = storage->texts.back().c_str();
    storage->values.push_back(value);
  }
  storage->settings = {sizeof(histokt_settings), sizeof(histokt_value), storage->values.data(),
                       storage->values.size()};
  return OptionSet(std::move(storage));
}

const histokt_settings& OptionSet::settings() const {
  return storage_->settings;
}
const Json& OptionSet::json() const {
  return storage_->json;
}

std::string option_takes(const histokt_option& option) {
  std::string text = type_name(option.type);
  if (has_range(option))
    text += " from " + number_text(option.minimum) + " to " + number_text(option.maximum);
  if (const auto choices = choices_of(option); !choices.empty()) text += ": " + joined(choices, " or ");
  return text;
}

std::string option_help(const histokt_option& option) {
  return std::string(option.key) + ": " + option.help + " (" + option_takes(option) +
         (option.default_text ? std::string("; default ") + option.default_text : "; required") + ")";
}

}  // namespace histokt
