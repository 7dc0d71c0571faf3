// SPDX-License-Identifier: MIT
// A laboratory's own distiller: each entry of the result is the median of that entry in the sources, so that
// a network that went astray has no say where the others agree.
#include <histokt/distiller.hpp>

#include <algorithm>
#include <span>
#include <vector>

namespace {

class Median : public histokt::Distiller {
 public:
  static constexpr histokt_option kOptions[] = {
      histokt::boolean_option("lower", "false",
                              "Of two entries in the middle the lower one, not their mean."),
  };

  explicit Median(const histokt::DistillerRequest& request)
      : lower_(request.settings.boolean("lower")), host_(request.host) {}

  void merge(const histokt::Merge& merge) override {
    const std::vector<histokt::TensorView> outputs = merge.outputs();
    for (std::size_t t = 0; t < outputs.size(); ++t) {
      host_.progress("tensors merged", t, outputs.size());
      std::vector<std::span<const float>> sources;
      for (std::size_t s = 0; s < merge.source_count(); ++s)
        sources.push_back(merge.input(s, outputs[t].name()).floats());
      std::vector<float> entries;
      const std::span<float> result = outputs[t].floats();
      for (std::size_t i = 0; i < result.size(); ++i) {
        entries.clear();
        for (const std::span<const float> source : sources) entries.push_back(source[i]);
        result[i] = median(entries);
      }
    }
  }
  bool order_matters() const override { return false; }

 private:
  float median(std::vector<float>& entries) const {
    std::sort(entries.begin(), entries.end());
    const float below = entries[(entries.size() - 1) / 2], above = entries[entries.size() / 2];
    return lower_ ? below : (below + above) / 2;
  }

  bool lower_;
  histokt::Host host_;
};

}  // namespace

HISTOKT_DISTILLER_PLUGIN(Median, "median", "1.0.0", "The median of the sources, entry by entry", "MIT", "");
