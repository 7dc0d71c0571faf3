// SPDX-License-Identifier: MIT
#include "training/normalization.hpp"

#include <string>

#include "base/errors.hpp"

namespace histokt {

NormalizationTable::NormalizationTable(const Normalization& normalization) {
  for (int c = 0; c < 3; ++c) {
    if (!(normalization.deviation[c] > 0)) {
      throw RunError("The standard deviation of channel " + std::to_string(c) + " is " +
                     std::to_string(normalization.deviation[c]) +
                     "; normalising needs one above 0. Are all training patches of one colour? Check them.");
    }
    for (int byte = 0; byte < 256; ++byte) {
      values_[c][byte] =
          static_cast<float>((byte / 255.0 - normalization.mean[c]) / normalization.deviation[c]);
    }
  }
}

}  // namespace histokt
