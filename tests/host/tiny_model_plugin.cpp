// The model "tiny" for tests of whole experiments, which care for steps and not for ResNet18: a thousand
// weights instead of eleven millions.
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
