#include <spdlog/spdlog.h>

#include <array>

#include "experiment/steps/steps.hpp"
#include "patches/split_set.hpp"

namespace histokt {
namespace {

constexpr int kRevision = 1;
constexpr const char* kFile = "split.h5";

SplitOptions split_options(const Experiment& experiment, const DatasetConfig& dataset) {
  SplitOptions options;
  options.protocol = split_protocol(dataset.split);
  options.seed = experiment.seed;
  options.keep_official = dataset.keep_official == "always"  ? KeepOfficial::kAlways
                          : dataset.keep_official == "never" ? KeepOfficial::kNever
                                                             : KeepOfficial::kAuto;
  if (dataset.shares) options.shares = {(*dataset.shares)[0], (*dataset.shares)[1], (*dataset.shares)[2]};
  return options;
}

}  // namespace

std::unique_ptr<Step> split_step(const Experiment& experiment, const DatasetConfig& dataset, Step* patches) {
  const SplitOptions options = split_options(experiment, dataset);
  auto step = std::make_unique<Step>();
  step->kind = "split";
  step->revision = kRevision;
  step->label = dataset.name;
  step->options = {{"protocol", dataset.split}, {"seed", experiment.seed}, {"keep_official", dataset.keep_official}};
  if (dataset.shares) step->options["shares"] = *dataset.shares;
  step->inputs = {{"patches", patches, "patches"}};
  step->work = [options, name = dataset.name](StepContext& context) {
    const PatchSet set(context.file("patches"));
    const SplitAssignment split = assign_split(set, options);
    for (const std::string& warning : split.warnings) spdlog::warn("{}: {}", name, warning);
    write_split_file(context.folder() / kFile, set, options, split, 0);
    const SplitSet written(context.folder() / kFile);
    Json summary = {{"patches", split.patches},
                    {"groups", split.groups},
                    {"group_level", set.info().group_level},
                    {"groups_in_two_splits", split.groups_in_two},
                    {"left_out", split.left_out},
                    {"official_test_kept", split.official_test_kept},
                    {"warnings", split.warnings}};
    return StepResult{{{"split", {written.digest(), kFile}}}, std::move(summary)};
  };
  return step;
}

}  // namespace histokt
