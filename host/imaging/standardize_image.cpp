// SPDX-License-Identifier: MIT
#include "imaging/standardize_image.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "imaging/background.hpp"

namespace histokt {
namespace {

std::string size_text(Size size) {
  return std::to_string(size.width) + " x " + std::to_string(size.height) + " pixels";
}

Size size_of(const Image& image) {
  return {image.height, image.width};
}

void require_option(bool holds, const char* name, double value, const char* expected) {
  if (!holds) {
    throw RequestError("`" + std::string(name) + "` is " + number_text(value) + "; it must be " + expected);
  }
}

Size checked_rescaled_size(Size size, const StandardizeOptions& options, std::string_view name) {
  const double scale = options.microns_per_pixel / options.target_microns_per_pixel;
  if (size.height * scale * (size.width * scale) > static_cast<double>(options.max_pixels) ||
      std::max(size.height, size.width) * scale > std::numeric_limits<int>::max() - 1.0) {
    throw BadImage(std::string(name) + ": " + size_text(size) + " rescaled by " + number_text(scale) +
                   " would have more than " + std::to_string(options.max_pixels) +
                   " pixels; check `microns_per_pixel` of the dataset, or raise `standardize.max_pixels`");
  }
  return rescaled_size(size, scale);
}

// An image of more bytes is given up once it has been rescaled; smaller ones are worth keeping for the next.
constexpr std::size_t kKeptBytes = std::size_t{64} << 20;

// The sizes on the way from an image to its patches.
struct Plan {
  Size original;
  Size full;    // rescaled
  Size size;    // wrapped where that is too small
  Size wanted;  // of the rescaled one: nothing right of the last whole column of patches and below their last
                // row is ever looked at
};

Plan make_plan(Size original, const StandardizeOptions& options, std::string_view name) {
  const int side = options.patch_side;
  const Size full = checked_rescaled_size(original, options, name);
  const Size size{std::max(full.height, side), std::max(full.width, side)};
  const Size covered = covered_part(size, side, crop_stride(side, options.overlap));
  return {original, full, size, {std::min(full.height, covered.height), std::min(full.width, covered.width)}};
}

// What the crops read: a part of the rescaled image or mask, wrapped where that is too small.
template <typename Raster, typename Rescale>
const Raster& make_canvas(const Raster& original, const Plan& plan, int side, const Rescale& rescale,
                          Raster& rescaled, Raster& wrapped) {
  const Raster* canvas = &original;
  if (plan.full != plan.original) {
    rescale(rescaled);
    canvas = &rescaled;
  }
  if (plan.size == plan.full) return *canvas;
  reflection_wrap(*canvas, side, wrapped);
  return wrapped;
}

const Image& canvas_of(const Image& image, const Plan& plan, const StandardizeOptions& options,
                       WorkBuffers& buffers) {
  const auto rescale = [&](Image& out) {
    rescale_part(image, plan.full, plan.wanted, options.rounding, out);
  };
  return make_canvas(image, plan, options.patch_side, rescale, buffers.rescaled, buffers.wrapped);
}

const Mask& canvas_of(const Mask& mask, const Plan& plan, const StandardizeOptions& options,
                      WorkBuffers& buffers) {
  const auto rescale = [&](Mask& out) { rescale_nearest_part(mask, plan.full, plan.wanted, out); };
  return make_canvas(mask, plan, options.patch_side, rescale, buffers.rescaled_mask, buffers.wrapped_mask);
}

template <int kChannels, typename Raster, typename Value>
void copy_patch(const Raster& image, Corner corner, int side, Value* out) {
  const std::size_t length = static_cast<std::size_t>(side) * kChannels;
  for (int y = 0; y < side; ++y, out += length) {
    std::copy_n(image.row(corner.top + y).data() + static_cast<std::size_t>(corner.left) * kChannels, length,
                out);
  }
}

// mask may be null.
StandardizedImage crop(const Image& image, const Mask* mask, const Plan& plan,
                       const StandardizeOptions& options) {
  const int side = options.patch_side;
  const std::size_t area = static_cast<std::size_t>(side) * side;
  const auto corners = patch_corners(plan.size, side, crop_stride(side, options.overlap));
  StandardizedImage made{.rescaled = plan.full, .size = plan.size};
  made.patches.resize(corners.size() * area * Image::kChannels);
  if (mask) made.masks.resize(corners.size() * area);

  BackgroundFilter filter(options.min_contrast);
  for (const Corner corner : corners) {
    std::uint8_t* patch = made.patches.data() + made.count() * area * Image::kChannels;
    copy_patch<Image::kChannels>(image, corner, side, patch);
    if (filter.is_background({patch, area * Image::kChannels})) {
      ++made.dropped;
      continue;
    }
    if (mask) copy_patch<1>(*mask, corner, side, made.masks.data() + made.count() * area);
    made.corners.push_back(corner);
  }
  made.patches.resize(made.count() * area * Image::kChannels);
  if (mask) made.masks.resize(made.count() * area);
  return made;
}

StandardizedImage take_as_it_is(const Image& image, const Mask* mask, const StandardizeOptions& options,
                                std::string_view name) {
  const Size size = size_of(image);
  const Size expected{options.patch_side, options.patch_side};
  if (size != expected) {
    throw BadImage(std::string(name) + ": the image has " + size_text(size) +
                   ", but images that are used without rescaling must have the patch size, " +
                   size_text(expected) +
                   "; have the dataset rescaled and cropped, or set `standardize.patch_side`");
  }
  StandardizedImage made{.rescaled = size, .size = size, .corners = {Corner{0, 0}}, .patches = image.pixels};
  if (mask) made.masks = mask->codes;
  return made;
}

void check_mask_size(const Mask& mask, Size image, std::string_view name) {
  if (Size{mask.height, mask.width} == image) return;
  throw BadImage(std::string(name) + ": the mask has " + size_text({mask.height, mask.width}) +
                 ", but its image " + size_text(image) + "; both must have the same size");
}

}  // namespace

void check_options(const StandardizeOptions& options) {
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  require_option(positive(options.microns_per_pixel), "microns_per_pixel", options.microns_per_pixel,
                 "a positive number");
  require_option(positive(options.target_microns_per_pixel), "standardize.microns_per_pixel",
                 options.target_microns_per_pixel, "a positive number");
  require_option(options.patch_side >= 1 && options.patch_side <= 16384, "standardize.patch_side",
                 options.patch_side, "between 1 and 16384");
  require_option(
      options.overlap >= 0 && options.overlap < 1 && crop_stride(options.patch_side, options.overlap) >= 1,
      "standardize.overlap", options.overlap,
      "at least 0 and small enough below 1 that patches advance by a pixel");
  require_option(options.min_contrast >= 0 && options.min_contrast <= 1, "standardize.min_contrast",
                 options.min_contrast, "between 0 and 1");
  require_option(options.max_pixels >= 1, "standardize.max_pixels", static_cast<double>(options.max_pixels),
                 "at least 1");
}

StandardizedImage standardize_image(const Image& image, const StandardizeOptions& options,
                                    std::string_view name, WorkBuffers& buffers) {
  if (options.as_is) return take_as_it_is(image, nullptr, options, name);
  const Plan plan = make_plan(size_of(image), options, name);
  return crop(canvas_of(image, plan, options, buffers), nullptr, plan, options);
}

StandardizedImage standardize_image(Image& image, const std::function<Mask()>& read_mask,
                                    const StandardizeOptions& options, std::string_view name,
                                    WorkBuffers& buffers) {
  if (options.as_is) {
    const Mask mask = read_mask();
    check_mask_size(mask, size_of(image), name);
    return take_as_it_is(image, &mask, options, name);
  }
  const Plan plan = make_plan(size_of(image), options, name);
  const Image& canvas = canvas_of(image, plan, options, buffers);
  if (&canvas != &image && image.pixels.capacity() > kKeptBytes) image = {};
  Mask mask = read_mask();
  check_mask_size(mask, plan.original, name);
  const Mask& mask_canvas = canvas_of(mask, plan, options, buffers);
  if (&mask_canvas != &mask) mask = {};
  return crop(canvas, &mask_canvas, plan, options);
}

}  // namespace histokt
