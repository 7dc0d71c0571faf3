// SPDX-License-Identifier: MIT
// The interface through which training reads patches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace histokt {

// Patches of one split, in a fixed order. Any thread may call any method at the same time.
class PatchSource {
 public:
  virtual ~PatchSource() = default;

  virtual std::size_t size() const = 0;
  // Side P of the patches in pixels.
  virtual int patch_side() const = 0;
  virtual int class_count() const = 0;
  virtual bool multi_label() const = 0;

  // (P, P, 3) RGB, rows first; valid as long as the source.
  virtual std::span<const std::uint8_t> pixels(std::size_t index) const = 0;
  // Class index; only if single-label.
  virtual std::int64_t label(std::size_t index) const = 0;
  // A 0 or 1 for each class; only if multi-label.
  virtual std::span<const std::uint8_t> labels(std::size_t index) const = 0;
};

}  // namespace histokt
