// SPDX-License-Identifier: MIT
// histokt-host plugins list | describe NAME | check FILE
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/errors.hpp"
#include "base/program_output.hpp"
#include "base/text.hpp"
#include "cli/command_values.hpp"
#include "cli/plugin_child.hpp"
#include "cli/run_subcommands.hpp"
#include "plugins/registry.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Raised where a key of the answers changes its name or meaning (docs/schemas/plugins-*.schema.json).
constexpr int kFormatVersion = 1;

// Notes and descriptions hold what their authors wrote, which need not be UTF-8.
void print(Json json) {
  json["format_version"] = kFormatVersion;
  program_output() << json.dump(2, ' ', false, Json::error_handler_t::replace) << std::endl;
}

Json file_json(const PluginFile& found) {
  Json json = {{"file", found.file.string()}, {"usable", found.problem.empty()}};
  if (found.note.kind) {
    json["kind"] = kind_name(found.note.kind);
    json["name"] = found.note.name;
    json["version"] = found.note.version;
    json["abi"] = std::to_string(found.note.abi_major) + "." + std::to_string(found.note.abi_minor);
    json["fingerprint"] = found.note.fingerprint;
  }
  if (!found.problem.empty()) json["problem"] = found.problem;
  return json;
}

int list(bool as_json) {
  const std::vector<PluginFile> files = PluginRegistry::instance().list();
  if (as_json) {
    Json all = Json::array();
    for (const PluginFile& found : files) all.push_back(file_json(found));
    print({{"plugins", all}});
    return 0;
  }
  for (const PluginFile& found : files) {
    if (!found.problem.empty()) continue;
    std::string title = kind_name(found.note.kind) + " " + found.note.name;
    title.resize(std::max<std::size_t>(title.size() + 1, 28), ' ');
    program_output() << title << found.note.version << "   " << found.file.string() << "\n";
  }
  for (const PluginFile& found : files) {
    if (!found.problem.empty())
      program_output() << "cannot be used: " << found.file.string() << ": " << found.problem << "\n";
  }
  program_output() << std::flush;
  return 0;
}

// "dataset/folder", or "folder" where only one kind has it.
PluginFile find(const std::string& name) {
  const std::size_t slash = name.find('/');
  PluginRegistry& registry = PluginRegistry::instance();
  if (slash != std::string::npos) {
    const histokt_kind kind = kind_from_name(name.substr(0, slash));
    if (!kind)
      throw RequestError(name + ": expected dataset/NAME, model/NAME, optimizer/NAME or distiller/NAME");
    return registry.find(kind, name.substr(slash + 1));
  }
  std::vector<std::string> names;
  std::vector<const PluginFile*> matches;
  const std::vector<PluginFile> files = registry.list();
  for (const PluginFile& found : files) {
    if (found.note.name == name) matches.push_back(&found);
    if (!found.note.name.empty()) names.push_back(found.note.name);
  }
  if (matches.empty()) {
    throw RequestError("there is no plugin \"" + name + "\"." + did_you_mean(name, names) +
                       " histokt-host plugins list shows all.");
  }
  for (const PluginFile* other : matches) {
    if (other->note.kind == matches[0]->note.kind) continue;
    throw RequestError("\"" + name + "\" is a " + kind_name(matches[0]->note.kind) + " and a " +
                       kind_name(other->note.kind) + "; write KIND/" + name);
  }
  return registry.find(matches[0]->note.kind, name);
}

// A plugin's description for a person.
std::string description_text(const Json& d) {
  const auto text = [](const Json& json) {
    return json.is_string() ? json.get<std::string>() : std::string();
  };
  std::string page =
      text(d["kind"]) + " " + text(d["name"]) + " " + text(d["version"]) + ": " + text(d["summary"]) + "\n";
  for (const Json& line : d["card"]) {
    const bool tree = text(line["text"]).starts_with(" ");  // a layout begins on a line of its own
    page += "\n" + text(line["heading"]) + (tree ? ":\n" : ": ") + text(line["text"]) + "\n";
  }
  if (!text(d["citation"]).empty()) page += "\nCitation: " + text(d["citation"]) + "\n";
  if (!text(d["licence"]).empty()) page += "\nLicence of the plugin: " + text(d["licence"]) + "\n";
  if (d["needs_data"].get<bool>()) {
    page +=
        "\nIt learns from the sources' training patches: an experiment uses their splits, distill requires "
        "--data for each.\n";
  }
  if (d["needs_base"].get<bool>()) {
    page +=
        "\nIt requires the checkpoint that the sources were tuned from: base in an experiment, --base for "
        "distill.\n";
  }
  page += d["options"].empty() ? "\nNo options.\n" : "\nOptions:\n";
  for (const Json& option : d["options"]) page += "  " + text(option["help"]) + "\n";
  return page + "\nFile: " + text(d["file"]) + "\n";
}

