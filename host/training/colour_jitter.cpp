// SPDX-License-Identifier: MIT
#include "training/colour_jitter.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace histokt {
namespace {

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;
using Bytes = std::array<std::uint8_t, 256>;

std::uint8_t to_byte(double value) {
  return static_cast<std::uint8_t>(std::nearbyint(std::clamp(value, 0.0, 255.0)));
}

// Covariances of R, G, B over the pixels, in grey levels, from exact sums. Divided by n.
Matrix covariances(std::span<const std::uint8_t> pixels) {
  const std::size_t count = pixels.size() / 3;
  std::uint64_t sum[3] = {}, product[6] = {};
  // Sums of so few pixels fit 32 bits, which vectors hold more of.
  constexpr std::size_t kBlock = 4096;
  for (std::size_t begin = 0; begin < count; begin += kBlock) {
    const std::size_t end = std::min(count, begin + kBlock);
    std::uint32_t s0 = 0, s1 = 0, s2 = 0, p00 = 0, p01 = 0, p02 = 0, p11 = 0, p12 = 0, p22 = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t r = pixels[3 * i], g = pixels[3 * i + 1], b = pixels[3 * i + 2];
      s0 += r, s1 += g, s2 += b;
      p00 += r * r, p01 += r * g, p02 += r * b, p11 += g * g, p12 += g * b, p22 += b * b;
    }
    sum[0] += s0, sum[1] += s1, sum[2] += s2;
    product[0] += p00, product[1] += p01, product[2] += p02;
    product[3] += p11, product[4] += p12, product[5] += p22;
  }
  const auto n = static_cast<double>(count);
  constexpr int kWhich[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};
  Matrix result;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      result[i][j] = static_cast<double>(product[kWhich[i][j]]) / n -
                     static_cast<double>(sum[i]) / n * (static_cast<double>(sum[j]) / n);
    }
  }
  return result;
}

// Every pixel's colour is shifted by the same amount in grey levels, so each channel is a look-up.
void shift(const Vector& by, std::span<const std::uint8_t> pixels, const NormalizationTable& table,
           float* out) {
  std::array<std::array<float, 256>, 3> shifted;
  for (int channel = 0; channel < 3; ++channel) {
    for (int value = 0; value < 256; ++value) {
      shifted[channel][value] = table.channel(channel)[to_byte(value + by[channel])];
    }
  }
  for (std::size_t i = 0; i + 2 < pixels.size(); i += 3) {
    out[i] = shifted[0][pixels[i]];
    out[i + 1] = shifted[1][pixels[i + 1]];
    out[i + 2] = shifted[2][pixels[i + 2]];
  }
}

// ITU-R BT.601: Cb and Cr of an RGB image, but for their offset of 128, and what one level of each is in
// RGB.
constexpr Vector kCb = {-37.797 / 255, -74.203 / 255, 112.0 / 255};
constexpr Vector kCr = {112.0 / 255, -93.786 / 255, -18.214 / 255};
constexpr Vector kLuma = {65.481 / 255, 128.553 / 255, 24.966 / 255};

