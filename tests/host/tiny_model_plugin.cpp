// SPDX-License-Identifier: MIT
// The model "tiny" for tests of whole experiments, which test steps, not ResNet18: a thousand weights instead
// of eleven million.
#include <array>

#include "support/tiny_model.hpp"

namespace histokt::testing {

class TinyPlugin final : public TinyModel {
 public:
  static constexpr std::array<histokt_option, 0> kOptions = {};
  explicit TinyPlugin(const ModelRequest& request) : TinyModel(request.classes, request.seed) {}
};

}  // namespace histokt::testing

HISTOKT_MODEL_PLUGIN(histokt::testing::TinyPlugin, "tiny", "1.0.0", "Two convolutions, for tests", "", "");
