// A published set as it was downloaded: the folder it comes in, and a table that names its pictures. Safe
// from any thread, but for PictureIndex, which belongs to one.
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

// The folder of the download: root / name, or root itself where one of the landmarks (files or folders) lies
// directly in it. Throws BadRequest with `layout` where it is neither.
std::filesystem::path download_folder(const std::filesystem::path& root, std::string_view name,
                                      const std::vector<std::string>& landmarks, std::string_view layout);

// A table of the download: in its folder, or beside that folder, in root. Throws BadRequest with `layout`.
std::filesystem::path require_table(const std::filesystem::path& root, const std::filesystem::path& folder,
                                    std::string_view name, std::string_view layout);

// Reads a table and makes sure of its columns. Throws BadRequest that names the missing column, the columns
// there are, and `remedy`: one sentence.
Table read_table(const std::filesystem::path& file, const std::vector<std::string>& columns,
                 std::string_view remedy);

// The cell without blanks around it; throws PluginError naming the row where nothing is left.
std::string required_cell(const Row& row, std::string_view column);

// The pictures below a folder, to be named by the rows of a table, each once. Pictures are known by file
// name.
//
//   PictureIndex pictures(root, "images", extensions);
//   for (each row) if (const FoundFile* file = pictures.take(row, row["Image Name"])) ...
//   pictures.finish(host, table.name());
class PictureIndex {
 public:
  // As files_below; pictures whose name the table cannot mean (masks, say) are left away by `skip_ending`:
  // the end of a file name without its extension. Throws PluginError where a file name occurs twice.
  PictureIndex(const std::filesystem::path& root, std::string_view folder,
               const std::vector<std::string>& extensions, std::string_view skip_ending = "");

  // The picture of that file name, or nullptr where it is not there; finish() then throws. Throws PluginError
  // for a name that is none (empty, with a folder or "..": it leads out of the folder) or that a row above
  // has already, naming both rows.
  const FoundFile* take(const Row& row, std::string_view name);

  // Throws PluginError for the first picture that a row named and that is not there. Warns of pictures that
  // no row names: they take no part.
  void finish(const Host& host, const std::string& table) const;

 private:
  std::filesystem::path folder_;
  std::map<std::string, FoundFile, std::less<>> files_;
  std::map<std::string, std::string, std::less<>> taken_;  // file name, row
  std::vector<std::string> missing_;                       // whole beginnings of sentences
};

}  // namespace histokt::adapters
