// SPDX-License-Identifier: MIT
#include "cli/plugin_child.hpp"

#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include "base/child_process.hpp"
#include "base/errors.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "cli/named_files.hpp"
#include "plugins/options.hpp"
#include "plugins/plugin_call.hpp"
#include "plugins/registry.hpp"
#include "tasks/plugin_checks.hpp"

namespace histokt {
namespace {

using Json = nlohmann::json;

// Texts of a plugin need not be UTF-8.
std::string one_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void report(const Json& json) {
  report_to_parent(one_line(json));
}

const histokt_card* card_of(const Plugin& plugin) {
  const auto get = plugin.descriptor().get_extension;
  return get ? static_cast<const histokt_card*>(get(HISTOKT_CARD)) : nullptr;
}

Json describe(const Plugin& plugin) {
  const histokt_descriptor& d = plugin.descriptor();
  Json options = Json::array();
  for (const histokt_option& option : plugin.options()) {
    options.push_back({{"key", option.key},
                       {"default", option.default_text ? Json(option.default_text) : Json()},
                       {"help", option_help(option)}});
  }
  Json card = Json::array();  // in the plugin's own order
  if (const histokt_card* lines = card_of(plugin)) {
    for (const histokt_card_line* line = lines->lines; line->heading; ++line)
      card.push_back({{"heading", line->heading}, {"text", line->text}});
  }
  return {{"kind", kind_name(d.kind)},
          {"name", d.name},
          {"version", d.version},
          {"summary", d.summary},
          {"licence", d.licence},
          {"citation", d.citation},
          {"fingerprint", d.fingerprint},
          {"options", options},
          {"card", card},
          {"file", plugin.file().string()},
          {"sha256", plugin.sha256()},
          {"needs_data", plugin.needs_data()},
          {"needs_base", plugin.needs_base()}};
}

// The child's ending, in words; "" where it did all it was asked for.
std::string ending(const ChildResult& child, bool done, std::chrono::milliseconds patience) {
  if (child.timed_out) {
    return "the plugin did not respond for " + number_text(std::chrono::duration<double>(patience).count()) +
           " s";
  }
  if (child.signal) return std::string("the plugin crashed with ") + signal_text(child.signal);
  if (!done) return "the plugin ended the program with exit code " + std::to_string(child.exit_code);
  return "";
}

}  // namespace

PluginReport ask_plugin_child(const PluginTask& task, std::chrono::milliseconds patience) {
  const Json request = {{"check", task.check},
                        {"file", task.file.string()},
                        {"root", task.root.string()},
                        {"settings", task.settings}};
  const ChildResult child = run_child({kPluginChildCommand, one_line(request)}, patience);

  PluginReport answer;
  answer.printed = child.printed;
  answer.printed_bytes = child.printed_bytes;
  std::string phase = "starting";
  bool done = false;
  for (const std::string& line : child.lines) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) continue;
    if (json.contains("begin")) phase = json["begin"];
    if (json.contains("wrong_request")) throw RequestError(json["wrong_request"].get<std::string>());
    if (json.contains("failed")) throw RunError(json["failed"].get<std::string>());
    if (json.contains("description")) answer.description = json["description"];
    if (json.contains("verdict")) answer.verdicts.push_back({phase, json["verdict"], json["reason"]});
    done = done || json.contains("done");
  }
  const std::string reason = ending(child, done, patience);
  if (reason.empty()) return answer;
  const PluginFile found = inspect_plugin(task.file);
  const std::string owner = kind_name(found.note.kind) + " \"" + found.note.name + "\"";
  if (!task.check) {
    throw RunError(
        plugin_place(owner, task.file, phase) + ": " + reason +
        "; this is a bug in the plugin: send its authors the output of histokt-host plugins check FILE");
  }
  answer.verdicts.push_back({phase, child.timed_out ? "timed out" : "crashed", reason});
  return answer;
}

int plugin_child(const std::string& text) {
  begin_as_child();
  set_progress_enabled(false);
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("child", std::make_shared<spdlog::sinks::null_sink_mt>()));
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return 2;
  try {
    const PluginTask task{json.at("check").get<bool>(), json.at("file").get<std::string>(),
                          json.at("root").get<std::string>(),
                          json.at("settings").get<std::vector<std::string>>()};
    if (task.check) {
      check_opened_plugin(
          {task.file, task.root, task.settings, default_scratch()},
          [](const std::string& check) {
            report({{"begin", check}});
          },
          [](const std::string& verdict, const std::string& reason) {
            report({{"verdict", verdict}, {"reason", reason}});
          });
    } else {
      report({{"begin", "opening the file"}});
      const Plugin& plugin = PluginRegistry::instance().open(inspect_plugin(task.file));
      report({{"begin", "describing it"}});
      report({{"description", describe(plugin)}});
    }
    report({{"begin", "ending the program"}, {"done", true}});
    return 0;
  } catch (const RequestError& error) {
    report({{"wrong_request", error.what()}, {"done", true}});
  } catch (const std::exception& error) {
    report({{"failed", error.what()}, {"done", true}});
  }
  return 1;
}

}  // namespace histokt
