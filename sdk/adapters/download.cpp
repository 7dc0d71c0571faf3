// SPDX-License-Identifier: MIT
#include <histokt/adapters/download.hpp>
#include <histokt/adapters/text.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace histokt::adapters {

namespace fs = std::filesystem;

fs::path download_folder(const fs::path& root, std::string_view name,
                         const std::vector<std::string>& landmarks, std::string_view layout) {
  for (const std::string& landmark : landmarks) {
    if (fs::exists(root / landmark)) return root;
  }
  return require_folder(root, name, layout);
}

fs::path require_table(const fs::path& root, const fs::path& folder, std::string_view name,
                       std::string_view layout) {
  const bool beside = fs::exists(root / name) && !fs::exists(folder / name);
  return require_file(beside ? root : folder, name, layout);
}

Table read_table(const fs::path& file, const std::vector<std::string>& columns, std::string_view remedy) {
  Table table = Table::read(file);
  for (const std::string& column : columns) {
    if (table.has_column(column)) continue;
    throw BadRequest(table.name() + " has no column \"" + column + "\"" +
                     did_you_mean(column, table.columns()) + " It has " + listed(table.columns()) + ". " +
                     std::string(remedy));
  }
  return table;
}

std::string required_cell(const Row& row, std::string_view column) {
  std::string text(trimmed(row[column]));
  if (text.empty()) throw PluginError(row.where() + ": the column \"" + std::string(column) + "\" is empty");
  return text;
}

ImageIndex::ImageIndex(const fs::path& root, std::string_view folder,
                       const std::vector<std::string>& extensions, std::string_view skip_ending)
    : folder_(root / folder) {
  for (FoundFile& file : files_below(root, folder, extensions, &left_out_)) {
    if (!skip_ending.empty() && file.path.stem().string().ends_with(skip_ending)) continue;
    std::string name = file.path.filename().string();
    const auto [other, is_new] = files_.try_emplace(std::move(name), file);
    if (!is_new) {
      throw PluginError("the image " + other->first + " exists twice: " + other->second.name + " and " +
                        file.name + " in " + root.string() + "; remove one of them");
    }
    spellings_.emplace(plain_file_name(other->first), other->first);
  }
}

const FoundFile* ImageIndex::find(std::string_view name) const {
  if (const auto same = files_.find(name); same != files_.end()) return &same->second;
  const auto [first, end] = spellings_.equal_range(plain_file_name(name));
  return first != end && std::next(first) == end ? &files_.find(first->second)->second : nullptr;
}

const FoundFile* ImageIndex::take(const Row& row, std::string_view name) {
  if (name.empty() || name == "." || name == ".." || name.find_first_of("/\\") != std::string_view::npos) {
    throw PluginError(
        row.where() + ": \"" + std::string(name) +
        "\" is not the name of an image; expected a file name without a folder, since it must be in " +
        folder_.string());
  }
  const FoundFile* found = find(name);
  const auto [old, is_new] =
      taken_.try_emplace(found ? found->path.filename().string() : std::string(name), row.where());
  if (!is_new) {
    throw PluginError(row.where() + " names the image " + std::string(name) + ", which is in " + old->second +
                      " too; remove one of the two rows");
  }
  if (found) return found;
  missing_.push_back(row.where() + " names " + std::string(name));
  return nullptr;
}

void ImageIndex::finish(const Host& host, const std::string& table) const {
  if (!missing_.empty()) {
    throw PluginError(missing_.front() + ", which does not exist in " + folder_.string() + " (" +
                      std::to_string(missing_.size()) + " of " + std::to_string(taken_.size()) +
                      " listed images are missing); is the download complete?");
  }
  left_out_.warn(host, folder_);
  std::vector<std::string> extra;
  for (const auto& [name, file] : files_) {
    if (!taken_.contains(name)) extra.push_back(file.name);
  }
  if (extra.empty()) return;
  host.log_warning(counted(extra.size(), "image") + " in " + folder_.string() + " not listed in " + table +
                   ", left out: " + listed(extra, 3));
}

}  // namespace histokt::adapters
