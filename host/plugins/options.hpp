// SPDX-License-Identifier: MIT
// Options of plugins and of the host's own steps: what a user wrote in TOML is checked against a table of
// declarations; defaults are filled in; the result travels to the plugin, into identities and into results.
#pragma once

#include <histokt/plugin.h>

#include <toml++/toml.h>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

namespace histokt {

// The source of a TOML table, for errors and relative paths.
struct TomlSource {
  std::string file;                   // "experiment.toml", or "command line"
  std::filesystem::path base_folder;  // what relative paths are relative to
};

// "experiment.toml:12:3: " for a node of the file; unknown parts are omitted.
std::string located(const TomlSource& source, const toml::node& node);

// "a string", "an integer", "a list" ... of a TOML node, for errors.
std::string toml_type_name(const toml::node& node);

// What a user wrote for some options, by key. The nodes are those of the document itself, not copies, because
// only they keep line and column; the document must outlive this.
class GivenOptions {
 public:
  GivenOptions() = default;
  GivenOptions(const toml::table& table) {
    override_with(table);
  }  // NOLINT: a table is meant where one is given

  // Adds the table's keys; existing ones get its values.
  void override_with(const toml::table& table);
  void set(const std::string& key, const toml::node& node) { nodes_[key] = &node; }

  // nullptr if not given.
  const toml::node* find(const std::string& key) const;
  const std::map<std::string, const toml::node*>& nodes() const { return nodes_; }
  // Copies, without line and column.
  toml::table table() const;

 private:
  std::map<std::string, const toml::node*> nodes_;
};

// A resolved table of options, each declared option exactly once. Immutable; copies share the storage.
class OptionSet {
 public:
  // Checks `given` against the declarations. `owner` is for errors: `dataset "folder"`. Throws RequestError
  // with file, line and column, the key, what was found, what was expected and the nearest right name.
  static OptionSet resolve(std::span<const histokt_option> declared, const GivenOptions& given,
                           const TomlSource& source, const std::string& owner);

  OptionSet();

  // For the plugin. Valid as long as this object or a copy of it.
  const histokt_settings& settings() const;

  // The resolved values by key: what goes into identities and results.
  const nlohmann::json& json() const;

 private:
  struct Storage;
  explicit OptionSet(std::shared_ptr<const Storage> storage);

  std::shared_ptr<const Storage> storage_;
};

// "an integer from 8 to 8192", "a string: nearest or truncate".
std::string option_takes(const histokt_option& option);

// One line of help for an option: key, type, default, range or choices, help.
std::string option_help(const histokt_option& option);

// A TOML value as JSON: dates and times as text.
nlohmann::json toml_to_json(const toml::node& node);

}  // namespace histokt
