// SPDX-License-Identifier: MIT
#include "patches/mask_shares.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "base/errors.hpp"

namespace histokt {
namespace {

constexpr std::size_t kCodes = 65536;
constexpr int kUnknown = -3;

}  // namespace

MaskShares::MaskShares(const MaskRules& rules, std::size_t class_count)
    : label_threshold_(rules.label_threshold),
      min_coverage_(rules.min_coverage),
      class_count_(class_count),
      meaning_(kCodes, kUnknown),
      histogram_(kCodes, 0) {
  for (const MaskCode& code : rules.codes) {
    if (code.code < 0 || code.code >= static_cast<int>(kCodes) ||
        code.class_index < MaskCode::kOutsideRegion || code.class_index >= static_cast<int>(class_count) ||
        meaning_[static_cast<std::size_t>(code.code)] != kUnknown) {
      throw RunError("the dataset gives the mask code " + std::to_string(code.code) + " the class index " +
                     std::to_string(code.class_index) +
                     "; codes lie in 0..65535 and occur once, class indices lie in -2.." +
                     std::to_string(static_cast<int>(class_count) - 1) +
                     "; this is a bug in the plugin: report it to its authors");
    }
    meaning_[static_cast<std::size_t>(code.code)] = code.class_index;
  }
}

MaskShares::Result MaskShares::measure(std::span<const std::uint16_t> codes) {
  std::vector<std::uint64_t> of_class(class_count_);
  std::uint64_t counted = 0;
  int unknown = -1;
  for (const std::uint16_t code : codes) ++histogram_[code];
  for (const std::uint16_t code : codes) {  // each code is met once with its count, then with 0
    const std::uint32_t pixels = std::exchange(histogram_[code], 0u);
    if (pixels == 0) continue;
    const int meaning = meaning_[code];
    if (meaning == kUnknown) unknown = code;
    if (meaning >= 0) of_class[static_cast<std::size_t>(meaning)] += pixels;
    if (meaning >= MaskCode::kOtherTissue) counted += pixels;
  }
  if (unknown >= 0) {
    throw BadImage("the mask holds the code " + std::to_string(unknown) +
                   ", which the dataset does not define; check the mask, or download it again");
  }

  Result result{std::vector<float>(class_count_), std::vector<std::uint8_t>(class_count_)};
  if (counted == 0) return result;
  const auto total = static_cast<double>(counted);
  for (std::size_t c = 0; c < class_count_; ++c) {
    const double share = static_cast<double>(of_class[c]) / total;
    result.shares[c] = static_cast<float>(share);
    result.labels[c] = share > label_threshold_;
  }
  const auto covered = std::accumulate(of_class.begin(), of_class.end(), std::uint64_t{0});
  result.covered = static_cast<double>(covered) / total >= min_coverage_;
  return result;
}

}  // namespace histokt
