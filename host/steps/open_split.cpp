// SPDX-License-Identifier: MIT
#include "steps/open_split.hpp"

#include "steps/catalogue.hpp"

namespace histokt {

SplitSet open_split(const StepContext& context, const std::string& role) {
  return SplitSet(context.file(role), opens_test(context.step()) ? TestPart::kOpen : TestPart::kClosed);
}

}  // namespace histokt
