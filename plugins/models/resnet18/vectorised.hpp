// SPDX-License-Identifier: MIT
// Loops over the rows of a (rows, channels) array, spread over threads and compiled for the widest vectors
// that the processor has, whatever processor the program was built for.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <bit>
#include <cstdint>

#define HISTOKT_INLINE inline __attribute__((always_inline))

namespace histokt::vectorised {

#if defined(__x86_64__) && defined(__GNUC__)
template <typename Body>
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,prefer-vector-width=512"))) void with_avx512(
    const Body& body, std::int64_t begin, std::int64_t end) {
  body(begin, end);
}

template <typename Body>
__attribute__((target("avx2,fma"))) void with_avx2(const Body& body, std::int64_t begin, std::int64_t end) {
  body(begin, end);
}
#endif

// body(begin, end), whose code must be inlined all the way down.
template <typename Body>
void run(const Body& body, std::int64_t begin, std::int64_t end) {
#if defined(__x86_64__) && defined(__GNUC__)
  static const bool avx512 = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
  static const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx512) return with_avx512(body, begin, end);
  if (avx2) return with_avx2(body, begin, end);
#endif
  body(begin, end);
}

// How rows are cut into parts: by their number alone, so that sums over parts do not depend on the threads.
struct Parts {
  std::int64_t rows, rows_each;

  Parts(std::int64_t all_rows, std::int64_t row_size, std::int64_t least = 1)
      : rows(all_rows), rows_each(std::max(least, kElements / std::max<std::int64_t>(1, row_size))) {}

  std::int64_t count() const { return (rows + rows_each - 1) / rows_each; }
  std::int64_t begin(std::int64_t part) const { return part * rows_each; }
  std::int64_t end(std::int64_t part) const { return std::min(rows, (part + 1) * rows_each); }

 private:
  static constexpr std::int64_t kElements = 32768;  // of one part: fits the L2 cache
};

// body(part) for all parts, by all of libtorch's threads.
template <typename Body>
void for_parts(const Parts& parts, const Body& body) {
  const auto loop = [&](std::int64_t begin, std::int64_t end) __attribute__((always_inline)) {
    for (std::int64_t part = begin; part < end; ++part) body(part);
  };
  at::parallel_for(0, parts.count(), 1, [&](std::int64_t begin, std::int64_t end) { run(loop, begin, end); });
}

// Elements as stored, and the type in which they are computed.
template <typename Stored>
struct Element {
  using Value = Stored;
  static HISTOKT_INLINE Value load(const Stored& stored) { return stored; }
  static HISTOKT_INLINE void store(Stored& stored, Value value) { stored = value; }
};

template <>
struct Element<c10::BFloat16> {
  using Value = float;
  static HISTOKT_INLINE float load(const c10::BFloat16& stored) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(stored.x) << 16);
  }
  // To the nearest, ties to even; NaN stays NaN.
  static HISTOKT_INLINE void store(c10::BFloat16& stored, float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
    stored.x = static_cast<std::uint16_t>(value != value ? 0x7FC0u : rounded);
  }
};

}  // namespace histokt::vectorised
