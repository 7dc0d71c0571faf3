// SPDX-License-Identifier: MIT
#include "training/augmentation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/random.hpp"
#include "training/blur.hpp"

namespace histokt {
namespace {

std::int64_t fixed(double value) {
  return static_cast<std::int64_t>(std::floor(value * kFixedOne + 0.5));
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

// Writes a pixel's normalised values.
struct ToFloats {
  using Value = float;
  const float *red, *green, *blue;

  explicit ToFloats(const NormalizationTable& table)
      : red(table.channel(0)), green(table.channel(1)), blue(table.channel(2)) {}
  void operator()(const std::uint8_t* pixel, float* out) const {
    out[0] = red[pixel[0]];
    out[1] = green[pixel[1]];
    out[2] = blue[pixel[2]];
  }
};

// Copies a pixel.
struct ToBytes {
  using Value = std::uint8_t;
  void operator()(const std::uint8_t* pixel, std::uint8_t* out) const {
    out[0] = pixel[0];
    out[1] = pixel[1];
    out[2] = pixel[2];
  }
};

template <typename Put>
void fill_black(typename Put::Value* out, std::int64_t begin, std::int64_t end, const Put& put) {
  constexpr std::uint8_t kBlack[3] = {0, 0, 0};
  for (std::int64_t x = begin; x < end; ++x) put(kBlack, out + 3 * x);
}

// Flips, rotation and shift.
template <typename Put>
void move_pixels(const AugmentationDraw& draw, std::span<const std::uint8_t> image, int height, int width,
                 const Put& put, typename Put::Value* out) {
  const InverseMap map(draw, height, width);
  // A flip walks the source backwards from its last column or row.
  const std::int64_t x_stride = draw.horizontal_flip ? -3 : 3;
  const std::int64_t y_stride = (draw.vertical_flip ? -3 : 3) * std::int64_t{width};
  const std::uint8_t* const origin = image.data() + (draw.horizontal_flip ? 3 * (width - 1) : 0) +
                                     (draw.vertical_flip ? std::ptrdiff_t{3} * width * (height - 1) : 0);

  for (std::int64_t row = 0; row < height; ++row) {
    auto* const line = out + row * width * 3;
    std::int64_t x = map.x_start + map.x_per_y * row, y = map.y_start + map.y_per_y * row;
    const Range across = inside(x, map.x_per_x, width * kFixedOne, width);
    const Range down = inside(y, map.y_per_x, height * kFixedOne, width);
    const std::int64_t begin = std::min<std::int64_t>(std::max(across.begin, down.begin), width);
    const std::int64_t end = std::max(std::min(across.end, down.end), begin);

    fill_black(line, 0, begin, put);
    x += map.x_per_x * begin;
    y += map.y_per_x * begin;
    if (map.y_per_x == 0 && map.x_per_x == kFixedOne) {  // no rotation: one row after the other
      const std::uint8_t* pixel = origin + (y >> kFractionBits) * y_stride + (x >> kFractionBits) * x_stride;
      for (std::int64_t i = begin; i < end; ++i, pixel += x_stride) put(pixel, line + 3 * i);
    } else {
      for (std::int64_t i = begin; i < end; ++i, x += map.x_per_x, y += map.y_per_x) {
        put(origin + (y >> kFractionBits) * y_stride + (x >> kFractionBits) * x_stride, line + 3 * i);
      }
    }
    fill_black(line, end, width, put);
  }
}

// Images between two steps, one set a thread.
struct Scratch {
  std::vector<std::uint8_t> moved, blurred;
  std::vector<float> levels;
};

Scratch& scratch() {
  thread_local Scratch of_this_thread;
  return of_this_thread;
}

// Blurs and rounds, as an image of bytes does.
std::span<std::uint8_t> blurred_bytes(const AugmentationDraw& draw, std::span<const std::uint8_t> image,
                                      int height, int width) {
  Scratch& room = scratch();
  room.levels.resize(image.size());
  room.blurred.resize(image.size());
  blur(image, height, width, draw.blur_size, draw.blur_sigma, room.levels);
  for (std::size_t i = 0; i < image.size(); ++i) {
    room.blurred[i] = static_cast<std::uint8_t>(std::lrint(room.levels[i]));
  }
  return room.blurred;
}

// Grey levels that need not be whole, in place.
void normalize_levels(const NormalizationTable& table, std::span<float> levels) {
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const float* const values = table.channel(static_cast<int>(channel));
    const float offset = values[0], slope = (values[255] - values[0]) / 255;
    for (std::size_t i = channel; i < levels.size(); i += 3) levels[i] = offset + slope * levels[i];
  }
}

void change_colours(const AugmentationDraw& draw, std::span<std::uint8_t> pixels, int height, int width,
                    const NormalizationTable& table, std::span<float> out) {
  if (draw.blur_sigma > 0 && draw.colour.kind == ColourJitter::kDistortion) {
    distort(draw.colour, pixels);
    blur(pixels, height, width, draw.blur_size, draw.blur_sigma, out);
    normalize_levels(table, out);
  } else if (draw.blur_sigma > 0) {
    jitter(draw.colour, blurred_bytes(draw, pixels, height, width), table, out.data());
  } else {
    jitter(draw.colour, pixels, table, out.data());
  }
}

void cut_out(const AugmentationDraw& draw, int height, int width, std::span<float> out) {
  const int reach = draw.hole_side / 2;
  for (const Hole& hole : draw.holes) {
    const int left = std::max(hole.x - reach, 0), right = std::min(hole.x + reach, width);
    const int bottom = std::min(hole.y + reach, height);
    for (int y = std::max(hole.y - reach, 0); y < bottom; ++y) {
      float* const line = out.data() + std::ptrdiff_t{3} * y * width;
      std::fill(line + 3 * left, line + 3 * right, 0.0f);
    }
  }
}

ColourDraw draw_colour(const AugmentationOptions& options, Random random) {
  ColourDraw draw;
  draw.kind = options.colour;
  if (draw.kind == ColourJitter::kNone) return draw;
  const double strength = options.colour_strength;
  if (draw.kind != ColourJitter::kDistortion) {
    for (double& amount : draw.amount) amount = strength * random.normal();
    return draw;
  }
  for (double* factor : {&draw.brightness, &draw.contrast, &draw.saturation}) {
    *factor = random.uniform(std::max(0.0, 1 - 0.8 * strength), 1 + 0.8 * strength);
  }
  draw.hue = random.uniform(-0.2 * strength, 0.2 * strength);
  for (std::size_t i = draw.order.size(); i > 1; --i)
    std::swap(draw.order[i - 1], draw.order[random.below(i)]);
  return draw;
}

}  // namespace

InverseMap::InverseMap(const AugmentationDraw& draw, int height, int width) {
  const double angle = draw.rotation_degrees * std::numbers::pi / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  const double centre_x = width * 0.5, centre_y = height * 0.5;
  const double left = -centre_x - draw.shift_right, top = -centre_y - draw.shift_down;
  const double x_origin = c * left + s * top + centre_x;
  const double y_origin = -s * left + c * top + centre_y;
  x_per_x = fixed(c), x_per_y = fixed(s), x_start = fixed(x_origin + c * 0.5 + s * 0.5);
  y_per_x = fixed(-s), y_per_y = fixed(c), y_start = fixed(y_origin - s * 0.5 + c * 0.5);
}

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
  // Keys of their own: what is drawn for one does not depend on whether another is asked for.
  draw.colour = draw_colour(options, {seed, random_word("colour"), stream, epoch, patch});
  draw.blur_sigma = options.blur_sigma;
  draw.blur_size = options.blur_size;
  Random places{seed, random_word("cutout"), stream, epoch, patch};
  const auto side = static_cast<std::uint64_t>(patch_side);
  for (int i = 0; i < options.cutout_holes; ++i) {
    const auto y = static_cast<int>(places.below(side)), x = static_cast<int>(places.below(side));
    draw.holes.push_back({x, y});
  }
  draw.hole_side = options.cutout_side;
  return draw;
}

void augment(const AugmentationDraw& draw, std::span<const std::uint8_t> image, int height, int width,
             const NormalizationTable& table, std::span<float> out) {
  if (draw.colour.kind != ColourJitter::kNone) {
    std::vector<std::uint8_t>& moved = scratch().moved;
    moved.resize(image.size());
    move_pixels(draw, image, height, width, ToBytes{}, moved.data());
    change_colours(draw, moved, height, width, table, out);
  } else if (draw.blur_sigma > 0) {
    // A blur does not mind being flipped, so it may come first.
    move_pixels(draw, blurred_bytes(draw, image, height, width), height, width, ToFloats(table), out.data());
  } else {
    move_pixels(draw, image, height, width, ToFloats(table), out.data());
  }
  cut_out(draw, height, width, out);
}

void normalize(std::span<const std::uint8_t> image, const NormalizationTable& table, std::span<float> out) {
  const ToFloats put(table);
  for (std::size_t i = 0; i + 2 < image.size(); i += 3) put(image.data() + i, out.data() + i);
}

}  // namespace histokt
