// SPDX-License-Identifier: MIT
// The keys of one TOML table, each a row: its name, the member it is read into, what it takes, help. Reading
// a table, refusing a key it does not have, writing it with every default, `histokt-host help experiment` and
// docs/experiment.md all go by these rows.
//
//     static const Keys<MatrixConfig> keys = {
//         {"train", &MatrixConfig::train, Text{}, "Recipe of the baselines."},
//         {"probe", &MatrixConfig::probe, Boolean{}, "Probe each encoder before it is tuned."},
//     };
//
// What a key takes is one of key_types.hpp, or any type like them: `says()`, a phrase after "expected";
// `read(place, value)`, of a key that is present (or, if required, may be missing); `write(value, key, into,
// writing)`, which omits the key if there is no value.
#pragma once

#include <toml++/toml.h>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "config/experiment.hpp"
#include "config/table_reader.hpp"

namespace histokt {

// One key while its table is read.
struct KeyPlace {
  TableReader& table;
  std::string key;
  const Experiment& experiment;  // as far as it has been read

  [[noreturn]] void fail(const std::string& expected) const { table.fail(key, expected); }
};

// Services that writing needs besides the values, supplied by code that may open plugins.
struct Writing {
  // Options with every default and absolute paths: those of a plugin, and those of standardising.
  std::function<toml::table(histokt_kind, const PluginChoice&)> plugin_options;
  std::function<toml::table(const GivenOptions&)> standardize;
};

// A key as help and docs show it. Help has `...` around what is written literally.
struct KeyText {
  std::string name, takes, fallback, help;
};

// The text of a TOML value for people: 0.1, "head", [0.8, 0.1].
std::string value_text(const toml::node& node);

template <typename Config>
class Key {
 public:
  // member: a pointer to a member, or a function from (const) Config& to a reference.
  template <typename Member, typename Type>
  Key(std::string name, Member member, Type type, std::string help)
      : name_(std::move(name)), takes_(type.says()), help_(std::move(help)) {
    read_ = [member, type](const KeyPlace& place, Config& config) {
      type.read(place, std::invoke(member, config));
    };
    write_ = [member, type, key = name_](const Config& config, toml::table& into, const Writing& writing) {
      type.write(std::invoke(member, config), key, into, writing);
    };
  }

  // If the key is not given, the member keeps the value of a fresh Config, unless one of these says
  // otherwise.
  Key required() const {
    return changed([](Key& key) { key.required_ = true; });
  }
  // Under protocol = "paper"; value: TOML, such as "\"batch\"".
  Key paper(const std::string& value) const {
    return changed([&](Key& key) { key.paper_ = value; });
  }
  // Set once all keys that are given have been read. words: for help.
  Key otherwise(const std::string& words, std::function<void(const KeyPlace&, Config&)> set = nullptr) const {
    return changed([&](Key& key) { key.words_ = words, key.otherwise_ = std::move(set); });
  }
  // Accepted, but neither read nor written unless this holds; it may depend on the keys before it.
  Key only_if(std::function<bool(const Config&)> applies) const {
    return changed([&](Key& key) { key.applies_ = std::move(applies); });
  }
  // Read, but written only if this holds.
  Key written_if(std::function<bool(const Config&)> is_written) const {
    return changed([&](Key& key) { key.is_written_ = std::move(is_written); });
  }

 private:
  template <typename C>
  friend class Keys;

  Key changed(auto change) const {
    Key copy = *this;
    change(copy);
    return copy;
  }

  bool applies(const Config& config) const { return !applies_ || applies_(config); }

  void read(const KeyPlace& place, Config& config) const {
    if (!applies(config)) return;
    if (required_ || place.table.has(name_)) {
      read_(place, config);
    } else if (!paper_.empty() && place.experiment.paper()) {
      const toml::table table = toml::parse(name_ + " = " + paper_);
      TableReader said(table, place.table.source(), place.table.where());
      read_({said, name_, place.experiment}, config);
    }
  }

  void fall_back(const KeyPlace& place, Config& config) const {
    if (otherwise_ && applies(config) && !place.table.has(name_)) otherwise_(place, config);
  }

  void write(const Config& config, toml::table& into, const Writing& writing) const {
    if (applies(config) && (!is_written_ || is_written_(config))) write_(config, into, writing);
  }

  std::string fallback() const {
    if (required_) return "required";
    std::string text = words_;
    if (text.empty()) {
      toml::table fresh;
      write_(Config(), fresh, Writing());
      text = fresh.empty() ? "none" : "`" + value_text(*fresh.get(name_)) + "`";
    }
    return paper_.empty() ? text : text + "; paper: `" + paper_ + "`";
  }

  std::string name_, takes_, help_, paper_, words_;
  bool required_ = false;
  std::function<void(const KeyPlace&, Config&)> read_, otherwise_;
  std::function<void(const Config&, toml::table&, const Writing&)> write_;
  std::function<bool(const Config&)> applies_, is_written_;
};

template <typename Config>
class Keys {
 public:
  Keys(std::initializer_list<Key<Config>> keys) : keys_(keys) {}

  // More keys, accepted but neither read nor written unless this holds; it may depend on the keys before
  // them.
  Keys& only_if(const std::function<bool(const Config&)>& applies, std::initializer_list<Key<Config>> more) {
    for (const Key<Config>& key : more) keys_.push_back(key.only_if(applies));
    return *this;
  }

  // In the order of the rows; refuses keys of the table that have no row. Throws RequestError.
  void read(TableReader& table, Config& config, const Experiment& experiment) const {
    for (const Key<Config>& key : keys_) table.know(key.name_);
    for (const Key<Config>& key : keys_) key.read({table, key.name_, experiment}, config);
    for (const Key<Config>& key : keys_) key.fall_back({table, key.name_, experiment}, config);
    table.finish();
  }

  // A table that reads back the same.
  toml::table written(const Config& config, const Writing& writing) const {
    toml::table table;
    for (const Key<Config>& key : keys_) key.write(config, table, writing);
    return table;
  }

  std::vector<KeyText> texts() const {
    std::vector<KeyText> texts;
    for (const Key<Config>& key : keys_) texts.push_back({key.name_, key.takes_, key.fallback(), key.help_});
    return texts;
  }

 private:
  std::vector<Key<Config>> keys_;
};

// For keys that fill more than one member, and for tables that are read into the config around them.
inline constexpr auto kWhole = [](auto& config) -> auto& {
  return config;
};

// A member of a member.
template <typename Outer, typename Inner>
constexpr auto within(Outer outer, Inner inner) {
  return [=](auto& config) -> auto& {
    return std::invoke(inner, std::invoke(outer, config));
  };
}

}  // namespace histokt
