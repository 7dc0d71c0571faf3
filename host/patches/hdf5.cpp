// SPDX-License-Identifier: MIT
#include "patches/hdf5.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <histokt/adapters/text.hpp>
#include <string_view>

#include "base/errors.hpp"
#include "base/files.hpp"

namespace histokt::hdf5 {
namespace {

namespace fs = std::filesystem;

std::unique_lock<std::recursive_mutex> locked_library() {
  // Every file is closed where it was opened. The library's own clearing up at exit would fall over what a
  // full disk has left in it. To be said before any other call.
  static const herr_t once = H5dont_atexit();
  static_cast<void>(once);
  static std::recursive_mutex mutex;
  return std::unique_lock(mutex);
}

// The library's innermost reason for its last failure, which is then forgotten.
std::string last_reason() {
  const std::string reason = adapters::hdf5_reason();
  H5Eclear2(H5E_DEFAULT);
  // Where the system refused, the text goes on for lines: "..., errno = 28, error message = ...".
  const std::size_t number = reason.find("errno = ");
  return number == std::string::npos ? reason : write_failure(std::atoi(reason.c_str() + number + 8));
}

Id string_type() {
  Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

// Files here are written under a name of their own and never changed once they have their final one, so
// locks, which some network file systems lack, would only be in the way.
Id access_settings() {
  Id settings(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(settings, false, true);
  return settings;
}

bool holds_variable_strings(hid_t type) {
  return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) > 0;
}

Id space_of(const Shape& shape) {
  if (shape.empty()) return {H5Screate(H5S_SCALAR), H5Sclose};
  const std::vector<hsize_t> sides(shape.begin(), shape.end());
  return {H5Screate_simple(static_cast<int>(sides.size()), sides.data(), nullptr), H5Sclose};
}

Shape shape_of(hid_t space) {
  const int rank = H5Sget_simple_extent_ndims(space);
  std::vector<hsize_t> sides(static_cast<std::size_t>(std::max(rank, 0)));
  if (rank > 0) H5Sget_simple_extent_dims(space, sides.data(), nullptr);
  return {sides.begin(), sides.end()};
}

std::string shape_text(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

std::vector<const char*> pointers_to(std::span<const std::string> values) {
  std::vector<const char*> pointers;
  pointers.reserve(values.size());
  for (const std::string& value : values) pointers.push_back(value.c_str());
  return pointers;
}

std::uint64_t little_endian(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// What is wrong with the superblock (HDF5 file format specification, II.A) that a file of that size begins
// with;
// "" for nothing that shows here.
std::string superblock_fault(std::string_view start, std::uint64_t file_bytes) {
  constexpr std::string_view kSignature = "\x89HDF\r\n\x1A\n";
  constexpr std::uint64_t kNowhere = ~std::uint64_t{0};
  if (!start.starts_with(kSignature) || start.size() < 48) return "it does not begin with the HDF5 signature";
  const int version = static_cast<unsigned char>(start[8]);
  if (version > 3) return "it has a superblock of version " + std::to_string(version);
  const bool is_old = version < 2;
  if (is_old && start.size() < 96) return "it ends within its superblock";
  const std::size_t sizes = is_old ? 13 : 9;
  if (start[sizes] != 8 || start[sizes + 1] != 8) return "its offsets or lengths do not have 8 bytes";
  const std::size_t base = version == 0 ? 24 : version == 1 ? 28 : 12;
  if (little_endian(start, base) != 0) return "its base address is not 0";
  if (is_old && little_endian(start, base + 24) != kNowhere)
    return "its superblock refers to a driver for several files";
  const std::uint64_t said = little_endian(start, base + 16);
  if (said > file_bytes) {
    return "its superblock says it has " + std::to_string(said) + " bytes, but there are " +
           std::to_string(file_bytes);
  }
  return "";
}

// The library is not made for files that lie, and a pipe would keep it waiting: what is plainly no HDF5 file
// is kept from it. "" where it may be tried.
std::string plain_fault(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return "there is no such file";
  if (!fs::is_regular_file(status)) return "it is not a regular file";
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return "no permission to read it; change its permissions";
  std::array<char, 96> start{};
  stream.read(start.data(), start.size());
  const std::uint64_t file_bytes = fs::file_size(path, error);
  return superblock_fault({start.data(), static_cast<std::size_t>(stream.gcount())}, file_bytes);
}

}  // namespace

template <>
hid_t type_of<std::uint8_t>() {
  return H5T_NATIVE_UINT8;
}
template <>
hid_t type_of<std::int8_t>() {
  return H5T_NATIVE_INT8;
}
template <>
hid_t type_of<std::int32_t>() {
  return H5T_NATIVE_INT32;
}
template <>
hid_t type_of<std::int64_t>() {
  return H5T_NATIVE_INT64;
}
template <>
hid_t type_of<std::uint64_t>() {
  return H5T_NATIVE_UINT64;
}
template <>
hid_t type_of<float>() {
  return H5T_NATIVE_FLOAT;
}
template <>
hid_t type_of<double>() {
  return H5T_NATIVE_DOUBLE;
}

Session::Session() : lock_(locked_library()) {}

File::File(const fs::path& path) : path_(path), session_(std::make_unique<Session>()) {}

File File::create(const fs::path& path) {
  File file(path);
  const Id settings(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_obj_track_times(settings, false);
  file.file_ = Id(file.checked(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, settings, access_settings()),
                               "cannot be created as an HDF5 file"),
                  H5Fclose);
  return file;
}

File File::open(const fs::path& path) {
  File file(path);
  if (const std::string fault = plain_fault(path); !fault.empty()) {
    file.fail("cannot be opened as an HDF5 file; it is missing, truncated or not an HDF5 file (" + fault +
              "). Check the name, or make it again");
  }
  file.file_ =
      Id(file.checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access_settings()),
                      "cannot be opened as an HDF5 file; it is missing, truncated or not an HDF5 file"),
         H5Fclose);
  file.remedy_ =
      ". The file is damaged: make it again; where a run made it, remove its step's folder and run the same "
      "command again";
  return file;
}

File File::open_to_extend(const fs::path& path, std::uint64_t threshold, std::uint64_t alignment) {
  File file(path);
  const Id settings = access_settings();
  H5Pset_alignment(settings, threshold, alignment);
  file.file_ = Id(file.checked(H5Fopen(path.c_str(), H5F_ACC_RDWR, settings),
                               "cannot be opened as an HDF5 file to write to"),
                  H5Fclose);
  return file;
}

void File::fail(const std::string& what) const {
  throw RunError(path_.string() + ": " + what);
}

hid_t File::checked(hid_t id, const std::string& what) const {
  if (id < 0) fail(what + " (" + last_reason() + ")" + remedy_);
  return id;
}

bool File::has(const std::string& name) const {
  return H5Lexists(file_, name.c_str(), H5P_DEFAULT) > 0;
}

bool File::links_outside(const std::string& name) const {
  H5L_info_t link{};
  return has(name) && H5Lget_info(file_, name.c_str(), &link, H5P_DEFAULT) >= 0 &&
         link.type == H5L_TYPE_EXTERNAL;
}

Id File::open_dataset(const std::string& name) const {
  if (!has(name)) fail("there is no dataset `" + name + "`");
  return {checked(H5Dopen2(file_, name.c_str(), H5P_DEFAULT), "the dataset `" + name + "` cannot be opened"),
          H5Dclose};
}

Id File::open_attribute(const std::string& name) const {
  if (!has_attribute(name)) {
    fail("there is no attribute `" + name +
         "`; it is not a patch set of this program, or one of an older version: make it again with "
         "histokt-host standardize");
  }
  return {checked(H5Aopen(file_, name.c_str(), H5P_DEFAULT), "the attribute `" + name + "` cannot be opened"),
          H5Aclose};
}

Shape File::shape(const std::string& name) const {
  const Id dataset = open_dataset(name);
  return shape_of(Id(H5Dget_space(dataset), H5Sclose));
}

std::uint64_t File::contiguous_bytes_offset(const std::string& name) const {
  const Id dataset = open_dataset(name);
  const Id type(H5Dget_type(dataset), H5Tclose);
  const Id settings(H5Dget_create_plist(dataset), H5Pclose);
  if (H5Tequal(type, H5T_NATIVE_UINT8) <= 0) fail("`" + name + "` does not hold 8-bit numbers");
  const haddr_t offset = H5Dget_offset(dataset);
  if (H5Pget_layout(settings) != H5D_CONTIGUOUS || offset == HADDR_UNDEF) {
    fail("`" + name +
         "` is not stored contiguously, so it cannot be mapped into memory; write it without "
         "chunks and compression");
  }
  return offset;
}

std::size_t File::checked_count(const std::string& name, const Shape& expected,
                                std::size_t entry_bytes) const {
  const Id dataset = open_dataset(name);
  const Shape found = shape_of(Id(H5Dget_space(dataset), H5Sclose));
  if (found != expected) {
    fail("`" + name + "` has shape " + shape_text(found) + ", expected " + shape_text(expected));
  }
  hsize_t file_bytes = 0;
  H5Fget_filesize(file_, &file_bytes);
  const Id settings(H5Dget_create_plist(dataset), H5Pclose);
  // Packed tables may be smaller than what they hold, but not without end.
  const std::uint64_t most =
      file_bytes * (H5Pget_layout(settings) == H5D_CONTIGUOUS ? 1 : 1000) / entry_bytes;
  std::uint64_t count = 1;
  for (const std::uint64_t side : expected) {
    if (side > 0 && count > most / side) {
      fail("`" + name + "` has shape " + shape_text(found) +
           ", more than the file can hold; it is damaged or truncated");
    }
    count *= side;
  }
  return count;
}

void File::read_raw(const std::string& name, const Shape& expected, hid_t type, void* out) const {
  const Id dataset = open_dataset(name);
  const Shape found = shape_of(Id(H5Dget_space(dataset), H5Sclose));
  if (found != expected) fail("`" + name + "` changed while it was read");
  const Id stored(H5Dget_type(dataset), H5Tclose);
  if (H5Tequal(stored, type) <= 0) fail("`" + name + "` does not hold numbers of the expected type");
  checked(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out), "`" + name + "` cannot be read");
}

// Copies and gives back what the library made, also the part of it that was made before it failed (not
// `whole`).
std::vector<std::string> File::take_strings(const std::string& what, hid_t space, std::vector<char*>& raw,
                                            hid_t type, bool whole) const {
  const std::string reason = whole ? "" : last_reason();
  std::vector<std::string> values;
  values.reserve(raw.size());
  for (const char* text : raw) values.emplace_back(text ? text : "");
  H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw.data());
  if (!whole) fail(what + " cannot be read (" + reason + ")" + remedy_);
  if (!std::ranges::all_of(values, [](const std::string& value) { return adapters::is_utf8(value); })) {
    fail(what + " holds text that is not UTF-8");
  }
  return values;
}

