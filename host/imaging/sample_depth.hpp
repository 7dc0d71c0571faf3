// SPDX-License-Identifier: MIT
// Samples of 9 to 16 bits to 8 bits: which of their bits count, and whether the samples bear it out. Used by
// the decoders only; one thread at a time.
#pragma once

#include <cstdint>
#include <string_view>

namespace histokt {

class SampleDepth {
 public:
  enum class From {
    kStored,   // the file stores no more bits
    kOption,   // `standardize.bits`
    kTag,      // the file says so
    kAssumed,  // nothing says
  };

  // `bits`, 1 to 16, count of `stored`; `is_signed` where the highest stored one is a sign.
  SampleDepth(int bits, int stored, From from, bool is_signed = false)
      : bits_(bits), stored_(stored), from_(from), is_signed_(is_signed) {}

  // Keeps the upper 8 of the bits that count.
  std::uint8_t narrow(std::uint16_t sample) {
    seen_ |= sample;
    return static_cast<std::uint8_t>(bits_ >= 8 ? sample >> (bits_ - 8)
                                                : sample * 255u / ((1u << bits_) - 1));
  }

  // After the last sample. Throws BadImage where a sample is negative or needs more bits than count, and
  // where nothing certain says that all 16 count and none uses the upper two.
  void check(std::string_view name) const;

  // For the depth of an alpha channel beside `colours`. Throws BadImage where fewer than all bits of the
  // colours count and alpha may be meant so too, which nothing tells.
  void check_alpha(const SampleDepth& colours, std::string_view name) const;

 private:
  int bits_, stored_;
  From from_;
  bool is_signed_;
  unsigned seen_ = 0;  // every bit that was set in a sample
};

}  // namespace histokt
