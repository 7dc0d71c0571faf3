// SPDX-License-Identifier: MIT
#include <histokt/adapters/folders.hpp>
#include <histokt/adapters/text.hpp>
#include <histokt/host.hpp>

#include <algorithm>

namespace histokt::adapters {
namespace {

namespace fs = std::filesystem;

bool is_ignored(const std::string& name) {
  return name.starts_with('.') || name == "__MACOSX";
}

bool lies_below(const fs::path& path, const fs::path& root) {
  const auto [in_root, in_path] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return in_root == root.end();
}

// A link to nothing, or to itself.
bool is_broken_link(const fs::path& path) {
  std::error_code error;
  return fs::is_symlink(path, error) && !fs::exists(path, error);
}

// Throws where links lead `path` out of `root`.
void require_inside(const fs::path& root, const fs::path& path) {
  std::error_code error;
  const fs::path real_root = fs::weakly_canonical(root, error);
  const fs::path real_path = error ? fs::path() : fs::weakly_canonical(path, error);
  if (error) {
    throw PluginError(path.string() + " cannot be followed: " + error.message() +
                      "; fix or remove the link in it");
  }
  if (!lies_below(real_path, real_root)) {
    throw PluginError(path.string() + " is a symbolic link out of " + root.string() + ", to " +
                      real_path.string() + "; what a dataset reads must lie below its root");
  }
}

std::vector<fs::directory_entry> entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::directory_entry> found;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (!is_ignored(at->path().filename().string())) found.push_back(*at);
  }
  if (error) {
    throw PluginError(folder.string() + " cannot be read: " + error.message() +
                      "; change its permissions, or move it out of the root");
  }
  return found;
}

struct Walk {
  const fs::path& root;
  std::span<const std::string> extensions;
  std::vector<FoundFile>& files;
  LeftOut* left_out;
};

void collect(const Walk& walk, const fs::path& folder, const std::string& prefix) {
  for (const fs::directory_entry& entry : entries(folder)) {
    const std::string name = prefix + composed(entry.path().filename().string());
    const bool is_link = entry.is_symlink();
    if (is_link && !is_broken_link(entry.path())) require_inside(walk.root, entry.path());
    std::error_code gone;
    const bool is_folder = entry.is_directory(gone);
    // What is called as an image but is none (a folder, a pipe, a link to nothing) is listed with them:
    // whoever reads it says what it is, and may leave it out with the other unreadable ones.
    if (has_extension(entry.path(), walk.extensions)) {
      if (!is_utf8(name)) {
        throw PluginError("a file name in " + folder.string() + " is not UTF-8; rename it: " + name);
      }
      walk.files.push_back({name, entry.path()});
    } else if (is_folder && !is_link) {
      collect(walk, entry.path(), name + "/");
    } else if (walk.left_out && !is_folder) {
      walk.left_out->add(entry.path());
    }
  }
}

