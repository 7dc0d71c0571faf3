// SPDX-License-Identifier: MIT
// TIFF through libtiff. The usual case, 8-bit RGB in strips, is read straight into the image.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "imaging/decoders.hpp"
#include "imaging/sample_depth.hpp"
#include "imaging/tiff_pages.hpp"
#include "imaging/tiff_reader.hpp"

namespace histokt {
namespace {

enum class Alpha {
  kNone,
  kMultiplied,  // the colours were multiplied by it
  kApart,       // the colours were not
  kUnmarked     // a fourth channel that nothing calls alpha
};

struct Layout {
  Size size;
  int bits = 8;
  int samples = 1;
  int photometric = 0;
  int colours = 0;  // samples that are grey, or red, green and blue; 0: left to libtiff
  Alpha alpha = Alpha::kNone;
  bool interleaved = true;
  bool is_signed = false;
  bool tiled = false;
  bool is_jpeg = false;

  bool is_grey() const {
    return photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE;
  }
  // Samples that are read here.
  bool is_plain() const { return colours > 0 && bits >= 8; }
  // Of one strip or tile; each plane has its own where they stand apart.
  int samples_together() const { return interleaved ? samples : 1; }
};

[[noreturn]] void fail_channels(const TiffReader& reader, const Layout& layout, const char* why) {
  reader.fail("has " + std::to_string(layout.samples) + " channels" + why +
              "; expected grey or RGB, with or without alpha. Save it as 8-bit RGB");
}

// Tells colours from alpha. Three samples that are called grey are red, green and blue.
void sort_channels(const TiffReader& reader, Layout& layout) {
  std::uint16_t count = 0;
  const std::uint16_t* kinds = nullptr;
  TIFFGetFieldDefaulted(reader.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds);
  const auto marked = [&](int from_last) {
    return kinds && count > from_last ? kinds[count - 1 - from_last] : std::uint16_t{EXTRASAMPLE_UNSPECIFIED};
  };
  const bool has_alpha = marked(0) == EXTRASAMPLE_ASSOCALPHA || marked(0) == EXTRASAMPLE_UNASSALPHA;
  const bool is_separated = layout.photometric == PHOTOMETRIC_SEPARATED;
  int colours = layout.is_grey() || layout.photometric == PHOTOMETRIC_PALETTE ? 1 : is_separated ? 4 : 3;
  if (layout.is_grey() && layout.samples - (has_alpha ? 1 : 0) == 3 &&
      marked(has_alpha ? 1 : 0) == EXTRASAMPLE_UNSPECIFIED) {
    colours = 3;
    if (layout.photometric == PHOTOMETRIC_MINISBLACK) layout.photometric = PHOTOMETRIC_RGB;
  }
  const bool is_rgb = layout.photometric == PHOTOMETRIC_RGB;
  const int extra = layout.samples - colours;
  if (is_rgb && extra < 0) fail_channels(reader, layout, ", too few for the RGB that it says it is");
  if (extra > 1) fail_channels(reader, layout, "");
  if (!is_rgb && !layout.is_grey()) {
    if (extra > 0) fail_channels(reader, layout, ", one more than its colours");
    return;
  }
  if (extra == 1 && !has_alpha && colours == 1)
    fail_channels(reader, layout, ", of which the second is not marked as alpha");
  layout.colours = colours;
  if (extra == 1) {
    layout.alpha = marked(0) == EXTRASAMPLE_ASSOCALPHA ? Alpha::kMultiplied
                   : has_alpha                         ? Alpha::kApart
                                                       : Alpha::kUnmarked;
  }
}

Layout read_layout(TiffReader& reader, std::string_view name, const DecodeLimits& limits) {
  Layout layout;
  layout.size =
      checked_size(reader.number(TIFFTAG_IMAGELENGTH, 0), reader.number(TIFFTAG_IMAGEWIDTH, 0), name, limits);
  layout.bits = reader.small_number(TIFFTAG_BITSPERSAMPLE);
  layout.samples = reader.small_number(TIFFTAG_SAMPLESPERPIXEL);
  // Required, but left out by some programs.
  layout.photometric = reader.stored_number(TIFFTAG_PHOTOMETRIC)
                           .value_or(static_cast<std::uint16_t>(
                               layout.samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK));
  layout.interleaved =
      layout.samples == 1 || reader.small_number(TIFFTAG_PLANARCONFIG) == PLANARCONFIG_CONTIG;
  const int format = reader.small_number(TIFFTAG_SAMPLEFORMAT);
  layout.is_signed = format == SAMPLEFORMAT_INT;
  if (format == SAMPLEFORMAT_IEEEFP || format > SAMPLEFORMAT_VOID || layout.bits > 16) {
    reader.fail("has samples of " + std::to_string(layout.bits) + " bits" +
                (format == SAMPLEFORMAT_IEEEFP ? ", floating-point numbers" : "") +
                "; expected whole numbers of at most 16 bits. Convert it to 8-bit RGB");
  }
  layout.tiled = TIFFIsTiled(reader.get()) != 0;

  const std::uint16_t compression = reader.small_number(TIFFTAG_COMPRESSION);
  layout.is_jpeg = compression == COMPRESSION_JPEG || compression == COMPRESSION_OJPEG;
  if (!TIFFIsCODECConfigured(compression)) {
    reader.fail("is a TIFF file with compression " + std::to_string(compression) +
                ", which this system's libtiff does not read; convert it to LZW or no compression");
  }
  constexpr int kMostSamples = 16;  // bounds the memory a damaged header can ask for
  if (layout.samples > kMostSamples) {
    reader.fail("has " + std::to_string(layout.samples) +
                " channels; expected grey or RGB, with or without alpha");
  }
  if (layout.tiled) {
    checked_size(reader.number(TIFFTAG_TILELENGTH, 0), reader.number(TIFFTAG_TILEWIDTH, 0),
                 std::string(name) + ": a tile of this TIFF", limits);
  }
  if (compression == COMPRESSION_JPEG && layout.photometric == PHOTOMETRIC_YCBCR && layout.interleaved) {
    TIFFSetField(reader.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    layout.photometric = PHOTOMETRIC_RGB;
  }
  return layout;
}

// A strip or tile that was read: `rows` x `columns` pixels of it lie inside the image.
struct Block {
  int top = 0;
  int left = 0;
  int rows = 0;
  int columns = 0;
  const std::uint8_t* data = nullptr;
  std::size_t row_bytes = 0;
};

// Bytes of the samples of so many pixels in a row.
std::size_t sample_bytes(const Layout& layout, std::size_t columns) {
  return (columns * static_cast<std::size_t>(layout.samples_together()) *
              static_cast<std::size_t>(layout.bits) +
          7) /
         8;
}

template <typename Use>
void for_each_strip(TiffReader& reader, const Layout& layout, int plane, const Use& use) {
  const auto height = static_cast<std::uint32_t>(layout.size.height);
  const std::uint32_t strip_rows = std::min(reader.number(TIFFTAG_ROWSPERSTRIP, height), height);
  const auto row_bytes = static_cast<std::size_t>(TIFFScanlineSize64(reader.get()));
  const auto width = static_cast<std::size_t>(layout.size.width);
  if (strip_rows == 0 || row_bytes != sample_bytes(layout, width)) reader.fail_damaged();
  PixelBuffer<std::uint8_t> buffer(strip_rows * row_bytes);
  std::uint32_t strip = TIFFComputeStrip(reader.get(), 0, static_cast<std::uint16_t>(plane));
  for (std::uint32_t top = 0; top < height; top += strip_rows, ++strip) {
    const std::uint32_t rows = std::min(strip_rows, height - top);
    const auto expected = static_cast<tmsize_t>(rows * row_bytes);
    if (TIFFReadEncodedStrip(reader.get(), strip, buffer.data(), expected) != expected) reader.fail_damaged();
    use(Block{static_cast<int>(top), 0, static_cast<int>(rows), layout.size.width, buffer.data(), row_bytes});
  }
}

template <typename Use>
void for_each_tile(TiffReader& reader, const Layout& layout, int plane, const Use& use) {
  const auto side_down = reader.number(TIFFTAG_TILELENGTH, 0);
  const auto side_right = reader.number(TIFFTAG_TILEWIDTH, 0);
  const auto bytes = TIFFTileSize64(reader.get());
  const auto row_bytes = static_cast<std::size_t>(TIFFTileRowSize64(reader.get()));
  if (row_bytes != sample_bytes(layout, side_right) || bytes != row_bytes * side_down) reader.fail_damaged();
  PixelBuffer<std::uint8_t> buffer(bytes);
  for (std::uint32_t top = 0; top < static_cast<std::uint32_t>(layout.size.height); top += side_down) {
    for (std::uint32_t left = 0; left < static_cast<std::uint32_t>(layout.size.width); left += side_right) {
      const auto tile = TIFFComputeTile(reader.get(), left, top, 0, static_cast<std::uint16_t>(plane));
      if (TIFFReadEncodedTile(reader.get(), tile, buffer.data(), static_cast<tmsize_t>(bytes)) !=
          static_cast<tmsize_t>(bytes)) {
        reader.fail_damaged();
      }
      use(Block{static_cast<int>(top), static_cast<int>(left),
                std::min(static_cast<int>(side_down), layout.size.height - static_cast<int>(top)),
                std::min(static_cast<int>(side_right), layout.size.width - static_cast<int>(left)),
                buffer.data(), row_bytes});
    }
  }
}

// Of one plane where the samples stand in planes, else of all.
template <typename Use>
void for_each_block(TiffReader& reader, const Layout& layout, int plane, const Use& use) {
  if (layout.tiled) return for_each_tile(reader, layout, plane, use);
  for_each_strip(reader, layout, plane, use);
}

// 8-bit RGB strips have the image's own layout.
void read_strips_in_place(TiffReader& reader, const Layout& layout, Image& image) {
  const std::uint32_t height = static_cast<std::uint32_t>(layout.size.height);
  const std::uint32_t strip_rows = std::min(reader.number(TIFFTAG_ROWSPERSTRIP, height), height);
  if (strip_rows == 0 || static_cast<std::size_t>(TIFFScanlineSize64(reader.get())) != image.row_bytes()) {
    reader.fail_damaged();
  }
  std::uint32_t strip = 0;
  for (std::uint32_t top = 0; top < height; top += strip_rows, ++strip) {
    const auto expected = static_cast<tmsize_t>(std::min(strip_rows, height - top) * image.row_bytes());
    if (TIFFReadEncodedStrip(reader.get(), strip, image.row(static_cast<int>(top)).data(), expected) !=
        expected) {
      reader.fail_damaged();
    }
  }
}

// Which bits of the samples count.
SampleDepth depth_of(const TiffReader& reader, const Layout& layout, const DecodeLimits& limits,
                     const TiffDescription& said) {
  using From = SampleDepth::From;
  const int all = layout.is_signed ? layout.bits - 1 : layout.bits;
  if (layout.bits < 16 && !layout.is_signed) return {all, layout.bits, From::kStored};
  if (limits.bits > 0) return {std::min(limits.bits, all), layout.bits, From::kOption, layout.is_signed};
  int named = said.significant_bits;
  double most = 0;
  if (TIFFGetField(reader.get(), TIFFTAG_SMAXSAMPLEVALUE, &most) && most >= 1 && most <= 65535)
    named = std::bit_width(static_cast<unsigned>(most));
  if (const auto value = reader.stored_number(TIFFTAG_MAXSAMPLEVALUE); value && *value > 0)
    named = std::bit_width(unsigned{*value});
  if (named > 0) return {std::min(named, all), layout.bits, From::kTag, layout.is_signed};
  if (layout.is_signed) {
    reader.fail(
        "has signed samples of " + std::to_string(layout.bits) +
        " bits, and no tag that names the largest; set `standardize.bits`: `bits = 12` where a camera "
        "wrote 0 to 4095, `bits = " +
        std::to_string(all) + "` where all bits but the sign count");
  }
  return {all, layout.bits, From::kAssumed};
}

// Stored samples to an image of 8-bit RGB on white.
class PixelReader {
 public:
  // `depth` outlives this.
  PixelReader(TiffReader& reader, const Layout& layout, SampleDepth& depth, Image& image)
      : reader_(reader),
        layout_(layout),
        depth_(depth),
        alpha_depth_(layout.bits, layout.bits, SampleDepth::From::kStored),
        image_(image),
        flip_(layout.photometric == PHOTOMETRIC_MINISWHITE ? 255 : 0) {}

  // The page that the reader stands at. `only`: it is this colour of the image alone, and grey.
  void read_page(std::optional<int> only = std::nullopt) {
    for (int plane = 0; plane < (layout_.interleaved ? 1 : layout_.samples); ++plane) {
      for_each_block(reader_, layout_, plane, [&](const Block& block) {
        for (int y = 0; y < block.rows; ++y) {
          const std::uint8_t* samples =
              eight_bits(block.data + static_cast<std::size_t>(y) * block.row_bytes, block.columns, plane);
          std::uint8_t* rgb = image_.row(block.top + y).data() + static_cast<std::size_t>(block.left) * 3;
          if (only) {
            put_channel(samples, block.columns, *only, rgb);
          } else if (layout_.interleaved) {
            put_pixels(samples, block.columns, rgb);
          } else {
            put_plane(samples, block.columns, plane, rgb);
          }
        }
      });
    }
  }

  // After the page; the depth is checked by whom it belongs to.
  void check_alpha(std::string_view name) const {
    if (is_wide() && layout_.alpha != Alpha::kNone) alpha_depth_.check_alpha(depth_, name);
    if (layout_.alpha == Alpha::kUnmarked && unmarked_and_ != 255 && unmarked_or_ != 0) {
      fail_channels(reader_, layout_, ", of which the fourth is not marked as alpha");
    }
  }

 private:
  bool is_wide() const { return layout_.bits > 8 || layout_.is_signed; }

  // A row of samples, of one plane or of all, in 8 bits each.
  const std::uint8_t* eight_bits(const std::uint8_t* stored, int columns, int plane) {
    if (!is_wide()) return stored;
    const auto together = static_cast<std::size_t>(layout_.samples_together());
    const std::size_t count = static_cast<std::size_t>(columns) * together;
    narrow_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t channel = together == 1 ? static_cast<std::size_t>(plane) : i % together;
      SampleDepth& depth = channel < static_cast<std::size_t>(layout_.colours) ? depth_ : alpha_depth_;
      narrow_[i] = depth.narrow(sample(stored, i));
    }
    return narrow_.data();
  }

  // The sample of that index in a row. Samples of 9 to 15 bits stand without gaps, the highest bit first.
  std::uint16_t sample(const std::uint8_t* stored, std::size_t index) const {
    if (layout_.bits == 8) return stored[index];
    std::uint16_t value = 0;
    if (layout_.bits == 16) {
      std::memcpy(&value, stored + 2 * index, sizeof value);
      return value;
    }
    const auto bits = static_cast<std::size_t>(layout_.bits);
    for (std::size_t at = index * bits; at < (index + 1) * bits; ++at) {
      value = static_cast<std::uint16_t>(value << 1 | (stored[at / 8] >> (7 - at % 8) & 1));
    }
    return value;
  }

  void put_channel(const std::uint8_t* samples, int columns, int channel, std::uint8_t* rgb) const {
    for (int x = 0; x < columns; ++x) rgb[3 * x + channel] = samples[x] ^ flip_;
  }

  void put_plane(const std::uint8_t* samples, int columns, int plane, std::uint8_t* rgb) {
    if (plane >= layout_.colours) {
      for (int x = 0; x < columns; ++x, rgb += 3) lay_on_white(samples[x], rgb);
    } else if (layout_.colours == 3) {
      put_channel(samples, columns, plane, rgb);
    } else {
      for (int channel = 0; channel < 3; ++channel) put_channel(samples, columns, channel, rgb);
    }
  }

  void put_pixels(const std::uint8_t* samples, int columns, std::uint8_t* rgb) {
    const std::ptrdiff_t step = layout_.colours == 1 ? 0 : 1;
    for (int x = 0; x < columns; ++x, samples += layout_.samples, rgb += 3) {
      for (int c = 0; c < 3; ++c) rgb[c] = samples[c * step] ^ flip_;
      if (layout_.alpha != Alpha::kNone) lay_on_white(samples[layout_.colours], rgb);
    }
  }

  void lay_on_white(std::uint8_t opacity, std::uint8_t* rgb) {
    if (layout_.alpha == Alpha::kUnmarked) {
      unmarked_and_ &= opacity;
      unmarked_or_ |= opacity;
      return;
    }
    for (int c = 0; c < 3; ++c) {
      rgb[c] = layout_.alpha == Alpha::kApart
                   ? on_white(rgb[c], opacity)
                   : static_cast<std::uint8_t>(std::min(rgb[c] + 255 - opacity, 255));
    }
  }

  TiffReader& reader_;
  const Layout layout_;
  SampleDepth& depth_;
  SampleDepth alpha_depth_;
  Image& image_;
  std::uint8_t flip_;
  std::vector<std::uint8_t> narrow_;
  std::uint8_t unmarked_and_ = 255, unmarked_or_ = 0;
};

// Palettes of 8 bits; libtiff's own way is strict about how tiles are filled up.
void read_palette(TiffReader& reader, const Layout& layout, Image& image) {
  const std::uint16_t* table[3] = {};
  if (!TIFFGetField(reader.get(), TIFFTAG_COLORMAP, &table[0], &table[1], &table[2])) reader.fail_damaged();
  constexpr std::size_t kEntries = 256;
  // Old programs wrote 8-bit entries, which libtiff tells by their size.
  const bool is_wide = std::any_of(std::begin(table), std::end(table), [](const std::uint16_t* colour) {
    return std::any_of(colour, colour + kEntries, [](std::uint16_t value) { return value >= 256; });
  });
  for_each_block(reader, layout, 0, [&](const Block& block) {
    for (int y = 0; y < block.rows; ++y) {
      const std::uint8_t* codes = block.data + static_cast<std::size_t>(y) * block.row_bytes;
      std::uint8_t* rgb = image.row(block.top + y).data() + static_cast<std::size_t>(block.left) * 3;
      for (int x = 0; x < block.columns; ++x, rgb += 3) {
        for (int c = 0; c < 3; ++c) {
          const unsigned value = table[c][codes[x]];
          rgb[c] = static_cast<std::uint8_t>(is_wide ? value >> 8 : value);
        }
      }
    }
  });
}

// Cyan, magenta, yellow and black of 8 bits: what black leaves of the light, less the ink.
void read_inks(TiffReader& reader, const Layout& layout, Image& image) {
  const auto put = [](int ink, int dark) {
    return static_cast<std::uint8_t>((255 - dark) * (255 - ink) / 255);
  };
  if (layout.interleaved) {
    for_each_block(reader, layout, 0, [&](const Block& block) {
      for (int y = 0; y < block.rows; ++y) {
        const std::uint8_t* inks = block.data + static_cast<std::size_t>(y) * block.row_bytes;
        std::uint8_t* rgb = image.row(block.top + y).data() + static_cast<std::size_t>(block.left) * 3;
        for (int x = 0; x < block.columns; ++x, inks += 4, rgb += 3) {
          for (int c = 0; c < 3; ++c) rgb[c] = put(inks[c], inks[3]);
        }
      }
    });
    return;
  }
  for (int plane = 0; plane < 4; ++plane) {
    for_each_block(reader, layout, plane, [&](const Block& block) {
      for (int y = 0; y < block.rows; ++y) {
        const std::uint8_t* inks = block.data + static_cast<std::size_t>(y) * block.row_bytes;
        std::uint8_t* rgb = image.row(block.top + y).data() + static_cast<std::size_t>(block.left) * 3;
        for (int x = 0; x < block.columns; ++x, rgb += 3) {
          if (plane < 3) {
            rgb[plane] = inks[x];
          } else {
            for (int c = 0; c < 3; ++c) rgb[c] = put(rgb[c], inks[x]);
          }
        }
      }
    });
  }
}

// YCbCr, CIE L*a*b*, fewer than 8 bits and other rare ones: libtiff converts them.
void read_through_rgba(TiffReader& reader, const Layout& layout, Image& image) {
  char reason[1024] = "";
  TIFFRGBAImage rgba;
  if (!TIFFRGBAImageOK(reader.get(), reason) || !TIFFRGBAImageBegin(&rgba, reader.get(), 1, reason)) {
    reader.fail("is a TIFF file of a kind that cannot be shown as RGB (" + std::string(reason) +
                "); convert it to 8-bit RGB");
  }
  rgba.req_orientation = rgba.orientation;  // nothing is turned
  PixelBuffer<std::uint32_t> raster(static_cast<std::size_t>(layout.size.height) * layout.size.width);
  const int done = TIFFRGBAImageGet(&rgba, raster.data(), static_cast<std::uint32_t>(layout.size.width),
                                    static_cast<std::uint32_t>(layout.size.height));
  TIFFRGBAImageEnd(&rgba);
  if (!done) reader.fail_damaged();
  std::uint8_t* rgb = image.pixels.data();
  for (const std::uint32_t pixel : raster) {
    // The colours come multiplied by the opacity.
    const unsigned white = 255 - TIFFGetA(pixel);
    *rgb++ = static_cast<std::uint8_t>(std::min(TIFFGetR(pixel) + white, 255u));
    *rgb++ = static_cast<std::uint8_t>(std::min(TIFFGetG(pixel) + white, 255u));
    *rgb++ = static_cast<std::uint8_t>(std::min(TIFFGetB(pixel) + white, 255u));
  }
}

// Three grey pages, of which `first` is the first one.
void read_colours(TiffReader& reader, const TiffImage& chosen, const Layout& first, std::string_view name,
                  const DecodeLimits& limits, Image& image) {
  SampleDepth depth = depth_of(reader, first, limits, chosen.description);
  for (int colour = 0; colour < 3; ++colour) {
    if (!reader.move_to(chosen.pages[static_cast<std::size_t>(colour)])) reader.fail_damaged();
    Layout page = read_layout(reader, name, limits);
    sort_channels(reader, page);
    if (!page.is_plain() || page.bits != first.bits || page.is_signed != first.is_signed) {
      reader.fail(
          "has three grey pages whose samples differ or have fewer than 8 bits; expected 8 or 16 bits in "
          "each. Save the image as one RGB page");
    }
    PixelReader(reader, page, depth, image).read_page(colour);
  }
  depth.check(name);
}

void read_pixels(TiffReader& reader, const TiffImage& chosen, std::string_view name,
                 const DecodeLimits& limits, Image& image) {
  Layout layout = read_layout(reader, name, limits);
  sort_channels(reader, layout);
  if (layout.bits < 8 && layout.is_signed)
    reader.fail("has signed samples of fewer than 8 bits; convert it to 8-bit RGB");
  image.resize(layout.size.height, layout.size.width);
  const bool warned_before = reader.has_warned();
  const bool in_place = layout.colours == 3 && layout.photometric == PHOTOMETRIC_RGB && layout.bits == 8 &&
                        !layout.is_signed && layout.samples == 3 && layout.interleaved && !layout.tiled;
  if (chosen.pages.size() == 3) {
    read_colours(reader, chosen, layout, name, limits, image);
  } else if (in_place) {
    read_strips_in_place(reader, layout, image);
  } else if (layout.is_plain()) {
    SampleDepth depth = depth_of(reader, layout, limits, chosen.description);
    PixelReader pixels(reader, layout, depth, image);
    pixels.read_page();
    depth.check(name);
    pixels.check_alpha(name);
  } else if (layout.photometric == PHOTOMETRIC_PALETTE && layout.bits == 8 && layout.samples == 1 &&
             !layout.is_signed) {
    read_palette(reader, layout, image);
  } else if (layout.photometric == PHOTOMETRIC_SEPARATED && layout.bits == 8 && layout.samples == 4 &&
             !layout.is_signed && reader.small_number(TIFFTAG_INKSET) == INKSET_CMYK) {
    read_inks(reader, layout, image);
  } else {
    read_through_rgba(reader, layout, image);
  }
  // JPEG data that ends early only makes libtiff warn.
  if (layout.is_jpeg && reader.has_warned() && !warned_before) reader.fail_damaged();
}

}  // namespace

std::optional<StatedScale> decode_tiff(const EncodedBytes& source, std::string_view name,
                                       const DecodeLimits& limits, Image& image) {
  TiffReader reader(source, name, limits);
  TiffImage chosen = choose_tiff_pages(reader);
  read_pixels(reader, chosen, name, limits, image);
  return std::move(chosen.scale);
}

void decode_tiff_mask(const EncodedBytes& source, std::string_view name, const DecodeLimits& limits,
                      Mask& mask) {
  TiffReader reader(source, name, limits);
  const TiffImage chosen = choose_tiff_pages(reader);
  const Layout layout = read_layout(reader, name, limits);
  if (chosen.pages.size() != 1 || (layout.bits != 8 && layout.bits != 16) || layout.is_signed ||
      layout.samples != 1 || layout.is_jpeg) {
    reader.fail(
        "is a TIFF with " +
        std::to_string(std::max<std::size_t>(chosen.pages.size(), static_cast<std::size_t>(layout.samples))) +
        " channels of " + std::to_string(layout.bits) +
        " bits; a class mask must have one channel of 8 or 16 bits without JPEG compression");
  }
  mask.resize(layout.size.height, layout.size.width);
  for_each_block(reader, layout, 0, [&](const Block& block) {
    for (int y = 0; y < block.rows; ++y) {
      const std::uint8_t* from = block.data + static_cast<std::size_t>(y) * block.row_bytes;
      std::uint16_t* to = mask.row(block.top + y).data() + block.left;
      if (layout.bits == 8) {
        std::copy_n(from, block.columns, to);
      } else {
        std::copy_n(reinterpret_cast<const std::uint16_t*>(from), block.columns, to);
      }
    }
  });
}

}  // namespace histokt
