// SPDX-License-Identifier: MIT
// A scratch buffer that is kept and grown, since fresh pages cost more than the arithmetic on small layers.
#pragma once

#include <cstddef>
#include <memory>

namespace histokt {

class Scratch {
 public:
  // At least `count` doubles of any value, valid until the next call.
  double* take(std::size_t count) {
    if (count > size_) {
      memory_.reset();
      memory_ = std::make_unique_for_overwrite<double[]>(count);
      size_ = count;
    }
    return memory_.get();
  }

 private:
  std::unique_ptr<double[]> memory_;
  std::size_t size_ = 0;
};

}  // namespace histokt
