#include "training/augmentation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/random.hpp"

namespace histokt {
namespace {

// Source coordinates are fixed-point numbers with 16 fractional bits, as PIL's are: they step exactly, and
// the same pixels are met.
constexpr int kFractionBits = 16;
constexpr std::int64_t kOne = std::int64_t{1} << kFractionBits;

std::int64_t fixed(double value) {
  return static_cast<std::int64_t>(std::floor(value * kOne + 0.5));
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  const std::int64_t quotient = a / b;
  return quotient - ((a % b != 0) && ((a < 0) != (b < 0)));
}

struct Range {
  std::int64_t begin, end;  // empty where end <= begin
};

// The x with 0 <= start + step x < limit, cut to 0 .. count.
Range inside(std::int64_t start, std::int64_t step, std::int64_t limit, std::int64_t count) {
  if (step == 0) return start >= 0 && start < limit ? Range{0, count} : Range{0, 0};
  Range range;
  if (step > 0) {
    range = {-floor_divide(start, step), -floor_divide(start - limit, step)};
  } else {
    range = {floor_divide(limit - start, step) + 1, floor_divide(-start, step) + 1};
  }
  return {std::max<std::int64_t>(range.begin, 0), std::min(range.end, count)};
}

// Output pixel (x, y) -> source pixel: the inverse of "rotate about the centre, then shift", taken at pixel
// centres. Coordinates are relative to the flipped picture.
struct InverseMap {
  std::int64_t x_per_x, x_per_y, x_start;
  std::int64_t y_per_x, y_per_y, y_start;

  InverseMap(const AugmentationDraw& draw, int height, int width) {
    const double angle = draw.rotation_degrees * std::numbers::pi / 180;
    const double c = std::cos(angle), s = std::sin(angle);
    const double centre_x = width * 0.5, centre_y = height * 0.5;
    const double left = -centre_x - draw.shift_right, top = -centre_y - draw.shift_down;
    const double x_origin = c * left + s * top + centre_x;
    const double y_origin = -s * left + c * top + centre_y;
    x_per_x = fixed(c), x_per_y = fixed(s), x_start = fixed(x_origin + c * 0.5 + s * 0.5);
    y_per_x = fixed(-s), y_per_y = fixed(c), y_start = fixed(y_origin - s * 0.5 + c * 0.5);
  }
};

struct Tables {
  const float *red, *green, *blue;
};

inline void put(const std::uint8_t* pixel, const Tables& tables, float* out) {
  out[0] = tables.red[pixel[0]];
  out[1] = tables.green[pixel[1]];
  out[2] = tables.blue[pixel[2]];
}

void fill_black(float* out, std::int64_t begin, std::int64_t end, const Tables& tables) {
  constexpr std::uint8_t kBlack[3] = {0, 0, 0};
  for (std::int64_t x = begin; x < end; ++x) put(kBlack, tables, out + 3 * x);
}

}  // namespace

AugmentationDraw draw_augmentation(const AugmentationOptions& options, std::uint64_t seed,
                                   std::uint64_t stream, std::uint64_t epoch, std::uint64_t patch,
                                   int patch_side) {
  Random random{seed, random_word("augmentation"), stream, epoch, patch};
  const double reach = options.shift * patch_side;
  AugmentationDraw draw;
  draw.horizontal_flip = random.uniform() < options.horizontal_flip;
  draw.vertical_flip = random.uniform() < options.vertical_flip;
  draw.rotation_degrees = random.uniform(-options.rotation_degrees, options.rotation_degrees);
  draw.shift_right = static_cast<int>(std::nearbyint(random.uniform(-reach, reach)));
  draw.shift_down = static_cast<int>(std::nearbyint(random.uniform(-reach, reach)));
  return draw;
}

void augment(const AugmentationDraw& draw, std::span<const std::uint8_t> picture, int height, int width,
             const NormalizationTable& table, std::span<float> out) {
  const Tables tables{table.channel(0), table.channel(1), table.channel(2)};
  const InverseMap map(draw, height, width);
  // A flip walks the source backwards from its last column or row.
  const std::int64_t x_stride = draw.horizontal_flip ? -3 : 3;
  const std::int64_t y_stride = (draw.vertical_flip ? -3 : 3) * std::int64_t{width};
  const std::uint8_t* const origin = picture.data() + (draw.horizontal_flip ? 3 * (width - 1) : 0) +
                                     (draw.vertical_flip ? std::ptrdiff_t{3} * width * (height - 1) : 0);

  for (std::int64_t row = 0; row < height; ++row) {
    float* const line = out.data() + row * width * 3;
    std::int64_t x = map.x_start + map.x_per_y * row, y = map.y_start + map.y_per_y * row;
    const Range across = inside(x, map.x_per_x, width * kOne, width);
    const Range down = inside(y, map.y_per_x, height * kOne, width);
    const std::int64_t begin = std::min<std::int64_t>(std::max(across.begin, down.begin), width);
    const std::int64_t end = std::max(std::min(across.end, down.end), begin);

    fill_black(line, 0, begin, tables);
    x += map.x_per_x * begin;
    y += map.y_per_x * begin;
    if (map.y_per_x == 0 && map.x_per_x == kOne) {  // no rotation: one row after the other
      const std::uint8_t* pixel = origin + (y >> kFractionBits) * y_stride + (x >> kFractionBits) * x_stride;
      for (std::int64_t i = begin; i < end; ++i, pixel += x_stride) put(pixel, tables, line + 3 * i);
    } else {
      for (std::int64_t i = begin; i < end; ++i, x += map.x_per_x, y += map.y_per_x) {
        put(origin + (y >> kFractionBits) * y_stride + (x >> kFractionBits) * x_stride, tables, line + 3 * i);
      }
    }
    fill_black(line, end, width, tables);
  }
}

void normalize(std::span<const std::uint8_t> picture, const NormalizationTable& table, std::span<float> out) {
  const Tables tables{table.channel(0), table.channel(1), table.channel(2)};
  for (std::size_t i = 0; i + 2 < picture.size(); i += 3) put(picture.data() + i, tables, out.data() + i);
}

}  // namespace histokt
