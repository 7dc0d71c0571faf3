// SPDX-License-Identifier: MIT
#include "base/thread_count.hpp"

#include <algorithm>
#include <string>
#include <thread>

#include "base/errors.hpp"

namespace histokt {

int thread_count(int asked) {
  if (asked < 0) {
    throw RequestError("threads = " + std::to_string(asked) + "; use 0 for all cores, or a number above 0.");
  }
  return asked > 0 ? asked : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace histokt
