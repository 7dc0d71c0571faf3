// SPDX-License-Identifier: MIT
#include "config/key_types.hpp"

#include <sstream>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace histokt {
namespace {

Keys<PluginChoice> plugin_keys(histokt_kind kind) {
  return {Key<PluginChoice>("use", kWhole, PluginName{}, "The plugin.").required(),
          {"options", kWhole, PluginOptions{kind}, "The plugin's own options."}};
}

}  // namespace

namespace fs = std::filesystem;

std::string alternatives(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  quoted.reserve(words.size());
  for (const std::string& word : words) quoted.push_back("\"" + word + "\"");
  return joined(quoted, " or ");
}

std::string value_text(const toml::node& node) {
  if (node.is_floating_point()) return number_text(**node.as_floating_point());
  std::ostringstream text;
  constexpr auto kFlags = toml::toml_formatter::default_flags & ~toml::format_flags::allow_literal_strings;
  text << toml::toml_formatter(node, kFlags);
  return text.str();
}

bool Name::fits(const std::string& name) {
  return !name.empty() && name.size() <= 64 && name == file_safe(name) &&
         name.find_first_not_of('.') != std::string::npos;
}

void Name::check(const KeyPlace& place, const std::string& name) {
  if (!fits(name)) place.fail(says());
}

void Name::read(const KeyPlace& place, std::string& value) {
  Text::read(place, value);
  check(place, value);
}

void Texts::write(const std::vector<std::string>& value, const std::string& key, toml::table& into,
                  const Writing&) {
  if (!value.empty()) into.insert(key, array_of(value));
}

void Numbers::write(const std::vector<double>& value, const std::string& key, toml::table& into,
                    const Writing&) {
  if (!value.empty()) into.insert(key, array_of(value));
}

void Path::read(const KeyPlace& place, fs::path& value) {
  const fs::path& base = place.table.source().base_folder;
  value = fs::absolute(base / place.table.string(place.key)).lexically_normal();
}

void Path::write(const fs::path& value, const std::string& key, toml::table& into, const Writing&) {
  if (!value.empty()) into.insert(key, value.string());
}

void File::read(const KeyPlace& place, fs::path& value) const {
  Path::read(place, value);
  std::error_code error;
  if (fs::is_regular_file(value, error)) return;
  throw RequestError(place.table.location(place.key) + place.table.path_of(place.key) +
                     ": there is no file " + value.string() + "; " + remedy + ".");
}

void PluginName::set(const KeyPlace& place, const std::string& name, PluginChoice& choice) {
  choice.use = name;
  choice.where = place.table.where();
  choice.location = place.table.location(place.key);
}

void PluginOptions::read(const KeyPlace& place, PluginChoice& choice) {
  if (const toml::table* options = place.table.table(place.key)) choice.options.override_with(*options);
}

void PluginValue::read(const KeyPlace& place, const toml::node& node, PluginChoice& choice) const {
  const TomlSource& source = place.table.source();
  const std::string where = place.table.path_of(place.key);
  if (node.is_string()) {
    choice = {**node.as_string(), {}, where, located(source, node)};
    return;
  }
  const toml::table* table = node.as_table();
  if (!table) {
    throw RequestError(located(source, node) + where + " is " + toml_type_name(node) +
                       ", expected a plugin's name or { use = NAME, options = {...} }.");
  }
  TableReader reader(*table, source, where);
  plugin_keys(kind).read(reader, choice, place.experiment);
}

toml::table PluginValue::written(const PluginChoice& choice, const Writing& writing) const {
  return plugin_keys(kind).written(choice, writing);
}

}  // namespace histokt
