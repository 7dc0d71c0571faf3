// SPDX-License-Identifier: MIT
// Any bytes as a patch set: opened with all its pixels and labels within reach, or refused with a RunError.
#include <cstdlib>
#include <numeric>

#include "base/errors.hpp"
#include "fuzz/bytes_as_file.hpp"
#include "patches/patch_set.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace histokt;
  static const fuzz::BytesAsFile file;
  static volatile unsigned sink = 0;
  try {
    const PatchSet set(file.hold({data, size}));
    for (std::size_t i = 0; i < set.size(); ++i) {
      for (const std::uint8_t value : set.pixels(i)) sink = sink + value;
      if (set.info().multi_label) {
        for (const std::uint8_t label : set.labels(i)) sink = sink + label;
      } else if (set.table().label.at(i) >= set.class_count()) {
        std::abort();
      }
    }
  } catch (const RunError&) {
  }
  return 0;
}