Vector cross(const Vector& a, const Vector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
double dot(const Vector& a, const Vector& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

double deviation_along(const Vector& direction, const Matrix& covariance) {
  Vector product;
  for (int i = 0; i < 3; ++i) product[i] = dot(covariance[i], direction);
  return std::sqrt(std::max(0.0, dot(direction, product)));
}

Vector ycbcr_shift(const ColourDraw& draw, const Matrix& covariance) {
  const double cb = draw.amount[0] * deviation_along(kCb, covariance);
  const double cr = draw.amount[1] * deviation_along(kCr, covariance);
  // Columns of the inverse of the matrix with the rows luma, Cb, Cr.
  const Vector of_cb = cross(kCr, kLuma), of_cr = cross(kLuma, kCb);
  const double determinant = dot(kLuma, cross(kCb, kCr));
  Vector by;
  for (int i = 0; i < 3; ++i) by[i] = (cb * of_cb[i] + cr * of_cr[i]) / determinant;
  return by;
}

struct Principal {
  double variance;
  Vector direction;  // of length 1; its largest entry is positive
};

// Principal components by Jacobi's rotations, largest variance first.
std::array<Principal, 3> principal_components(Matrix a) {
  Matrix v = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};  // columns
  constexpr int kSweeps = 12;                      // three or four settle a 3 x 3 matrix
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (const auto& [p, q] : {std::pair(0, 1), std::pair(0, 2), std::pair(1, 2)}) {
      if (a[p][q] == 0) continue;
      const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
      const double t = std::copysign(1.0, theta) / (std::abs(theta) + std::sqrt(theta * theta + 1));
      const double c = 1 / std::sqrt(t * t + 1), s = t * c;
      for (int k = 0; k < 3; ++k) {
        const double kp = a[k][p], kq = a[k][q];
        a[k][p] = c * kp - s * kq, a[k][q] = s * kp + c * kq;
      }
      for (int k = 0; k < 3; ++k) {
        const double pk = a[p][k], qk = a[q][k], vp = v[k][p], vq = v[k][q];
        a[p][k] = c * pk - s * qk, a[q][k] = s * pk + c * qk;
        v[k][p] = c * vp - s * vq, v[k][q] = s * vp + c * vq;
      }
    }
  }
  std::array<Principal, 3> components;
  for (int i = 0; i < 3; ++i) {
    Vector direction = {v[0][i], v[1][i], v[2][i]};
    const double largest = *std::max_element(direction.begin(), direction.end(),
                                             [](double x, double y) { return std::abs(x) < std::abs(y); });
    for (double& entry : direction) entry = largest < 0 ? -entry : entry;
    components[i] = {a[i][i], direction};
  }
  std::sort(components.begin(), components.end(),
            [](const Principal& x, const Principal& y) { return x.variance > y.variance; });
  return components;
}

Vector rgb_shift(const ColourDraw& draw, Matrix covariance, std::size_t count) {
  // The sample variance of values in 0..1.
  const double scale =
      count > 1 ? static_cast<double>(count) / static_cast<double>(count - 1) / (255.0 * 255.0) : 0;
  for (Vector& row : covariance) {
    for (double& entry : row) entry *= scale;
  }
  Vector by = {};
  const auto components = principal_components(covariance);
  for (int c = 0; c < 3; ++c) {
    for (int i = 0; i < 3; ++i) {
      by[i] += 255 * components[c].direction[i] * draw.amount[c] * components[c].variance;
    }
  }
  return by;
}

// Hue in sixths of a turn, 0..6, and saturation, 0..1; of grey both are 0.
void to_hue_and_saturation(std::span<const std::uint8_t> pixels, float* hue, float* saturation) {
  const std::size_t count = pixels.size() / 3;
  for (std::size_t i = 0; i < count; ++i) {
    const float r = pixels[3 * i], g = pixels[3 * i + 1], b = pixels[3 * i + 2];
    const float most = std::max(r, std::max(g, b)), least = std::min(r, std::min(g, b));
    const float range = most - least;
    const float inverse = range > 0 ? 1 / range : 0;
    float h = (g - b) * inverse;
    h = g == most ? 2 + (b - r) * inverse : h;
    h = b == most ? 4 + (r - g) * inverse : h;
    h = range > 0 ? h : 0;
    hue[i] = h < 0 ? h + 6 : h;
    saturation[i] = range > 0 ? range / most : 0;
  }
}

