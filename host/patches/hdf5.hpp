// SPDX-License-Identifier: MIT
// A small HDF5 wrapper for patch sets and split files, with errors as sentences. Internal to this folder.
#pragma once

#include <hdf5.h>
#include <histokt/adapters/hdf5_handle.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace histokt::hdf5 {

// While it lives, keeps the library to one thread, whether or not it was built thread-safe, and its error
// stack off standard error.
class Session {
 public:
  Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  std::unique_lock<std::recursive_mutex> lock_;
  adapters::Hdf5Quiet quiet_;  // made once the lock is held, destroyed before it
};

using Id = adapters::Hdf5Id;

// In-memory type of std::uint8_t, std::int8_t, std::int32_t, std::int64_t, std::uint64_t, float or double.
template <typename T>
hid_t type_of();

using Shape = std::vector<std::uint64_t>;

// An open file. Everything it throws is a RunError that begins with the file's name. Holds the library's lock
// as long as it lives, so keep it short.
class File {
 public:
  static File create(const std::filesystem::path& path);
  static File open(const std::filesystem::path& path);
  // New datasets of at least `threshold` bytes begin at multiples of `alignment`.
  static File open_to_extend(const std::filesystem::path& path, std::uint64_t threshold = 1,
                             std::uint64_t alignment = 1);

  const std::filesystem::path& path() const { return path_; }

  // Datasets, all in the root group.
  bool has(const std::string& name) const;  // also if it is a link into another file
  bool links_outside(const std::string& name) const;
  Shape shape(const std::string& name) const;
  // The offset in this file of the bytes of a contiguous dataset of 8-bit numbers.
  std::uint64_t contiguous_bytes_offset(const std::string& name) const;
  template <typename T>
  std::vector<T> read(const std::string& name, const Shape& expected) const {
    std::vector<T> values(checked_count(name, expected, sizeof(T)));
    read_raw(name, expected, type_of<T>(), values.data());
    return values;
  }
  std::vector<std::string> read_strings(const std::string& name, std::uint64_t expected) const;

  template <typename T>
  void write(const std::string& name, std::span<const T> values, const Shape& shape) {
    write_raw(name, shape, type_of<T>(), values.data());
  }
  void write_strings(const std::string& name, std::span<const std::string> values);
  // A contiguous dataset of 8-bit numbers whose bytes are left as they are in the file; returns their offset.
  std::uint64_t add_unwritten_bytes(const std::string& name, const Shape& shape);
  void add_external_link(const std::string& name, const std::string& file);

  // Attributes of the file.
  bool has_attribute(const std::string& name) const;
  void set_text(const std::string& name, std::string_view text);
  void set_texts(const std::string& name, std::span<const std::string> texts);
  template <typename T>
  void set_number(const std::string& name, T value) {
    set_raw(name, {}, type_of<T>(), &value);
  }
  template <typename T>
  void set_numbers(const std::string& name, std::span<const T> values) {
    set_raw(name, {values.size()}, type_of<T>(), values.data());
  }
  std::string text(const std::string& name) const;
  std::vector<std::string> texts(const std::string& name) const;
  template <typename T>
  T number(const std::string& name) const {
    T value{};
    get_raw(name, 1, type_of<T>(), &value);
    return value;
  }
  template <typename T>
  std::vector<T> numbers(const std::string& name, std::size_t count) const {
    std::vector<T> values(count);
    get_raw(name, count, type_of<T>(), values.data());
    return values;
  }

  // Writes what is still in memory; the file may then be renamed. Throws if writing fails.
  void close();

  [[noreturn]] void fail(const std::string& what) const;

 private:
  File(const std::filesystem::path& path);
  Id open_dataset(const std::string& name) const;
  Id open_attribute(const std::string& name) const;
  Id add_dataset(const std::string& name, hid_t type, const Shape& shape, bool unwritten);
  // The number of entries of a dataset of that shape, after its shape and its size in the file were checked:
  // no memory is allocated for data that cannot be there.
  std::size_t checked_count(const std::string& name, const Shape& expected, std::size_t entry_bytes) const;
  void read_raw(const std::string& name, const Shape& expected, hid_t type, void* out) const;
  void write_raw(const std::string& name, const Shape& shape, hid_t type, const void* values);
  void set_raw(const std::string& name, const Shape& shape, hid_t type, const void* values);
  void get_raw(const std::string& name, std::size_t count, hid_t type, void* out) const;
  std::vector<std::string> take_strings(const std::string& what, hid_t space, std::vector<char*>& raw,
                                        hid_t type, bool whole) const;
  hid_t checked(hid_t id, const std::string& what) const;

  std::filesystem::path path_;
  std::string remedy_;  // the advice for a file that could be opened but not read
  std::unique_ptr<Session> session_;
  Id file_{H5I_INVALID_HID, H5Fclose};
};

}  // namespace histokt::hdf5
