// SPDX-License-Identifier: MIT
// After PKWARE's APPNOTE 6.3.9; section numbers in the comments are its.
#include "tensors/zip_archive.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/errors.hpp"

namespace histokt {
namespace {

constexpr std::uint64_t kEndSize = 22;  // 4.3.16, without its comment
constexpr std::uint64_t kLongestComment = 0xFFFF;
constexpr std::uint64_t kLocatorSize = 20;       // 4.3.15
constexpr std::uint64_t kLargeEndSize = 56;      // 4.3.14
constexpr std::uint64_t kEntrySize = 46;         // 4.3.12
constexpr std::uint64_t kRecordHeaderSize = 30;  // 4.3.7
constexpr std::uint64_t kLargestDirectory = 64 << 20;
constexpr std::uint16_t kSizesExtra = 0x0001;   // 4.5.3
constexpr std::uint32_t kInExtra = 0xFFFFFFFF;  // "the number stands in the extra field"

constexpr std::string_view kEndMark = "PK\5\6", kLocatorMark = "PK\6\7", kLargeEndMark = "PK\6\6",
                           kEntryMark = "PK\1\2", kRecordMark = "PK\3\4";

// A little-endian number at `at`; the caller has checked that it lies within.
template <typename Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

std::string bytes_at(const InputFile& file, std::uint64_t begin, std::uint64_t count) {
  std::string bytes(count, '\0');
  file.read(begin, bytes.data(), count);
  return bytes;
}

struct Directory {
  std::uint64_t begin = 0, size = 0, records = 0;
  std::uint64_t end = 0;  // where what ends the archive begins
};

// 4.3.14: the same numbers in 64 bits, found through the locator just before the archive's end.
std::optional<Directory> large_directory(const InputFile& file, std::uint64_t end) {
  if (end < kLocatorSize) return std::nullopt;
  const std::string locator = bytes_at(file, end - kLocatorSize, kLocatorSize);
  if (!locator.starts_with(kLocatorMark)) return std::nullopt;
  const auto at = number_at<std::uint64_t>(locator, 8);
  if (end - kLocatorSize < kLargeEndSize || at > end - kLocatorSize - kLargeEndSize) {
    throw RunError("its zip64 directory is said to end at byte " + std::to_string(at) +
                   ", beyond the archive's end");
  }
  const std::string bytes = bytes_at(file, at, kLargeEndSize);
  if (!bytes.starts_with(kLargeEndMark))
    throw RunError("its zip64 directory does not end where its record says");
  return Directory{number_at<std::uint64_t>(bytes, 48), number_at<std::uint64_t>(bytes, 40),
                   number_at<std::uint64_t>(bytes, 32), at};
}

Directory find_directory(const InputFile& file) {
  const std::uint64_t looked_at = std::min(file.size(), kEndSize + kLongestComment);
  const std::string tail = bytes_at(file, file.size() - looked_at, looked_at);
  const std::size_t found = tail.rfind(kEndMark);
  if (found == std::string::npos || tail.size() - found < kEndSize) {
    throw RunError(
        "the directory at the archive's end is missing: the file is truncated; download or copy it again");
  }
  const std::uint64_t end = file.size() - looked_at + found;
  Directory directory{number_at<std::uint32_t>(tail, found + 16), number_at<std::uint32_t>(tail, found + 12),
                      number_at<std::uint16_t>(tail, found + 10), end};
  const bool is_large =
      directory.begin == kInExtra || directory.size == kInExtra || directory.records == 0xFFFF;
  if (const auto large = large_directory(file, end)) {
    if (is_large) directory = *large;
    directory.end = large->end;
  }
  if (number_at<std::uint16_t>(tail, found + 4) != 0)
    throw RunError("it is one part of an archive of several");
  if (directory.begin > directory.end || directory.size > directory.end - directory.begin) {
    throw RunError("its directory is said to take " + std::to_string(directory.size) + " bytes from byte " +
                   std::to_string(directory.begin) + ", beyond the archive's end at " +
                   std::to_string(directory.end) + "; the file is damaged");
  }
  if (directory.size > kLargestDirectory) {
    throw RunError("its directory takes " + std::to_string(directory.size) +
                   " bytes, more than the 64 MB allowed");
  }
  return directory;
}

// 4.5.3: of size, packed size and place those that did not fit their fields, in this order.
void read_large_sizes(std::string_view extra, ZipRecord& record, bool unpacked, bool size, bool begin) {
  while (extra.size() >= 4) {
    const auto id = number_at<std::uint16_t>(extra, 0), length = number_at<std::uint16_t>(extra, 2);
    if (length > extra.size() - 4) break;
    std::string_view field = extra.substr(4, length);
    extra.remove_prefix(4 + std::size_t{length});
    if (id != kSizesExtra) continue;
    for (auto& [wanted, target] :
         {std::pair{unpacked, &record.unpacked}, {size, &record.size}, {begin, &record.begin}}) {
      if (!wanted) continue;
      if (field.size() < 8) break;
      *target = number_at<std::uint64_t>(field, 0);
      field.remove_prefix(8);
    }
    return;
  }
  throw RunError("the record \"" + record.name + "\" lacks the 64-bit sizes that its entry promises");
}

// One entry of the directory; takes it off `bytes`.
ZipRecord take_entry(std::string_view& bytes) {
  if (bytes.size() < kEntrySize || !bytes.starts_with(kEntryMark)) {
    throw RunError("its directory holds fewer records than it says; the file is damaged");
  }
  const std::size_t name = number_at<std::uint16_t>(bytes, 28), extra = number_at<std::uint16_t>(bytes, 30),
                    comment = number_at<std::uint16_t>(bytes, 32);
  if (kEntrySize + name + extra + comment > bytes.size()) {
    throw RunError("a record's name reaches beyond the archive's directory; the file is damaged");
  }
  ZipRecord record;
  record.name = bytes.substr(kEntrySize, name);
  record.encrypted = (number_at<std::uint16_t>(bytes, 8) & 1) != 0;
  record.method = number_at<std::uint16_t>(bytes, 10);
  record.checksum = number_at<std::uint32_t>(bytes, 16);
  record.size = number_at<std::uint32_t>(bytes, 20);
  record.unpacked = number_at<std::uint32_t>(bytes, 24);
  record.begin = number_at<std::uint32_t>(bytes, 42);
  const bool large[] = {record.unpacked == kInExtra, record.size == kInExtra, record.begin == kInExtra};
  if (large[0] || large[1] || large[2]) {
    read_large_sizes(bytes.substr(kEntrySize + name, extra), record, large[0], large[1], large[2]);
  }
  bytes.remove_prefix(kEntrySize + name + extra + comment);
  return record;
}

// Records lie one behind the other before the directory; else a few bytes could be read as many records.
void check_places(const std::vector<ZipRecord>& records, std::uint64_t directory_begin) {
  std::vector<const ZipRecord*> sorted;
  sorted.reserve(records.size());
  for (const ZipRecord& record : records) sorted.push_back(&record);
  std::ranges::sort(sorted, {}, &ZipRecord::begin);
  std::uint64_t at = 0;
  for (const ZipRecord* record : sorted) {
    if (record->begin < at) throw RunError("the record \"" + record->name + "\" overlaps the one before it");
    if (record->begin > directory_begin || directory_begin - record->begin < kRecordHeaderSize ||
        record->size > directory_begin - record->begin - kRecordHeaderSize) {
      throw RunError("the record \"" + record->name + "\" is said to take " + std::to_string(record->size) +
                     " bytes from byte " + std::to_string(record->begin) + ", where only " +
                     std::to_string(directory_begin) +
                     " bytes stand before the directory; the file is damaged");
    }
    at = record->begin + kRecordHeaderSize + record->size;
  }
}

}  // namespace

bool ZipArchive::starts_zip(std::string_view first_bytes) {
  return first_bytes.starts_with(kRecordMark) || first_bytes.starts_with(kEndMark);
}

ZipArchive::ZipArchive(const InputFile& file) : file_(file) {
  const Directory directory = find_directory(file);
  directory_begin_ = directory.begin;
  const std::string bytes = bytes_at(file, directory.begin, directory.size);
  std::string_view left = bytes;
  if (directory.records > directory.size / kEntrySize) {
    throw RunError("its directory of " + std::to_string(directory.size) + " bytes is said to hold " +
                   std::to_string(directory.records) + " records; the file is damaged");
  }
  for (std::uint64_t i = 0; i < directory.records; ++i) {
    records_.push_back(take_entry(left));
    if (!by_name_.emplace(records_.back().name, records_.size() - 1).second) {
      throw RunError("two of its records are called \"" + records_.back().name + "\"");
    }
  }
  check_places(records_, directory_begin_);
}

const ZipRecord* ZipArchive::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &records_[found->second];
}

