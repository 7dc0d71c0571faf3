// SPDX-License-Identifier: MIT
// The metrics of an evaluation: of patches, images and groups, beside what guessing would score, with
// intervals over groups. docs/experiment.md defines each. Needs no libtorch.
#pragma once

#include <span>
#include <string>

#include "base/json.hpp"
#include "patches/split_set.hpp"

namespace histokt {

// The metrics of the patches by name, those of images and groups under "by_image" and "by_group", "intervals"
// (null if there are too few groups) and "intervals_are", which describes them or says why there are none.
// logits: (N, C), in the order of the view. Undefined metrics are null.
Json measures(const SplitView& view, const std::string& group_level, std::span<const float> logits,
              int threads);

// group, patches, right: how many patches of each group were predicted correctly; a multi-label patch counts
// by its share of correct entries.
std::string groups_csv(const SplitView& view, std::span<const float> logits);

// result.json of an evaluation as a table for people; "-" for undefined values.
std::string evaluation_text(const Json& result);

}  // namespace histokt
