// The table of subcommands. Compiled into each program: HISTOKT_RUNS_NETWORKS says whether it has what needs
// libtorch.
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

CommandOption json_option(const std::string& help = "print the answer as JSON, for programs") {
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
          .by_place = true,
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
      .summary = "run an experiment (the word `run` may be left out)",
      .options =
          {word("experiment", "EXPERIMENT.toml", "the experiment", {.endings = {".toml"}}),
           {.name = "dry-run", .value = "", .help = "say what would run and why, and run nothing"},
           {.name = "estimate",
            .value = "",
            .help = "beside --dry-run: how many hours and how much disk, by measuring a few batches (about "
                    "10 seconds at most) and looking at a few images of each dataset that is not "
                    "standardised yet"},
           output_option("DIR", "where results go (default: runs/NAME beside the file)"),
           {.name = "step",
            .value = "ID",
            .help = "run this step alone, and what it needs (--dry-run lists them)"},
           settings_option("replace a value of the file, such as recipes.deep.epochs=3")},
      .usage = {"[run] EXPERIMENT.toml"},
      .description =
          "Runs an experiment. What is finished is not run again; an interrupted run resumes where it "
          "stopped.",
      .examples = {"run examples/two-laboratories.toml --set trials=1 --dry-run"},
      .run = HISTOKT_NEEDS_LIBTORCH(run_experiment),
  };
}

Subcommand standardize_row() {
  return {
      .name = "standardize",
      .summary = "bring a dataset's images to one scale and cut them into patches",
      .options =
          {{.name = "dataset",
            .value = "NAME",
            .help = "the dataset's plugin",
            .required = true,
            .completion = {.kind = HISTOKT_DATASET}},
           {.name = "root", .value = "DIR", .help = "its folder as downloaded", .completion = kFolders},
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
          "Brings a dataset's images to one scale, cuts them into patches, drops background, splits, and "
          "writes one patch set (HDF5), and beside it a PNG that shows some patches of each class.",
      .examples = {"standardize --dataset folder --root slides --output slides.h5 --set "
                   "dataset.microns_per_pixel=0.5"},
      .more_help = standardize_settings_help,
      .run = run_standardize,
  };
}

Subcommand split_row() {
  return {
      .name = "split",
      .summary = "write the split of a patch set as a table, or take one from a table",
      .options = {word("patches", "FILE.h5", "a patch set, or a split of one", kPatchSets),
                  {.name = "export",
                   .value = "SPLIT.csv",
                   .help = "write its split here: id, split, group, class",
                   .completion = {.endings = {".csv"}}},
                  {.name = "import",
                   .value = "SPLIT.csv",
                   .help = "take the split from here: id, split",
                   .completion = {.endings = {".csv"}}},
                  output_option("NEW.h5", "the split to write, a small file that leads to FILE.h5")},
      .usage = {"split FILE.h5 --export SPLIT.csv", "split FILE.h5 --import SPLIT.csv --output NEW.h5"},
      .description =
          "Writes which patch serves training, validation or test as a table, or takes it from one: a "
          "line for each patch, with train, valid, test or left-out. An experiment takes the same table "
          "as split_file.",
      .examples = {"split bach.h5 --export bach.csv"},
      .run = run_split,
  };
}

Subcommand distill_row() {
  return {
      .name = "distill",
      .summary = "merge checkpoints into one",
      .options = with_compute_options(
          {words("sources", "FILE", "checkpoints " + kCheckpointHelp + ", in order: it matters for svd",
                 kCheckpoints),
           {.name = "distiller",
            .value = "NAME",
            .help = "the distiller's plugin",
            .required = true,
            .completion = {.kind = HISTOKT_DISTILLER}},
           output_option("FILE", "the checkpoint to write", true),
           {.name = "base",
            .value = "FILE",
            .help =
                "what the sources were tuned from: task-arithmetic, ties and dare need it, no other takes it",
            .completion = kCheckpoints},
           model_option("the model's plugin (default: the first source's own): rebasin needs it"),
           patch_sets_option(
               "data",
               "a patch set with its split, once for each source and in their order: fisher and "
               "regmean learn from their training patches"),
           {.name = "recalibrate",
            .value = "FILE.h5",
            .help =
                "a patch set with its split: batch-norm's running statistics are made anew on its training "
                "patches",
            .completion = kPatchSets},
           {.name = "recalibration-patches",
            .value = "N",
            .help = "how many of them; 0: all",
            .type = ValueType::kInteger,
            .default_text = std::to_string(kRecalibrationPatches),
            .least = 0},
           seed_option("draws the patches of --data and --recalibrate"),
           settings_option("distiller.KEY (the plugin's options)", {"distiller."})}),
      .usage = {"distill --distiller NAME --output FILE A B..."},
      .description =
          "Merges models of one architecture into one checkpoint. The options of a distiller: histokt-host "
          "plugins describe NAME. Device and precision matter with --data and --recalibrate alone.",
      .examples = {"distill --distiller svd --output merged.safetensors crc.safetensors os.safetensors"},
      .run = HISTOKT_NEEDS_LIBTORCH(run_distill),
  };
}

Subcommand diagnose_row() {
  return {
      .name = "diagnose",
      .summary = "show what a merge kept of its sources, and the loss barrier between them",
      .options = with_compute_options(
          {words("networks", "FILE", "the merge, then the checkpoints it was made of " + kCheckpointHelp,
                 kCheckpoints),
           output_option(
               "DIR", "write layers.csv and layers.svg here, and with --patches barrier.csv and barrier.svg"),
           patch_sets_option(
               "patches",
               "a patch set with a split: the loss along the straight line between each two sources"),
           {.name = "split",
            .value = "WORD",
            .help = "evaluate on valid or test patches",
            .default_text = "valid",
            .choices = {"valid", "test"}},
           {.name = "points",
            .value = "N",
            .help = "of a line, both ends among them",
            .type = ValueType::kInteger,
            .default_text = "11",
            .least = 2,
            .most = 1001},
           {.name = "fit-head",
            .value = "",
            .help = "fit a head for each network, also where they have heads of the patch set's classes"},
           {.name = "recalibrate",
            .value = "WORD",
            .help = "train: batch-norm's statistics of each network are made anew; none: they are "
                    "interpolated like "
                    "weights",
            .default_text = "train",
            .choices = {"train", "none"}},
           {.name = "train-patches",
            .value = "N",
            .help = "training patches for statistics and heads; 0: all",
            .type = ValueType::kInteger,
            .default_text = "1000",
            .least = 0},
           seed_option("of drawing them"),
           model_option("the model's plugin (default: the checkpoints' own)")}),
      .usage = {"diagnose MERGE A B..."},
      .description =
          "Shows what a merge kept of each source, layer by layer, and whether a barrier of loss lies "
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
           model_option("the model's plugin (default: the checkpoint's own)"),
           output_option("DIR", "write result.json, predictions.csv and groups.csv here"),
           json_option("print what result.json holds")}),
      .usage = {"evaluate --checkpoint FILE --patches FILE.h5 --split test"},
      .description =
          "Tests a model on one split of a patch set: patches, images and groups, with 95 % intervals.",
      .examples = {"evaluate --checkpoint os.safetensors --patches os.h5 --split test --output os-test"},
      .run = HISTOKT_NEEDS_LIBTORCH(run_evaluate),
  };
}

