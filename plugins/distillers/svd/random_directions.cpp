// SPDX-License-Identifier: MIT
#include "svd/random_directions.hpp"

#include <cmath>
#include <histokt/host.hpp>
#include <numbers>
#include <random>
#include <string>

#include "svd/lapack.hpp"

namespace histokt {
namespace {

constexpr std::size_t kBlock = 64;  // columns that LAPACK works on at a time

// FNV-1a.
std::uint64_t word_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3u;
  return hash;
}

// Standard normal numbers by Box and Muller: the library's own distribution differs between libraries.
void fill_with_normal_numbers(const RandomKey& key, double* entries, std::size_t count) {
  std::seed_seq words{key.seed & 0xFFFFFFFFu, key.seed >> 32, word_of(key.name) & 0xFFFFFFFFu,
                      word_of(key.name) >> 32};
  std::mt19937_64 bits(words);
  const auto uniform = [&] { return static_cast<double>(bits() >> 11) * 0x1p-53; };
  for (std::size_t i = 0; i < count; ++i) {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    entries[i] = radius * std::cos(2 * std::numbers::pi * uniform());
  }
}

}  // namespace

const double* RandomDirections::draw(const RandomKey& key, int side, int count) {
  const std::size_t columns = static_cast<std::size_t>(count),
                    size = static_cast<std::size_t>(side) * columns;
  double* matrix = matrix_.take(size);
  fill_with_normal_numbers(key, matrix, size);
  const std::size_t work_size = kBlock * columns;
  double* work = work_.take(work_size + columns);
  double* tau = work + work_size;
  const int lwork = static_cast<int>(work_size);
  int info = 0;
  dgeqrf_(&side, &count, matrix, &side, tau, work, &lwork, &info);
  check_lapack("dgeqrf", info);
  dorgqr_(&side, &count, &count, matrix, &side, tau, work, &lwork, &info);
  check_lapack("dorgqr", info);
  return matrix;
}

}  // namespace histokt