// sqrt(-2 ln R), R being the length of the mean of the hues taken as directions.
double circular_deviation(const float* hue, std::size_t count) {
  double sum_cos = 0, sum_sin = 0;
  constexpr std::size_t kBlock = 256;
  for (std::size_t begin = 0; begin < count; begin += kBlock) {
    float block_cos = 0, block_sin = 0;
    for (std::size_t i = begin; i < std::min(count, begin + kBlock); ++i) {
      // Taylor's series at half the angle, which is at most a right one: off by less than 1e-7.
      const float x = (hue[i] - 3) * (std::numbers::pi_v<float> / 6);
      const float y = x * x;
      const float s =
          x * (1 - y / 6 * (1 - y / 20 * (1 - y / 42 * (1 - y / 72 * (1 - y / 110 * (1 - y / 156))))));
      const float c = 1 - y / 2 * (1 - y / 12 * (1 - y / 30 * (1 - y / 56 * (1 - y / 90 * (1 - y / 132)))));
      block_cos += 1 - 2 * s * s;
      block_sin += 2 * s * c;
    }
    sum_cos += block_cos;
    sum_sin += block_sin;
  }
  const double r = std::hypot(sum_cos, sum_sin) / static_cast<double>(count);
  return r >= 1 ? 0 : std::sqrt(-2 * std::log(r));
}

double deviation(const float* values, std::size_t count) {
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sum += values[i];
    squares += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  }
  const double mean = sum / static_cast<double>(count);
  return std::sqrt(std::max(0.0, squares / static_cast<double>(count) - mean * mean));
}

void jitter_hsv(const ColourDraw& draw, std::span<const std::uint8_t> pixels, const NormalizationTable& table,
                float* out) {
  const std::size_t count = pixels.size() / 3;
  thread_local std::vector<float> scratch;
  if (scratch.size() < 2 * count) scratch.resize(2 * count);
  float* const hue = scratch.data();
  float* const saturation = hue + count;
  to_hue_and_saturation(pixels, hue, saturation);
  double turn = draw.amount[0] * circular_deviation(hue, count) / (2 * std::numbers::pi);
  turn -= std::floor(turn);
  const auto sixths = static_cast<float>(6 * turn);
  const auto more = static_cast<float>(draw.amount[1] * deviation(saturation, count));

  const float* const tables[3] = {table.channel(0), table.channel(1), table.channel(2)};
  for (std::size_t i = 0; i < count; ++i) {
    float h = hue[i] + sixths;
    h = h >= 6 ? h - 6 : h;
    const float value = std::max({pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]});
    const float chroma = value * (saturation[i] + more);  // below 0 or above `value` where S leaves 0..1
    constexpr float kFrom[3] = {5, 3, 1};
    for (int channel = 0; channel < 3; ++channel) {
      float k = h + kFrom[channel];
      k = k >= 6 ? k - 6 : k;
      const float share = std::max(0.0f, std::min(std::min(k, 4 - k), 1.0f));
      const float level = std::min(std::max(value - chroma * share, 0.0f), 255.0f);
      out[3 * i + channel] = tables[channel][std::lrint(level)];
    }
  }
}

// PIL's blend of two bytes: the fraction is cut off.
std::uint8_t blend(int from, int to, float share) {
  const float value = static_cast<float>(from) + share * static_cast<float>(to - from);
  if (value <= 0) return 0;
  return value >= 255 ? 255 : static_cast<std::uint8_t>(value);
}

// PIL's grey of a colour.
int grey(const std::uint8_t* pixel) {
  return (19595 * pixel[0] + 38470 * pixel[1] + 7471 * pixel[2] + 0x8000) >> 16;
}

void replace_all(std::span<std::uint8_t> pixels, const Bytes& with) {
  for (std::uint8_t& value : pixels) value = with[value];
}

Bytes blended_from(int level, double factor) {
  Bytes values;
  for (int value = 0; value < 256; ++value) {
    values[static_cast<std::size_t>(value)] = blend(level, value, static_cast<float>(factor));
  }
  return values;
}

void change_brightness(std::span<std::uint8_t> pixels, double factor) {
  replace_all(pixels, blended_from(0, factor));
}

void change_contrast(std::span<std::uint8_t> pixels, double factor) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i + 2 < pixels.size(); i += 3) sum += static_cast<std::uint64_t>(grey(&pixels[i]));
  const double mean = static_cast<double>(sum) / static_cast<double>(pixels.size() / 3);
  replace_all(pixels, blended_from(static_cast<int>(mean + 0.5), factor));
}

