// SPDX-License-Identifier: MIT
// A split as a CSV table for people and other programs: one line per patch.
//
//   id,split,group,class
//   "a/1.png@0,0",train,patient 3,tumour
//   "a/1.png@204,0",left-out,patient 3,tumour
//
// Written with all four columns (several classes of one patch with ';' between them); read by `id` and
// `split` alone, whatever columns stand beside them. Any thread may call any function.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "patches/patch_set.hpp"
#include "patches/split.hpp"

namespace histokt {

// A line for each patch, in the order of the patch set.
std::string split_csv(const PatchSet& patches, const std::vector<Split>& split);

// The split that the table gives each patch of the set, with the warnings of count_split(), groups in more
// than one split among them. `name` stands for the file in errors. Throws RequestError with file and line for
// an id that the patch set lacks, a repeated id, an unknown split, bad CSV, or a patch that the table lacks.
SplitAssignment read_split_csv(const PatchSet& patches, std::string_view text, const std::string& name);

}  // namespace histokt
