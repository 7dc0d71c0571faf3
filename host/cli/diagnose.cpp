// histokt-host diagnose MERGE A B ... [--patches FILE.h5]... [--output DIR]

#include "tasks/diagnosis.hpp"

#include <spdlog/spdlog.h>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/program_output.hpp"
#include "cli/command_line.hpp"
#include "tasks/network.hpp"

namespace histokt {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

std::vector<fs::path> files_of(const po::variables_map& values, const char* key, const char* before) {
  std::vector<fs::path> files;
  if (!values.contains(key)) return files;
  for (const std::string& file : values[key].as<std::vector<std::string>>()) {
    if (!fs::is_regular_file(file)) throw RequestError(before + file + ": there is no such file");
    files.emplace_back(file);
  }
  return files;
}

// Which of two words an option has.
bool is_first(const po::variables_map& values, const char* key, const std::string& first,
              const std::string& second) {
  const std::string& word = values[key].as<std::string>();
  if (word != first && word != second) {
    throw RequestError(std::string("--") + key + " " + word + ": expected " + first + " or " + second);
  }
  return word == first;
}

BarrierSettings settings_of(const po::variables_map& values) {
  BarrierSettings settings;
  settings.part = is_first(values, "split", "valid", "test") ? Split::kValid : Split::kTest;
  settings.recalibrate = is_first(values, "recalibrate", "train", "none");
  settings.fit_head = values.contains("fit-head");
  settings.points = values["points"].as<int>();
  if (settings.points < 2 || settings.points > 1001) {
    throw RequestError("--points " + std::to_string(settings.points) + ": expected a number from 2 to 1001");
  }
  const int patches = values["train-patches"].as<int>();
  if (patches < 0)
    throw RequestError("--train-patches " + std::to_string(patches) + ": expected 0 (all) or more");
  settings.train_patches = static_cast<std::size_t>(patches);
  settings.seed = values["seed"].as<std::uint64_t>();
  return settings;
}

// The model asked for, or else the one that a checkpoint names. Where it cannot be had, nothing, unless it
// was asked for or `needed`.
std::optional<ConfiguredPlugin> model_of(const po::variables_map& values,
                                         const std::vector<ReadNetwork>& networks, bool needed) {
  if (values.contains("model")) return default_model(values["model"].as<std::string>());
  for (const ReadNetwork& network : networks) {
    const auto named = info_of(network.content.content, network.content.name).model;
    if (!named) continue;
    try {
      return default_model(*named);
    } catch (const RequestError& error) {
      if (needed) throw;
      spdlog::warn("heads are told by their names: {}", error.what());
      return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

int diagnose_verb(const Arguments& arguments) {
  po::options_description options("diagnose", 110, 60);
  options.add_options()(
      "networks", po::value<std::vector<std::string>>()->value_name("FILE")->required(),
      "the merge, then the checkpoints it was made of (safetensors, or .pth of torch.save)")(
      "output", po::value<std::string>()->value_name("DIR"),
      "write layers.csv and layers.svg here, and with --patches barrier.csv and barrier.svg")(
      "patches", po::value<std::vector<std::string>>()->value_name("FILE.h5"),
      "a patch set with a split: the loss along the straight line between each two sources; may be given "
      "several times")("split", po::value<std::string>()->value_name("WORD")->default_value("valid"),
                       "judge on valid or test patches")(
      "points", po::value<int>()->value_name("N")->default_value(11), "of a line, both ends among them")(
      "fit-head", "fit a head for each network, also where they have heads of the patch set's classes")(
      "recalibrate", po::value<std::string>()->value_name("WORD")->default_value("train"),
      "train: batch-norm's statistics of each network are made anew; none: they are interpolated like "
      "weights")("train-patches", po::value<int>()->value_name("N")->default_value(1000),
                 "training patches for statistics and heads; 0: all")(
      "seed", po::value<std::uint64_t>()->value_name("N")->default_value(0), "of drawing them")(
      "model", po::value<std::string>()->value_name("NAME"),
      "the model's plugin (default: the checkpoints' own)")("device",
                                                            po::value<std::string>()->default_value("auto"),
                                                            "auto, cpu, cuda, or one of several: cuda:1")(
      "precision", po::value<std::string>()->default_value("float32"), "float32 or bfloat16")(
      "threads", po::value<int>()->value_name("N")->default_value(0), "0: all cores");
  po::positional_options_description positional;
  positional.add("networks", -1);
  const auto values =
      parse_verb(arguments,
                 "histokt-host diagnose MERGE A B...\n\nTells what a merge kept of each source, layer by "
                 "layer, and whether a barrier of loss lies between the sources.\n",
                 "histokt-host diagnose merged.safetensors crc.safetensors os.safetensors --patches "
                 "os.h5 --output diagnosis",
                 options, positional);
  if (!values) return 0;
  set_up_logging(std::nullopt);

  const BarrierSettings settings = settings_of(*values);
  const std::vector<fs::path> files = files_of(*values, "networks", "");
  const std::vector<fs::path> patches = files_of(*values, "patches", "--patches ");
  if (files.size() < 2)
    throw RequestError("diagnose needs a merge and the checkpoints it was made of; only " +
                       files.front().string() + " is given");
  if (!patches.empty() && files.size() < 3)
    throw RequestError("--patches asks for the line between two sources, and there is only " +
                       files.back().string() + "; name another one, or leave --patches out");
  const Workshop workshop = make_workshop({.threads = (*values)["threads"].as<int>(),
                                           .device = (*values)["device"].as<std::string>(),
                                           .precision = (*values)["precision"].as<std::string>()});
  const std::vector<ReadNetwork> networks = read_networks(files);
  const auto keep = [&](const DiagnosisReport& report, const std::string& name) {
    program_output() << report.text << std::flush;
    if (!values->contains("output")) return;
    const fs::path folder = (*values)["output"].as<std::string>();
    make_folders(folder);
    write_file_atomically(folder / (name + ".csv"), report.csv);
    write_file_atomically(folder / (name + ".svg"), report.svg);
  };
  std::optional<ConfiguredPlugin> model = model_of(*values, networks, /*needed=*/!patches.empty());
  keep(layer_report(networks, model ? &*model : nullptr), "layers");
  if (patches.empty()) return 0;
  if (!model) model = default_model("resnet18");
  keep(barrier_report(networks, patches, *model, settings, workshop), "barrier");
  return 0;
}

}  // namespace histokt
