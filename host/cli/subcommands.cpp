// SPDX-License-Identifier: MIT
// The table of subcommands. Compiled into each program: HISTOKT_RUNS_NETWORKS says whether that program has
// the subcommands that need libtorch.
#include "cli/compute_options.hpp"
#include "cli/run_subcommands.hpp"
#include "cli/subcommand.hpp"
#include "config/experiment.hpp"

#ifdef HISTOKT_RUNS_NETWORKS
#define HISTOKT_NEEDS_LIBTORCH(function) function
#else
#define HISTOKT_NEEDS_LIBTORCH(function) nullptr
#endif

namespace histokt {
namespace {

const Completion kCheckpoints = {.endings = {".safetensors", ".pth"}};
const Completion kPatchSets = {.endings = {".h5"}};
const Completion kFolders = {.folders = true};
const std::string kCheckpointHelp = "(safetensors, or .pth of torch.save)";

// Options that several subcommands take, each with what it means there.

CommandOption json_option(const std::string& help = "print the result as JSON") {
  return {.name = "json", .value = "", .help = help};
}

CommandOption settings_option(const std::string& help, const std::vector<std::string>& words = {}) {
  return {.name = "set", .value = "KEY=VALUE", .help = help, .repeats = true, .completion = {.words = words}};
}

CommandOption model_option(const std::string& help) {
  return {.name = "model", .value = "NAME", .help = help, .completion = {.kind = HISTOKT_MODEL}};
}

CommandOption output_option(const std::string& value, const std::string& help, bool required = false) {
  const std::size_t ending = value.find('.');
  return {.name = "output",
          .value = value,
          .help = help,
          .required = required,
          .completion = value == "DIR"                ? kFolders
                        : ending == std::string::npos ? kCheckpoints
                                                      : Completion{.endings = {value.substr(ending)}}};
}

CommandOption checkpoint_option(const std::string& help) {
  return {.name = "checkpoint", .value = "FILE", .help = help, .required = true, .completion = kCheckpoints};
}

CommandOption patch_sets_option(const std::string& name, const std::string& help) {
  return {.name = name, .value = "FILE.h5", .help = help, .repeats = true, .completion = kPatchSets};
}

CommandOption seed_option(const std::string& help) {
  return {.name = "seed",
          .value = "N",
          .help = help,
          .type = ValueType::kInteger,
          .default_text = "0",
          .least = 0};
}

// Words without --: one, or all that are left.
CommandOption word(const std::string& name, const std::string& value, const std::string& help,
                   Completion completion) {
  return {.name = name,
          .value = value,
          .help = help,
          .required = true,
          .positional = true,
          .completion = std::move(completion)};
}
CommandOption words(const std::string& name, const std::string& value, const std::string& help,
                    Completion completion) {
  CommandOption option = word(name, value, help, std::move(completion));
  option.repeats = true;
  return option;
}

std::vector<CommandOption> with_compute_options(std::vector<CommandOption> own) {
  for (CommandOption& option : compute_options()) own.push_back(std::move(option));
  return own;
}

Subcommand run_row() {
  return {
      .name = "run",
      .summary = "run an experiment (the word `run` may be omitted)",
      .options = {word("experiment", "EXPERIMENT.toml", "the experiment", {.endings = {".toml"}}),
                  {.name = "dry-run",
                   .value = "",
                   .help = "print what would run and why, without running it"},
                  {.name = "estimate",
                   .value = "",
                   .help = "with --dry-run: estimate hours and disk space from a few timed batches (about 10 "
                           "seconds at most) and a few images of each dataset that is not standardised yet"},
                  output_option("DIR", "folder for results (default: runs/NAME next to the file)"),
                  {.name = "step",
                   .value = "ID",
                   .help = "run only this step and the steps it needs (--dry-run lists them)"},
                  settings_option("override a value of the file, such as recipes.deep.epochs=3")},
      .usage = {"[run] EXPERIMENT.toml"},
      .description =
          "Runs an experiment. Finished steps are not run again; an interrupted run resumes where it "
          "stopped.",
      .examples = {"run examples/two-laboratories.toml --set trials=1 --dry-run"},
      .run = HISTOKT_NEEDS_LIBTORCH(run_experiment),
  };
}

Subcommand standardize_row() {
  return {
      .name = "standardize",
      .summary = "rescale a dataset's images to one resolution and cut them into patches",
      .options = {{.name = "dataset",
                   .value = "NAME",
                   .help = "the dataset's plugin",
                   .required = true,
                   .completion = {.kind = HISTOKT_DATASET}},
                  {.name = "root",
                   .value = "DIR",
                   .help = "the dataset's folder as downloaded",
                   .completion = kFolders},
                  output_option("FILE.h5", "the patch set to write", true),
                  {.name = "protocol",
                   .value = "WORD",
                   .help = "clean or paper",
                   .default_text = "clean",
                   .choices = {"clean", "paper"}},
                  threads_option(),
                  settings_option("dataset.KEY (the plugin's options), standardize.KEY or split.KEY",
                                  {"dataset.", "standardize.", "split."})},
      .usage = {"standardize --dataset NAME --root DIR --output FILE.h5"},
      .description =
          "Rescales a dataset's images to one resolution, cuts them into patches, drops background, splits "
          "the patches, and writes one patch set (HDF5) and, next to it, a PNG with sample patches of each "
          "class.",
      .examples = {"standardize --dataset folder --root slides --output slides.h5 --set "
                   "dataset.microns_per_pixel=0.5"},
      .more_help = standardize_settings_help,
      .run = run_standardize,
  };
}

Subcommand split_row() {
  return {
      .name = "split",
      .summary = "export the split of a patch set as a table, or import one",
      .options = {word("patches", "FILE.h5", "a patch set or a split file", kPatchSets),
                  {.name = "export",
                   .value = "SPLIT.csv",
                   .help = "table to write its split to, with the columns id, split, group, class",
                   .completion = {.endings = {".csv"}}},
                  {.name = "import",
                   .value = "SPLIT.csv",
                   .help = "table to read the split from, with the columns id, split",
                   .completion = {.endings = {".csv"}}},
                  output_option("NEW.h5", "the split file to write, a small file that refers to FILE.h5")},
      .usage = {"split FILE.h5 --export SPLIT.csv", "split FILE.h5 --import SPLIT.csv --output NEW.h5"},
      .description =
          "Exports which patches are for training, validation and test, or imports such a table: a row for "
          "each patch, with train, valid, test or left-out. An experiment reads the same table as "
          "split_file.",
      .examples = {"split bach.h5 --export bach.csv"},
      .run = run_split,
  };
}

Subcommand distill_row() {
  return {
      .name = "distill",
      .summary = "merge checkpoints into one",
      .options = with_compute_options(
          {words("sources", "FILE", "checkpoints " + kCheckpointHelp + ", in order (which matters for svd)",
                 kCheckpoints),
           {.name = "distiller",
            .value = "NAME",
            .help = "the distiller's plugin",
            .required = true,
            .completion = {.kind = HISTOKT_DISTILLER}},
           output_option("FILE", "the checkpoint to write", true),
           {.name = "base",
            .value = "FILE",
            .help = "the checkpoint that the sources were tuned from: required by task-arithmetic, ties and "
                    "dare, refused by the others",
            .completion = kCheckpoints},
           model_option("the model plugin (default: the first source's): rebasin needs it"),
           patch_sets_option("data",
                             "a patch set with a split, once for each source in the same order: fisher and "
                             "regmean learn from their training patches"),
           {.name = "recalibrate",
            .value = "FILE.h5",
            .help =
                "a patch set with a split: recompute batch-norm's running statistics on its training patches",
            .completion = kPatchSets},
           {.name = "recalibration-patches",
            .value = "N",
            .help = "number of patches for --recalibrate; 0: all",
            .type = ValueType::kInteger,
            .default_text = std::to_string(kRecalibrationPatches),
            .least = 0},
           seed_option("seed for drawing the patches of --data and --recalibrate"),
           settings_option("distiller.KEY (the plugin's options)", {"distiller."})}),
      .usage = {"distill --distiller NAME --output FILE A B..."},
      .description =
          "Merges models of the same architecture into one checkpoint. histokt-host plugins describe NAME "
          "lists the options of a distiller. Device and precision matter only with --data and --recalibrate.",
      .examples = {"distill --distiller svd --output merged.safetensors crc.safetensors os.safetensors"},
      .run = HISTOKT_NEEDS_LIBTORCH(run_distill),
  };
}

Subcommand diagnose_row() {
  return {
      .name = "diagnose",
      .summary = "show what a merge kept of its sources, and the loss barrier between them",
      .options = with_compute_options(
          {words("networks", "FILE", "the merge, then its source checkpoints " + kCheckpointHelp,
                 kCheckpoints),
           output_option(
               "DIR", "folder for layers.csv and layers.svg, and with --patches barrier.csv and barrier.svg"),
           patch_sets_option("patches",
                             "a patch set with a split, to evaluate the loss along the straight line between "
                             "each pair of sources"),
           {.name = "split",
            .value = "WORD",
            .help = "evaluate on valid or test patches",
            .default_text = "valid",
            .choices = {"valid", "test"}},
           {.name = "points",
            .value = "N",
            .help = "number of points on a line, including both ends",
            .type = ValueType::kInteger,
            .default_text = "11",
            .least = 2,
            .most = 1001},
           {.name = "fit-head",
            .value = "",
            .help = "fit a head for each model, even where they have heads for the patch set's classes"},
           {.name = "recalibrate",
            .value = "WORD",
            .help =
                "train: recompute each model's batch-norm statistics; none: interpolate them like weights",
            .default_text = "train",
            .choices = {"train", "none"}},
           {.name = "train-patches",
            .value = "N",
            .help = "training patches for statistics and heads; 0: all",
            .type = ValueType::kInteger,
            .default_text = "1000",
            .least = 0},
           seed_option("seed for drawing these patches"),
           model_option("the model plugin (default: the checkpoints')")}),
      .usage = {"diagnose MERGE A B..."},
      .description =
          "Shows what a merge kept of each source, layer by layer, and whether there is a loss barrier "
          "between the sources.",
      .examples =
          {"diagnose merged.safetensors crc.safetensors os.safetensors --patches os.h5 --output diagnosis"},
      .run = HISTOKT_NEEDS_LIBTORCH(run_diagnose),
  };
}

Subcommand evaluate_row() {
  return {
      .name = "evaluate",
      .summary = "test a checkpoint on one split of a patch set",
      .options = with_compute_options(
          {checkpoint_option("the model's weights " + kCheckpointHelp),
           {.name = "patches",
            .value = "FILE.h5",
            .help = "a patch set with a split",
            .required = true,
            .completion = kPatchSets},
           {.name = "split",
            .value = "WORD",
            .help = "train, valid or test",
            .default_text = "test",
            .choices = {"train", "valid", "test"}},
           model_option("the model plugin (default: the checkpoint's)"),
           output_option("DIR", "folder for result.json, predictions.csv and groups.csv"),
           json_option("print the content of result.json")}),
      .usage = {"evaluate --checkpoint FILE --patches FILE.h5 --split test"},
      .description =
          "Tests a model on one split of a patch set and reports metrics by patch, image and group, with 95 "
          "% intervals.",
      .examples = {"evaluate --checkpoint os.safetensors --patches os.h5 --split test --output os-test"},
      .run = HISTOKT_NEEDS_LIBTORCH(run_evaluate),
  };
}

Subcommand predict_row() {
  return {
      .name = "predict",
      .summary = "predict the classes of images without labels",
      .options = with_compute_options(
          {checkpoint_option("a checkpoint that this program trained"),
           {.name = "root",
            .value = "DIR",
            .help = "the folder of images, searched recursively",
            .required = true,
            .completion = kFolders},
           output_option("FILE.csv", "the table to write: a row for each image", true),
           {.name = "patches",
            .value = "FILE.csv",
            .help = "also write a row for each patch, with its position and logits",
            .completion = {.endings = {".csv"}}},
           {.name = "microns-per-pixel",
            .value = "NUMBER",
            .help = "scale of the images on disk",
            .type = ValueType::kNumber,
            .least = 0.001,
            .most = 100},
           {.name = "dataset",
            .value = "NAME",
            .help =
                "instead of --microns-per-pixel: a dataset plugin, which knows the folder layout and scale",
            .completion = {.kind = HISTOKT_DATASET}},
           {.name = "on-bad-image",
            .value = "WORD",
            .help = "what to do with an image that cannot be read: fail (default) or skip",
            .completion = {.words = {"fail", "skip"}}},
           model_option("the model plugin (default: the checkpoint's)"),
           settings_option("standardize.KEY or dataset.KEY, as for standardize",
                           {"standardize.", "dataset."})}),
      .usage = {"predict --checkpoint FILE --root DIR --microns-per-pixel NUMBER --output FILE.csv"},
      .description =
          "Predicts the classes of images without labels. They are brought to the scale, patch side and "
          "colour statistics that the checkpoint was trained with; an image's probabilities are the mean "
          "over its patches. The patches are kept in a temporary file next to --output (222 kB each at 272 "
          "pixels), which is removed at the end.",
      .examples = {"predict --checkpoint crc.safetensors --root new-slides --microns-per-pixel 0.5 --output "
                   "predictions.csv"},
      .run = HISTOKT_NEEDS_LIBTORCH(run_predict),
  };
}

Subcommand audit_row() {
  return {
      .name = "audit",
      .summary = "check a split for leakage, duplicates and imbalance",
      .options = {word("file", "FILE.h5", "a patch set with a split, or a split file", kPatchSets),
                  json_option(), threads_option()},
      .usage = {"audit FILE.h5 [--json]"},
      .description =
          "Shows what a split contains, and how much of its test set is also seen in training: shared groups "
          "and images, overlapping pixels, exact and near duplicates.",
      .examples = {"audit bach.h5"},
      .run = run_audit,
  };
}

Subcommand plugins_row() {
  CommandOption name = word("name", "NAME", "for describe: a plugin's name, or KIND/NAME; for check: a file",
                            {.plugins = true, .endings = {".so"}});
  name.required = false;
  CommandOption action = word("action", "ACTION", "list, describe or check", {});
  action.choices = {"list", "describe", "check"};
  return {
      .name = "plugins",
      .summary = "list the plugins, describe one, or check a file",
      .options = {action,
                  name,
                  json_option(),
                  {.name = "root",
                   .value = "DIR",
                   .help = "for check: a dataset's folder, to list and read its images",
                   .completion = kFolders},
                  settings_option("for check: an option of the plugin as KIND.KEY=VALUE, such as "
                                  "dataset.group_level=slide",
                                  {"dataset.", "model.", "optimizer.", "distiller."}),
                  {.name = "timeout",
                   .value = "SECONDS",
                   .help = "how long the plugin may take to respond",
                   .type = ValueType::kNumber,
                   .default_text = "60",
                   .least = 0.001,
                   .most = 86400}},
      .usage = {"plugins list", "plugins describe NAME", "plugins check FILE [--root DIR]"},
      .description =
          "Lists the plugins found (reading their notes, without loading them), describes one and its "
          "options, or checks one in a separate process: exit code 0 if it is sound, 1 if faults are found.",
      .examples = {"plugins list", "plugins describe dataset/crc",
                   "plugins check build/histokt-dataset-our-slides.so --root /data/slides"},
      .run = HISTOKT_NEEDS_LIBTORCH(run_plugins),
  };
}

Subcommand help_row() {
  CommandOption topic = words("topic", "TOPIC", "a subcommand or a help topic", {.topics = true});
  topic.required = false;
  return {
      .name = "help",
      .summary = "print help on a subcommand or topic",
      .options = {topic},
      .usage = {"help [TOPIC]"},
      .description = "Explains a subcommand, as SUBCOMMAND --help does, or a topic.",
      .examples = {"help evaluate"},
      .run = run_help,
  };
}

}  // namespace

std::span<const Subcommand> subcommands() {
  static const std::vector<Subcommand> table = {
      run_row(),      standardize_row(), split_row(), distill_row(), diagnose_row(),
      evaluate_row(), predict_row(),     audit_row(), plugins_row(), help_row(),
  };
  return table;
}

const Subcommand* find_subcommand(const std::string& name) {
  for (const Subcommand& subcommand : subcommands()) {
    if (subcommand.name == name) return &subcommand;
  }
  return nullptr;
}

std::span<const CommandOption> common_options() {
  static const std::vector<CommandOption> options = {
      {.name = "plugins",
       .value = "DIR",
       .help = "look for plugins here first, then in the folders of HISTOKT_PLUGIN_PATH (separated by :), "
               "then next to the program",
       .repeats = true,
       .completion = kFolders},
      {.name = "quiet", .value = "", .help = "no progress, warnings and errors only"},
      {.name = "help", .value = "", .help = "print this help"},
  };
  return options;
}

}  // namespace histokt
