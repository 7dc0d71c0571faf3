// SPDX-License-Identifier: MIT
// One axis of scikit-image's `rescale` as a table of weights: blur, linear interpolation and the mirrored
// border are folded into one weighted sum of neighbouring input pixels for each output pixel.
#pragma once

#include <span>
#include <vector>

namespace histokt {

// Side after rescaling: half to even, as numpy rounds, and at least 1. Never throws; the caller must rule out
// a result beyond int's range (see rescaled_size).
int rescaled_side(int side, double scale);

// Index of the pixel that position `index` shows when a row of `side` pixels is mirrored about its edge
// pixels again and again, the edge pixel itself not being repeated: side 4 gives ... 2 1 0 1 2 3 2 1 0 1 ...
int mirrored_index(long index, int side);

// output[i] = sum over k < taps of weight[i * taps + k] * input[first[i] + k]; every index lies in the input.
struct AxisWeights {
  int taps = 0;
  std::vector<int> first;
  std::vector<float> weights;

  int size() const { return static_cast<int>(first.size()); }
  std::span<const float> of(int output) const {
    return {weights.data() + static_cast<std::size_t>(output) * taps, static_cast<std::size_t>(taps)};
  }
};

// Between which two input pixels an output pixel's centre lies, at (i + 0.5) f - 0.5 mirrored into the input,
// and how far from the first to the second, 0..1.
struct Between {
  int before = 0;
  int after = 0;
  double fraction = 0;
};
Between input_position(int input_side, int output_side, int output);

// Weights of the first `wanted` of `output_side` outputs. With f = input_side / output_side: where f > 1 a
// Gaussian with sigma = (f - 1) / 2 cut at radius int(4 sigma + 0.5) and normalised; then linear
// interpolation at (i + 0.5) f - 0.5; both mirror the border.
AxisWeights axis_weights(int input_side, int output_side, int wanted);

// Index of the input pixel nearest to (i + 0.5) f - 0.5, for the first `wanted` outputs: for class masks.
std::vector<int> nearest_indices(int input_side, int output_side, int wanted);

}  // namespace histokt
