// histokt-host predict --checkpoint FILE --root DIR --output predictions.csv
#include <spdlog/spdlog.h>

#include <cmath>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/program_output.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "config/standardize_options.hpp"
#include "tasks/plugin_dataset.hpp"
#include "tasks/prediction.hpp"
#include "tasks/unlabelled_folder.hpp"

namespace histokt {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

// The patch set that is made on the way, removed at the end whatever happens.
class PassingFile {
 public:
  explicit PassingFile(const fs::path& output) : file_(temporary_beside(output)) {}
  ~PassingFile() {
    std::error_code ignored;
    fs::remove(file_, ignored);
  }
  PassingFile(const PassingFile&) = delete;
  PassingFile& operator=(const PassingFile&) = delete;
  const fs::path& path() const { return file_; }

 private:
  fs::path file_;
};

bool is(const toml::node& given, double wanted) {
  const auto number = given.value<double>();
  return number && std::abs(*number - wanted) <= 1e-9;
}
bool is(const toml::node& given, std::int64_t wanted) {
  return is(given, static_cast<double>(wanted));
}
bool is(const toml::node& given, const std::string& wanted) {
  return given.value<std::string>() == wanted;
}

// Lays what the checkpoint says over [standardize]; what the user says against it is refused. `text` is
// `wanted` as it is written.
template <typename Value>
void require_setting(toml::table& table, const char* key, const Value& wanted, const std::string& text,
                     const PredictionNetwork& network) {
  if (const toml::node* given = table.get(key); given && !is(*given, wanted)) {
    throw RequestError(std::string("--set standardize.") + key + ": " + network.name + " was trained with " +
                       text + ", and pictures must be prepared alike; leave it out");
  }
  table.insert_or_assign(key, wanted);
}

// [standardize] as the checkpoint wants it.
toml::table preparation(toml::table given, const PredictionNetwork& network) {
  require_setting(given, "patch_side", std::int64_t{network.patch_side}, std::to_string(network.patch_side),
                  network);
  require_setting(given, "microns_per_pixel", network.microns_per_pixel,
                  number_text(network.microns_per_pixel), network);
  if (network.rounding) {
    require_setting(given, "rounding", *network.rounding, *network.rounding, network);
  } else if (!given.contains("rounding")) {
    spdlog::warn(
        "{} does not say how rescaled pictures were rounded for it, so \"nearest\" is taken; --set "
        "standardize.rounding says otherwise",
        network.name);
  }
  return given;
}

void check_dataset(const PictureDatasetInfo& info, const PredictionNetwork& network) {
  if (info.classes != network.classes || info.multi_label != network.multi_label) {
    throw RequestError(network.name + " was trained for the classes " + joined(network.classes) + ", but " +
                       info.name + " has " + joined(info.classes) +
                       "; leave --dataset out and give --microns-per-pixel to ask about the pictures alone");
  }
  if (info.as_is && std::abs(info.microns_per_pixel - network.microns_per_pixel) > 1e-9) {
    throw RequestError(network.name + " was trained at " + number_text(network.microns_per_pixel) +
                       " microns per pixel, but " + info.name + " is read as it is, at " +
                       number_text(info.microns_per_pixel) + "; take another checkpoint");
  }
}

// The pictures, and how the dataset's makers let patches overlap.
OpenedDataset open_pictures(const po::variables_map& values, const toml::table& settings,
                            const OptionSet& how, const PredictionNetwork& network) {
  const fs::path root = picture_folder(values["root"].as<std::string>());
  if (values.contains("dataset")) {
    if (values.contains("microns-per-pixel")) {
      throw RequestError("--microns-per-pixel: --dataset knows them; leave one of the two out");
    }
    const Plugin& plugin =
        PluginRegistry::instance().open(HISTOKT_DATASET, values["dataset"].as<std::string>());
    const OptionSet options = OptionSet::resolve(plugin.options(), group_of(settings, "dataset"),
                                                 command_line_source(), plugin.title());
    OpenedDataset opened = open_dataset(plugin, options, plugin.name(), root,
                                        default_scratch() / plugin.name(), max_pixels(how));
    check_dataset(opened.dataset->info(), network);
    return opened;
  }
  if (!group_of(settings, "dataset").empty())
    throw RequestError("--set dataset.KEY belongs to --dataset NAME");
  if (!values.contains("microns-per-pixel")) {
    throw RequestError(
        "--microns-per-pixel is missing: the scale of the pictures on disk, as the scanner gives it (0.25 "
        "is usual at 40x, 0.5 at 20x); or name the set with --dataset");
  }
  const double microns = values["microns-per-pixel"].as<double>();
  if (!(microns >= 1e-3 && microns <= 100)) {
    throw RequestError("--microns-per-pixel " + number_text(microns) +
                       ": expected a number from 0.001 to 100");
  }
  OpenedDataset opened;
  opened.dataset = std::make_unique<UnlabelledFolder>(root, microns, network.classes, network.multi_label);
  return opened;
}

StandardizeSummary standardize_pictures(const PictureDataset& dataset, const StandardizeRequest& request,
                                        const fs::path& file, int threads) {
  Progress progress("standardising " + dataset.info().name, "pictures", dataset.info().size);
  StandardizeSummary made = standardize(dataset, request, file, threads, progress);
  for (const std::string& warning : made.warnings) spdlog::warn("{}", warning);
  return made;
}

}  // namespace

