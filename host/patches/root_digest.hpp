// What a data root holds, as one digest: part of the identity of every step that reads it.
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

// Digest of the sorted list of relative path, size and time of change (nanoseconds) of every file below
// `root`, or of `root` itself where that is a file. No file is opened, and where `root` lies does not matter.
// Links are followed; a link that leads nowhere, or back to a folder it lies in, counts by its name alone.
// Throws RequestError where there is no such root, RunError where a folder cannot be read.
RootDigest digest_root(const std::filesystem::path& root);

}  // namespace histokt
