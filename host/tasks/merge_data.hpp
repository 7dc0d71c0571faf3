// What distillers that learn from patches ask the host for while they merge: the services
// histokt.distill.gradients/1 and histokt.distill.activations/1 of <histokt/plugin.h>.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "config/configured_plugin.hpp"
#include "distill/merge.hpp"
#include "plugins/plugin_host.hpp"
#include "tasks/workshop.hpp"

namespace histokt {

// Where the patches come from.
struct MergePatches {
  std::vector<std::filesystem::path> files;  // a patch set with its split for each source, in their order
  std::uint64_t seed = 0;                    // draws those training patches that are looked at
  const Workshop* workshop = nullptr;        // needed where there are files
};

// Belongs to one thread. What it lends lives as long as it does.
class MergeData {
 public:
  // All must outlive this. Throws RequestError where the distiller needs data (HISTOKT_PLUGIN_NEEDS_DATA) and
  // files or model are missing or not as many as the sources, and where there are files that it has no use
  // for.
  MergeData(const Plugin& distiller, const std::vector<MergeInput>& sources, const ConfiguredPlugin* model,
            const MergePatches& patches);
  ~MergeData();
  MergeData(const MergeData&) = delete;
  MergeData& operator=(const MergeData&) = delete;

  // Adds both services, also where there is nothing to lend: they then say why.
  void offer_to(PluginHost& host);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace histokt
