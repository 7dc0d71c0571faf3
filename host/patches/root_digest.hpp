// SPDX-License-Identifier: MIT
// The digest of a data root, part of the identity of every step that reads it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace histokt {

struct RootDigest {
  std::string hex;          // SHA-256, 64 hex digits
  std::uint64_t files = 0;  // in all folders
  std::uint64_t bytes = 0;
};

// Digest of the sorted list of relative path, size and modification time (nanoseconds) of every file below
// `root`, or of `root` itself where that is a file. No file is opened, and where `root` lies does not matter.
// Links are followed; a broken link, or one back to a folder that contains it, counts by its name alone.
// Throws RequestError if there is no such root, RunError if a folder cannot be read.
RootDigest digest_root(const std::filesystem::path& root);

}  // namespace histokt
