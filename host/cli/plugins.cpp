// histokt-host plugins list | describe NAME | check FILE
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/errors.hpp"
#include "base/program_output.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/plugin_child.hpp"
#include "plugins/registry.hpp"

namespace histokt {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;
using Json = nlohmann::json;

// Notes and descriptions hold what their authors wrote, which need not be UTF-8.
void print(const Json& json) {
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
    print(all);
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
                       kind_name(other->note.kind) + "; say KIND/" + name);
  }
  return registry.find(matches[0]->note.kind, name);
}

int describe(const std::string& name, std::chrono::milliseconds patience, bool as_json) {
  PluginTask task;
  task.file = find(name).file;
  const Json d = ask_plugin_child(task, patience).description;
  if (as_json) {
    print(d);
    return 0;
  }
  const auto text = [](const Json& json) {
    return json.is_string() ? json.get<std::string>() : std::string();
  };
  std::ostream& out = program_output();
  out << text(d["kind"]) << " " << text(d["name"]) << " " << text(d["version"]) << ": " << text(d["summary"])
      << "\n";
  for (const Json& line : d["card"]) {
    const bool tree = text(line["text"]).starts_with(" ");  // a layout begins on a line of its own
    out << "\n" << text(line["heading"]) << (tree ? ":\n" : ": ") << text(line["text"]) << "\n";
  }
  if (!text(d["citation"]).empty()) out << "\nCitation: " << text(d["citation"]) << "\n";
  if (!text(d["licence"]).empty()) out << "\nLicence of the plugin: " << text(d["licence"]) << "\n";
  if (d["needs_data"].get<bool>()) {
    out << "\nIt learns from the training patches of the sources: an experiment takes their splits, distill "
           "wants --data for "
           "each.\n";
  }
  if (d["needs_base"].get<bool>()) {
    out << "\nIt builds on what the sources were tuned from: an experiment names it as base, distill wants "
           "--base.\n";
  }
  out << (d["options"].empty() ? "\nNo options.\n" : "\nOptions:\n");
  for (const Json& option : d["options"]) out << "  " << text(option["help"]) << "\n";
  out << "\nFile: " << text(d["file"]) << std::endl;
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

PluginVerdict output_verdict(const PluginAnswer& answer) {
  if (answer.printed_bytes == 0) return {"output", "pass", "nothing is printed"};
  const std::string first = answer.printed.substr(0, std::min<std::size_t>(answer.printed.find('\n'), 200));
  return {"output", "warning",
          "it printed " + std::to_string(answer.printed_bytes) +
              " bytes, where plugins should use the log service: \"" + first + "\""};
}

int check(const PluginTask& task, std::chrono::milliseconds patience, bool as_json) {
  std::vector<PluginVerdict> verdicts;
  if (check_note(task.file, verdicts)) {
    const PluginAnswer answer = ask_plugin_child(task, patience);
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

PluginTask check_task(const po::variables_map& values) {
  PluginTask task;
  task.check = true;
  task.file = fs::absolute(values["name"].as<std::string>()).lexically_normal();
  if (!fs::exists(task.file)) throw RequestError(task.file.string() + ": there is no such file");
  if (values.contains("root")) {
    task.root = fs::absolute(values["root"].as<std::string>()).lexically_normal();
    if (!fs::is_directory(task.root))
      throw RequestError("--root " + task.root.string() + ": there is no such folder");
  }
  if (values.contains("set")) task.settings = values["set"].as<std::vector<std::string>>();
  return task;
}

}  // namespace

int plugins_verb(const Arguments& arguments) {
  po::options_description options("plugins", 110, 60);
  options.add_options()("action", po::value<std::string>()->value_name("WORD")->required(),
                        "list, describe or check")(
      "name", po::value<std::string>()->value_name("NAME"),
      "for describe: a plugin's name, or KIND/NAME; for check: a file")("json", "print JSON, for programs")(
      "root", po::value<std::string>()->value_name("DIR"),
      "for check: a dataset's folder, which is then listed and read")(
      "set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE"),
      "for check: an option of the plugin as KIND.KEY=VALUE, such as dataset.group_level=slide; may be given "
      "several times")("timeout", po::value<double>()->value_name("SECONDS")->default_value(60),
                       "how long the plugin may give no sign of life");
  po::positional_options_description positional;
  positional.add("action", 1).add("name", 1);
  const auto values = parse_verb(
      arguments,
      "histokt-host plugins list\nhistokt-host plugins describe NAME\nhistokt-host plugins check FILE "
      "[--root DIR]\n\n"
      "Lists the plugins that are found, reading their notes alone; describes one: what it is and its "
      "options; or\n"
      "tries one out, in a process of its own: exit 0 where it is sound, 1 where faults are found.\n",
      "histokt-host plugins list\n  histokt-host plugins describe dataset/crc\n"
      "  histokt-host plugins check build/histokt-dataset-our-slides.so --root /data/slides",
      options, positional);
  if (!values) return 0;
  set_up_logging(std::nullopt);
  const std::string action = (*values)["action"].as<std::string>();
  const bool as_json = values->contains("json");
  const double seconds = (*values)["timeout"].as<double>();
  if (!(seconds > 0 && seconds < 1e6))
    throw RequestError("--timeout " + number_text(seconds) + ": expected seconds above 0");
  const std::chrono::milliseconds patience(static_cast<std::int64_t>(seconds * 1000));
  if (action == "list") return list(as_json);
  if (action == "describe") {
    if (!values->contains("name"))
      throw RequestError("plugins describe: which one? histokt-host plugins list shows all.");
    return describe((*values)["name"].as<std::string>(), patience, as_json);
  }
  if (action == "check") {
    if (!values->contains("name"))
      throw RequestError("plugins check: which file? Name a histokt-KIND-NAME.so.");
    return check(check_task(*values), patience, as_json);
  }
  const std::vector<std::string> actions = {"list", "describe", "check"};
  throw RequestError("plugins " + action + ": expected list, describe or check." +
                     did_you_mean(action, actions));
}

}  // namespace histokt
