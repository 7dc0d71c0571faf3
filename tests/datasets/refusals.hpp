// SPDX-License-Identifier: MIT
// Stand-in trees with one defect each, and the errors a plugin must give for them.
#pragma once

#include <functional>

#include "support/fake_dataset.hpp"
#include "support/stand_in_files.hpp"
#include "support/stand_in_trees.hpp"

namespace histokt::test {

namespace fs = std::filesystem;

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Replaces the first `from` in a file.
inline void edit(const fs::path& file, const std::string& from, const std::string& to) {
  std::string text = file_text(file);
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error(file.string() + " does not hold " + from);
  write_bytes(file, text.replace(at, from.size(), to));
}

inline void append_to(const fs::path& file, const std::string& text) {
  write_bytes(file, file_text(file) + text);
}

// Keeps the first half.
inline void cut_off(const fs::path& file) {
  fs::resize_file(file, fs::file_size(file) / 2);
}

// Every file and folder below a folder, with its size.
inline std::map<std::string, std::uintmax_t> contents(const fs::path& folder) {
  std::map<std::string, std::uintmax_t> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const bool file = entry.is_regular_file() && !entry.is_symlink();
    found[entry.path().string()] = file ? entry.file_size() : 0;
  }
  return found;
}

struct Spoiling {
  const char* what;
  std::function<void(const fs::path& root)> spoil;
  histokt_status status;          // HISTOKT_BAD_REQUEST: root or options; HISTOKT_FAILED: data
  std::vector<std::string> says;  // parts of the reason
};

// Each spoiling of a fresh small tree is refused so, with nothing written into the tree and no half file into
// the scratch folder.
inline void expect_refused(const std::string& plugin, const std::vector<Spoiling>& spoilings) {
  for (const Spoiling& spoiling : spoilings) {
    SCOPED_TRACE(spoiling.what);
    const TempFolder root;
    write_stand_in(plugin, root.path(), TreeSize::small());
    spoiling.spoil(root.path());
    const auto before = contents(root.path());
    FakeHost host;
    const Listing listing = open_dataset(host, plugin, root.path());
    EXPECT_EQ(spoiling.status, listing.status) << listing.reason;
    for (const std::string& part : spoiling.says) EXPECT_TRUE(holds(listing.reason, part)) << listing.reason;
    EXPECT_EQ(before, contents(root.path()));
    for (const auto& [file, size] : contents(host.scratch())) EXPECT_FALSE(holds(file, ".partial")) << file;
  }
}

}  // namespace histokt::test
