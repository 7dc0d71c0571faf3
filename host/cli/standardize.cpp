// SPDX-License-Identifier: MIT
// histokt-host standardize --dataset NAME --root DIR --output FILE.h5
#include <spdlog/spdlog.h>

#include <histokt/options.hpp>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "base/program_output.hpp"
#include "base/text.hpp"
#include "base/thread_count.hpp"
#include "cli/compute_options.hpp"
#include "cli/named_files.hpp"
#include "cli/run_subcommands.hpp"
#include "config/command_settings.hpp"
#include "config/standardize_options.hpp"
#include "tasks/plugin_dataset.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProtocols[] = {"by-group", "paper", nullptr};
constexpr const char* kKeepOfficial[] = {"auto", "always", "never", nullptr};
constexpr histokt_option kSplitOptions[] = {
    string_option("protocol", "\"by-group\"", kProtocols,
                  "by-group: no group is in two splits; paper: patches are shuffled regardless of group."),
    string_option("folds", "\"none\"", nullptr,
                  "With by-group: leave-one-group-out, or a number from 2 to 100; each group is in the test "
                  "set of one fold."),
    integer_option("fold", "1", 1, Folds::kMost, "Which fold to write."),
    string_option("keep_official", "\"auto\"", kKeepOfficial,
                  "The official test set: auto keeps it if it shares no group with the rest; always (or "
                  "true) keeps it in any case; never (or false) splits it anew."),
    boolean_option("allow_few_groups", "true",
                   "Warn instead of refusing when a class has too few groups for a hold-out; an experiment "
                   "refuses by default."),
    integer_option("seed", "0", 0, 9e15, "Seed of the shuffle."),
    list_of(number_option("shares", "[]", 0, 1,
                          "Shares of train, valid and test; empty: the protocol's defaults.")),
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
    throw RequestError("split.folds hold out groups, so split.protocol must be by-group, not " +
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
  program_output() << output.string() << ": " << counted(made.patches, "patch") << " of "
                   << counted(made.images, "image");
  if (made.dropped_background)
    program_output() << ", " << made.dropped_background << " dropped as background";
  if (made.dropped_uncovered) program_output() << ", " << made.dropped_uncovered << " dropped as uncovered";
  if (!made.skipped_images.empty())
    program_output() << ", " << counted(made.skipped_images.size(), "image") << " skipped";
  if (made.split) program_output() << "; " << split_text(*made.split, group_level);
  program_output() << std::endl;
}

// What --set split.KEY says, with what the protocol sets.
OptionSet resolve_split(toml::table given, Protocol protocol) {
  if (protocol == Protocol::kPaper && !given.contains("protocol") && !given.contains("folds"))
    given.insert("protocol", "paper");
  use_words(given);
  return OptionSet::resolve(kSplitOptions, given, command_line_source(), "split");
}

}  // namespace

std::string standardize_settings_help() {
  std::string text = "standardize.KEY:\n";
  for (const histokt_option& option : standardize_options()) text += "  " + option_help(option) + "\n";
  text += "split.KEY:\n";
  for (const histokt_option& option : kSplitOptions) text += "  " + option_help(option) + "\n";
  return text + "dataset.KEY: see histokt-host plugins describe NAME\n";
}

int run_standardize(const CommandValues& values) {
  const toml::table settings = settings_table(values.texts("set"), {"dataset", "standardize", "split"});
  const Protocol protocol = values.text("protocol") == "paper" ? Protocol::kPaper : Protocol::kClean;
  const ConfiguredPlugin dataset =
      configured_plugin(HISTOKT_DATASET, values.text("dataset"), group_of(settings, "dataset"));
  const OptionSet how =
      resolve_standardize(group_of(settings, "standardize"), command_line_source(), protocol);
  const OptionSet split = resolve_split(group_of(settings, "split"), protocol);
  const fs::path root = values.has("root") ? image_folder(values.text("root")) : fs::path();
  const fs::path output = output_file(values.text("output"));
  set_interruption_sentence("Interrupted: " + output.string() +
                            " was not finished, so nothing of it is kept. Run the same command again.");

  const Plugin& plugin = *dataset.plugin;
  const OpenedDataset opened = open_dataset(plugin, dataset.options, plugin.name(), root,
                                            default_scratch() / plugin.name(), max_pixels(how));
  StandardizeRequest request = standardize_request(how, protocol, opened.overlap, plugin);
  request.split = split_options(split);
  print_summary(standardize_with_progress(*opened.dataset, request, output, sheet_beside(output),
                                          thread_count(threads_of(values))),
                opened.dataset->info().group_level, output);
  return 0;
}

}  // namespace histokt
