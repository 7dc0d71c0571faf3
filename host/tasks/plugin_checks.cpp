// SPDX-License-Identifier: MIT
#include "tasks/plugin_checks.hpp"

#include <algorithm>
#include <future>
#include <span>
#include <vector>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "config/command_settings.hpp"
#include "imaging/decode.hpp"
#include "plugins/load.hpp"
#include "plugins/plugin_host.hpp"
#include "plugins/registry.hpp"
#include "tasks/distiller_object.hpp"
#include "tasks/guarded_network.hpp"
#include "tasks/network.hpp"
#include "tasks/plugin_dataset.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

// What a check that found something to mention throws.
struct Warning {
  std::string text;
};

std::string sha256_of(std::span<const std::byte> bytes) {
  return Sha256().add(bytes).hex();
}

// What an image is, whichever way it comes.
std::string content(const ImageSource& source) {
  if (const auto* file = std::get_if<fs::path>(&source)) return file->string() + " " + sha256_of_file(*file);
  if (const auto* bytes = std::get_if<std::vector<std::byte>>(&source)) return sha256_of(*bytes);
  const auto& image = std::get<Image>(source);
  return std::to_string(image.height) + " x " + std::to_string(image.width) + " " +
         sha256_of(std::as_bytes(std::span(image.pixels)));
}

class Checks {
 public:
  Checks(const PluginCheckRequest& trial, const std::function<void(const std::string&)>& begin,
         const std::function<void(const std::string&, const std::string&)>& verdict)
      : trial_(trial), begin_(begin), verdict_(verdict), note_(read_plugin_note(trial.file)) {}

  void run() {
    const histokt_descriptor* descriptor = nullptr;
    const std::string owner = kind_name(note_.kind) + " \"" + note_.name + "\"";
    const bool opened = check("opening with RTLD_NOW", [&] {
      descriptor = &load_plugin(trial_.file, owner);
      return std::string("every symbol is found");
    });
    if (!opened) return;
    const bool agrees = check("descriptor against note", [&] {
      if (const std::string problem = descriptor_problem(*descriptor, note_); !problem.empty())
        throw RunError(problem);
      return owner + " " + note_.version;
    });
    if (!agrees) return;
    plugin_ = &PluginRegistry::instance().open(inspect_plugin(trial_.file));
    if (check("options", [&] { return options(); })) start();
  }

 private:
  // Runs one check; true: it did not fail.
  template <typename Try>
  bool check(const std::string& name, Try&& attempt) {
    begin_(name);
    try {
      verdict_("pass", attempt());
      return true;
    } catch (const Warning& warning) {
      verdict_("warning", warning.text);
      return true;
    } catch (const std::exception& error) {
      verdict_("fail", error.what());
      return false;
    } catch (...) {
      verdict_("fail", "the plugin threw something that is not a std::exception");
      return false;
    }
  }

  std::string options() const {
    std::string warnings;
    for (const histokt_option& option : plugin_->options()) {
      const std::string place = std::string("option \"") + option.key + "\" ";
      const histokt_option_type plain =
          option.type >= HISTOKT_LIST ? option.type - HISTOKT_LIST : option.type;
      if (plain < HISTOKT_BOOLEAN || plain > HISTOKT_PATH) {
        throw RunError(place + "has the unknown type " + std::to_string(option.type));
      }
      const bool number = plain == HISTOKT_INTEGER || plain == HISTOKT_NUMBER;
      const bool limited = option.minimum != 0 || option.maximum != 0;
      if (!(option.minimum <= option.maximum)) throw RunError(place + "has a minimum above its maximum");
      if (limited && !number) warnings += place + "has a range but is no number; ";
      if (option.choices && !option.choices[0]) throw RunError(place + "has an empty list of choices");
      if (option.choices && plain != HISTOKT_STRING) warnings += place + "has choices but is no text; ";
      if (!*option.help) warnings += place + "has no help; ";
      if (option.default_text) OptionSet::resolve({&option, 1}, {}, {}, plugin_->title());
    }
    if (!warnings.empty()) throw Warning{warnings.substr(0, warnings.size() - 2)};
    return std::to_string(plugin_->options().size()) + ", each default within its range and choices";
  }

  // With the user's settings and the defaults; nothing where a value that has no default is missing.
  OptionSet settings() const {
    const std::string group = kind_name(plugin_->kind());
    const toml::table table = settings_table(trial_.settings, {group});
    return OptionSet::resolve(plugin_->options(), group_of(table, group), command_line_source(),
                              plugin_->title());
  }

  bool needs_a_setting() const {
    return trial_.settings.empty() &&
           std::any_of(plugin_->options().begin(), plugin_->options().end(),
                       [](const histokt_option& option) { return !option.default_text; });
  }

