// SPDX-License-Identifier: MIT
// The host services for distillers that learn from patches: histokt.distill.gradients/1 and
// histokt.distill.activations/1 of <histokt/plugin.h>.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "config/configured_plugin.hpp"
#include "distill/merge.hpp"
#include "plugins/plugin_host.hpp"
#include "tasks/compute_context.hpp"

namespace histokt {

// The source of the patches.
struct MergePatches {
  std::vector<std::filesystem::path> files;  // a patch set with its split for each source, in their order
  std::uint64_t seed = 0;                    // draws the training patches to use
  const ComputeContext* compute = nullptr;   // needed if there are files
};

// Belongs to one thread. The tensors it lends live as long as it does.
class MergeData {
 public:
  // All must outlive this. Throws RequestError if the distiller needs data (HISTOKT_PLUGIN_NEEDS_DATA) and
  // files or model are missing or not as many as the sources, and if files are given that it does not use.
  MergeData(const Plugin& distiller, const std::vector<MergeInput>& sources, const ConfiguredPlugin* model,
            const MergePatches& patches);
  ~MergeData();
  MergeData(const MergeData&) = delete;
  MergeData& operator=(const MergeData&) = delete;

  // Adds both services. Without data they fail with the reason.
  void offer_to(PluginHost& host);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace histokt
