// SPDX-License-Identifier: MIT
// Many pieces of work in one parallel region. A region for each tensor would cost more than the work if
// another program keeps a core busy, since the threads of a region wait for each other at its end.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace histokt {

// Runs body(i) once for each i < count, in rising order, each handed to the next free thread of libtorch;
// returns when all are done. The largest pieces should come first. An exception of a body is rethrown here.
template <typename Body>
void hand_out(std::size_t count, const Body& body) {
  std::atomic<std::size_t> next{0};
  at::parallel_for(0, at::get_num_threads(), 1, [&](std::int64_t, std::int64_t) {
    for (std::size_t i = next++; i < count; i = next++) body(i);
  });
}

// Cuts `count` entries into pieces large enough to hand out: body(begin, length) for each, in order.
template <typename Body>
void for_each_piece(std::int64_t count, const Body& body) {
  constexpr std::int64_t kPiece = 65536;
  for (std::int64_t begin = 0; begin < count; begin += kPiece) body(begin, std::min(kPiece, count - begin));
}

}  // namespace histokt
