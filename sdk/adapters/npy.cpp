// SPDX-License-Identifier: MIT
#include <histokt/adapters/npy.hpp>
#include <histokt/host.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace histokt::adapters {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, const std::string& what) {
  throw PluginError(file.string() + ": " + what);
}

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || fs::is_directory(file)) fail(file, "cannot be opened; is it there, and may it be read?");
  std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream.bad()) fail(file, "cannot be read to its end");
  return bytes;
}

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size, bool big_endian) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t place = big_endian ? i : size - 1 - i;
    number = number << 8 | static_cast<unsigned char>(bytes[at + place]);
  }
  return number;
}

// What follows `key` in a header such as {'descr': '<i8', 'fortran_order': False, 'shape': (3,), }.
std::string_view value_of(std::string_view header, std::string_view key, const fs::path& file) {
  const std::size_t at = header.find("'" + std::string(key) + "':");
  if (at == std::string_view::npos)
    fail(file, "is not a NumPy array: its header names no " + std::string(key));
  std::string_view value = header.substr(at + key.size() + 3);
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  return value;
}

struct Kind {
  std::size_t size = 0;
  bool is_signed = false, big_endian = false;
};

Kind kind_of(std::string_view header, const fs::path& file) {
  const std::string_view value = value_of(header, "descr", file);
  const std::string_view text = value.starts_with('\'') ? value.substr(1, value.find('\'', 1) - 1) : value;
  const bool known = text.size() == 3 && std::string_view("<>|=").find(text[0]) != std::string_view::npos &&
                     (text[1] == 'i' || text[1] == 'u') &&
                     std::string_view("1248").find(text[2]) != std::string_view::npos;
  if (!known) {
    fail(file, "holds numbers of the type " + std::string(text.substr(0, 40)) +
                   "; whole numbers were expected, such as '<i8'");
  }
  return {static_cast<std::size_t>(text[2] - '0'), text[1] == 'i', text[0] == '>'};
}

std::size_t count_of(std::string_view header, const fs::path& file) {
  const std::string_view value = value_of(header, "shape", file);
  const std::string_view shape = value.substr(0, value.find(')'));
  std::size_t count = 0;
  const char* const end = shape.data() + shape.size();
  const auto [after, error] =
      std::from_chars(shape.data() + std::min<std::size_t>(1, shape.size()), end, count);
  if (!shape.starts_with('(') || error != std::errc() || std::string_view(after, end) != ",") {
    fail(file, "has the shape " + std::string(shape.substr(0, 60)) + (shape.starts_with('(') ? ")" : "") +
                   "; one dimension was expected, such as (14134,)");
  }
  return count;
}

}  // namespace

std::vector<std::int64_t> read_npy_integers(const fs::path& file) {
  const std::string bytes = bytes_of(file);
  if (!bytes.starts_with("\x93NUMPY") || bytes.size() < 10) fail(file, "is not a NumPy array (.npy)");
  const bool short_length = bytes[6] == 1;
  const std::size_t begun = short_length ? 10 : 12;
  const std::size_t length = bytes.size() < begun ? 0 : number_at(bytes, 8, short_length ? 2 : 4, false);
  if (bytes.size() < begun || length > bytes.size() - begun) fail(file, "is cut off within its header");
  const std::string_view header = std::string_view(bytes).substr(begun, length);
  const Kind kind = kind_of(header, file);
  const std::size_t count = count_of(header, file);
  const std::string_view data = std::string_view(bytes).substr(begun + length);
  if (data.size() % kind.size != 0 || data.size() / kind.size != count) {
    fail(file, "holds " + std::to_string(data.size()) + " bytes of numbers where its header says " +
                   std::to_string(count) + " numbers of " + std::to_string(kind.size) +
                   " bytes; is the download complete?");
  }
  std::vector<std::int64_t> numbers;
  numbers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t raw = number_at(data, i * kind.size, kind.size, kind.big_endian);
    const int unused = static_cast<int>(64 - 8 * kind.size);
    const auto widened = static_cast<std::int64_t>(raw << unused) >> unused;  // keeps the sign
    numbers.push_back(kind.is_signed ? widened : static_cast<std::int64_t>(raw));
  }
  return numbers;
}

}  // namespace histokt::adapters
