// SPDX-License-Identifier: MIT
// Merging networks of one architecture with a distiller, with checks of its inputs and outputs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <histokt/plugin.h>

#include "distill/roles.hpp"
#include "tensors/safetensors.hpp"

namespace histokt {

// A network: its tensors, and its metadata as provenance.
struct MergeInput {
  std::string name;  // for messages: the dataset's name, or the file's
  TensorFile content;
};

// Calls the distiller; throws if it fails.
using MergeCall = std::function<void(const histokt_merge&)>;

// The merged network, in the order of the first source's tensors, floating-point tensors as float32.
// - Integer tensors are the first source's.
// - Unless every source has a head of one shape, heads are not merged: the result has none, and its metadata
//   says "head" = "none". Otherwise the metadata is empty.
// - `base`, what the sources were tuned from, may be nullptr.
// - `roles` may be empty or leave tensors out; those are inferred from name and rank.
// Throws RequestError without sources, and RunError if the sources differ in a tensor's name, shape or kind,
// hold NaN or infinity, or if the distiller leaves an entry unwritten, writes one that is not finite, or
// writes outside its buffer or into a source.
TensorFile merge_tensors(const std::vector<MergeInput>& sources, const MergeInput* base,
                         const std::vector<TensorRole>& roles, const MergeCall& call,
                         const std::string& distiller = "");

// Warnings, as sentences, about what is allowed but rarely intended: a single source, the same network given
// twice.
std::vector<std::string> merge_warnings(const std::vector<MergeInput>& sources);

}  // namespace histokt
