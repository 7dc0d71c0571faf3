// histokt-host standardize --dataset NAME --root DIR --output FILE.h5
#include <spdlog/spdlog.h>

#include <histokt/options.hpp>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "base/program_output.hpp"
#include "base/text.hpp"
#include "base/thread_count.hpp"
#include "cli/command_line.hpp"
#include "config/standardize_options.hpp"
#include "tasks/plugin_dataset.hpp"

namespace histokt {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

constexpr const char* kProtocols[] = {"by-group", "paper", nullptr};
constexpr const char* kKeepOfficial[] = {"auto", "always", "never", nullptr};
constexpr histokt_option kSplitOptions[] = {
    string_option("protocol", "\"by-group\"", kProtocols,
                  "by-group: no group in two splits; paper: patches shuffled whatever they belong to."),
    string_option(
        "folds", "\"none\"", nullptr,
        "By group: leave-one-group-out, or a number from 2 to 100; each group is the test of one fold."),
    integer_option("fold", "1", 1, Folds::kMost, "Which of the folds is written."),
    string_option(
        "keep_official", "\"auto\"", kKeepOfficial,
        "The makers' test: auto keeps it where it shares no group with the rest; always (or true) also "
        "where it does; never (or false)."),
    boolean_option(
        "allow_few_groups", "true",
        "Warn, rather than refuse, where a class has too few groups for a hold-out; an experiment refuses."),
    integer_option("seed", "0", 0, 9e15, "Of the shuffle."),
    list_of(number_option("shares", "[]", 0, 1, "Train, valid and test; empty: the protocol's own.")),
};

SplitOptions split_options(const OptionSet& options) {
  const Settings settings(options.settings());
  SplitOptions split;
  split.protocol = split_protocol(settings.string("protocol"));
  split.seed = static_cast<std::uint64_t>(settings.integer("seed"));
  split.folds = {fold_count_from(settings.string("folds")), static_cast<int>(settings.integer("fold"))};
  split.keep_official = keep_official_from(settings.string("keep_official"));
  split.allow_few_groups = settings.boolean("allow_few_groups");
  if (split.folds.count != Folds::kNone && split.protocol != SplitProtocol::kByGroup) {
    throw RequestError("split.folds hold out groups, so split.protocol must be by-group, and it is " +
                       settings.string("protocol"));
  }
  const std::vector<double> shares = settings.numbers("shares");
  if (!shares.empty() && shares.size() != 3) {
    throw RequestError("split.shares has " + std::to_string(shares.size()) +
                       " numbers, expected three: train, valid and test");
  }
  if (!shares.empty()) split.shares = {shares[0], shares[1], shares[2]};
  return split;
}

// What may be said in words or otherwise, as words.
void use_words(toml::table& split) {
  if (const auto folds = split["folds"].value_exact<std::int64_t>()) {
    split.insert_or_assign("folds", std::to_string(*folds));
  }
  if (const auto keep = split["keep_official"].value_exact<bool>()) {
    split.insert_or_assign("keep_official", *keep ? "always" : "never");
  }
}

// FILE.png beside FILE.h5.
fs::path sheet_beside(fs::path output) {
  return output.extension() == ".png" ? output += ".png" : output.replace_extension(".png");
}

void print_summary(const StandardizeSummary& made, const std::string& group_level, const fs::path& output) {
  program_output() << output.string() << ": " << made.patches << " patches of " << made.pictures
                   << " pictures";
  if (made.dropped_background)
    program_output() << ", " << made.dropped_background << " dropped as background";
  if (made.dropped_uncovered) program_output() << ", " << made.dropped_uncovered << " dropped as uncovered";
  if (!made.skipped_pictures.empty())
    program_output() << ", " << made.skipped_pictures.size() << " pictures skipped";
  if (made.split) program_output() << "; " << split_text(*made.split, group_level);
  program_output() << std::endl;
}

}  // namespace

int standardize_verb(const Arguments& arguments) {
  po::options_description options("standardize", 110, 60);
  options.add_options()("dataset", po::value<std::string>()->value_name("NAME")->required(),
                        "the dataset's plugin")("root", po::value<std::string>()->value_name("DIR"),
                                                "its folder as downloaded")(
      "output", po::value<std::string>()->value_name("FILE.h5")->required(), "the patch set to write")(
      "protocol", po::value<std::string>()->value_name("WORD")->default_value("clean"), "clean or paper")(
      "threads", po::value<int>()->value_name("N")->default_value(0), "0: all cores")(
      "set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE"),
      "dataset.KEY (the plugin's options), standardize.KEY or split.KEY; may be given several times");
  std::string usage =
      "histokt-host standardize --dataset NAME --root DIR --output FILE.h5\n\nBrings a dataset's pictures to "
      "one "
      "scale, cuts them into patches, drops background, splits, and writes\none patch set (HDF5), and beside "
      "it a PNG that shows some patches of each class.\n\nstandardize.KEY:\n";
  for (const histokt_option& option : standardize_options()) usage += "  " + option_help(option) + "\n";
  usage += "split.KEY:\n";
  for (const histokt_option& option : kSplitOptions) usage += "  " + option_help(option) + "\n";
  usage += "dataset.KEY: see histokt-host plugins describe NAME\n";
  const auto values = parse_verb(arguments, usage,
                                 "histokt-host standardize --dataset folder --root slides --output slides.h5 "
                                 "--set dataset.microns_per_pixel=0.5",
                                 options, {});
  if (!values) return 0;
  set_up_logging(std::nullopt);

  const TomlSource source = command_line_source();
  const auto settings =
      values->contains("set") ? (*values)["set"].as<std::vector<std::string>>() : std::vector<std::string>{};
  const toml::table table = settings_table(settings, {"dataset", "standardize", "split"});
  const std::string word = (*values)["protocol"].as<std::string>();
  if (word != "clean" && word != "paper")
    throw RequestError("--protocol " + word + ": expected clean or paper");
  const Protocol protocol = word == "paper" ? Protocol::kPaper : Protocol::kClean;

  const Plugin& plugin =
      PluginRegistry::instance().open(HISTOKT_DATASET, (*values)["dataset"].as<std::string>());
  const OptionSet dataset_options =
      OptionSet::resolve(plugin.options(), group_of(table, "dataset"), source, plugin.title());
  const OptionSet how = resolve_standardize(group_of(table, "standardize"), source, protocol);
  toml::table split_table = group_of(table, "split");
  if (protocol == Protocol::kPaper && !split_table.contains("protocol") && !split_table.contains("folds"))
    split_table.insert("protocol", "paper");
  use_words(split_table);
  const OptionSet split = OptionSet::resolve(kSplitOptions, split_table, source, "split");

  fs::path root;
  if (values->contains("root")) root = picture_folder((*values)["root"].as<std::string>());
  const fs::path output = output_file((*values)["output"].as<std::string>());
  set_interruption_sentence("Interrupted: " + output.string() +
                            " was not finished, so nothing of it is kept. Run the same command again.");
  const OpenedDataset opened = open_dataset(plugin, dataset_options, plugin.name(), root,
                                            default_scratch() / plugin.name(), max_pixels(how));
  StandardizeRequest request = standardize_request(how, protocol, opened.overlap, plugin);
  request.split = split_options(split);
  const int threads = thread_count((*values)["threads"].as<int>());
  print_summary(standardize_with_progress(*opened.dataset, request, output, sheet_beside(output), threads),
                opened.dataset->info().group_level, output);
  return 0;
}

}  // namespace histokt