int describe(const std::string& name, std::chrono::milliseconds patience, bool as_json) {
  PluginTask task;
  task.file = find(name).file;
  const Json description = ask_plugin_child(task, patience).description;
  if (as_json) {
    print(description);
  } else {
    program_output() << description_text(description) << std::flush;
  }
  return 0;
}

// What can be told without running the plugin. False: it must not be opened.
bool check_note(const fs::path& file, std::vector<PluginVerdict>& verdicts) {
  PluginNote note;
  try {
    note = read_plugin_note(file);
    verdicts.push_back({"note", "pass", kind_name(note.kind) + " \"" + note.name + "\" " + note.version});
  } catch (const std::exception& error) {
    verdicts.push_back({"note", "fail", error.what()});
    return false;
  }
  const std::string abi = std::to_string(note.abi_major) + "." + std::to_string(note.abi_minor);
  const std::string problem = incompatibility(note);
  verdicts.push_back(
      {"ABI", problem.empty() ? "pass" : "fail", problem.empty() ? abi + ", as this host" : problem});
  if (!problem.empty()) return false;
  const std::string misnamed = inspect_plugin(file).problem;
  verdicts.push_back({"file name", misnamed.empty() ? "pass" : "fail",
                      misnamed.empty() ? file.filename().string() : misnamed});
  return misnamed.empty();
}

PluginVerdict output_verdict(const PluginReport& answer) {
  if (answer.printed_bytes == 0) return {"output", "pass", "nothing is printed"};
  const std::string first = answer.printed.substr(0, std::min<std::size_t>(answer.printed.find('\n'), 200));
  return {"output", "warning",
          "it printed " + std::to_string(answer.printed_bytes) +
              " bytes, where plugins should use the log service: \"" + first + "\""};
}

int check(const PluginTask& task, std::chrono::milliseconds patience, bool as_json) {
  std::vector<PluginVerdict> verdicts;
  if (check_note(task.file, verdicts)) {
    const PluginReport answer = ask_plugin_child(task, patience);
    verdicts.insert(verdicts.end(), answer.verdicts.begin(), answer.verdicts.end());
    verdicts.push_back(output_verdict(answer));
  }
  int faults = 0;
  Json checks = Json::array();
  for (const PluginVerdict& verdict : verdicts) {
    if (verdict.verdict != "pass" && verdict.verdict != "warning") ++faults;
    checks.push_back({{"check", verdict.check}, {"verdict", verdict.verdict}, {"reason", verdict.reason}});
  }
  if (as_json) {
    print({{"file", task.file.string()}, {"sound", faults == 0}, {"checks", checks}});
    return faults ? 1 : 0;
  }
  const auto padded = [](std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 1, width), ' ');
    return text;
  };
  for (const PluginVerdict& verdict : verdicts) {
    program_output() << padded(verdict.verdict, 10) << padded(verdict.check, 25) << verdict.reason << "\n";
  }
  program_output() << task.file.string() << (faults ? ": faults found: " + std::to_string(faults) : ": sound")
                   << std::endl;
  return faults ? 1 : 0;
}

PluginTask check_task(const CommandValues& values) {
  PluginTask task;
  task.check = true;
  task.file = fs::absolute(values.text("name")).lexically_normal();
  if (!fs::exists(task.file)) throw RequestError(task.file.string() + ": there is no such file");
  if (values.has("root")) {
    task.root = fs::absolute(values.text("root")).lexically_normal();
    if (!fs::is_directory(task.root))
      throw RequestError("--root " + task.root.string() + ": there is no such folder");
  }
  task.settings = values.texts("set");
  return task;
}

}  // namespace

int run_plugins(const CommandValues& values) {
  const std::string& action = values.text("action");
  const bool as_json = values.has("json");
  const std::chrono::milliseconds patience(static_cast<std::int64_t>(values.number("timeout") * 1000));
  if (action == "list") return list(as_json);
  if (action == "describe") {
    if (!values.has("name"))
      throw RequestError("plugins describe: no plugin is named; histokt-host plugins list shows all.");
    return describe(values.text("name"), patience, as_json);
  }
  if (!values.has("name"))
    throw RequestError("plugins check: no file is named; give a histokt-KIND-NAME.so.");
  return check(check_task(values), patience, as_json);
}

}  // namespace histokt
