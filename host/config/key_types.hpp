// SPDX-License-Identifier: MIT
// The value types of an experiment's keys; keys.hpp describes their interface. All throw RequestError.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/keys.hpp"
#include "config/words.hpp"

namespace histokt {

// "\"a\", \"b\" or \"c\"".
std::string alternatives(const std::vector<std::string>& words);

struct Boolean {
  static std::string says() { return "true or false"; }
  static void read(const KeyPlace& place, bool& value) { value = place.table.boolean(place.key); }
  static void write(bool value, const std::string& key, toml::table& into, const Writing&) {
    into.insert(key, value);
  }
};

struct Integer {
  std::int64_t minimum, maximum;

  std::string says() const { return integer_says(minimum, maximum); }
  template <typename Value>
  void read(const KeyPlace& place, Value& value) const {
    value = static_cast<Value>(place.table.integer(place.key, minimum, maximum));
  }
  static void write(auto value, const std::string& key, toml::table& into, const Writing&) {
    into.insert(key, static_cast<std::int64_t>(value));
  }
};

struct Number {
  double minimum, maximum;

  std::string says() const { return number_says(minimum, maximum); }
  void read(const KeyPlace& place, double& value) const {
    value = place.table.number(place.key, minimum, maximum);
  }
  static void write(double value, const std::string& key, toml::table& into, const Writing&) {
    into.insert(key, value);
  }
};

struct Text {
  static std::string says() { return "a string"; }
  static void read(const KeyPlace& place, std::string& value) { value = place.table.string(place.key); }
  static void write(const std::string& value, const std::string& key, toml::table& into, const Writing&) {
    if (!value.empty()) into.insert(key, value);
  }
};

// A name that becomes part of file names and of CSV rows.
struct Name : Text {
  static bool fits(const std::string& name);
  static std::string says() { return "1 to 64 letters, digits, '.', '_' and '-', and not only dots"; }
  static void read(const KeyPlace& place, std::string& value);
  // As if the table contained it.
  static void check(const KeyPlace& place, const std::string& name);
};

// One of a list of strings.
struct OneOf {
  std::vector<std::string> words;

  std::string says() const { return alternatives(words); }
  void read(const KeyPlace& place, std::string& value) const { value = place.table.choice(place.key, words); }
  static constexpr auto write = Text::write;
};

// A value that has a word in a list such as Named<Value>[], which must have static lifetime.
template <typename Names>
class Word {
 public:
  explicit Word(const Names& names) : names_(&names) {}

  std::string says() const { return alternatives(words()); }
  void read(const KeyPlace& place, auto& value) const {
    const std::string word = place.table.choice(place.key, words());
    value = std::ranges::find_if(*names_, [&](const auto& named) { return named.name == word; })->value;
  }
  void write(const auto& value, const std::string& key, toml::table& into, const Writing&) const {
    into.insert(key, name_of(*names_, value));
  }

 private:
  std::vector<std::string> words() const {
    std::vector<std::string> words;
    for (const auto& named : *names_) words.emplace_back(named.name);
    return words;
  }

  const Names* names_;
};

// A type whose value is held in a std::optional.
template <typename Type>
struct Optional {
  Type type;

  std::string says() const { return type.says(); }
  void read(const KeyPlace& place, auto& value) const { type.read(place, value.emplace()); }
  void write(const auto& value, const std::string& key, toml::table& into, const Writing& writing) const {
    if (value) type.write(*value, key, into, writing);
  }
};

// clang 14 derives none for an aggregate.
template <typename Type>
Optional(Type) -> Optional<Type>;

struct Texts {
  static std::string says() { return kStringsSays; }
  static void read(const KeyPlace& place, std::vector<std::string>& value) {
    value = place.table.strings(place.key);
  }
  static void write(const std::vector<std::string>& value, const std::string& key, toml::table& into,
                    const Writing&);
};

struct Numbers {
  double above;

  std::string says() const { return numbers_says(above); }
  void read(const KeyPlace& place, std::vector<double>& value) const {
    value = place.table.numbers(place.key, above);
  }
  static void write(const std::vector<double>& value, const std::string& key, toml::table& into,
                    const Writing&);
};

// Paths become absolute; a relative one begins at the experiment's file.
struct Path {
  static std::string says() { return "a path"; }
  static void read(const KeyPlace& place, std::filesystem::path& value);
  static void write(const std::filesystem::path& value, const std::string& key, toml::table& into,
                    const Writing&);
};

// A file that must exist.
struct File {
  std::string remedy;  // what the error adds, without its full stop

  static std::string says() { return "a file"; }
  void read(const KeyPlace& place, std::filesystem::path& value) const;
  static constexpr auto write = Path::write;
};

// A table with keys of its own.
template <typename Config>
struct Table {
  const Keys<Config>* keys;
  std::string form = "a table";  // for errors

  std::string says() const { return form; }
  void read(const KeyPlace& place, Config& config) const {
    const toml::table* table = place.table.table(place.key);
    if (!table) place.fail(form);
    TableReader reader(*table, place.table.source(), place.table.path_of(place.key));
    keys->read(reader, config, place.experiment);
  }
  void write(const Config& config, const std::string& key, toml::table& into, const Writing& writing) const {
    into.insert(key, keys->written(config, writing));
  }
};

// Two keys of one table that fill a PluginChoice: the plugin's name, and its options.
struct PluginName {
  static std::string says() { return "a plugin's name"; }
  static void read(const KeyPlace& place, PluginChoice& choice) {
    set(place, place.table.string(place.key), choice);
  }
  // As if the table contained the name.
  static void set(const KeyPlace& place, const std::string& name, PluginChoice& choice);
  static void write(const PluginChoice& choice, const std::string& key, toml::table& into, const Writing&) {
    into.insert(key, choice.use);
  }
};

struct PluginOptions {
  histokt_kind kind;

  static std::string says() { return "a table"; }
  static void read(const KeyPlace& place, PluginChoice& choice);
  void write(const PluginChoice& choice, const std::string& key, toml::table& into,
             const Writing& writing) const {
    into.insert(key, writing.plugin_options(kind, choice));
  }
};

// A plugin as one value: its name, "svd", or a table, {use = "svd", options = {...}}.
struct PluginValue {
  histokt_kind kind;

  static std::string says() { return "a plugin's name or { use = NAME, options = {...} }"; }
  void read(const KeyPlace& place, PluginChoice& choice) const {
    const toml::node* node = place.table.node(place.key);
    if (!node) place.fail(says());
    read(place, *node, choice);
  }
  // The same for another node, such as an entry of a list.
  void read(const KeyPlace& place, const toml::node& node, PluginChoice& choice) const;
  void write(const PluginChoice& choice, const std::string& key, toml::table& into,
             const Writing& writing) const {
    into.insert(key, written(choice, writing));
  }
  toml::table written(const PluginChoice& choice, const Writing& writing) const;
};

toml::array array_of(const auto& values) {
  toml::array array;
  for (const auto& value : values) array.push_back(value);
  return array;
}

}  // namespace histokt
