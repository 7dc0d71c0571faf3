// SPDX-License-Identifier: MIT
// The plugin registry, which finds plugins, looks them up by kind and name, checks and opens them.
#pragma once

#include <histokt/plugin.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plugins/note.hpp"

namespace histokt {

// One plugin file, as known before it is opened.
struct PluginFile {
  std::filesystem::path file;
  PluginNote note;      // empty if `problem` says that it cannot be read
  std::string problem;  // why it cannot be used here, and what to do; empty: it can
};

// An opened plugin. Lives until the process ends: libraries are never unloaded.
class Plugin {
 public:
  Plugin(std::filesystem::path file, const histokt_descriptor& descriptor, std::string sha256)
      : file_(std::move(file)), descriptor_(&descriptor), sha256_(std::move(sha256)) {}

  // Absolute.
  const std::filesystem::path& file() const { return file_; }
  histokt_kind kind() const { return descriptor_->kind; }
  std::string name() const { return descriptor_->name; }
  std::string version() const { return descriptor_->version; }
  // Of the file as it was opened.
  const std::string& sha256() const { return sha256_; }
  // `dataset "folder"`.
  std::string title() const { return kind_name(kind()) + " \"" + name() + "\""; }
  bool root_optional() const { return (descriptor_->flags & HISTOKT_PLUGIN_ROOT_OPTIONAL) != 0; }
  bool needs_data() const { return (descriptor_->flags & HISTOKT_PLUGIN_NEEDS_DATA) != 0; }
  bool needs_base() const { return (descriptor_->flags & HISTOKT_PLUGIN_NEEDS_BASE) != 0; }
  std::span<const histokt_option> options() const {
    return {descriptor_->options, descriptor_->option_count};
  }
  const histokt_descriptor& descriptor() const { return *descriptor_; }
  // The C or C++ function table of the kind.
  template <typename Api>
  const Api& api() const {
    return *static_cast<const Api*>(descriptor_->api);
  }

 private:
  std::filesystem::path file_;
  const histokt_descriptor* descriptor_;
  std::string sha256_;
};

// Deliberately never destroyed, since plugins are never unloaded. Use from one thread.
class PluginRegistry {
 public:
  static PluginRegistry& instance();

  // Folders are searched in the order they were added: --plugins, HISTOKT_PLUGIN_PATH, then where the build
  // tree or the install puts them. A folder that does not exist is an error only if `must_exist`.
  void add_folder(const std::filesystem::path& folder, bool must_exist);
  // HISTOKT_PLUGIN_PATH and the folders beside the program.
  void add_default_folders();

  // Every histokt-*.so in the folders, read by its note alone. Never throws for a bad file.
  std::vector<PluginFile> list() const;

  // The first usable file of that kind and name; runs none of its code. Throws RequestError: not found (with
  // the nearest name and the folders searched), or refused (with the file and the reason).
  PluginFile find(histokt_kind kind, const std::string& name) const;

  // The first usable file of that kind whose note names the extension; runs none of its code.
  std::optional<PluginFile> first_with(histokt_kind kind, const std::string& extension) const;

  // Opens it, once. Throws as find does, and RequestError if the library cannot be opened or its
  // descriptor is refused.
  const Plugin& open(histokt_kind kind, const std::string& name);
  const Plugin& open(const PluginFile& found);

 private:
  PluginRegistry() = default;

  std::vector<std::filesystem::path> folders_;
  std::vector<std::unique_ptr<Plugin>> opened_;
};

// The host's own build fingerprint; models and optimizers must have the same.
std::string host_fingerprint();

// A file as `list` reports it: its note, and whether name, ABI and fingerprint fit this host. Never throws.
PluginFile inspect_plugin(const std::filesystem::path& file);

// Why a plugin with this note cannot be used by this host; empty: it can.
std::string incompatibility(const PluginNote& note);

}  // namespace histokt