void change_saturation(std::span<std::uint8_t> pixels, double factor) {
  const auto share = static_cast<float>(factor);
  for (std::size_t i = 0; i + 2 < pixels.size(); i += 3) {
    const int level = grey(&pixels[i]);
    for (std::size_t channel = 0; channel < 3; ++channel) {
      pixels[i + channel] = blend(level, pixels[i + channel], share);
    }
  }
}

// PIL's HSV, which holds bytes: hue and saturation come back coarser than they were.
struct PilHsv {
  std::uint8_t hue, saturation, value;
};

PilHsv to_pil_hsv(const std::uint8_t* pixel) {
  const int r = pixel[0], g = pixel[1], b = pixel[2];
  const int most = std::max({r, g, b}), range = most - std::min({r, g, b});
  if (range == 0) return {0, 0, static_cast<std::uint8_t>(most)};
  const auto part = [&](int level) { return static_cast<float>(most - level) / static_cast<float>(range); };
  const float h = r == most ? part(b) - part(g) : g == most ? 2 + part(r) - part(b) : 4 + part(g) - part(r);
  const double turn = static_cast<double>(h) / 6 + 1;
  const double saturation = static_cast<float>(range) / static_cast<float>(most);
  return {static_cast<std::uint8_t>(static_cast<float>(turn >= 1 ? turn - 1 : turn) * 255.0),
          static_cast<std::uint8_t>(saturation * 255), static_cast<std::uint8_t>(most)};
}

void from_pil_hsv(const PilHsv& hsv, std::uint8_t* pixel) {
  const double sixths = hsv.hue * 6.0 / 255, s = hsv.saturation / 255.0;
  const int sector = static_cast<int>(sixths);
  const double f = sixths - sector;
  const auto scaled = [&](double share) { return static_cast<std::uint8_t>(hsv.value * share + 0.5); };
  const std::uint8_t v = hsv.value, p = scaled(1 - s), q = scaled(1 - s * f), t = scaled(1 - s * (1 - f));
  const std::uint8_t corners[6][3] = {{v, t, p}, {q, v, p}, {p, v, t}, {p, q, v}, {t, p, v}, {v, p, q}};
  std::copy_n(corners[sector % 6], 3, pixel);
}

void change_hue(std::span<std::uint8_t> pixels, double turn) {
  const int by = static_cast<int>(turn * 255);
  for (std::size_t i = 0; i + 2 < pixels.size(); i += 3) {
    PilHsv hsv = to_pil_hsv(&pixels[i]);
    hsv.hue = static_cast<std::uint8_t>(hsv.hue + by);
    from_pil_hsv(hsv, &pixels[i]);
  }
}

}  // namespace

void distort(const ColourDraw& draw, std::span<std::uint8_t> pixels) {
  for (const int which : draw.order) {
    if (which == 0) change_brightness(pixels, draw.brightness);
    if (which == 1) change_contrast(pixels, draw.contrast);
    if (which == 2) change_saturation(pixels, draw.saturation);
    if (which == 3) change_hue(pixels, draw.hue);
  }
}

void jitter(const ColourDraw& draw, std::span<std::uint8_t> pixels, const NormalizationTable& table,
            float* out) {
  switch (draw.kind) {
    case ColourJitter::kYcbcr:
      return shift(ycbcr_shift(draw, covariances(pixels)), pixels, table, out);
    case ColourJitter::kRgb:
      return shift(rgb_shift(draw, covariances(pixels), pixels.size() / 3), pixels, table, out);
    case ColourJitter::kHsv:
      return jitter_hsv(draw, pixels, table, out);
    case ColourJitter::kDistortion:
      distort(draw, pixels);
      [[fallthrough]];
    case ColourJitter::kNone:
      return shift({}, pixels, table, out);
  }
}

}  // namespace histokt
