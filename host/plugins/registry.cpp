#include "plugins/registry.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <boost/dll/shared_library.hpp>
#include <cstdlib>
#include <sstream>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "histokt-";
constexpr std::string_view kSuffix = ".so";

// A constant descriptor against the note that was read before, and against itself.
std::string descriptor_problem(const histokt_descriptor& descriptor, const PluginNote& note) {
  if (descriptor.magic != HISTOKT_MAGIC) return "its symbol histokt_plugin is not a HistoKT descriptor";
  if (descriptor.struct_size < sizeof(histokt_descriptor)) {
    return "its descriptor has " + std::to_string(descriptor.struct_size) + " bytes, expected at least " +
           std::to_string(sizeof(histokt_descriptor)) + "; rebuild it against this host's SDK";
  }
  if (static_cast<int>(descriptor.abi_major) != note.abi_major) {
    return "its note says ABI " + std::to_string(note.abi_major) + ", its descriptor " +
           std::to_string(descriptor.abi_major) + "; rebuild it";
  }
  const auto text = [](const char* pointer) { return std::string(pointer ? pointer : ""); };
  if (descriptor.kind != note.kind || text(descriptor.name) != note.name ||
      text(descriptor.version) != note.version || text(descriptor.fingerprint) != note.fingerprint) {
    return "its note says " + kind_name(note.kind) + " \"" + note.name + "\" " + note.version +
           ", its descriptor " + kind_name(descriptor.kind) + " \"" + text(descriptor.name) + "\" " +
           text(descriptor.version) + "; rebuild it";
  }
  if (!descriptor.api) return "its descriptor has no function table";
  if (descriptor.option_count > 0 &&
      (!descriptor.options || descriptor.option_size != sizeof(histokt_option) ||
       descriptor.option_count > 1000)) {
    return "its option table has " + std::to_string(descriptor.option_count) + " entries of " +
           std::to_string(descriptor.option_size) + " bytes, expected entries of " +
           std::to_string(sizeof(histokt_option)) + "; rebuild it against this host's SDK";
  }
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < descriptor.option_count; ++i) {
    const histokt_option& option = descriptor.options[i];
    if (!option.key || !option.help) return "option " + std::to_string(i) + " has no key or no help";
    if (std::find(keys.begin(), keys.end(), option.key) != keys.end()) {
      return std::string("it declares option \"") + option.key + "\" twice";
    }
    keys.emplace_back(option.key);
  }
  return "";
}

PluginFile inspect(const fs::path& file) {
  PluginFile found{file, {}, ""};
  try {
    found.note = read_plugin_note(file);
    const std::string expected =
        std::string(kPrefix) + kind_name(found.note.kind) + "-" + found.note.name + std::string(kSuffix);
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

}  // namespace

struct PluginRegistry::Loaded {
  boost::dll::shared_library library;
  Plugin plugin;
};

PluginRegistry& PluginRegistry::instance() {
  // Never destroyed: its destructor would unmap libraries that link libtorch.
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
  const fs::path program = boost::dll::program_location().string();
  add_folder(program.parent_path().parent_path() / HISTOKT_LIBDIR / "histokt" / "plugins", false);
  add_folder(program.parent_path().parent_path() / "lib" / "histokt" / "plugins", false);
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
      PluginFile found = inspect(file);
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

const Plugin& PluginRegistry::open(histokt_kind kind, const std::string& name) {
  for (const auto& loaded : loaded_) {
    if (loaded->plugin.kind() == kind && loaded->plugin.name() == name) return loaded->plugin;
  }
  const std::string file_name = std::string(kPrefix) + kind_name(kind) + "-" + name + std::string(kSuffix);
  std::vector<std::string> names, refused;
  for (const PluginFile& found : list()) {
    if (found.file.filename() == file_name && !found.problem.empty()) {
      refused.push_back(found.file.string() + ": " + found.problem);
    }
    if (found.problem.empty() && found.note.kind == kind) names.push_back(found.note.name);
    if (!found.problem.empty() || found.note.kind != kind || found.note.name != name) continue;

    // Absolute path, no decorations, everything resolved now: what is missing is said here and by name.
    boost::dll::shared_library library;
    try {
      library.load(found.file.string(), boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    } catch (const std::exception& error) {
      throw RequestError(found.file.string() + ": the plugin cannot be opened: " + error.what());
    }
    if (!library.has(HISTOKT_SYMBOL)) {
      throw RequestError(found.file.string() + ": the plugin does not export " HISTOKT_SYMBOL
                                               "; build it with histokt_add_plugin and the SDK's macro");
    }
    const auto& descriptor = library.get<const histokt_descriptor>(HISTOKT_SYMBOL);
    if (const std::string problem = descriptor_problem(descriptor, found.note); !problem.empty()) {
      throw RequestError(found.file.string() + ": the plugin is refused: " + problem);
    }
    loaded_.push_back(std::unique_ptr<Loaded>(
        new Loaded{std::move(library), Plugin(found.file, descriptor, sha256_of_file(found.file))}));
    return loaded_.back()->plugin;
  }
  if (!refused.empty())
    throw RequestError(kind_name(kind) + " \"" + name + "\" is refused. " + joined(refused, "; "));
  std::vector<std::string> folders;
  for (const fs::path& folder : folders_) folders.push_back(folder.string());
  throw RequestError("there is no " + kind_name(kind) + " \"" + name + "\"." + did_you_mean(name, names) +
                     (names.empty() ? "" : " There are " + joined(names) + ".") + " Searched in " +
                     joined(folders) + "; name another folder with --plugins DIR.");
}

}  // namespace histokt
