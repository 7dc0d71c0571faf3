// SPDX-License-Identifier: MIT
#include "plugins/load.hpp"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <cstddef>
#include <set>
#include <vector>

#include "base/errors.hpp"
#include "plugins/mapped_memory.hpp"
#include "plugins/plugin_call.hpp"

namespace histokt {
namespace {

constexpr std::size_t kMostOptions = 1000;
constexpr const char* kRebuild = "; rebuild it against this host's SDK";

// Boost.DLL's text around dlerror's says nothing more to a user.
std::string loader_reason(const std::string& text, const std::filesystem::path& file) {
  const std::string before = "dlerror system message: ";
  std::size_t begin = text.find(before);
  if (begin == std::string::npos) return text;
  begin += before.size();
  std::string reason = text.substr(begin, text.rfind("): ") - begin);
  if (reason.starts_with(file.string() + ": ")) reason.erase(0, file.string().size() + 2);
  return reason;
}

std::string remedy_for(const std::string& reason) {
  if (reason.find("undefined symbol") != std::string::npos) {
    return "; link it with the library that has this symbol, or rebuild it against the library's present "
           "version";
  }
  if (reason.find("cannot open shared object file") != std::string::npos) {
    return "; install the library it needs, or put it on LD_LIBRARY_PATH";
  }
  return "; copy or build it again";
}

// The function table of each kind: how large it is, and how many pointers it must have after its size.
struct TableShape {
  std::size_t size, functions;
};

TableShape table_shape(histokt_kind kind) {
  switch (kind) {
    case HISTOKT_DATASET:
      return {sizeof(histokt_dataset_api), 7};  // all but get_extension
    case HISTOKT_DISTILLER:
      return {sizeof(histokt_distiller_api), 3};
    default:
      return {2 * sizeof(void*), 1};  // ModelApi, OptimizerApi
  }
}

std::string table_problem(const histokt_descriptor& descriptor, const MappedMemory& memory) {
  const TableShape shape = table_shape(descriptor.kind);
  if (!descriptor.api) return "its descriptor has no function table" + std::string(kRebuild);
  if (!memory.holds(descriptor.api, shape.size)) {
    return "its function table lies outside of the library" + std::string(kRebuild);
  }
  const auto size = *static_cast<const std::uint32_t*>(descriptor.api);
  if (size < shape.size) {
    return "its function table has " + std::to_string(size) + " bytes, expected " +
           std::to_string(shape.size) + kRebuild;
  }
  const auto* functions = static_cast<void* const*>(descriptor.api) + 1;
  for (std::size_t i = 0; i < shape.functions; ++i) {
    if (!functions[i]) {
      return "function " + std::to_string(i + 1) +
             " of its function table is missing; fill in the whole table";
    }
  }
  return "";
}

std::string option_problem(const histokt_option& option, const std::string& place,
                           const MappedMemory& memory) {
  if (!memory.holds_text(option.key) || !memory.holds_text(option.help))
    return place + " has no key or no help";
  if (option.default_text && !memory.holds_text(option.default_text))
    return place + " has a default that is no text";
  for (const char* const* choice = option.choices; choice; ++choice) {
    if (!memory.holds(choice, sizeof *choice)) return place + " has choices that do not end with NULL";
    if (!*choice) break;
    if (!memory.holds_text(*choice)) return place + " has a choice that is no text";
  }
  return "";
}

std::string options_problem(const histokt_descriptor& descriptor, const MappedMemory& memory) {
  const std::size_t count = descriptor.option_count;
  if (count == 0) return "";
  const std::string table = "its option table says it has " + std::to_string(count) + " entries of " +
                            std::to_string(descriptor.option_size) + " bytes";
  if (descriptor.option_size != sizeof(histokt_option)) {
    return table + ", expected entries of " + std::to_string(sizeof(histokt_option)) + kRebuild;
  }
  if (count > kMostOptions) return table + ", expected at most " + std::to_string(kMostOptions) + kRebuild;
  if (!memory.holds(descriptor.options, count * sizeof(histokt_option))) {
    return table + ", but the library ends before that; give the table's true count";
  }
  std::set<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) {
    const histokt_option& option = descriptor.options[i];
    const std::string place = table + ", but entry " + std::to_string(i + 1);
    if (std::string problem = option_problem(option, place, memory); !problem.empty()) {
      return problem + "; give the table's true count and fill in each entry";
    }
    if (!keys.insert(option.key).second) {
      return std::string("it declares option \"") + option.key + "\" twice; keep one of them";
    }
  }
  return "";
}

}  // namespace

