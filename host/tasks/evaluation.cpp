// SPDX-License-Identifier: MIT
#include "tasks/evaluation.hpp"

#include <set>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/json_file.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "tasks/evaluation_metrics.hpp"
#include "tasks/network.hpp"
#include "tasks/prediction_columns.hpp"
#include "tensors/weights.hpp"
#include "training/inference.hpp"

namespace histokt {
namespace {

// id, source, group, split, label(s), predicted, a probability and a logit per class.
std::string predictions_csv(const SplitView& view, Split part, std::span<const float> logits) {
  const PatchSet& patches = view.patches();
  const PatchTable& table = patches.table();
  const std::vector<std::string>& classes = patches.info().classes;
  const PredictionColumns columns(classes, patches.info().multi_label);
  const char* split = part == Split::kTest ? "test" : part == Split::kValid ? "valid" : "train";
  std::vector<std::string> head = {"id", "source", "group", "split"};
  if (patches.info().multi_label) {
    for (const std::string& name : classes) head.push_back("label_" + name);
  } else {
    head.push_back("label");
  }
  columns.add_names(head);
  std::string text = csv_line(head);
  for (std::size_t i = 0; i < view.size(); ++i) {
    const std::size_t at = view.index_in_set(i);
    std::vector<std::string> cells = {table.id[at], table.source[at], table.group[at], split};
    if (patches.info().multi_label) {
      for (std::uint8_t label : view.labels(i)) cells.push_back(label ? "1" : "0");
    } else {
      cells.push_back(classes.at(static_cast<std::size_t>(view.label(i))));
    }
    columns.add(cells, logits.subspan(i * classes.size(), classes.size()));
    text += csv_line(cells);
  }
  return text;
}

// How many patches show each class.
std::vector<std::uint64_t> patches_per_class(const SplitView& view) {
  std::vector<std::uint64_t> counts(static_cast<std::size_t>(view.class_count()), 0);
  for (std::size_t i = 0; i < view.size(); ++i) {
    if (!view.multi_label()) {
      ++counts[static_cast<std::size_t>(view.label(i))];
      continue;
    }
    for (std::size_t c = 0; c < counts.size(); ++c) counts[c] += view.labels(i)[c];
  }
  return counts;
}

// What a reader must know before he believes the accuracy.
Json caveats(const SplitSet& split, const SplitView& view, std::size_t groups) {
  Json notes = Json::array();
  char text[200];
  std::snprintf(text, sizeof text, "%zu patches of %zu %ss: one patch is %.2f points", view.size(), groups,
                split.group_level().c_str(), 100.0 / static_cast<double>(view.size()));
  notes.push_back(text);
  if (split.group_level() == "image") {
    notes.push_back(kPatientsMayBeShared);
  }
  if (split.protocol() == SplitProtocol::kPaper) {
    notes.push_back(
        "patches were shuffled regardless of group: accuracy is optimistically biased where images overlap");
  }
  for (const std::string& warning : split.warnings()) notes.push_back(warning);
  if (const std::size_t skipped = split.patches()->info().skipped_images.size()) {
    notes.push_back(counted(skipped, "image") + " of " + split.patches()->info().dataset +
                    " could not be read and were left out (standardize.on_bad_image = \"skip\")");
  }
  return notes;
}

}  // namespace

Json evaluate_checkpoint(const std::filesystem::path& checkpoint, const ConfiguredPlugin& model,
                         const SplitSet& split, Split part, const ComputeContext& compute,
                         const std::filesystem::path& folder,
                         const std::map<std::string, std::size_t>& skipped) {
  const PatchSet& patches = *split.patches();
  const SplitView view = split.open(part);
  require_patches(split, part, patches.info().dataset, "");
  const TensorFile file = read_weights(checkpoint);
  const CheckpointInfo info = info_of(file, checkpoint.string());
  check_fits(info, model.plugin->name(), patches, checkpoint.string());
  check_classes(info, patches, checkpoint.string());

  use(*compute.runtime);
  Network network(model, patches.class_count(), 0);
  load(network, file, checkpoint.string());
  place(network.model(), *compute.runtime);
  InferenceOptions options;
  options.normalization =
      info.normalization.value_or(Normalization{split.mean(), split.standard_deviation()});
  options.loader_threads = compute.loader_threads;
  Progress progress("evaluating " + patches.info().dataset, "patches", view.size(), Progress::Lines::kLive);
  options.on_batch = [&](std::size_t done) { progress.reach(done); };
  const torch::Tensor logits = infer(network.model(), view, options, *compute.runtime).logits.contiguous();
  const std::span<const float> values(logits.data_ptr<float>(), static_cast<std::size_t>(logits.numel()));

  std::set<std::string> groups;
  for (std::size_t i = 0; i < view.size(); ++i) groups.insert(patches.table().group[view.index_in_set(i)]);
  Json result = {{"format_version", kEvaluationFormat},
                 {"dataset", patches.info().dataset},
                 {"classes", patches.info().classes},
                 {"multi_label", patches.info().multi_label},
                 {"split", split_word(part)},
                 {"split_protocol", protocol_name(split.protocol())},
                 {"split_seed", exact(split.seed())},
                 {"split_digest", split.digest()},
                 {"folds", folds_name(split.folds().count)},
                 {"fold", split.folds().fold},
                 {"group_level", split.group_level()},
                 {"patches", view.size()},
                 {"groups", groups.size()},
                 {"patches_per_class", patches_per_class(view)},
                 {"skipped_images", patches.info().skipped_images},
                 {"skipped_in_all", skipped},
                 {"microns_per_pixel", patches.info().microns_per_pixel},
                 {"patch_side", patches.info().patch_side},
                 {"model", model.json()},
                 {"runtime", compute.description},
                 {"notes", caveats(split, view, groups.size())}};
  result.update(measures(view, split.group_level(), values, compute.threads));
  if (info.provenance) {
    Json provenance = Json::parse(*info.provenance, nullptr, false);
    if (!provenance.is_discarded()) result["provenance"] = std::move(provenance);
  }
  write_file_atomically(folder / "predictions.csv", predictions_csv(view, part, values));
  write_file_atomically(folder / "groups.csv", groups_csv(view, values));
  write_file_atomically(folder / "result.json", result.dump(2) + "\n");
  return result;
}

}  // namespace histokt
