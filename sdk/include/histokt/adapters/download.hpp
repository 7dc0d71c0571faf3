// SPDX-License-Identifier: MIT
// A published set as downloaded: its folder, and a table that names its images. Safe from any thread, except
// ImageIndex, which belongs to one.
#pragma once

#include <histokt/adapters/csv.hpp>
#include <histokt/adapters/folders.hpp>
#include <histokt/host.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace histokt::adapters {

// The folder of the download: root / name, or root itself if one of the landmarks (files or folders) lies
// directly in it. Throws BadRequest with `layout` if it is neither.
std::filesystem::path download_folder(const std::filesystem::path& root, std::string_view name,
                                      const std::vector<std::string>& landmarks, std::string_view layout);

// A table of the download: in its folder, or beside that folder, in root. Throws BadRequest with `layout`.
std::filesystem::path require_table(const std::filesystem::path& root, const std::filesystem::path& folder,
                                    std::string_view name, std::string_view layout);

// Reads a table and makes sure of its columns. Throws BadRequest that names the missing column, the existing
// columns, and `remedy`: one sentence.
Table read_table(const std::filesystem::path& file, const std::vector<std::string>& columns,
                 std::string_view remedy);

// The cell without blanks around it; throws PluginError naming the row if nothing is left.
std::string required_cell(const Row& row, std::string_view column);

// The images below a folder, to be named by the rows of a table, each once. Images are known by file
// name; where none has the very name, the one of the same plain_file_name() is meant: .PNG for .png.
//
//   ImageIndex images(root, "images", extensions);
//   for (each row) if (const FoundFile* file = images.take(row, row["Image Name"])) ...
//   images.finish(host, table.name());
class ImageIndex {
 public:
  // As files_below; images that the table cannot name (masks, say) are skipped by `skip_ending`: the end of a
  // file name without its extension. Throws PluginError if a file name occurs twice.
  ImageIndex(const std::filesystem::path& root, std::string_view folder,
             const std::vector<std::string>& extensions, std::string_view skip_ending = "");

  // The image of that file name, or nullptr if it is missing; finish() then throws. Throws PluginError for an
  // invalid name (empty, with a folder or "..", which leads out of the folder) or one that an earlier row has
  // already, naming both rows.
  const FoundFile* take(const Row& row, std::string_view name);

  // Throws PluginError for the first image that a row named and that is not there. Warns of images that
  // no row names, and once of images left out for their extension: they take no part.
  void finish(const Host& host, const std::string& table) const;

 private:
  std::filesystem::path folder_;
  const FoundFile* find(std::string_view name) const;

  std::map<std::string, FoundFile, std::less<>> files_;
  std::multimap<std::string, std::string> spellings_;  // plain file name, file name
  LeftOut left_out_;
  std::map<std::string, std::string, std::less<>> taken_;  // file name, row
  std::vector<std::string> missing_;                       // whole beginnings of sentences
};

}  // namespace histokt::adapters
