// histokt-host plugins list | describe NAME
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "plugins/registry.hpp"

namespace histokt {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::json;

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
    std::cout << all.dump(2) << std::endl;
    return 0;
  }
  for (const PluginFile& found : files) {
    if (!found.problem.empty()) continue;
    std::string title = kind_name(found.note.kind) + " " + found.note.name;
    title.resize(std::max<std::size_t>(title.size() + 1, 28), ' ');
    std::cout << title << found.note.version << "   " << found.file.string() << "\n";
  }
  for (const PluginFile& found : files) {
    if (!found.problem.empty()) std::cout << "cannot be used: " << found.file.string() << ": " << found.problem << "\n";
  }
  std::cout << std::flush;
  return 0;
}

// "dataset/folder", or "folder" where only one kind has it.
const Plugin& find(const std::string& name) {
  const std::size_t slash = name.find('/');
  PluginRegistry& registry = PluginRegistry::instance();
  if (slash != std::string::npos) {
    const histokt_kind kind = kind_from_name(name.substr(0, slash));
    if (!kind) throw RequestError(name + ": expected dataset/NAME, model/NAME, optimizer/NAME or distiller/NAME");
    return registry.open(kind, name.substr(slash + 1));
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
  if (matches.size() > 1 && matches[0]->note.kind != matches[1]->note.kind) {
    throw RequestError("\"" + name + "\" is a " + kind_name(matches[0]->note.kind) + " and a " +
                       kind_name(matches[1]->note.kind) + "; say KIND/" + name);
  }
  return registry.open(matches[0]->note.kind, name);
}

const histokt_card* card_of(const Plugin& plugin) {
  const auto get = plugin.descriptor().get_extension;
  return get ? static_cast<const histokt_card*>(get(HISTOKT_CARD)) : nullptr;
}

Json describe_json(const Plugin& plugin) {
  const histokt_descriptor& d = plugin.descriptor();
  Json options = Json::array();
  for (const histokt_option& option : plugin.options()) {
    options.push_back({{"key", option.key},
                       {"default", option.default_text ? Json(option.default_text) : Json()},
                       {"help", option_help(option)}});
  }
  Json card = Json::object();
  if (const histokt_card* lines = card_of(plugin)) {
    for (const histokt_card_line* line = lines->lines; line->heading; ++line) card[line->heading] = line->text;
  }
  return {{"kind", kind_name(d.kind)},   {"name", d.name},         {"version", d.version},
          {"summary", d.summary},        {"licence", d.licence},   {"citation", d.citation},
          {"fingerprint", d.fingerprint}, {"options", options},    {"card", card},
          {"file", plugin.file().string()}, {"sha256", plugin.sha256()}};
}

int describe(const std::string& name, bool as_json) {
  const Plugin& plugin = find(name);
  if (as_json) {
    std::cout << describe_json(plugin).dump(2) << std::endl;
    return 0;
  }
  const histokt_descriptor& d = plugin.descriptor();
  std::cout << kind_name(d.kind) << " " << d.name << " " << d.version << ": " << d.summary << "\n";
  if (const histokt_card* lines = card_of(plugin)) {
    for (const histokt_card_line* line = lines->lines; line->heading; ++line) {
      std::cout << "\n" << line->heading << ": " << line->text << "\n";
    }
  }
  if (*d.citation) std::cout << "\nCitation: " << d.citation << "\n";
  if (*d.licence) std::cout << "\nLicence of the plugin: " << d.licence << "\n";
  std::cout << (plugin.options().empty() ? "\nNo options.\n" : "\nOptions:\n");
  for (const histokt_option& option : plugin.options()) std::cout << "  " << option_help(option) << "\n";
  std::cout << "\nFile: " << plugin.file().string() << std::endl;
  return 0;
}

}  // namespace

int plugins_verb(const Arguments& arguments) {
  po::options_description options("plugins", 110, 60);
  options.add_options()("action", po::value<std::string>()->value_name("WORD")->required(), "list or describe")(
      "name", po::value<std::string>()->value_name("NAME"), "for describe: a plugin's name, or KIND/NAME")(
      "json", "print JSON, for programs");
  po::positional_options_description positional;
  positional.add("action", 1).add("name", 1);
  const auto values = parse_verb(arguments,
                                 "histokt-host plugins list\nhistokt-host plugins describe NAME\n\nLists the plugins "
                                 "that are found, reading their notes alone, or describes one: what it is and its "
                                 "options.\n",
                                 "histokt-host plugins describe folder", options, positional);
  if (!values) return 0;
  set_up_logging(std::nullopt);
  const std::string action = (*values)["action"].as<std::string>();
  const bool as_json = values->contains("json");
  if (action == "list") return list(as_json);
  if (action == "describe") {
    if (!values->contains("name")) throw RequestError("plugins describe: which one? histokt-host plugins list shows all.");
    return describe((*values)["name"].as<std::string>(), as_json);
  }
  const std::vector<std::string> actions = {"list", "describe"};
  throw RequestError("plugins " + action + ": expected list or describe." + did_you_mean(action, actions));
}

}  // namespace histokt