std::vector<std::byte> ZipArchive::read(const ZipRecord& record) const {
  const std::string named = "the record \"" + record.name + "\" ";
  if (record.encrypted) throw RunError(named + "is encrypted; torch.save writes it plain");
  if (record.method != 0 || record.size != record.unpacked) {
    throw RunError(named + "is compressed (method " + std::to_string(record.method) +
                   "), and only stored records are read: the archive was compressed again after torch.save "
                   "wrote it; use the original file");
  }
  const std::string header = bytes_at(file_, record.begin, kRecordHeaderSize);
  if (!header.starts_with(kRecordMark)) throw RunError(named + "does not begin where the directory says");
  const std::uint64_t name_size = number_at<std::uint16_t>(header, 26);
  const std::uint64_t begin =
      record.begin + kRecordHeaderSize + name_size + number_at<std::uint16_t>(header, 28);
  if (begin > directory_begin_ || record.size > directory_begin_ - begin) {
    throw RunError(named + "reaches into the archive's directory; the file is damaged");
  }
  if (name_size != record.name.size() ||
      bytes_at(file_, record.begin + kRecordHeaderSize, name_size) != record.name) {
    throw RunError(named + "has another name in its own header than in the archive's directory");
  }
  std::vector<std::byte> bytes(record.size);
  file_.read(begin, bytes.data(), bytes.size());
  const uLong sum = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  if (sum != record.checksum) {
    throw RunError(
        named +
        "does not have the checksum that the archive gives for it: the file is damaged; download or "
        "copy it again");
  }
  return bytes;
}

}  // namespace histokt