const histokt_descriptor& load_plugin(const std::filesystem::path& file, const std::string& owner) {
  // Never destroyed: its destructor would unmap libraries that link libtorch.
  static auto* const opened = new std::vector<boost::dll::shared_library>;
  // Absolute path, no decorations, everything resolved now: what is missing is said here and by name.
  boost::dll::shared_library library;
  const PluginCall running(owner, file, "opening the file");
  try {
    library.load(file.string(), boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& error) {
    const std::string reason = loader_reason(error.what(), file);
    throw RequestError(file.string() + ": the plugin cannot be opened: " + reason + remedy_for(reason));
  } catch (...) {
    throw RequestError(file.string() +
                       ": the plugin cannot be opened: it threw something that is not a std::exception; this "
                       "is a bug in the plugin: report it to its authors");
  }
  opened->push_back(std::move(library));
  if (!opened->back().has(HISTOKT_SYMBOL)) {
    throw RequestError(file.string() + ": the plugin is refused: it does not export " HISTOKT_SYMBOL
                                       "; build it with histokt_add_plugin and the SDK's macro");
  }
  return opened->back().get<const histokt_descriptor>(HISTOKT_SYMBOL);
}

std::string descriptor_problem(const histokt_descriptor& descriptor, const PluginNote& note) {
  const MappedMemory memory;
  if (!memory.holds(&descriptor, offsetof(histokt_descriptor, abi_major)) ||
      descriptor.magic != HISTOKT_MAGIC) {
    return "its symbol " HISTOKT_SYMBOL " is not a HistoKT descriptor; build it with the SDK's macro";
  }
  if (descriptor.struct_size < sizeof(histokt_descriptor) || !memory.holds(&descriptor, sizeof descriptor)) {
    return "its descriptor has " + std::to_string(descriptor.struct_size) + " bytes, expected at least " +
           std::to_string(sizeof(histokt_descriptor)) + kRebuild;
  }
  const auto abi = [](auto major, auto minor) { return std::to_string(major) + "." + std::to_string(minor); };
  const std::string note_abi = abi(note.abi_major, note.abi_minor);
  const std::string own_abi = abi(descriptor.abi_major, descriptor.abi_minor_needed);
  if (note_abi != own_abi) {
    return "its note says ABI " + note_abi + ", its descriptor " + own_abi +
           "; write both with one macro of the SDK";
  }
  for (const auto& [text, what] : {std::pair{descriptor.name, "name"},
                                   {descriptor.version, "version"},
                                   {descriptor.summary, "summary"},
                                   {descriptor.licence, "licence"},
                                   {descriptor.citation, "citation"},
                                   {descriptor.fingerprint, "fingerprint"}}) {
    if (memory.holds_text(text)) continue;
    return std::string("its descriptor has no ") + what + " (a null or invalid pointer); write \"\" for none";
  }
  if (descriptor.kind != note.kind || descriptor.name != note.name || descriptor.version != note.version ||
      descriptor.fingerprint != note.fingerprint) {
    const bool built =
        descriptor.kind == note.kind && descriptor.name == note.name && descriptor.version == note.version;
    return "its note says " + kind_name(note.kind) + " \"" + note.name + "\" " + note.version +
           ", its descriptor " + kind_name(descriptor.kind) + " \"" + descriptor.name + "\" " +
           descriptor.version + (built ? " with another fingerprint" : "") +
           "; write both with one macro of the SDK";
  }
  if (std::string problem = table_problem(descriptor, memory); !problem.empty()) return problem;
  return options_problem(descriptor, memory);
}

}  // namespace histokt
