// SPDX-License-Identifier: MIT
// Any bytes as an image and as a class mask: decoded whole, or refused with a RunError that names it.
#include <cstdlib>
#include <string_view>

#include "base/errors.hpp"
#include "imaging/decode.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace histokt;
  const DecodeLimits limits{.max_pixels = 1 << 18};
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto check = [](const RunError& error) {
    if (!std::string_view(error.what()).starts_with("fuzz: ")) std::abort();
  };
  try {
    const Image image = decode_image(bytes, "fuzz", limits);
    if (image.pixels.size() != image.row_bytes() * static_cast<std::size_t>(image.height)) std::abort();
    if (std::int64_t{image.height} * image.width > limits.max_pixels) std::abort();
  } catch (const RunError& error) {
    check(error);
  }
  try {
    decode_mask(bytes, "fuzz", limits);
  } catch (const RunError& error) {
    check(error);
  }
  return 0;
}
