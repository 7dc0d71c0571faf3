// SPDX-License-Identifier: MIT
#include "distill/guarded_buffer.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace histokt {
namespace {

constexpr std::size_t kGuardBytes = 64;
constexpr std::byte kGuard{0xA5};
constexpr std::uint32_t kUnwritten = 0x7FC04B54;  // a quiet NaN

std::uint32_t bits_at(const std::byte* entries, std::size_t index) {
  std::uint32_t bits;
  std::memcpy(&bits, entries + index * sizeof bits, sizeof bits);
  return bits;
}

}  // namespace

GuardedBuffer::GuardedBuffer(std::size_t entries)
    : entries_(entries), memory_(entries * sizeof(float) + 2 * kGuardBytes, kGuard) {
  for (std::size_t i = 0; i < entries; ++i) {
    std::memcpy(memory_.data() + kGuardBytes + i * sizeof kUnwritten, &kUnwritten, sizeof kUnwritten);
  }
}

float* GuardedBuffer::data() {
  return reinterpret_cast<float*>(memory_.data() + kGuardBytes);
}

bool GuardedBuffer::guards_are_whole() const {
  const auto is_guard = [](std::byte byte) { return byte == kGuard; };
  return std::all_of(memory_.begin(), memory_.begin() + kGuardBytes, is_guard) &&
         std::all_of(memory_.end() - kGuardBytes, memory_.end(), is_guard);
}

std::optional<std::size_t> GuardedBuffer::first_unwritten() const {
  for (std::size_t i = 0; i < entries_; ++i) {
    if (bits_at(memory_.data() + kGuardBytes, i) == kUnwritten) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> GuardedBuffer::first_not_finite() const {
  for (std::size_t i = 0; i < entries_; ++i) {
    if (!std::isfinite(std::bit_cast<float>(bits_at(memory_.data() + kGuardBytes, i)))) return i;
  }
  return std::nullopt;
}

std::vector<std::byte> GuardedBuffer::bytes() const {
  return {memory_.begin() + kGuardBytes, memory_.end() - kGuardBytes};
}

}  // namespace histokt
