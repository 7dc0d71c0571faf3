// SPDX-License-Identifier: MIT
// A distiller with a control whose name differs from all of ours.
#include <array>
#include <histokt/distiller.hpp>

namespace {

class ShuffledMean : public histokt::Distiller {
 public:
  static constexpr std::array<histokt_option, 1> kOptions = {
      histokt::boolean_option("shuffled", "false", "Channels are shuffled first, as a control.")};
  static constexpr histokt_pair kControlOptions[] = {{"shuffled", "true"}};
  static constexpr auto kControl =
      histokt::control("shuffled channels", "Shuffles the channels of each source first.", kControlOptions);

  explicit ShuffledMean(const histokt::DistillerRequest& /*request*/) {}
  void merge(const histokt::Merge& /*merge*/) override {}
  bool order_matters() const override { return false; }
};

}  // namespace

HISTOKT_DISTILLER_PLUGIN_WITH_CONTROL(ShuffledMean, "shuffled-mean", "1.0.0", "Its control shuffles", "MIT",
                                      "");
