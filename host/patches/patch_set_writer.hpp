// SPDX-License-Identifier: MIT
// A writer of patch sets whose size is known only at the end. Each pixel is written once, and the file
// appears whole or not at all.
//
//   PatchSetWriter writer(output, 272);
//   writer.write_pixels(first, patches);   // from any thread, in any order
//   writer.finish(info, table);            // table.size() says how many patches there are
//   writer.publish();
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <span>
#include <vector>

#include "patches/patch_set.hpp"

namespace histokt {

// The pixels go straight to their final position in the file, a fixed offset; finish() writes the HDF5
// structures around them. Until publish() everything is in temporary(), which the destructor removes. All
// methods throw RunError naming the file.
class PatchSetWriter {
 public:
  PatchSetWriter(const std::filesystem::path& file, int patch_side);
  ~PatchSetWriter();
  PatchSetWriter(const PatchSetWriter&) = delete;
  PatchSetWriter& operator=(const PatchSetWriter&) = delete;

  // Patches `first`, first + 1, ...: (n, P, P, 3). Each index is written exactly once, by any thread.
  void write_pixels(std::size_t first, std::span<const std::uint8_t> patches);

  // Call once, after the last pixels; the table must have the indices 0 .. N-1 that were written, N > 0.
  // The same info, table and pixels make the same bytes.
  void finish(const PatchSetInfo& info, const PatchTable& table);

  // The file before it is renamed. After finish() it is a complete patch set, to which more may be added.
  const std::filesystem::path& temporary() const { return temporary_; }

  // Renames the file to its final name. Nothing is written after that.
  void publish();

 private:
  using Digest = std::array<char, 64>;
  void write_bytes(std::uint64_t offset, std::span<const std::uint8_t> bytes);
  void move_pixels(std::uint64_t offset, std::size_t size);
  std::string content_digest(const PatchSetInfo& info, const PatchTable& table) const;

  const std::filesystem::path file_, temporary_;
  const std::size_t patch_bytes_;
  int descriptor_ = -1;
  std::mutex mutex_;
  std::vector<Digest> digests_;  // of each patch; guarded by mutex_
};

}  // namespace histokt
