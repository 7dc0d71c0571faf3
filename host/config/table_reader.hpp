// SPDX-License-Identifier: MIT
// A reader of one TOML table, with errors a person can act on: file, line, column, key, what was found, what
// was expected, and the nearest right name for a key that is not known.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plugins/options.hpp"

namespace histokt {

// Each getter makes its key a known one; finish() refuses every other key. Getters of values refuse a missing
// key. All throw RequestError.
class TableReader {
 public:
  // where: "recipes.deep", for errors; "" for the top of the file. The table and source must outlive this.
  TableReader(const toml::table& table, const TomlSource& source, std::string where);

  void know(const std::string& key);
  bool has(const std::string& key);
  std::string string(const std::string& key);
  std::string choice(const std::string& key, const std::vector<std::string>& choices);
  bool boolean(const std::string& key);
  std::int64_t integer(const std::string& key, std::int64_t minimum, std::int64_t maximum);
  double number(const std::string& key, double minimum, double maximum);
  // One string or a list of them; never empty.
  std::vector<std::string> strings(const std::string& key);
  // One number or a list of them, each greater than `above` and finite; never empty.
  std::vector<double> numbers(const std::string& key, double above);
  // A table, or nullptr if the key is missing.
  const toml::table* table(const std::string& key);
  // The node of the key, or nullptr.
  const toml::node* node(const std::string& key);

  // Throws for the first key that no getter asked for.
  void finish() const;

  // Throws RequestError about a key: "file:line:col: recipes.deep.epochs is ..., expected ...".
  [[noreturn]] void fail(const std::string& key, const std::string& expected) const;

  // "file:line:col: " of a key, or of the table.
  std::string location(const std::string& key) const;
  std::string path_of(const std::string& key) const;
  const std::string& where() const { return where_; }
  const TomlSource& source() const { return source_; }

 private:
  const toml::node& require(const std::string& key, const std::string& expected);

  const toml::table& table_;
  const TomlSource& source_;
  std::string where_;
  std::vector<std::string> known_;
};

// What the getters expect, for their errors and for help.
std::string integer_says(std::int64_t minimum, std::int64_t maximum);
std::string number_says(double minimum, double maximum);
std::string numbers_says(double above);
inline constexpr const char* kStringsSays = "a string or a non-empty list of strings";

}  // namespace histokt
