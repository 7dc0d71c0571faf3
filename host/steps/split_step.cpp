// SPDX-License-Identifier: MIT
#include <spdlog/spdlog.h>

#include <array>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "patches/split_csv.hpp"
#include "patches/split_set.hpp"
#include "steps/catalogue.hpp"
#include "steps/steps.hpp"
#include "tasks/plugin_dataset.hpp"

namespace histokt {
namespace {

constexpr const char* kFile = "split.h5";

Json options_json(const Experiment& experiment, const DatasetConfig& dataset, int fold) {
  Json options = {
      {"protocol", dataset.split}, {"seed", experiment.seed}, {"keep_official", dataset.keep_official}};
  if (dataset.shares) options["shares"] = *dataset.shares;
  if (dataset.folds != Folds::kNone) {
    options["folds"] = folds_name(dataset.folds);
    options["fold"] = fold;
  }
  if (dataset.allow_few_groups) options["allow_few_groups"] = true;
  return options;
}

Json summary_of(const SplitAssignment& split, const SplitSet& written) {
  return {{"patches", split.patches},
          {"groups", split.groups},
          {"group_level", written.group_level()},
          {"groups_in_two_splits", split.groups_in_two},
          {"left_out", split.left_out},
          {"official_test_kept", split.official_test_kept},
          {"digest", written.digest()},
          {"warnings", split.warnings}};
}

std::size_t groups_listed(const Experiment& experiment, const DatasetConfig& dataset,
                          const ComputeContext& compute) {
  const OpenedDataset opened = open_dataset(experiment, dataset, compute);
  PatchTable table;
  for (std::uint64_t i = 0; i < opened.dataset->info().size; ++i) {
    const ImageSample sample = opened.dataset->sample(i);
    table.group.push_back(sample.group);
    table.official_split.push_back(sample.official_split);
  }
  return count_groups({.group = table.group, .official = table.official_split});
}

}  // namespace

SplitOptions split_options(const Experiment& experiment, const DatasetConfig& dataset, int fold) {
  SplitOptions options;
  options.protocol = split_protocol(dataset.split);
  if (options.protocol == SplitProtocol::kFile) return options;
  options.seed = experiment.seed;
  options.keep_official = keep_official_from(dataset.keep_official);
  if (dataset.shares) options.shares = {(*dataset.shares)[0], (*dataset.shares)[1], (*dataset.shares)[2]};
  options.folds = {dataset.folds, fold};
  options.allow_few_groups = dataset.allow_few_groups;
  return options;
}

std::unique_ptr<Step> split_step(const Experiment& experiment, const DatasetConfig& dataset, Step* patches,
                                 int fold) {
  const SplitOptions options = split_options(experiment, dataset, fold);
  const bool from_file = options.protocol == SplitProtocol::kFile;
  const std::string csv = from_file ? read_file(dataset.split_file) : "";
  auto step = new_step(PlanPart::kSplit);
  step->label = fold_label(dataset.name, dataset, fold);
  step->options = from_file ? Json{{"protocol", dataset.split}, {"file_sha256", sha256_of_text(csv)}}
                            : options_json(experiment, dataset, fold);
  step->inputs = {{"patches", patches, "patches"}};
  step->work = [options, csv, file = dataset.split_file.string(), from_file](StepContext& context) {
    const PatchSet set(context.file("patches"));
    const SplitAssignment split = from_file ? read_split_csv(set, csv, file) : assign_split(set, options);
    const std::string& label = context.step().label;
    for (const std::string& warning : split.warnings) spdlog::warn("{}: {}", label, warning);
    write_split_file(context.folder() / kFile, set, options, split, 0);
    const SplitSet written(context.folder() / kFile);
    spdlog::info("{}: {}", label, split_text(split, written.group_level()));
    return StepResult{{{"split", {written.digest(), kFile}}}, summary_of(split, written)};
  };
  return step;
}

int fold_count(const Experiment& experiment, const DatasetConfig& dataset, const ComputeContext& compute) {
  if (dataset.folds == Folds::kNone) return 1;
  if (dataset.folds != Folds::kLeaveOneGroupOut) return dataset.folds;
  const std::size_t groups = groups_listed(experiment, dataset, compute);
  if (groups < 2 || groups > static_cast<std::size_t>(Folds::kMost)) {
    throw RequestError(dataset.where + "datasets." + dataset.name +
                       ".folds = \"leave-one-group-out\": the images belong to " + counted(groups, "group") +
                       ", expected 2 to " + std::to_string(Folds::kMost) +
                       (groups < 2 ? "; set split = \"paper\" or name finer groups."
                                   : "; set folds to a number, such as 5."));
  }
  return static_cast<int>(groups);
}

std::string fold_label(const std::string& label, const DatasetConfig& dataset, int fold) {
  return dataset.folds == Folds::kNone ? label : label + "-fold" + std::to_string(fold);
}

}  // namespace histokt