std::vector<std::string> folders_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : entries(folder)) {
    std::error_code gone;
    if (entry.is_directory(gone)) names.push_back(composed(entry.path().filename().string()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

// Each part in the spelling that is there; as it is given where none is.
fs::path spelled_as_on_disk(const fs::path& root, const fs::path& relative) {
  fs::path path = root;
  for (const fs::path& part : relative) {
    const std::string name = part.string(), whole = composed(name), apart = decomposed(name);
    if (whole == apart || is_there(path / name)) {
      path /= part;
    } else {
      path /= is_there(path / whole) ? whole : is_there(path / apart) ? apart : name;
    }
  }
  return path;
}

// What stands in the nearest folder above `path` that exists, and where else the name can be found.
std::string surroundings(const fs::path& root, std::string_view name) {
  fs::path above = (root / name).parent_path();
  while (!fs::is_directory(above) && above.has_relative_path()) above = above.parent_path();
  const std::vector<std::string> folders = folders_in(above);
  std::string text = folders.empty() ? " There are no folders in " + above.string() + "."
                                     : " " + above.string() + " holds the folders " + listed(folders) + ".";
  if (name.empty() || !fs::is_directory(root)) return text;
  const std::string wanted = fs::path(name).begin()->string();
  if (root.filename() == wanted) return text + " Give the folder above it as the root.";
  for (const std::string& folder : folders_in(root)) {
    if (fs::exists(root / folder / wanted))
      return text + " Give " + (root / folder).string() + " as the root.";
  }
  return text;
}

[[noreturn]] void missing(const fs::path& root, std::string_view name, const char* what,
                          std::string_view layout) {
  const fs::path path = name.empty() ? root : root / name;
  std::string text = std::string("the ") + what + " " + path.string();
  text += fs::exists(path) ? std::string(" is not a ") + what + "." : " is missing.";
  text += surroundings(root, name);
  throw BadRequest(text + "\nExpected:\n" + std::string(layout));
}

}  // namespace

std::span<const std::string> image_extensions() {
  static const std::vector<std::string> kExtensions = {"png", "jpg", "jpeg", "tif", "tiff", "bmp", "webp"};
  return kExtensions;
}

std::span<const std::string> unread_image_extensions() {
  static const std::vector<std::string> kExtensions = {
      "jp2",     "j2k",  "j2c",   "jpf",     "jpx", "jpm",  "jxl",  "jxr", "jfif", "jpe", "gif", "svs",
      "svslide", "ndpi", "ndpis", "mrxs",    "scn", "vms",  "vmu",  "bif", "czi",  "nd2", "lif", "lsm",
      "qptiff",  "vsi",  "ets",   "isyntax", "kfb", "sdpc", "tmap", "tf2", "tf8",  "btf", "dcm", "dicom",
      "heic",    "heif", "avif",  "psd",     "psb", "exr",  "hdr",  "pbm", "pgm",  "ppm", "pnm", "pam",
      "tga",     "ico",  "pcx",   "dng",     "nef", "cr2",  "cr3",  "arw", "orf",  "raf", "rw2", "dib"};
  return kExtensions;
}

bool has_extension(const fs::path& file, std::span<const std::string> extensions) {
  const std::string own = lower_case(file.extension().string());
  return std::any_of(extensions.begin(), extensions.end(), [&](const std::string& extension) {
    const std::string wanted = lower_case(extension);
    return own == (wanted.starts_with('.') ? wanted : "." + wanted);
  });
}

std::string plain_file_name(std::string_view name) {
  const fs::path file = composed(name);
  std::string extension = lower_case(file.extension().string());
  if (extension == ".jpeg") extension = ".jpg";
  if (extension == ".tiff") extension = ".tif";
  return (file.parent_path() / file.stem()).string() + extension;
}

void LeftOut::add(const fs::path& file) {
  if (!has_extension(file, image_extensions()) && !has_extension(file, unread_image_extensions())) return;
  ++count_of_[lower_case(file.extension().string())];
  ++count_;
}

std::string LeftOut::text(const fs::path& root) const {
  if (count_ == 0) return "";
  std::vector<std::string> counts;
  for (const auto& [extension, count] : count_of_) counts.push_back(std::to_string(count) + " " + extension);
  return counted(count_, "image") + " below " + root.string() + " left out for " +
         (count_ == 1 ? "its" : "their") + " extension: " + listed(counts, counts.size()) +
         "; convert what should be read to PNG or TIFF";
}

void LeftOut::warn(const Host& host, const fs::path& root) const {
  if (count_ > 0) host.log_warning(text(root));
}

fs::path resolve_below(const fs::path& root, std::string_view name) {
  const fs::path relative = fs::path(name).lexically_normal();
  if (name.empty() || name.find('\0') != std::string_view::npos || relative.is_absolute() ||
      *relative.begin() == "..") {
    throw PluginError("the name \"" + std::string(name) + "\" does not lie below " + root.string() +
                      "; expected a path relative to that folder");
  }
  const fs::path path = spelled_as_on_disk(root, relative);
  require_inside(root, path);
  return path;
}

fs::path require_folder(const fs::path& root, std::string_view name, std::string_view layout) {
  const fs::path folder = name.empty() ? root : resolve_below(root, name);
  if (!fs::is_directory(folder)) missing(root, name, "folder", layout);
  return folder;
}

fs::path require_file(const fs::path& root, std::string_view name, std::string_view layout) {
  const fs::path file = resolve_below(root, name);
  if (!fs::is_regular_file(file)) missing(root, name, "file", layout);
  return file;
}

std::vector<std::string> folder_names(const fs::path& folder) {
  for (const fs::directory_entry& entry : entries(folder)) {
    if (!is_broken_link(entry.path())) continue;
    throw PluginError(entry.path().string() + " is a symbolic link that leads to no file and no folder (" +
                      fs::read_symlink(entry.path()).string() + "); fix or remove it");
  }
  std::vector<std::string> names = folders_in(folder);
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) {
    throw PluginError(folder.string() + " holds two folders called \"" + *twice +
                      "\", whose letters with marks are written in different bytes; rename or join them");
  }
  return names;
}

std::vector<FoundFile> files_below(const fs::path& root, std::string_view folder,
                                   std::span<const std::string> extensions, LeftOut* left_out) {
  std::vector<FoundFile> files;
  const fs::path start = folder.empty() ? root : resolve_below(root, folder);
  const std::string prefix =
      folder.empty() ? "" : composed(start.lexically_relative(root).generic_string()) + "/";
  collect({root, extensions, files, left_out}, start, prefix);
  std::sort(files.begin(), files.end(),
            [](const FoundFile& a, const FoundFile& b) { return a.name < b.name; });
  return files;
}

std::vector<FoundFile> class_files(const fs::path& root, std::string_view folder, std::string_view layout,
                                   std::span<const std::string> extensions, LeftOut* left_out) {
  require_folder(root, folder, layout);
  std::vector<FoundFile> files = files_below(root, folder, extensions, left_out);
  if (files.empty()) {
    throw BadRequest("the folder " + (root / folder).string() + " holds no image (" +
                     listed({extensions.begin(), extensions.end()}, extensions.size()) + ").\nExpected:\n" +
                     std::string(layout));
  }
  return files;
}

}  // namespace histokt::adapters
