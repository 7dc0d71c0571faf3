// SPDX-License-Identifier: MIT
// A minimal writer of torch.save's format, which can also write malformed files.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace histokt::pickled {

template <typename Number>
std::string bytes_of(Number number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof number);
}

template <typename Number>
std::string bytes_of(const std::vector<Number>& numbers) {
  return std::string(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number));
}

inline std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string text(const std::string& text) {
  return "X" + bytes_of(static_cast<std::uint32_t>(text.size())) + text;
}
inline std::string integer(std::int64_t number) {
  return "\x8a\x08" + bytes_of(number);
}
inline std::string tuple(const std::string& items) {
  return "(" + items + "t";
}
inline std::string call(const std::string& callable, const std::string& items) {
  return callable + tuple(items) + "R";
}

inline std::string integers(const std::vector<std::int64_t>& numbers) {
  std::string items;
  for (const std::int64_t number : numbers) items += integer(number);
  return tuple(items);
}

inline std::string storage(const std::string& type, const std::string& key, std::int64_t entries) {
  return tuple(text("storage") + global("torch", type) + text(key) + text("cpu") + integer(entries)) + "Q";
}

inline std::string empty_dict() {
  return call(global("collections", "OrderedDict"), "");
}

// A view of a storage.
inline std::string tensor(const std::string& a_storage, std::int64_t offset,
                          const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides) {
  return call(global("torch._utils", "_rebuild_tensor_v2"),
              a_storage + integer(offset) + integers(shape) + integers(strides) + "\x89" + empty_dict());
}

// A whole storage of float32 as one tensor of one axis.
inline std::string floats(const std::string& key, std::int64_t entries) {
  return tensor(storage("FloatStorage", key, entries), 0, {entries}, {1});
}

using Entries = std::vector<std::pair<std::string, std::string>>;

inline std::string dict(const Entries& entries, const std::string& start = empty_dict()) {
  std::string items;
  for (const auto& [name, value] : entries) items += text(name) + value;
  return start + "(" + items + "u";
}

inline std::string plain_dict(const Entries& entries) {
  return dict(entries, "}");
}

inline std::string pickle(const std::string& top) {
  return "\x80\x02" + top + ".";
}

// A zip archive of stored records; large: with every size in 64 bits, as beyond 4 GB.
inline std::string zip(const Entries& records, bool large = false) {
  using std::uint16_t, std::uint32_t, std::uint64_t;
  std::string file, directory;
  for (const auto& record : records) {
    const std::string &name = record.first, &content = record.second;  // clang 14 captures no bindings
    const auto checksum = static_cast<uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
    const uint64_t size = content.size(), begin = file.size();
    const std::string extra = large ? bytes_of<uint16_t>(1) + bytes_of<uint16_t>(24) + bytes_of(size) +
                                          bytes_of(size) + bytes_of(begin)
                                    : "";
    // Method, time, date, checksum, packed and unpacked size, length of the name and of what is extra.
    const auto facts = [&](bool in_extra) {
      const auto shown = in_extra ? ~uint32_t{0} : static_cast<uint32_t>(size);
      return bytes_of<uint16_t>(0) + bytes_of<uint32_t>(0) + bytes_of(checksum) + bytes_of(shown) +
             bytes_of(shown) + bytes_of(static_cast<uint16_t>(name.size())) +
             bytes_of(static_cast<uint16_t>(in_extra ? extra.size() : 0));
    };
    directory += "PK\1\2" + bytes_of<uint32_t>(0) + bytes_of<uint16_t>(0) + facts(large) +
                 std::string(10, '\0') + bytes_of(large ? ~uint32_t{0} : static_cast<uint32_t>(begin)) +
                 name + extra;
    file += "PK\3\4" + bytes_of<uint32_t>(0) + facts(false) + name + content;
  }
  const uint64_t count = records.size(), size = directory.size(), begin = file.size(), end = begin + size;
  file += directory;
  if (large) {
    file += "PK\6\6" + bytes_of<uint64_t>(44) + bytes_of<uint32_t>(0) + bytes_of<uint64_t>(0) +
            bytes_of(count) + bytes_of(count) + bytes_of(size) + bytes_of(begin);
    file += "PK\6\7" + bytes_of<uint32_t>(0) + bytes_of(end) + bytes_of<uint32_t>(1);
  }
  const auto shown = [&](uint64_t number) { return large ? ~uint32_t{0} : static_cast<uint32_t>(number); };
  return file + "PK\5\6" + bytes_of<uint32_t>(0) + bytes_of(static_cast<uint16_t>(shown(count))) +
         bytes_of(static_cast<uint16_t>(shown(count))) + bytes_of(shown(size)) + bytes_of(shown(begin)) +
         bytes_of<uint16_t>(0);
}

// A file of torch.save: the pickle of `top`, and storages by key.
inline std::string torch_file(const std::string& top, const Entries& storages, bool large = false) {
  Entries records = {{"archive/data.pkl", pickle(top)}};
  for (const auto& [key, content] : storages) records.emplace_back("archive/data/" + key, content);
  records.emplace_back("archive/version", "3\n");
  return zip(records, large);
}

}  // namespace histokt::pickled
