// SPDX-License-Identifier: MIT
// Folder walks for dataset plugins. Results are sorted by name (bytes), so that every machine gives the same
// list. Safe from any thread.
//
// Ignored: hidden files and folders (a leading '.'), "__MACOSX", and files without a known extension
// (Thumbs.db, .csv ...). Symbolic links are followed to files and class folders that lie below the root and
// refused if they leave it; links to folders further down are not followed, which also ends loops. Anything
// with an image's extension is listed, also a broken link, a pipe or a folder ("a.png" is not entered), so
// that reading it reports what is wrong instead of silently missing it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace histokt {
class Host;
}

namespace histokt::adapters {

// A file of a dataset.
struct FoundFile {
  std::string name;            // path below the root, with '/', composed (text.hpp); usable as a sample's id
  std::filesystem::path path;  // absolute if the root is
};

// "png", "jpg", "jpeg", "tif", "tiff", "bmp", "webp": what the host decodes.
std::span<const std::string> image_extensions();

// "jp2", "gif", "svs" and others: images that the host does not decode.
std::span<const std::string> unread_image_extensions();

// Whether the name ends in one of the extensions (lower or upper case, with or without a dot).
bool has_extension(const std::filesystem::path& file, std::span<const std::string> extensions);

// A file name as tables and other folders may spell it: composed, its extension in lower case, and "jpg" and
// "tif" for "jpeg" and "tiff".
std::string plain_file_name(std::string_view name);

// Images that walks left out because of their extension, read or unread; to be told once, behind all walks.
// One thread at a time.
class LeftOut {
 public:
  void add(const std::filesystem::path& file);
  // A sentence with a count for each extension; "" if nothing was left out.
  std::string text(const std::filesystem::path& root) const;
  // Logs it as a warning, if there is one.
  void warn(const Host& host, const std::filesystem::path& root) const;

 private:
  std::map<std::string, std::size_t> count_of_;  // extension in lower case
  std::size_t count_ = 0;
};

// root / name, for names that come from a table or an option. Throws PluginError where the name is absolute,
// empty, climbs above the root ("../x"), or leads out of it through a symbolic link. Need not exist. Where
// only the composed or the decomposed spelling of a part is there, that is taken.
std::filesystem::path resolve_below(const std::filesystem::path& root, std::string_view name);

// The folder root / name ("" for the root itself), which must exist. Throws BadRequest that says what is
// missing, what is there instead, and shows `layout`: the expected tree, several lines.
std::filesystem::path require_folder(const std::filesystem::path& root, std::string_view name,
                                     std::string_view layout);
// The same for a file.
std::filesystem::path require_file(const std::filesystem::path& root, std::string_view name,
                                   std::string_view layout);

// Names of the folders directly below a folder, composed. Throws PluginError for a link that leads to
// nothing, which may have been one of them, and for two folders whose composed names are the same.
std::vector<std::string> folder_names(const std::filesystem::path& folder);

// Every file at any depth below root / folder ("" for the root itself) with one of the extensions (lower or
// upper case, with or without a dot). Throws PluginError for a link that leaves the root, a file name that is
// not UTF-8, or a folder that cannot be read.
// Other images are added to `left_out`, where it is given.
std::vector<FoundFile> files_below(const std::filesystem::path& root, std::string_view folder,
                                   std::span<const std::string> extensions = image_extensions(),
                                   LeftOut* left_out = nullptr);

// files_below for a folder that holds one class; throws BadRequest with `layout` if it is missing or empty.
std::vector<FoundFile> class_files(const std::filesystem::path& root, std::string_view folder,
                                   std::string_view layout,
                                   std::span<const std::string> extensions = image_extensions(),
                                   LeftOut* left_out = nullptr);

}  // namespace histokt::adapters
