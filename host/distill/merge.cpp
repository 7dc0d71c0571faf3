// SPDX-License-Identifier: MIT
#include "distill/merge.hpp"

#include <algorithm>
#include <deque>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "distill/floats.hpp"
#include "distill/guarded_buffer.hpp"
#include "distill/norms.hpp"
#include "distill/sources.hpp"

namespace histokt {
namespace {

bool is_head(const std::vector<TensorRole>& roles, const std::string& name) {
  return std::any_of(roles.begin(), roles.end(), [&](const TensorRole& role) {
    return role.name == name && role.role == HISTOKT_ROLE_HEAD;
  });
}

// Names of the tensors of `network` that are not in `other`, heads aside.
std::vector<std::string> missing_in(const TensorFile& other, const TensorFile& network,
                                    const std::vector<TensorRole>& roles) {
  std::vector<std::string> names;
  for (const StoredTensor& tensor : network.tensors) {
    if (other.find(tensor.name) || is_head(roles, tensor.name) || counts_batches(tensor.name)) continue;
    names.push_back("\"" + tensor.name + "\"");
  }
  return names;
}

// A long list helps nobody: the first few tell which architecture it is.
std::string some_of(std::vector<std::string> names) {
  constexpr std::size_t kShown = 5;
  const std::size_t more = names.size() > kShown ? names.size() - kShown : 0;
  if (more > 0) {
    names.resize(kShown);
    names.push_back(std::to_string(more) + " more");
  }
  return joined(names);
}

void check_names(const MergeInput& first, const std::vector<TensorRole>& first_roles,
                 const MergeInput& other) {
  const auto missing = missing_in(other.content, first.content, first_roles);
  const auto extra = missing_in(first.content, other.content, roles_of(other.content, first_roles));
  if (missing.empty() && extra.empty()) return;
  std::string text = other.name + " and " + first.name + " do not have the same architecture: ";
  if (!missing.empty()) text += other.name + " lacks " + some_of(missing);
  if (!missing.empty() && !extra.empty()) text += "; ";
  if (!extra.empty()) text += first.name + " lacks " + some_of(extra);
  throw RunError(text + "; give checkpoints of one model");
}

void check_integers(const MergeInput& first, const MergeInput& other) {
  for (const StoredTensor& tensor : first.content.tensors) {
    const StoredTensor* same = other.content.find(tensor.name);
    if (is_floating(tensor.dtype) || !same) continue;
    if (same->dtype != tensor.dtype || same->shape != tensor.shape) {
      throw RunError(other.name + ": tensor \"" + tensor.name + "\" is " +
                     std::string(dtype_name(same->dtype)) + " of shape " + shape_text(same->shape) +
                     " where " + first.name + " has " + std::string(dtype_name(tensor.dtype)) + " of shape " +
                     shape_text(tensor.shape) + "; give checkpoints of one model");
    }
  }
}

// Whether every source has a head, of the same tensors in the same shapes.
bool heads_agree(const std::vector<MergeInput>& sources, const std::vector<TensorRole>& roles) {
  const TensorFile& first = sources[0].content;
  const auto is_a_head = [](const TensorRole& role) { return role.role == HISTOKT_ROLE_HEAD; };
  if (std::none_of(roles.begin(), roles.end(), is_a_head)) return false;
  for (const MergeInput& source : sources) {
    for (const TensorRole& role : roles_of(source.content, roles)) {
      if (is_a_head(role) && !first.find(role.name)) return false;
    }
    for (const StoredTensor& tensor : first.tensors) {
      const StoredTensor* same = source.content.find(tensor.name);
      if (is_head(roles, tensor.name) && (!same || same->shape != tensor.shape)) return false;
    }
  }
  return true;
}

std::vector<CrossingTensor> crossing_tensors(const TensorFile& first, const std::vector<TensorRole>& roles,
                                             bool with_head) {
  std::vector<CrossingTensor> crossing;
  for (std::size_t i = 0; i < first.tensors.size(); ++i) {
    if (!is_floating(first.tensors[i].dtype)) continue;
    if (!with_head && roles[i].role == HISTOKT_ROLE_HEAD) continue;
    crossing.push_back({&first.tensors[i], &roles[i], {}});
    for (const std::string& channel : roles[i].channels) crossing.back().channels.push_back(channel.c_str());
  }
  return crossing;
}

// The base crosses without its head, unless it has the sources' one.
std::vector<CrossingTensor> crossing_in_base(const std::vector<CrossingTensor>& crossing,
                                             const MergeInput& base) {
  std::vector<CrossingTensor> kept;
  for (const CrossingTensor& tensor : crossing) {
    const StoredTensor* same = base.content.find(tensor.model->name);
    const bool fits = same && same->shape == tensor.model->shape;
    if (fits || tensor.role->role != HISTOKT_ROLE_HEAD) kept.push_back(tensor);
  }
  return kept;
}

std::string fault(const std::string& distiller) {
  return distiller.empty() ? "the distiller" : "distiller \"" + distiller + "\"";
}

void check_untouched(const SourceView& input, const std::string& distiller) {
  const char* tensor = input.first_changed();
  if (!tensor) return;
  throw RunError(fault(distiller) + " wrote into tensor \"" + tensor + "\" of " + input.get().name +
                 ", which it may only read; this is a bug in the plugin");
}

StoredTensor checked_result(const CrossingTensor& tensor, const GuardedBuffer& buffer,
                            const std::string& distiller) {
  const std::string of_tensor = "tensor \"" + tensor.model->name + "\"";
  const std::string remedy = "; this is a bug in the plugin";
  if (!buffer.guards_are_whole()) {
    throw RunError(fault(distiller) + " wrote outside the buffer of " + of_tensor + remedy);
  }
  if (const auto entry = buffer.first_unwritten()) {
    throw RunError(fault(distiller) + " left " + of_tensor + " unwritten at entry " + std::to_string(*entry) +
                   " of " + std::to_string(buffer.entries()) + remedy);
  }
  if (const auto entry = buffer.first_not_finite()) {
    throw RunError(fault(distiller) + " wrote NaN or infinity to " + of_tensor + " at entry " +
                   std::to_string(*entry) + remedy);
  }
  return {tensor.model->name, DType::kFloat32, tensor.model->shape, buffer.bytes()};
}

void call_distiller(const std::deque<SourceView>& sources, const SourceView* base,
                    const std::vector<histokt_tensor>& outputs, const MergeCall& call) {
  std::vector<histokt_source> views;
  views.reserve(sources.size());
  for (const SourceView& source : sources) views.push_back(source.get());
  histokt_merge merge{};
  merge.struct_size = sizeof merge;
  merge.source_size = sizeof(histokt_source);
  merge.sources = views.data();
  merge.source_count = views.size();
  merge.base = base ? &base->get() : nullptr;
  merge.outputs = outputs.data();
  merge.output_count = outputs.size();
  merge.output_size = sizeof(histokt_tensor);
  call(merge);
}

}  // namespace

TensorFile merge_tensors(const std::vector<MergeInput>& sources, const MergeInput* base,
                         const std::vector<TensorRole>& known_roles, const MergeCall& call,
                         const std::string& distiller) {
  if (sources.empty()) throw RequestError("a merge needs at least one source");
  const TensorFile& first = sources[0].content;
  const std::vector<TensorRole> roles = roles_of(first, known_roles);
  for (const MergeInput& source : sources) {
    check_names(sources[0], roles, source);
    check_integers(sources[0], source);
  }
  const bool with_head = heads_agree(sources, roles);
  const std::vector<CrossingTensor> crossing = crossing_tensors(first, roles, with_head);
  std::deque<SourceView> views;
  for (const MergeInput& source : sources) views.emplace_back(source, crossing);
  std::vector<CrossingTensor> in_base;
  std::deque<SourceView> base_view;
  if (base) {
    in_base = crossing_in_base(crossing, *base);
    base_view.emplace_back(*base, in_base);
  }

  std::deque<GuardedBuffer> buffers;
  std::vector<histokt_tensor> outputs;
  for (const CrossingTensor& tensor : crossing) {
    buffers.emplace_back(tensor.model->entry_count());
    outputs.push_back(tensor_view(tensor, buffers.back().data()));
  }
  call_distiller(views, base ? &base_view.front() : nullptr, outputs, call);
  for (const SourceView& input : views) check_untouched(input, distiller);
  for (const SourceView& input : base_view) check_untouched(input, distiller);

  TensorFile merged;
  auto buffer = buffers.begin();
  for (std::size_t i = 0; i < first.tensors.size(); ++i) {
    const bool left_out = !with_head && roles[i].role == HISTOKT_ROLE_HEAD;
    if (left_out) continue;
    if (!is_floating(first.tensors[i].dtype)) {
      merged.tensors.push_back(first.tensors[i]);
    } else {
      const auto at = static_cast<std::size_t>(buffer - buffers.begin());
      merged.tensors.push_back(checked_result(crossing[at], *buffer++, distiller));
    }
  }
  if (!with_head) merged.metadata["head"] = "none";
  return merged;
}

std::vector<std::string> merge_warnings(const std::vector<MergeInput>& sources) {
  std::vector<std::string> warnings;
  if (sources.size() == 1) {
    warnings.push_back(sources[0].name +
                       " is the only source: there is nothing to merge it with; give two or more");
  }
  for (std::size_t i = 0; i < sources.size(); ++i) {
    for (std::size_t j = i + 1; j < sources.size(); ++j) {
      if (!same_tensors(sources[i].content, sources[j].content)) continue;
      warnings.push_back("sources " + std::to_string(i + 1) + " (" + sources[i].name + ") and " +
                         std::to_string(j + 1) + " (" + sources[j].name +
                         ") are the same network; was another meant?");
    }
  }
  return warnings;
}

}  // namespace histokt
