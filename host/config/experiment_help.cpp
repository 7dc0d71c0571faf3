// SPDX-License-Identifier: MIT
#include "config/experiment_help.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "config/standardize_options.hpp"
#include "config/toml_tables/toml_tables.hpp"

namespace histokt {
namespace {

std::vector<KeyText> standardize_texts() {
  std::vector<KeyText> texts;
  for (const histokt_option& option : standardize_options()) {
    texts.push_back(
        {option.key, option_takes(option), "`" + std::string(option.default_text) + "`", option.help});
  }
  return texts;
}

std::string without(std::string text, const std::string& characters) {
  std::erase_if(text, [&](char c) { return characters.find(c) != std::string::npos; });
  return text;
}

// Text for a terminal: words stand there without `...`, and [a link](FILE) as a link.
std::string plain(std::string text) {
  for (std::size_t end; (end = text.find("](")) != std::string::npos;) {
    const std::size_t begin = text.rfind('[', end), close = text.find(')', end);
    text = text.substr(0, begin) + text.substr(begin + 1, end - begin - 1) + text.substr(close + 1);
  }
  return without(text, "`");
}

std::string lines_of(const TableText& table) {
  std::string lines = table.title + "\n";
  for (const KeyText& key : table.keys) {
    lines += "  " + key.name + ": " + plain(key.help) + " (" + key.takes +
             (key.fallback == "required" ? "; " : "; default ") + plain(key.fallback) + ")\n";
  }
  return lines;
}

// "recipes.optimizer" of "[recipes.deep.optimizer]" and of "recipes.deep.optimizer".
std::string name_of_table(const std::string& said, const std::vector<TableText>& tables) {
  std::string word = without(said, "[]");
  const auto is_known = [&](const std::string& name) {
    return std::ranges::find(tables, name, &TableText::name) != tables.end();
  };
  const std::size_t dot = word.find('.');
  if (is_known(word) || dot == std::string::npos) return word;
  const std::size_t next = word.find('.', dot + 1);
  std::string unnamed = word.substr(0, dot) + (next == std::string::npos ? "" : word.substr(next));
  if (is_known(unnamed)) return unnamed;
  return word;
}

}  // namespace

std::vector<TableText> experiment_tables() {
  return {{"", "Top level of the file", experiment_keys().texts()},
          {"datasets", "[datasets.NAME]", dataset_keys().texts()},
          {"standardize", "[standardize]", standardize_texts()},
          {"recipes", "[recipes.NAME]", recipe_keys().texts()},
          {"recipes.optimizer", "[recipes.NAME.optimizer]", optimizer_keys().texts()},
          {"recipes.schedule", "[recipes.NAME.schedule]", schedule_keys().texts()},
          {"recipes.augmentation", "[recipes.NAME.augmentation]", augmentation_keys().texts()},
          {"matrix", "[matrix], or several [[matrix]]", matrix_keys().texts()},
          {"distill", "[[distill]]", distill_keys().texts()},
          {"distill.diagnose", "[distill.diagnose]", diagnosis_keys().texts()}};
}

std::string experiment_help(const std::string& table) {
  const std::vector<TableText> tables = experiment_tables();
  const std::string name = name_of_table(table, tables);
  std::string text;
  std::vector<std::string> names;
  for (const TableText& known : tables) {
    if (!known.name.empty()) names.push_back(known.name);
    const bool is_within = !name.empty() && known.name.starts_with(name + ".");
    if (known.name == name || is_within) text += (text.empty() ? "" : "\n") + lines_of(known);
  }
  if (text.empty()) {
    throw RequestError("help experiment " + table + ": an experiment has no such table." +
                       did_you_mean(name, names) + " Its tables are " + joined(names) + ".");
  }
  if (name.empty())
    text += "\nhistokt-host help experiment TABLE has the keys of " + joined(names, " or ") + ".\n";
  return text;
}

std::string key_reference(const TableText& table) {
  std::string text = "| key | takes | default | meaning |\n|---|---|---|---|\n";
  for (const KeyText& key : table.keys) {
    text += "| `" + key.name + "` | " + key.takes + " | " + key.fallback + " | " + key.help + " |\n";
  }
  return text;
}

}  // namespace histokt