std::vector<std::string> File::read_strings(const std::string& name, std::uint64_t expected) const {
  const Id dataset = open_dataset(name);
  const Id space(H5Dget_space(dataset), H5Sclose);
  if (!holds_variable_strings(Id(H5Dget_type(dataset), H5Tclose)) || shape_of(space) != Shape{expected}) {
    fail("`" + name + "` does not hold " + std::to_string(expected) + " variable-length strings");
  }
  const Id type = string_type();
  constexpr std::size_t kReferenceBytes = 16;  // a length and a place
  std::vector<char*> raw(checked_count(name, {expected}, kReferenceBytes));
  const bool whole = H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()) >= 0;
  return take_strings("`" + name + "`", space, raw, type, whole);
}

Id File::add_dataset(const std::string& name, hid_t type, const Shape& shape, bool unwritten) {
  const Id space = space_of(shape);
  const Id settings(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(settings, false);
  H5Pset_layout(settings, H5D_CONTIGUOUS);
  H5Pset_alloc_time(settings, H5D_ALLOC_TIME_EARLY);
  if (unwritten) H5Pset_fill_time(settings, H5D_FILL_TIME_NEVER);
  return {checked(H5Dcreate2(file_, name.c_str(), type, space, H5P_DEFAULT, settings, H5P_DEFAULT),
                  "the dataset `" + name + "` cannot be added"),
          H5Dclose};
}

void File::write_raw(const std::string& name, const Shape& shape, hid_t type, const void* values) {
  const Id dataset = add_dataset(name, type, shape, false);
  checked(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "`" + name + "` cannot be written");
}

void File::write_strings(const std::string& name, std::span<const std::string> values) {
  const Id type = string_type();
  write_raw(name, {values.size()}, type, pointers_to(values).data());
}

std::uint64_t File::add_unwritten_bytes(const std::string& name, const Shape& shape) {
  const Id dataset = add_dataset(name, H5T_NATIVE_UINT8, shape, true);
  return H5Dget_offset(dataset);
}

void File::add_external_link(const std::string& name, const std::string& file) {
  checked(
      H5Lcreate_external(file.c_str(), ("/" + name).c_str(), file_, name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
      "the link `" + name + "` cannot be added");
}

bool File::has_attribute(const std::string& name) const {
  return H5Aexists(file_, name.c_str()) > 0;
}

void File::set_raw(const std::string& name, const Shape& shape, hid_t type, const void* values) {
  const Id space = space_of(shape);
  const std::string what = "the attribute `" + name + "` cannot be written";
  const Id attribute(checked(H5Acreate2(file_, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), what),
                     H5Aclose);
  const int none = 0;  // the library wants an address for an empty list, too
  checked(H5Awrite(attribute, type, values ? values : &none), what);
}

void File::set_text(const std::string& name, std::string_view text) {
  const std::string copy(text);
  const char* const pointer = copy.c_str();
  set_raw(name, {}, string_type(), &pointer);
}

void File::set_texts(const std::string& name, std::span<const std::string> texts) {
  set_raw(name, {texts.size()}, string_type(), pointers_to(texts).data());
}

std::vector<std::string> File::texts(const std::string& name) const {
  const Id attribute = open_attribute(name);
  const Id space(H5Aget_space(attribute), H5Sclose);
  if (!holds_variable_strings(Id(H5Aget_type(attribute), H5Tclose))) {
    fail("the attribute `" + name + "` does not hold text of variable length");
  }
  const Id type = string_type();
  constexpr hssize_t kMostTexts = 1 << 20;
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  if (count < 0 || count > kMostTexts)
    fail("the attribute `" + name + "` holds too many texts; the file is damaged");
  std::vector<char*> raw(static_cast<std::size_t>(count));
  if (raw.empty()) return {};
  const bool whole = H5Aread(attribute, type, raw.data()) >= 0;
  return take_strings("the attribute `" + name + "`", space, raw, type, whole);
}

std::string File::text(const std::string& name) const {
  const std::vector<std::string> found = texts(name);
  if (found.size() != 1) fail("the attribute `" + name + "` does not hold one text");
  return found.front();
}

void File::get_raw(const std::string& name, std::size_t count, hid_t type, void* out) const {
  const Id attribute = open_attribute(name);
  const Id space(H5Aget_space(attribute), H5Sclose);
  const Id stored(H5Aget_type(attribute), H5Tclose);
  const H5T_class_t kind = H5Tget_class(stored);
  if (H5Sget_simple_extent_npoints(space) != static_cast<hssize_t>(count) ||
      (kind != H5T_INTEGER && kind != H5T_FLOAT)) {
    fail("the attribute `" + name + "` does not hold " + std::to_string(count) + " number(s)");
  }
  checked(H5Aread(attribute, type, out), "the attribute `" + name + "` cannot be read");
}

void File::close() {
  Id file = std::move(file_);
  file_ = Id(H5I_INVALID_HID, H5Fclose);
  checked(H5Fflush(file, H5F_SCOPE_LOCAL), "writing failed");
}

}  // namespace histokt::hdf5
