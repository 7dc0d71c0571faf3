// SPDX-License-Identifier: MIT
// A reader of the zip archives that torch.save writes: records that are stored, not compressed. Every number
// of the archive is checked against the file before it is used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tensors/input_file.hpp"

namespace histokt {

// One record, as the archive's directory describes it.
struct ZipRecord {
  std::string name;          // "resnet18/data/0"
  std::uint16_t method = 0;  // 0: stored
  bool encrypted = false;
  std::uint32_t checksum = 0;  // CRC-32 of its bytes
  std::uint64_t size = 0;      // bytes in the file; the same unpacked if stored
  std::uint64_t unpacked = 0;
  std::uint64_t begin = 0;  // of its own header, in the file
};

// The directory of an archive in a file that outlives it. Any thread may read. Errors are RunErrors that give
// only the reason. Sizes beyond 4 GB (zip64) are understood; archives in several parts are not.
class ZipArchive {
 public:
  // Reads the directory: records must lie within the file, have different names and not overlap.
  explicit ZipArchive(const InputFile& file);

  // Whether a file with these first bytes is a zip archive.
  static bool starts_zip(std::string_view first_bytes);

  const std::vector<ZipRecord>& records() const { return records_; }
  // nullptr if there is no record of that name.
  const ZipRecord* find(std::string_view name) const;
  // The record's bytes, checked against its checksum. Throws for one that is compressed, encrypted or
  // damaged.
  std::vector<std::byte> read(const ZipRecord& record) const;

 private:
  const InputFile& file_;
  std::vector<ZipRecord> records_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::uint64_t directory_begin_ = 0;
};

}  // namespace histokt
