// Merging networks of one architecture with a distiller: what goes in is checked, what comes out is checked.
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

// Calls the distiller. Throws what is to be thrown when it fails.
using MergeCall = std::function<void(const histokt_merge&)>;

// The merged network, in the order of the first source's tensors, floating-point tensors as float32.
// - Integer tensors are the first source's.
// - Unless every source has a head of one shape, heads take no part: the result has none, and its metadata
//   says "head" = "none". Otherwise the metadata is empty.
// - `base`, what the sources were tuned from, may be nullptr.
// - `roles` may be empty or leave tensors out; those are inferred from name and rank.
// Throws RequestError without sources, and RunError where the sources differ in a tensor's name, shape or
// kind, hold NaN or infinity, or where the distiller leaves an entry unwritten, writes one that is not
// finite, or writes beside its buffer or into a source.
TensorFile merge_tensors(const std::vector<MergeInput>& sources, const MergeInput* base,
                         const std::vector<TensorRole>& roles, const MergeCall& call,
                         const std::string& distiller = "");

// What is allowed but rarely meant, as sentences: one source only, the same network given twice.
std::vector<std::string> merge_warnings(const std::vector<MergeInput>& sources);

}  // namespace histokt
