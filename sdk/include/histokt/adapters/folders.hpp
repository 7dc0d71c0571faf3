// Walks through folders of pictures, for dataset plugins. Results are sorted by name (bytes), so that every
// machine lists the same. Safe from any thread.
//
// Left alone: hidden files and folders (a leading '.'), "__MACOSX", and files without a known extension
// (Thumbs.db, .csv ...). Symbolic links are followed to files and class folders that lie below the root and
// refused where they leave it; links to folders further down are not followed, which also ends loops. What
// has a picture's extension is listed whatever it is, also a link to nothing, a pipe or a folder ("a.png" is
// not looked into), so that reading it says what is wrong instead of nobody missing it.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace histokt::adapters {

// A file of a dataset.
struct FoundFile {
  std::string name;            // path below the root, with '/': fit to be a sample's id
  std::filesystem::path path;  // absolute where the root is
};

// "png", "jpg", "jpeg", "tif", "tiff", "bmp": what the host decodes.
std::span<const std::string> picture_extensions();

// root / name, for names that come from a table or an option. Throws PluginError where the name is absolute,
// empty, climbs above the root ("../x"), or leads out of it through a symbolic link. Need not exist.
std::filesystem::path resolve_below(const std::filesystem::path& root, std::string_view name);

// The folder root / name ("" for the root itself), which must be there. Throws BadRequest that says what is
// missing, what stands there instead, and shows `layout`: the expected tree, several lines.
std::filesystem::path require_folder(const std::filesystem::path& root, std::string_view name,
                                     std::string_view layout);
// The same for a file.
std::filesystem::path require_file(const std::filesystem::path& root, std::string_view name,
                                   std::string_view layout);

// Names of the folders directly below a folder. Throws PluginError for a link that leads to nothing, which
// may have been one of them.
std::vector<std::string> folder_names(const std::filesystem::path& folder);

// Every file at any depth below root / folder ("" for the root itself) with one of the extensions (lower or
// upper case, with or without a dot). Throws PluginError for a link that leaves the root, a file name that is
// not UTF-8, or a folder that cannot be read.
std::vector<FoundFile> files_below(const std::filesystem::path& root, std::string_view folder,
                                   std::span<const std::string> extensions = picture_extensions());

// files_below for a folder that holds one class: missing or without a file is BadRequest with `layout`.
std::vector<FoundFile> class_files(const std::filesystem::path& root, std::string_view folder,
                                   std::string_view layout,
                                   std::span<const std::string> extensions = picture_extensions());

}  // namespace histokt::adapters
