// SPDX-License-Identifier: MIT
// Any bytes as a table: rows of UTF-8 cells, or refused with a PluginError. The cells are also taken for
// names of files, which must lie below their root or be refused.
#include <cstdlib>
#include <histokt/adapters/csv.hpp>
#include <histokt/adapters/folders.hpp>
#include <histokt/adapters/text.hpp>
#include <histokt/host.hpp>

namespace {

using namespace histokt::adapters;

void use_as_name(const std::string& cell) {
  static const std::filesystem::path kRoot = "/no/such/root";
  try {
    const std::string path = resolve_below(kRoot, cell).lexically_normal().string();
    if (!path.starts_with("/no/such/root")) std::abort();
  } catch (const histokt::PluginError&) {
  }
}

void use(const Table& table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    try {
      const Row row = table.row(i);
      for (std::size_t c = 0; c < row.size(); ++c) {
        if (!is_utf8(row[c])) std::abort();
      }
      if (i == 0 && row.size() > 0) use_as_name(row[std::size_t{0}]);
      for (const std::string& column : table.columns()) row.integer(column);
    } catch (const histokt::PluginError&) {
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Table::Header header : {Table::Header::kFirstLine, Table::Header::kNone}) {
    try {
      use(Table::parse(text, "fuzz.csv", header));
    } catch (const histokt::PluginError&) {
    }
  }
  return 0;
}
