// SPDX-License-Identifier: MIT
// PNG. Rows of 8-bit RGB or of grey, the usual ones, are unpacked by libdeflate and unfiltered here in place;
// rarer kinds (palettes, transparency, 16-bit RGB, interlaced) are read by libspng.
#include <libdeflate.h>
#include <spng.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "imaging/decoders.hpp"
#include "imaging/png_filters.hpp"
#include "imaging/sample_depth.hpp"

namespace histokt {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t kSignature = 8;
constexpr std::size_t kChunkFrame = 12;  // length, type, checksum

std::uint32_t big_endian(Bytes bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

struct PngHeader {
  Size size;
  int bits = 0;
  int colour_type = 0;
  bool interlaced = false;
};

constexpr int kGrey = 0, kRgb = 2, kGreyAlpha = 4, kRgbAlpha = 6;

PngHeader png_header(Bytes encoded, std::string_view name, const DecodeLimits& limits) {
  if (encoded.size() < 33 || std::memcmp(encoded.data() + 12, "IHDR", 4) != 0) {
    fail_cut_off(name, "PNG", "it has no header");
  }
  return {checked_size(big_endian(encoded, 20), big_endian(encoded, 16), name, limits),
          std::to_integer<int>(encoded[24]), std::to_integer<int>(encoded[25]), encoded[28] != std::byte{0}};
}

// What the parts before the pixels say.
struct Notes {
  bool has_transparency = false;  // one colour, or entries of the palette
  std::optional<StatedScale> scale;
};

// Pixels per unit along rows and columns, and the unit: 1 is the metre.
std::optional<StatedScale> scale_in(Bytes part) {
  constexpr double kMicronsPerMetre = 1e6, kMost = 50;
  const double across = part.size() == 9 ? big_endian(part, 0) : 0;
  const double down = part.size() == 9 ? big_endian(part, 4) : 0;
  if (across <= 0 || down <= 0 || part[8] != std::byte{1}) return std::nullopt;
  // Screens and printers; no microscope.
  if (kMicronsPerMetre / across > kMost) return std::nullopt;
  return resolution_scale(kMicronsPerMetre / across, kMicronsPerMetre / down, "PNG resolution (pHYs)");
}

// Every checksum must be right and the end mark in its place. What the parts with pixels hold is appended to
// `packed`, if there is one.
Notes check_parts(Bytes encoded, std::string_view name, PixelBuffer<std::byte>* packed) {
  Notes notes;
  if (packed) packed->reserve(encoded.size());
  std::size_t at = kSignature;
  while (true) {
    if (encoded.size() - at < kChunkFrame) fail_cut_off(name, "PNG", "it has no end mark");
    const std::size_t length = big_endian(encoded, at);
    if (length > encoded.size() - at - kChunkFrame) fail_cut_off(name, "PNG", "its last part is not whole");
    const Bytes chunk = encoded.subspan(at, length + kChunkFrame);
    if (libdeflate_crc32(0, chunk.data() + 4, length + 4) != big_endian(chunk, length + 8)) {
      fail_cut_off(name, "PNG", "a checksum is wrong near byte " + std::to_string(at));
    }
    const std::string_view type(reinterpret_cast<const char*>(chunk.data()) + 4, 4);
    if (packed && type == "IDAT") packed->insert(packed->end(), chunk.begin() + 8, chunk.end() - 4);
    if (type == "tRNS") notes.has_transparency = true;
    if (type == "pHYs") notes.scale = scale_in(chunk.subspan(8, length));
    if (type == "IEND") return notes;
    at += chunk.size();
  }
}

// Rows of one filter byte and `row_bytes` each, unpacked at the front of `memory`, which has room for
// them and kReadBehind bytes more. The pixels end up at its front, without gaps.
constexpr std::size_t kReadBehind = 4;

void unpack_rows(Bytes packed, std::string_view name, std::size_t rows, std::size_t row_bytes,
                 int bytes_per_pixel, std::uint8_t* memory) {
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> unpacker(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  if (!unpacker) throw std::bad_alloc();
  const std::size_t stored = row_bytes + 1;
  // With nowhere to tell a length, anything but the whole is a failure.
  if (libdeflate_zlib_decompress(unpacker.get(), packed.data(), packed.size(), memory, rows * stored,
                                 nullptr) != LIBDEFLATE_SUCCESS) {
    fail_cut_off(name, "PNG", "its pixels cannot be unpacked");
  }
  const std::vector<std::uint8_t> zeros(row_bytes + kReadBehind);
  const std::uint8_t* above = zeros.data();
  for (std::size_t y = 0; y < rows; ++y) {
    const std::uint8_t* row = memory + y * stored;
    std::uint8_t* out = memory + y * row_bytes;
    if (!undo_png_filter(row[0], row + 1, above, row_bytes, bytes_per_pixel, out)) {
      fail_cut_off(name, "PNG", "row " + std::to_string(y) + " has a filter that PNG has not");
    }
    above = out;
  }
}

using SpngContext = std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)>;

SpngContext open_rare(Bytes encoded) {
  // Checksums are known to be right by now, and cover what zlib's own would.
  SpngContext context(spng_ctx_new(SPNG_CTX_IGNORE_ADLER32), &spng_ctx_free);
  if (!context) throw std::bad_alloc();
  spng_set_crc_action(context.get(), SPNG_CRC_USE, SPNG_CRC_USE);
  if (spng_set_png_buffer(context.get(), encoded.data(), encoded.size()) == SPNG_EMEM) throw std::bad_alloc();
  return context;
}

void require_decoded(int problem, std::string_view name) {
  if (problem == SPNG_EMEM) throw std::bad_alloc();
  if (problem)
    fail_cut_off(name, "PNG", std::string("its pixels cannot be decoded: ") + spng_strerror(problem));
}

// The pixels alone: colour profiles, gamma, transparency and notes on orientation change nothing.
void decode_rare(Bytes encoded, std::string_view name, spng_format format, std::span<std::uint8_t> pixels) {
  const SpngContext context = open_rare(encoded);
  require_decoded(spng_decode_image(context.get(), pixels.data(), pixels.size(), format, 0), name);
}

// Calls use(y, samples) for each row of four samples a pixel, opacity last.
template <typename Sample, typename Use>
void for_each_rgba_row(Bytes encoded, std::string_view name, const PngHeader& header, const Use& use) {
  const spng_format format = sizeof(Sample) == 1 ? SPNG_FMT_RGBA8 : SPNG_FMT_RGBA16;
  const std::size_t samples = 4 * static_cast<std::size_t>(header.size.width);
  const SpngContext context = open_rare(encoded);
  if (header.interlaced) {
    PixelBuffer<Sample> all(samples * static_cast<std::size_t>(header.size.height));
    require_decoded(
        spng_decode_image(context.get(), all.data(), all.size() * sizeof(Sample), format, SPNG_DECODE_TRNS),
        name);
    for (int y = 0; y < header.size.height; ++y) use(y, all.data() + static_cast<std::size_t>(y) * samples);
    return;
  }
  std::vector<Sample> row(samples);
  require_decoded(
      spng_decode_image(context.get(), nullptr, 0, format, SPNG_DECODE_TRNS | SPNG_DECODE_PROGRESSIVE), name);
  for (int y = 0; y < header.size.height; ++y) {
    const int problem = spng_decode_row(context.get(), row.data(), row.size() * sizeof(Sample));
    require_decoded(problem == SPNG_EOI && y + 1 == header.size.height ? 0 : problem, name);
    use(y, row.data());
  }
}

void decode_transparent(Bytes encoded, std::string_view name, const PngHeader& header, Image& image) {
  for_each_rgba_row<std::uint8_t>(encoded, name, header, [&](int y, const std::uint8_t* rgba) {
    for (std::uint8_t& value : image.row(y)) {
      const std::size_t at = static_cast<std::size_t>(&value - image.row(y).data());
      value = on_white(rgba[at / 3 * 4 + at % 3], rgba[at / 3 * 4 + 3]);
    }
  });
}

void decode_sixteen_bits(Bytes encoded, std::string_view name, const PngHeader& header,
                         const DecodeLimits& limits, Image& image) {
  using From = SampleDepth::From;
  SampleDepth depth(limits.bits > 0 ? limits.bits : 16, 16, limits.bits > 0 ? From::kOption : From::kAssumed);
  SampleDepth alpha(16, 16, From::kStored);
  for_each_rgba_row<std::uint16_t>(encoded, name, header, [&](int y, const std::uint16_t* rgba) {
    std::uint8_t* rgb = image.row(y).data();
    for (int x = 0; x < image.width; ++x, rgba += 4, rgb += 3) {
      const int opacity = alpha.narrow(rgba[3]);
      for (int c = 0; c < 3; ++c) rgb[c] = on_white(depth.narrow(rgba[c]), opacity);
    }
  });
  depth.check(name);
  alpha.check_alpha(depth, name);
}

}  // namespace

void check_png_header(Bytes start, std::string_view name, const DecodeLimits& limits) {
  png_header(start, name, limits);
}

std::optional<StatedScale> decode_png(Bytes encoded, std::string_view name, const DecodeLimits& limits,
                                      Image& image) {
  const PngHeader header = png_header(encoded, name, limits);
  const bool usual = header.colour_type == kRgb && header.bits == 8 && !header.interlaced;
  PixelBuffer<std::byte> packed;
  Notes notes = check_parts(encoded, name, usual ? &packed : nullptr);
  image.height = header.size.height;
  image.width = header.size.width;
  const std::size_t rows = static_cast<std::size_t>(image.height),
                    row_bytes = static_cast<std::size_t>(image.width) * 3;
  const bool transparent =
      notes.has_transparency || header.colour_type == kGreyAlpha || header.colour_type == kRgbAlpha;
  if (usual && !transparent) {
    image.pixels.resize(rows * (row_bytes + 1) + kReadBehind);
    unpack_rows(packed, name, rows, row_bytes, 3, image.pixels.data());
    image.pixels.resize(rows * row_bytes);
    return std::move(notes.scale);
  }
  image.pixels.resize(rows * row_bytes);
  if (header.bits == 16) {
    decode_sixteen_bits(encoded, name, header, limits, image);
  } else if (transparent) {
    decode_transparent(encoded, name, header, image);
  } else {
    decode_rare(encoded, name, SPNG_FMT_RGB8, image.pixels);
  }
  return std::move(notes.scale);
}

void decode_png_mask(Bytes encoded, std::string_view name, const DecodeLimits& limits, Mask& mask) {
  const PngHeader header = png_header(encoded, name, limits);
  if (header.colour_type != kGrey || header.bits < 8) {
    fail_decoding(name,
                  "is a PNG of colour type " + std::to_string(header.colour_type) + " with " +
                      std::to_string(header.bits) +
                      " bits; a class mask must be grey (type 0) with 8 or 16 bits, its numbers the classes");
  }
  PixelBuffer<std::byte> packed;
  check_parts(encoded, name, header.interlaced ? nullptr : &packed);
  const std::size_t rows = static_cast<std::size_t>(header.size.height);
  const std::size_t row_bytes =
      static_cast<std::size_t>(header.size.width) * static_cast<std::size_t>(header.bits / 8);
  // A byte a pixel is unpacked into the second half and widened from the front, which never overtakes what is
  // still to be read.
  const std::size_t pixels =
      static_cast<std::size_t>(header.size.height) * static_cast<std::size_t>(header.size.width);
  mask.height = header.size.height;
  mask.width = header.size.width;
  mask.codes.resize(pixels + (rows + kReadBehind + 1) / 2);
  auto* memory = reinterpret_cast<std::uint8_t*>(mask.codes.data());
  std::uint8_t* stored = header.bits == 8 ? memory + pixels : memory;
  if (header.interlaced) {
    decode_rare(encoded, name, SPNG_FMT_RAW, {stored, rows * row_bytes});
  } else {
    unpack_rows(packed, name, rows, row_bytes, header.bits / 8, stored);
  }
  for (std::size_t i = 0; i < pixels; ++i) {
    mask.codes[i] =
        header.bits == 8 ? stored[i] : static_cast<std::uint16_t>(stored[2 * i] << 8 | stored[2 * i + 1]);
  }
  mask.codes.resize(pixels);
}

}  // namespace histokt
