// SPDX-License-Identifier: MIT
#include "scanner.hpp"

#include <algorithm>
#include <cmath>

namespace histokt::synthetic {
namespace {

// Vectors of absorbance lie near those that Ruifrok and Johnston (2001) and Macenko et al. (2009) measured:
// haematoxylin takes red and green, eosin takes green.
constexpr Laboratory kLaboratories[] = {
    {"a", 0.5, {1.10f, 1.42f, 0.72f}, {0.16f, 0.92f, 0.50f}, {0.955f, 0.945f, 0.96f}, 0.35f, 2.0f, 0.02f},
    {"b", 0.75, {1.30f, 1.28f, 0.50f}, {0.10f, 1.05f, 0.34f}, {0.93f, 0.95f, 0.94f}, 0.55f, 3.5f, 0.06f},
    {"c", 1.0, {0.86f, 1.30f, 0.86f}, {0.24f, 0.74f, 0.52f}, {0.97f, 0.945f, 0.90f}, 0.50f, 1.4f, 0.03f}};

// A Gaussian over rows, then columns; beyond the border the edge goes on.
std::vector<Rgb> blurred(const std::vector<Rgb>& light, int side, float sigma) {
  const int reach = static_cast<int>(std::ceil(3 * sigma));
  std::vector<float> weights;
  float total = 0;
  for (int i = -reach; i <= reach; ++i) {
    weights.push_back(std::exp(-0.5f * static_cast<float>(i * i) / (sigma * sigma)));
    total += weights.back();
  }
  for (float& weight : weights) weight /= total;
  const auto pass = [&](const std::vector<Rgb>& from, int step_x, int step_y) {
    std::vector<Rgb> to(from.size());
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        Rgb& sum = to[static_cast<std::size_t>(y) * side + x];
        for (int i = -reach; i <= reach; ++i) {
          const int from_x = std::clamp(x + i * step_x, 0, side - 1),
                    from_y = std::clamp(y + i * step_y, 0, side - 1);
          const Rgb& pixel = from[static_cast<std::size_t>(from_y) * side + from_x];
          for (int c = 0; c < 3; ++c) sum[c] += weights[i + reach] * pixel[c];
        }
      }
    }
    return to;
  };
  return pass(pass(light, 1, 0), 0, 1);
}

// Light behind the stained section, 0 to 1.
std::vector<Rgb> transmitted(const Canvas& canvas, const Laboratory& laboratory, const Staining& staining,
                             std::uint64_t key) {
  Rgb haematoxylin = laboratory.haematoxylin;
  haematoxylin[0] *= 1 - 0.25f * staining.fading;
  haematoxylin[2] *= 1 + 0.35f * staining.fading;
  std::vector<Rgb> light;
  light.reserve(canvas.dyes().size());
  for (std::size_t i = 0; i < canvas.dyes().size(); ++i) {
    // Sections are not equally thick everywhere.
    const std::size_t row = i / canvas.side();
    const float x = static_cast<float>(i % canvas.side()), y = static_cast<float>(row);
    const float scale = canvas.microns_per_pixel() / 45;
    const float thickness = 0.90f + 0.20f * noise(x * scale, y * scale, key ^ word_of("thickness"));
    const float blue = canvas.dyes()[i].haematoxylin * staining.haematoxylin * thickness;
    const float pink = canvas.dyes()[i].eosin * staining.eosin * thickness;
    Rgb pixel;
    for (int c = 0; c < 3; ++c) pixel[c] = std::exp(-(blue * haematoxylin[c] + pink * laboratory.eosin[c]));
    light.push_back(pixel);
  }
  return light;
}

}  // namespace

const Laboratory& laboratory(std::string_view name) {
  return *std::find_if(std::begin(kLaboratories), std::end(kLaboratories) - 1,
                       [&](const Laboratory& known) { return name == known.name; });
}

std::vector<std::uint8_t> scan(const Canvas& canvas, const Laboratory& laboratory, const Staining& staining,
                               std::uint64_t key) {
  const int side = canvas.side();
  const std::vector<Rgb> light = blurred(transmitted(canvas, laboratory, staining, key), side,
                                         laboratory.blur_microns / canvas.microns_per_pixel());
  Draw draw(key_of({key, word_of("scanner")}));
  const float towards = draw.angle(), brightness = 1 + 0.01f * draw.bell();
  std::vector<std::uint8_t> pixels;
  pixels.reserve(light.size() * 3);
  for (std::size_t i = 0; i < light.size(); ++i) {
    const float x = static_cast<float>(i % side) / static_cast<float>(side) - 0.5f;
    const std::size_t row = i / side;
    const float y = static_cast<float>(row) / static_cast<float>(side) - 0.5f;
    const float lamp =
        brightness * (1 - laboratory.vignetting * (0.5f + x * std::cos(towards) + y * std::sin(towards)));
    for (int c = 0; c < 3; ++c) {
      const float level = 255 * laboratory.white[c] * lamp * light[i][c] + laboratory.noise * draw.bell();
      pixels.push_back(static_cast<std::uint8_t>(std::clamp(level + 0.5f, 0.0f, 255.0f)));
    }
  }
  return pixels;
}

}  // namespace histokt::synthetic
