// SPDX-License-Identifier: MIT
#include "plugins/registry.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/installation.hpp"
#include "base/text.hpp"
#include "plugins/load.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "histokt-";
constexpr std::string_view kSuffix = ".so";

std::string plugin_file_name(histokt_kind kind, const std::string& name) {
  return std::string(kPrefix) + kind_name(kind) + "-" + name + std::string(kSuffix);
}

}  // namespace

PluginRegistry& PluginRegistry::instance() {
  // Never destroyed: plugins may be used until the process ends.
  static PluginRegistry* registry = new PluginRegistry;
  return *registry;
}

std::string incompatibility(const PluginNote& note) {
  if (note.abi_major != HISTOKT_ABI_MAJOR || note.abi_minor > HISTOKT_ABI_MINOR ||
      (HISTOKT_ABI_MAJOR == 0 && note.abi_minor != HISTOKT_ABI_MINOR)) {
    return "it was built for plugin ABI " + std::to_string(note.abi_major) + "." +
           std::to_string(note.abi_minor) + ", this host has " + std::to_string(HISTOKT_ABI_MAJOR) + "." +
           std::to_string(HISTOKT_ABI_MINOR) + "; rebuild the plugin against this host's SDK";
  }
  if (note.kind != HISTOKT_MODEL && note.kind != HISTOKT_OPTIMIZER) return "";
  auto theirs = fingerprint_fields(note.fingerprint);
  auto ours = fingerprint_fields(host_fingerprint());
  std::vector<std::string> differences;
  for (const auto& [key, value] : ours) {
    if (theirs[key] != value) {
      differences.push_back(key + " " + (theirs[key].empty() ? "(nothing)" : theirs[key]) +
                            " where the host has " + value);
    }
  }
  if (differences.empty()) return "";
  return "it was built with " + joined(differences) +
         "; models and optimizers must be built with the host's libtorch and compiler, so rebuild it";
}

PluginFile inspect_plugin(const fs::path& file) {
  PluginFile found{file, {}, ""};
  try {
    found.note = read_plugin_note(file);
    const std::string expected = plugin_file_name(found.note.kind, found.note.name);
    if (file.filename() != expected) {
      found.problem = "its note says " + kind_name(found.note.kind) + " \"" + found.note.name +
                      "\", so the file must be called " + expected + "; rename it";
    } else {
      found.problem = incompatibility(found.note);
    }
  } catch (const std::exception& error) {
    found.problem = error.what();
  }
  return found;
}

void PluginRegistry::add_folder(const fs::path& folder, bool must_exist) {
  std::error_code error;
  if (must_exist && !fs::is_directory(folder, error)) {
    throw RequestError("--plugins " + folder.string() + ": there is no such folder");
  }
  const fs::path canonical = fs::weakly_canonical(folder, error);
  if (std::find(folders_.begin(), folders_.end(), canonical) == folders_.end()) folders_.push_back(canonical);
}

void PluginRegistry::add_default_folders() {
  if (const char* variable = std::getenv("HISTOKT_PLUGIN_PATH")) {
    std::istringstream parts(variable);
    for (std::string part; std::getline(parts, part, ':');) {
      if (!part.empty()) add_folder(part, false);
    }
  }
  for (const fs::path& folder : installed_folders()) add_folder(folder / "plugins", false);
}

std::vector<PluginFile> PluginRegistry::list() const {
  std::vector<PluginFile> all;
  for (const fs::path& folder : folders_) {
    std::error_code error;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(kPrefix) && name.ends_with(kSuffix)) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      PluginFile found = inspect_plugin(file);
      const auto same = std::find_if(all.begin(), all.end(), [&](const PluginFile& other) {
        return other.problem.empty() && other.file.filename() == file.filename();
      });
      if (found.problem.empty() && same != all.end()) {
        found.problem = "it is hidden by " + same->file.string() + ", which is found first";
      }
      all.push_back(std::move(found));
    }
  }
  return all;
}

PluginFile PluginRegistry::find(histokt_kind kind, const std::string& name) const {
  std::vector<std::string> names, refused, other_kinds;
  for (PluginFile& found : list()) {
    const bool meant = found.file.filename() == plugin_file_name(kind, name) ||
                       (found.note.kind == kind && found.note.name == name);
    if (meant && !found.problem.empty()) {
      refused.push_back(found.file.string() + ": " + found.problem);
    }
    if (!found.problem.empty()) continue;
    if (found.note.kind == kind && found.note.name == name) return std::move(found);
    if (found.note.kind == kind) names.push_back(found.note.name);
    if (found.note.name == name) other_kinds.push_back(kind_name(found.note.kind));
  }
  if (!refused.empty()) {
    throw RequestError(kind_name(kind) + " \"" + name + "\" is refused. " + joined(refused, "; "));
  }
  std::vector<std::string> folders;
  for (const fs::path& folder : folders_) folders.push_back(folder.string());
  throw RequestError(
      "there is no " + kind_name(kind) + " \"" + name + "\"." + did_you_mean(name, names) +
      (names.empty() ? "" : " There are " + joined(names) + ".") +
      (other_kinds.empty() ? "" : " \"" + name + "\" is the name of a " + joined(other_kinds) + ".") +
      " Searched in " + joined(folders) + "; name another folder with --plugins DIR.");
}

std::optional<PluginFile> PluginRegistry::first_with(histokt_kind kind, const std::string& extension) const {
  for (PluginFile& found : list()) {
    if (found.problem.empty() && found.note.kind == kind &&
        std::ranges::find(found.note.extensions, extension) != found.note.extensions.end()) {
      return std::move(found);
    }
  }
  return std::nullopt;
}

const Plugin& PluginRegistry::open(histokt_kind kind, const std::string& name) {
  for (const auto& plugin : opened_) {
    if (plugin->kind() == kind && plugin->name() == name) return *plugin;
  }
  return open(find(kind, name));
}

const Plugin& PluginRegistry::open(const PluginFile& found) {
  for (const auto& plugin : opened_) {
    if (plugin->file() == found.file) return *plugin;
  }
  const std::string refused = found.file.string() + ": the plugin is refused: ";
  if (!found.problem.empty()) throw RequestError(refused + found.problem);
  const std::string sha256 = sha256_of_file(found.file);
  const std::string title = kind_name(found.note.kind) + " \"" + found.note.name + "\"";
  const histokt_descriptor& descriptor = load_plugin(found.file, title);
  if (const std::string problem = descriptor_problem(descriptor, found.note); !problem.empty()) {
    throw RequestError(refused + problem);
  }
  opened_.push_back(std::make_unique<Plugin>(found.file, descriptor, sha256));
  return *opened_.back();
}

}  // namespace histokt