  void start() {
    if (plugin_->kind() == HISTOKT_DATASET) {
      if (!trial_.settings.empty()) settings();
      if (!trial_.root.empty()) check_dataset(settings());
      return;
    }
    if (needs_a_setting()) return;
    const ConfiguredPlugin configured{plugin_, settings()};
    check("starting", [&]() -> std::string {
      if (plugin_->kind() == HISTOKT_MODEL) {
        Network network(configured, 2, 0);
        return "a network of 2 classes with " + counted(network.model().tensors().size(), "tensor");
      }
      if (plugin_->kind() == HISTOKT_OPTIMIZER) {
        const PluginHost host(plugin_->title(), plugin_->file(), fs::path());
        make_optimizer(configured, host, {{"weight", torch::zeros({2, 2}, torch::requires_grad())}}, 0.01);
        return "an optimizer of one tensor";
      }
      const DistillerObject distiller(configured);
      return "created and destroyed";
    });
  }

  OpenedDataset open(const OptionSet& options, const fs::path& root) const {
    return open_dataset(*plugin_, options, plugin_->name(), root, trial_.scratch / plugin_->name(),
                        DecodeLimits{}.max_pixels);
  }

  void check_dataset(const OptionSet& options) {
    check("a missing root", [&] { return missing_root(options); });
    OpenedDataset opened;
    const bool listed = check("listing and labels", [&] {
      opened = open(options, trial_.root);
      const ImageDatasetInfo& info = opened.dataset->info();
      return counted(info.size, "image") + " of " + counted(info.classes.size(), "class") +
             ", ids are unique, labels within range";
    });
    if (!listed) return;
    check("an index past the end", [&] {
      check_out_of_range_refusals(opened);
      return std::string("refused with a reason, by listing and by reading");
    });
    const bool same = check("the same bytes twice", [&] { return twice(*opened.dataset); });
    if (same) check("two readers at once", [&] { return at_once(*opened.dataset); });
    begin_("closing");
  }

  std::string missing_root(const OptionSet& options) const {
    fs::path root = trial_.root / "no-such-folder";
    while (fs::exists(root)) root += "-either";
    try {
      open(options, root);
    } catch (const std::exception&) {
      if (plugin_error().empty()) throw;  // not the plugin's own words
      return named(root, plugin_error());
    }
    const std::string found = "a root that does not exist, " + root.string() + ", is opened without an error";
    if (plugin_->root_optional()) throw Warning{found};
    throw RunError(found);
  }

  static std::string named(const fs::path& root, const std::string& reason) {
    if (reason.find(root.string()) == std::string::npos) {
      throw RunError("the error message does not name the path " + root.string() + ": " + reason);
    }
    return "refused: " + reason;
  }

  // The first and the last, and some between.
  static std::vector<std::uint64_t> some_images(const ImageDataset& dataset) {
    const std::uint64_t last = dataset.info().size - 1;
    return {0, last, last / 2, last / 3, 0, last};
  }

  static std::vector<std::string> contents(const ImageDataset& dataset) {
    const auto reader = dataset.make_reader();
    std::vector<std::string> all;
    for (std::uint64_t index : some_images(dataset)) all.push_back(content(reader->read(index)));
    return all;
  }

  static std::string twice(const ImageDataset& dataset) {
    const std::vector<std::string> read = contents(dataset);
    if (read[0] != read[4])
      throw RunError("image " + dataset.sample(0).id + " has different bytes when read again");
    if (read[1] != read[5]) {
      throw RunError("image " + dataset.sample(dataset.info().size - 1).id +
                     " has different bytes when read again");
    }
    return "the first and the last image";
  }

  static std::string at_once(const ImageDataset& dataset) {
    const std::vector<std::string> alone = contents(dataset);
    std::vector<std::future<std::vector<std::string>>> readers;
    for (int i = 0; i < 2; ++i) {
      readers.push_back(std::async(std::launch::async, [&] { return contents(dataset); }));
    }
    for (auto& reader : readers) {
      if (reader.get() != alone) throw RunError("two readers at once read different bytes than a single one");
    }
    return "read the same as a single one";
  }

  const PluginCheckRequest& trial_;
  const std::function<void(const std::string&)>& begin_;
  const std::function<void(const std::string&, const std::string&)>& verdict_;
  const PluginNote note_;
  const Plugin* plugin_ = nullptr;
};

}  // namespace

void check_opened_plugin(const PluginCheckRequest& trial,
                         const std::function<void(const std::string&)>& begin,
                         const std::function<void(const std::string&, const std::string&)>& verdict) {
  Checks(trial, begin, verdict).run();
}

}  // namespace histokt
