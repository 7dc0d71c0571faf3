// The numbers of a test: metrics of patches, pictures and groups beside what guessing would score, with
// intervals over groups. docs/experiment.md says what each is. Needs no libtorch.
#pragma once

#include <span>
#include <string>

#include "base/json.hpp"
#include "patches/split_set.hpp"

namespace histokt {

// The metrics of the patches by name, the same of images and groups under "by_image" and "by_group",
// "intervals" (null where there are too few groups) and "intervals_are", which says what they are or why
// there are none. logits: (N, C), in the order of the view. What is not defined is null.
Json measures(const SplitView& view, const std::string& group_level, std::span<const float> logits,
              int threads);

// group, patches, right: how many patches of each group were answered rightly; for several labels a patch the
// share of right entries counts.
std::string groups_csv(const SplitView& view, std::span<const float> logits);

// result.json of a test as a table for a person; "-" for what is not defined.
std::string evaluation_text(const Json& result);

}  // namespace histokt