int predict_verb(const Arguments& arguments) {
  po::options_description options("predict", 110, 60);
  options.add_options()("checkpoint", po::value<std::string>()->value_name("FILE")->required(),
                        "the network: a checkpoint that this program trained")(
      "root", po::value<std::string>()->value_name("DIR")->required(),
      "the folder of pictures, at any depth")("output",
                                              po::value<std::string>()->value_name("FILE.csv")->required(),
                                              "a row for each picture goes here")(
      "patches", po::value<std::string>()->value_name("FILE.csv"), "and a row for each patch here")(
      "microns-per-pixel", po::value<double>()->value_name("NUMBER"), "scale of the pictures on disk")(
      "dataset", po::value<std::string>()->value_name("NAME"),
      "or: a dataset's plugin, which knows layout and scale")(
      "on-bad-image", po::value<std::string>()->value_name("WORD"),
      "fail (default) or skip: what a picture does that cannot be read")(
      "model", po::value<std::string>()->value_name("NAME"),
      "the model's plugin (default: the checkpoint's own)")("device",
                                                            po::value<std::string>()->default_value("auto"),
                                                            "auto, cpu, cuda, or one of several: cuda:1")(
      "precision", po::value<std::string>()->default_value("float32"), "float32 or bfloat16")(
      "threads", po::value<int>()->value_name("N")->default_value(0), "0: all cores")(
      "set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE"),
      "standardize.KEY or dataset.KEY, as for standardize; may be given several times");
  const auto values = parse_verb(
      arguments,
      "histokt-host predict --checkpoint FILE --root DIR --microns-per-pixel NUMBER --output "
      "FILE.csv\n\nSays what a "
      "network makes of pictures without labels. They are brought to the scale, patch side and\ncolour "
      "statistics that "
      "the checkpoint was trained with; a picture's probabilities are the mean over its patches.\nThe "
      "patches stand in a "
      "file beside --output meanwhile (222 kB each at 272 pixels) and are removed.\n",
      "histokt-host predict --checkpoint crc.safetensors --root new-slides --microns-per-pixel 0.5 "
      "--output predictions.csv",
      options, {});
  if (!values) return 0;
  set_up_logging(std::nullopt);

  const auto text = [&](const char* key) { return (*values)[key].as<std::string>(); };
  if (!fs::is_regular_file(text("checkpoint"))) {
    throw RequestError("--checkpoint " + text("checkpoint") + ": there is no such file");
  }
  const auto settings =
      values->contains("set") ? (*values)["set"].as<std::vector<std::string>>() : std::vector<std::string>{};
  const toml::table table = settings_table(settings, {"dataset", "standardize"});
  const fs::path output = output_file(text("output"));
  std::optional<fs::path> patches_output;
  if (values->contains("patches")) patches_output = output_file(text("patches"));
  if (patches_output == output)
    throw RequestError("--patches and --output name the same file; give them two names");
  set_interruption_sentence("Interrupted: " + output.string() +
                            " was not written. Run the same command again.");

  const PredictionNetwork network = prediction_network(text("checkpoint"));
  const ConfiguredPlugin model = default_model(values->contains("model") ? text("model") : network.model);
  toml::table how_table = preparation(group_of(table, "standardize"), network);
  if (values->contains("on-bad-image")) how_table.insert_or_assign("on_bad_image", text("on-bad-image"));
  const OptionSet how = resolve_standardize(how_table, command_line_source(), Protocol::kClean);
  const OpenedDataset opened = open_pictures(*values, table, how, network);
  const Workshop workshop = make_workshop(
      {.threads = (*values)["threads"].as<int>(), .device = text("device"), .precision = text("precision")});

  const PassingFile passing(output);
  const StandardizeSummary made =
      standardize_pictures(*opened.dataset, standardize_request(how, Protocol::kClean, opened.overlap),
                           passing.path(), workshop.threads);
  const auto patches = std::make_shared<const PatchSet>(passing.path());
  const std::vector<float> logits = patch_logits(network, model, patches, workshop);

  std::vector<std::string> pictures;
  for (std::uint64_t i = 0; i < opened.dataset->info().size; ++i)
    pictures.push_back(opened.dataset->sample(i).id);
  if (patches_output)
    write_file_atomically(*patches_output, patch_predictions_csv(network, *patches, logits));
  write_file_atomically(output,
                        image_predictions_csv(network, pictures, made.skipped_pictures, *patches, logits));
  program_output() << output.string() << ": " << made.patches << " patches of " << made.pictures
                   << " pictures";
  if (!made.skipped_pictures.empty()) {
    program_output() << ", " << made.skipped_pictures.size() << " pictures could not be read";
  }
  program_output() << std::endl;
  return 0;
}

}  // namespace histokt
