// SPDX-License-Identifier: MIT
// Evaluation of a checkpoint on the patches of one split: metrics (measures.hpp), and tables of predictions
// and groups.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "config/configured_plugin.hpp"
#include "patches/split_set.hpp"
#include "tasks/compute_context.hpp"

namespace histokt {

// `format_version` of result.json: docs/schemas/evaluation.schema.json.
inline constexpr int kEvaluationFormat = 1;

// Writes result.json, predictions.csv and groups.csv into `folder` and returns the content of result.json.
// Opens the test set if `part` is the test. skipped: images left out, by dataset, over all that the
// checkpoint was made from, if known. Throws RunError if the checkpoint does not fit the patches, or the
// split is empty.
Json evaluate_checkpoint(const std::filesystem::path& checkpoint, const ConfiguredPlugin& model,
                         const SplitSet& split, Split part, const ComputeContext& compute,
                         const std::filesystem::path& folder,
                         const std::map<std::string, std::size_t>& skipped = {});

}  // namespace histokt
