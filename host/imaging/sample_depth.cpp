// SPDX-License-Identifier: MIT
#include "imaging/sample_depth.hpp"

#include <bit>
#include <string>

#include "imaging/decoders.hpp"

namespace histokt {

void SampleDepth::check(std::string_view name) const {
  if (is_signed_ && (seen_ >> (stored_ - 1) & 1) != 0) {
    fail_decoding(
        name,
        "has signed samples, some of them below 0; expected samples from 0 up. Convert it to 8-bit RGB");
  }
  const std::string most = std::to_string((1u << bits_) - 1);
  if (seen_ >> bits_ != 0) {
    fail_decoding(name, "has samples above " + most + ", the largest of the " + std::to_string(bits_) +
                            " bits " +
                            (from_ == From::kOption ? "of `standardize.bits`" : "that its tags name") +
                            "; set `standardize.bits` to the camera's bits, 16 where all count");
  }
  const bool is_doubtful = bits_ == 16 && (from_ == From::kAssumed || from_ == From::kTag);
  if (!is_doubtful || seen_ == 0 || seen_ >> 14 != 0) return;
  int fits = 8;
  while (fits < static_cast<int>(std::bit_width(seen_))) fits += 2;
  fail_decoding(name, "has samples of 16 bits that are all below " + std::to_string(1u << fits) +
                          ", so that it would come out near black; set `standardize.bits`, `bits = " +
                          std::to_string(fits) + "` where the camera has " + std::to_string(fits) +
                          " bits, `bits = 16` where the image is that dark");
}

void SampleDepth::check_alpha(const SampleDepth& colours, std::string_view name) const {
  if (colours.bits_ >= bits_ || seen_ == 0 || seen_ >> colours.bits_ != 0) return;
  fail_decoding(name, "has an alpha channel of 16 bits of which none is above " +
                          std::to_string((1u << colours.bits_) - 1) +
                          ", so that its opacity cannot be told; convert it to 8-bit RGB");
}

}  // namespace histokt
