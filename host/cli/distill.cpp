// histokt-host distill --distiller NAME --output FILE A B ...

#include <spdlog/spdlog.h>

#include <optional>

#include "base/errors.hpp"
#include "base/program_output.hpp"
#include "base/thread_count.hpp"
#include "cli/command_line.hpp"
#include "tasks/distillation.hpp"
#include "tasks/network.hpp"
#include "tensors/weights.hpp"
#include "training/checkpoint.hpp"

namespace histokt {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

// The sources' model: the one asked for, or else the one that the first source names, where it can be had;
// the others need none.
std::optional<ConfiguredPlugin> model_of(const std::optional<std::string>& asked, const fs::path& first) {
  if (asked) return default_model(*asked);
  const auto named = info_of(read_weights(first), first.string()).model;
  if (!named) return std::nullopt;
  try {
    return default_model(*named);
  } catch (const RequestError& error) {
    spdlog::warn("the channels' ties are not known: {}", error.what());
    return std::nullopt;
  }
}

// What --threads, --data and --recalibrate ask for; the workshop is made only where networks will run.
MergeExtras extras_of(const po::variables_map& values, std::optional<Workshop>& workshop) {
  MergeExtras extras;
  extras.threads = thread_count(values["threads"].as<int>());
  const auto file = [](const std::string& option, const std::string& name) {
    if (fs::is_regular_file(name)) return fs::path(name);
    throw RequestError(option + " " + name + ": there is no such file");
  };
  if (values.contains("data")) {
    for (const std::string& name : values["data"].as<std::vector<std::string>>()) {
      extras.patches.files.push_back(file("--data", name));
    }
  }
  if (values.contains("recalibrate"))
    extras.recalibrate = file("--recalibrate", values["recalibrate"].as<std::string>());
  extras.recalibration_patches = values["recalibration-patches"].as<std::size_t>();
  if (extras.recalibration_patches == 1) {
    throw RequestError(
        "--recalibration-patches 1: expected two at least, since one patch has no variance, or 0 for all");
  }
  extras.patches.seed = values["seed"].as<std::uint64_t>();
  if (extras.patches.files.empty() && extras.recalibrate.empty()) return extras;
  workshop = make_workshop({.threads = extras.threads, .device = values["device"].as<std::string>()});
  extras.patches.workshop = &*workshop;
  return extras;
}

}  // namespace

int distill_verb(const Arguments& arguments) {
  po::options_description options("distill", 110, 60);
  options.add_options()("distiller", po::value<std::string>()->value_name("NAME")->required(),
                        "the distiller's plugin")(
      "output", po::value<std::string>()->value_name("FILE")->required(), "the checkpoint to write")(
      "sources", po::value<std::vector<std::string>>()->value_name("FILE")->required(),
      "checkpoints (safetensors, or .pth of torch.save), in order: it matters for svd")(
      "base", po::value<std::string>()->value_name("FILE"),
      "what the sources were tuned from: task-arithmetic, ties and dare need it, no other takes it")(
      "model", po::value<std::string>()->value_name("NAME"),
      "the model's plugin (default: the first source's own): rebasin needs it")(
      "data", po::value<std::vector<std::string>>()->value_name("FILE.h5"),
      "a patch set with its split, once for each source and in their order: fisher and regmean learn from "
      "their training "
      "patches")(
      "recalibrate", po::value<std::string>()->value_name("FILE.h5"),
      "a patch set with its split: batch-norm's running statistics are made anew on its training patches")(
      "recalibration-patches",
      po::value<std::size_t>()->value_name("N")->default_value(kRecalibrationPatches),
      "how many of them; 0: all")("seed", po::value<std::uint64_t>()->value_name("N")->default_value(0),
                                  "draws the patches of --data and --recalibrate")(
      "device", po::value<std::string>()->value_name("NAME")->default_value("auto"),
      "where networks run with --data or --recalibrate: auto, cpu, cuda, or one of several: cuda:1")(
      "threads", po::value<int>()->value_name("N")->default_value(0), "0: all cores")(
      "set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE"),
      "distiller.KEY (the plugin's options); may be given several times");
  po::positional_options_description positional;
  positional.add("sources", -1);
  const auto values =
      parse_verb(arguments,
                 "histokt-host distill --distiller NAME --output FILE A B...\n\nMerges networks of "
                 "one architecture into one checkpoint. distiller.KEY: see histokt-host plugins "
                 "describe NAME\n",
                 "histokt-host distill --distiller svd --output merged.safetensors crc.safetensors "
                 "os.safetensors",
                 options, positional);
  if (!values) return 0;
  set_up_logging(std::nullopt);

  const auto settings =
      values->contains("set") ? (*values)["set"].as<std::vector<std::string>>() : std::vector<std::string>{};
  const toml::table table = settings_table(settings, {"distiller"});
  const Plugin& plugin =
      PluginRegistry::instance().open(HISTOKT_DISTILLER, (*values)["distiller"].as<std::string>());
  const ConfiguredPlugin distiller{&plugin, OptionSet::resolve(plugin.options(), group_of(table, "distiller"),
                                                               command_line_source(), plugin.title())};
  const auto names = (*values)["sources"].as<std::vector<std::string>>();
  std::vector<fs::path> files;
  for (const std::string& name : names) {
    if (!fs::is_regular_file(name)) throw RequestError(name + ": there is no such file");
    files.emplace_back(name);
  }
  fs::path base;
  if (values->contains("base")) {
    base = (*values)["base"].as<std::string>();
    if (!fs::is_regular_file(base)) throw RequestError("--base " + base.string() + ": there is no such file");
  }
  std::optional<std::string> asked;
  if (values->contains("model")) asked = (*values)["model"].as<std::string>();
  const std::optional<ConfiguredPlugin> model = model_of(asked, files.front());
  const fs::path output = output_file((*values)["output"].as<std::string>());
  std::optional<Workshop> workshop;
  const MergeExtras extras = extras_of(*values, workshop);
  distill_checkpoints(distiller, names, files, model ? &*model : nullptr, base, output, extras);
  program_output() << output.string() << ": " << plugin.name() << " of " << files.size() << " networks"
                   << std::endl;
  return 0;
}

}  // namespace histokt