Subcommand predict_row() {
  return {
      .name = "predict",
      .summary = "predict the classes of images without labels",
      .options =
          with_compute_options({checkpoint_option("a checkpoint that this program trained"),
                                {.name = "root",
                                 .value = "DIR",
                                 .help = "the folder of the images, looked through at any depth",
                                 .required = true,
                                 .completion = kFolders},
                                output_option("FILE.csv", "the table to write: a row for each image", true),
                                {.name = "patches",
                                 .value = "FILE.csv",
                                 .help = "also write a row for each patch, with its place and logits",
                                 .completion = {.endings = {".csv"}}},
                                {.name = "microns-per-pixel",
                                 .value = "NUMBER",
                                 .help = "scale of the images on disk",
                                 .type = ValueType::kNumber,
                                 .least = 0.001,
                                 .most = 100},
                                {.name = "dataset",
                                 .value = "NAME",
                                 .help = "or: a dataset's plugin, which knows layout and scale",
                                 .completion = {.kind = HISTOKT_DATASET}},
                                {.name = "on-bad-image",
                                 .value = "WORD",
                                 .help = "fail (default) or skip: what an image does that cannot be read",
                                 .completion = {.words = {"fail", "skip"}}},
                                model_option("the model's plugin (default: the checkpoint's own)"),
                                settings_option("standardize.KEY or dataset.KEY, as for standardize",
                                                {"standardize.", "dataset."})}),
      .usage = {"predict --checkpoint FILE --root DIR --microns-per-pixel NUMBER --output FILE.csv"},
      .description =
          "Predicts the classes of images without labels. They are brought to the scale, patch side and "
          "colour statistics that the checkpoint was trained with; an image's probabilities are the mean "
          "over its patches. The patches stand in a file beside --output meanwhile (222 kB each at 272 "
          "pixels) and are removed.",
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
          "Shows what is in a split, and how much of its test a model sees in training: groups and images "
          "in both, overlapping pixels, exact and near duplicates.",
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
                   .help = "for check: a dataset's folder, which is then listed and read",
                   .completion = kFolders},
                  settings_option("for check: an option of the plugin as KIND.KEY=VALUE, such as "
                                  "dataset.group_level=slide",
                                  {"dataset.", "model.", "optimizer.", "distiller."}),
                  {.name = "timeout",
                   .value = "SECONDS",
                   .help = "how long the plugin may give no sign of life",
                   .type = ValueType::kNumber,
                   .default_text = "60",
                   .least = 0.001,
                   .most = 86400}},
      .usage = {"plugins list", "plugins describe NAME", "plugins check FILE [--root DIR]"},
      .description =
          "Lists the plugins that are found, reading their notes alone; describes one: what it is and its "
          "options; or tries one out, in a process of its own: exit 0 where it is sound, 1 where faults "
          "are found.",
      .examples = {"plugins list", "plugins describe dataset/crc",
                   "plugins check build/histokt-dataset-our-slides.so --root /data/slides"},
      .run = HISTOKT_NEEDS_LIBTORCH(run_plugins),
  };
}

Subcommand help_row() {
  CommandOption topic =
      words("topic", "TOPIC", "a subcommand, or one of the topics that help lists", {.topics = true});
  topic.required = false;
  return {
      .name = "help",
      .summary = "print help on a subcommand or topic",
      .options = {topic},
      .usage = {"help [TOPIC]"},
      .description =
          "Prints what a subcommand does and takes, as SUBCOMMAND --help does, or explains a topic.",
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
       .help = "look for plugins here first, then in the folders of HISTOKT_PLUGIN_PATH (with : between "
               "them), then "
               "beside the program",
       .repeats = true,
       .completion = kFolders},
      {.name = "quiet", .value = "", .help = "no progress, warnings and errors only"},
      {.name = "help", .value = "", .help = "print this help"},
  };
  return options;
}

}  // namespace histokt
