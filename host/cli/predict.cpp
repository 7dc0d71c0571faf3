// SPDX-License-Identifier: MIT
// histokt-host predict --checkpoint FILE --root DIR --output predictions.csv
#include "tasks/prediction.hpp"

#include <spdlog/spdlog.h>
#include <algorithm>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/program_output.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "cli/compute_options.hpp"
#include "cli/named_files.hpp"
#include "cli/run_subcommands.hpp"
#include "config/command_settings.hpp"
#include "config/standardize_options.hpp"
#include "tasks/plugin_dataset.hpp"
#include "tasks/prediction_images.hpp"
#include "tasks/unlabelled_folder.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

// The patch set that is made on the way, removed at the end whatever happens.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& output) : file_(temporary_beside(output)) {}
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(file_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const fs::path& path() const { return file_; }

 private:
  fs::path file_;
};

// The tables to write.
struct Tables {
  fs::path images;
  std::optional<fs::path> patches;
};

Tables tables_of(const CommandValues& values) {
  Tables tables{output_file(values.text("output")), std::nullopt};
  if (values.has("patches")) tables.patches = output_file(values.text("patches"));
  if (tables.patches == tables.images)
    throw RequestError("--patches and --output name the same file; give two different files");
  return tables;
}

OptionSet standardize_options_of(const CommandValues& values, const toml::table& settings,
                                 const PredictionNetwork& network) {
  toml::table table = standardize_settings_for(group_of(settings, "standardize"), network);
  if (values.has("on-bad-image")) table.insert_or_assign("on_bad_image", values.text("on-bad-image"));
  return resolve_standardize(table, command_line_source(), Protocol::kClean);
}

// The images, and how the dataset's makers let patches overlap.
OpenedDataset open_images(const CommandValues& values, const toml::table& settings, const OptionSet& how,
                          const PredictionNetwork& network) {
  const fs::path root = image_folder(values.text("root"));
  if (values.has("dataset")) {
    if (values.has("microns-per-pixel")) {
      throw RequestError("--microns-per-pixel: --dataset already sets it; leave one of the two out");
    }
    const auto [plugin, options] =
        configured_plugin(HISTOKT_DATASET, values.text("dataset"), group_of(settings, "dataset"));
    OpenedDataset opened = open_dataset(*plugin, options, plugin->name(), root,
                                        default_scratch() / plugin->name(), max_pixels(how));
    check_dataset(opened.dataset->info(), network);
    return opened;
  }
  if (!group_of(settings, "dataset").empty()) throw RequestError("--set dataset.KEY requires --dataset NAME");
  if (!values.has("microns-per-pixel")) {
    throw RequestError(
        "--microns-per-pixel is missing: the scale of the images on disk, as the scanner gives it (0.25 is "
        "usual at 40x, 0.5 at 20x); or name the dataset with --dataset");
  }
  OpenedDataset opened;
  auto images = std::make_unique<UnlabelledFolder>(root, values.number("microns-per-pixel"), network.classes,
                                                   network.multi_label);
  if (!images->unread_warning().empty()) spdlog::warn("{}", images->unread_warning());
  opened.unread = images->unread();
  opened.dataset = std::move(images);
  return opened;
}

StandardizeSummary standardize_images(const ImageDataset& dataset, const StandardizeRequest& request,
                                      const fs::path& file, int threads) {
  Progress progress("standardising " + dataset.info().name, "images", dataset.info().size);
  StandardizeSummary made = standardize(dataset, request, file, threads, progress);
  for (const std::string& warning : made.warnings) spdlog::warn("{}", warning);
  return made;
}

void print_summary(const StandardizeSummary& made, const fs::path& output) {
  program_output() << output.string() << ": " << counted(made.patches, "patch") << " of "
                   << counted(made.images, "image");
  if (!made.skipped_images.empty()) {
    program_output() << ", " << counted(made.skipped_images.size(), "image") << " could not be read";
  }
  program_output() << std::endl;
}

}  // namespace

int run_predict(const CommandValues& values) {
  const fs::path checkpoint = existing_file(values.text("checkpoint"), "--checkpoint ");
  const toml::table settings = settings_table(values.texts("set"), {"dataset", "standardize"});
  const Tables tables = tables_of(values);
  set_interruption_sentence("Interrupted: " + tables.images.string() +
                            " was not written. Run the same command again.");
  const PredictionNetwork network = prediction_network(checkpoint);
  const ConfiguredPlugin model = configured_plugin(HISTOKT_MODEL, values.text_or("model", network.model));
  const OptionSet how = standardize_options_of(values, settings, network);
  const OpenedDataset opened = open_images(values, settings, how, network);
  const ComputeContext compute = make_compute_context(compute_request(values));

  const TemporaryFile patch_file(tables.images);
  StandardizeSummary made =
      standardize_images(*opened.dataset, standardize_request(how, Protocol::kClean, opened.overlap),
                         patch_file.path(), compute.threads);
  const auto patches = std::make_shared<const PatchSet>(patch_file.path());
  const std::vector<float> logits = patch_logits(network, model, patches, compute);
  if (tables.patches)
    write_file_atomically(*tables.patches, patch_predictions_csv(network, *patches, logits));
  std::vector<std::string> images;
  for (std::uint64_t i = 0; i < opened.dataset->info().size; ++i)
    images.push_back(opened.dataset->sample(i).id);
  if (!opened.unread.empty()) {
    images.insert(images.end(), opened.unread.begin(), opened.unread.end());
    std::sort(images.begin(), images.end());
    made.skipped_images.insert(made.skipped_images.end(), opened.unread.begin(), opened.unread.end());
  }
  write_file_atomically(tables.images,
                        image_predictions_csv(network, images, made.skipped_images, *patches, logits));
  print_summary(made, tables.images);
  return 0;
}

}  // namespace histokt
