#include "training/normalization.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/errors.hpp"
#include "base/interrupt.hpp"

namespace histokt {
namespace {

struct Sums {
  std::array<std::uint64_t, 3> values{}, squares{};
};

// Adds one patch. Bytes are summed in 48 lanes, lane i holding channel i mod 3, which the compiler turns into
// vector instructions; squares of 65,536 bytes fit 32 bits.
void add_patch(std::span<const std::uint8_t> pixels, Sums& sums) {
  constexpr std::size_t kLanes = 48, kRounds = 65536;
  std::size_t done = 0;
  while (pixels.size() - done >= kLanes) {
    std::uint32_t value[kLanes] = {}, square[kLanes] = {};
    const std::size_t rounds = std::min(kRounds, (pixels.size() - done) / kLanes);
    for (std::size_t round = 0; round < rounds; ++round, done += kLanes) {
      const std::uint8_t* bytes = pixels.data() + done;
      for (std::size_t i = 0; i < kLanes; ++i) {
        const std::uint32_t byte = bytes[i];
        value[i] += byte;
        square[i] += byte * byte;
      }
    }
    for (std::size_t i = 0; i < kLanes; ++i) {
      sums.values[i % 3] += value[i];
      sums.squares[i % 3] += square[i];
    }
  }
  for (; done < pixels.size(); ++done) {
    const std::uint64_t byte = pixels[done];
    sums.values[done % 3] += byte;
    sums.squares[done % 3] += byte * byte;
  }
}

Sums sum_patches(const PatchSource& patches, int threads) {
  Sums total;
  std::atomic<std::size_t> next{0};
  std::exception_ptr error;
  std::mutex mutex;
  const auto work = [&] {
    try {
      Sums mine;
      for (std::size_t i; (i = next++) < patches.size();) {
        throw_if_interrupted();
        add_patch(patches.pixels(i), mine);
      }
      const std::lock_guard lock(mutex);
      for (int c = 0; c < 3; ++c) {
        total.values[c] += mine.values[c];
        total.squares[c] += mine.squares[c];
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      error = std::current_exception();
      next = patches.size();
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (int i = 1; i < threads; ++i) helpers.emplace_back(work);
    work();
  }
  if (error) std::rethrow_exception(error);
  return total;
}

}  // namespace

NormalizationTable::NormalizationTable(const Normalization& normalization) {
  for (int c = 0; c < 3; ++c) {
    if (!(normalization.deviation[c] > 0)) {
      throw RunError("The standard deviation of channel " + std::to_string(c) + " is " +
                     std::to_string(normalization.deviation[c]) + "; normalising needs one above 0.");
    }
    for (int byte = 0; byte < 256; ++byte) {
      values_[c][byte] =
          static_cast<float>((byte / 255.0 - normalization.mean[c]) / normalization.deviation[c]);
    }
  }
}

Normalization training_statistics(const PatchSource& patches, int threads) {
  if (patches.size() == 0) throw RunError("There are no training patches to take a mean and deviation of.");
  if (threads <= 0) threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const Sums sums = sum_patches(patches, threads);

  const auto side = static_cast<std::uint64_t>(patches.patch_side());
  const std::uint64_t count = side * side * patches.size();
  Normalization result;
  for (int c = 0; c < 3; ++c) {
    // n S2 - S^2 in 128 bits loses nothing, unlike the difference of two means.
    using Wide = unsigned __int128;
    const Wide spread = Wide{count} * sums.squares[c] - Wide{sums.values[c]} * sums.values[c];
    if (spread == 0) {
      throw RunError("Channel " + std::to_string(c) +
                     " (of R, G, B) has the same value in every pixel of the " +
                     std::to_string(patches.size()) + " training patches, so it cannot be normalised.");
    }
    result.mean[c] = static_cast<double>(sums.values[c]) / static_cast<double>(count) / 255.0;
    result.deviation[c] = std::sqrt(static_cast<double>(spread)) / static_cast<double>(count) / 255.0;
  }
  return result;
}

}  // namespace histokt
