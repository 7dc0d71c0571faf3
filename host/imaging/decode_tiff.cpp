// SPDX-License-Identifier: MIT
// TIFF through libtiff. The usual case, 8-bit RGB in strips, is read straight into the image.
#include <tiffio.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "imaging/decoders.hpp"

namespace histokt {
namespace {

static_assert(TIFFLIB_VERSION >= 20221213, "libtiff 4.5 or later is needed: it reports errors by handle");

// One open TIFF at its first page.
class TiffReader {
 public:
  TiffReader(const EncodedBytes& source, std::string_view name, const DecodeLimits& limits)
      : source_(source), name_(name) {
    std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                             &TIFFOpenOptionsFree);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), &TiffReader::note_error, this);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), &TiffReader::note_warning, this);
    // What libtiff takes by itself is in proportion to what an image may take: four samples of 16 bits a
    // pixel.
    TIFFOpenOptionsSetMaxSingleMemAlloc(
        options.get(),
        static_cast<tmsize_t>(std::min<std::int64_t>(limits.max_pixels, 1'000'000'000'000) * 8 + (1 << 24)));
    // m: no memory mapping, as a file that shrinks under a mapping kills the process; c: no splitting of
    // strips.
    tiff_ = TIFFClientOpenExt(name_.c_str(), "rmc", this, &TiffReader::read, &TiffReader::write,
                              &TiffReader::seek, &TiffReader::close, &TiffReader::size, nullptr, nullptr,
                              options.get());
    if (!tiff_) fail_damaged();
  }
  ~TiffReader() {
    if (tiff_) TIFFClose(tiff_);
  }
  TiffReader(const TiffReader&) = delete;
  TiffReader& operator=(const TiffReader&) = delete;

  TIFF* get() const { return tiff_; }
  bool has_warned() const { return has_warned_; }

  [[noreturn]] void fail(const std::string& what) const { fail_decoding(name_, what); }
  [[noreturn]] void fail_damaged() const {
    fail("is a damaged or cut off TIFF file (" + (fault_.empty() ? "it cannot be read" : fault_) +
         "); copy or download it again");
  }

  std::uint32_t number(std::uint32_t tag, std::uint32_t otherwise) const {
    std::uint32_t value = 0;
    return TIFFGetField(tiff_, tag, &value) ? value : otherwise;
  }
  std::uint16_t small_number(std::uint32_t tag) const {
    std::uint16_t value = 0;
    TIFFGetFieldDefaulted(tiff_, tag, &value);
    return value;
  }

 private:
  static TiffReader& self(thandle_t handle) { return *static_cast<TiffReader*>(handle); }

  static tmsize_t read(thandle_t handle, void* out, tmsize_t count) {
    TiffReader& reader = self(handle);
    const auto done = reader.read_on({static_cast<std::byte*>(out), static_cast<std::size_t>(count)});
    if (done > 0) reader.position_ += static_cast<std::uint64_t>(done);
    return done;
  }
  // Strips may be as short as a row, and a system call for each takes longer than to unpack it.
  std::ptrdiff_t read_on(std::span<std::byte> out) {
    if (out.size() > kReadAhead / 4) return source_.read_at(position_, out);
    const auto is_held = [&] {
      return position_ >= ahead_from_ && position_ - ahead_from_ <= ahead_.size() &&
             out.size() <= ahead_.size() - (position_ - ahead_from_);
    };
    if (!is_held()) {
      ahead_.resize(kReadAhead);
      const auto count = source_.read_at(position_, ahead_);
      ahead_from_ = position_;
      ahead_.resize(static_cast<std::size_t>(std::max<std::ptrdiff_t>(count, 0)));
      if (count < 0) return count;
    }
    const std::size_t count =
        std::min(out.size(), ahead_.size() - static_cast<std::size_t>(position_ - ahead_from_));
    std::memcpy(out.data(), ahead_.data() + (position_ - ahead_from_), count);
    return static_cast<std::ptrdiff_t>(count);
  }
  static tmsize_t write(thandle_t, void*, tmsize_t) { return -1; }
  static toff_t seek(thandle_t handle, toff_t offset, int whence) {
    TiffReader& reader = self(handle);
    const std::uint64_t base = whence == SEEK_CUR   ? reader.position_
                               : whence == SEEK_END ? reader.source_.size()
                                                    : 0;
    return reader.position_ = base + offset;
  }
  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t handle) { return self(handle).source_.size(); }

  // The first fault is the cause; what follows are its consequences.
  static int note_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
    TiffReader& reader = self(user);
    if (reader.fault_.empty()) {
      char text[512];
      std::vsnprintf(text, sizeof text, format, arguments);
      reader.fault_ = text;
      if (reader.fault_.ends_with('.')) reader.fault_.pop_back();
    }
    return 1;
  }
  static int note_warning(TIFF* tiff, void* user, const char* module, const char* format, va_list arguments) {
    self(user).has_warned_ = true;
    if (tiff && module && std::string_view(module).starts_with("JPEG")) {
      note_error(tiff, user, module, format, arguments);
    }
    return 1;
  }

  const EncodedBytes& source_;
  std::string name_;
  TIFF* tiff_ = nullptr;
  std::uint64_t position_ = 0;
  static constexpr std::size_t kReadAhead = 256 << 10;
  std::vector<std::byte> ahead_;  // what stands in the source from ahead_from_ on
  std::uint64_t ahead_from_ = 0;
  std::string fault_;
  bool has_warned_ = false;
};

struct Layout {
  Size size;
  int bits = 8;
  int samples = 1;
  int photometric = 0;
  bool interleaved = true;
  bool unsigned_integers = true;
  bool tiled = false;
  bool is_jpeg = false;

  bool is_grey() const {
    return photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE;
  }
  bool is_rgb() const { return photometric == PHOTOMETRIC_RGB && samples >= 3; }
  bool is_plain() const { return interleaved && unsigned_integers && (bits == 8 || bits == 16); }
};

Layout read_layout(TiffReader& reader, std::string_view name, const DecodeLimits& limits) {
  Layout layout;
  layout.size =
      checked_size(reader.number(TIFFTAG_IMAGELENGTH, 0), reader.number(TIFFTAG_IMAGEWIDTH, 0), name, limits);
  layout.bits = reader.small_number(TIFFTAG_BITSPERSAMPLE);
  layout.samples = reader.small_number(TIFFTAG_SAMPLESPERPIXEL);
  layout.photometric = reader.small_number(TIFFTAG_PHOTOMETRIC);
  layout.interleaved =
      layout.samples == 1 || reader.small_number(TIFFTAG_PLANARCONFIG) == PLANARCONFIG_CONTIG;
  const int format = reader.small_number(TIFFTAG_SAMPLEFORMAT);
  layout.unsigned_integers = format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID;
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
  return columns * static_cast<std::size_t>(layout.samples) * static_cast<std::size_t>(layout.bits) / 8;
}

template <typename Use>
void for_each_strip(TiffReader& reader, const Layout& layout, const Use& use) {
  const auto height = static_cast<std::uint32_t>(layout.size.height);
  const std::uint32_t strip_rows = std::min(reader.number(TIFFTAG_ROWSPERSTRIP, height), height);
  const auto row_bytes = static_cast<std::size_t>(TIFFScanlineSize64(reader.get()));
  const auto width = static_cast<std::size_t>(layout.size.width);
  if (strip_rows == 0 || row_bytes != sample_bytes(layout, width)) reader.fail_damaged();
  PixelBuffer<std::uint8_t> buffer(strip_rows * row_bytes);
  std::uint32_t strip = 0;
  for (std::uint32_t top = 0; top < height; top += strip_rows, ++strip) {
    const std::uint32_t rows = std::min(strip_rows, height - top);
    const auto expected = static_cast<tmsize_t>(rows * row_bytes);
    if (TIFFReadEncodedStrip(reader.get(), strip, buffer.data(), expected) != expected) reader.fail_damaged();
    use(Block{static_cast<int>(top), 0, static_cast<int>(rows), layout.size.width, buffer.data(), row_bytes});
  }
}

template <typename Use>
void for_each_tile(TiffReader& reader, const Layout& layout, const Use& use) {
  const auto side_down = reader.number(TIFFTAG_TILELENGTH, 0);
  const auto side_right = reader.number(TIFFTAG_TILEWIDTH, 0);
  const auto bytes = TIFFTileSize64(reader.get());
  const auto row_bytes = static_cast<std::size_t>(TIFFTileRowSize64(reader.get()));
  if (row_bytes != sample_bytes(layout, side_right) || bytes != row_bytes * side_down) reader.fail_damaged();
  PixelBuffer<std::uint8_t> buffer(bytes);
  for (std::uint32_t top = 0; top < static_cast<std::uint32_t>(layout.size.height); top += side_down) {
    for (std::uint32_t left = 0; left < static_cast<std::uint32_t>(layout.size.width); left += side_right) {
      const auto tile = TIFFComputeTile(reader.get(), left, top, 0, 0);
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

template <typename Use>
void for_each_block(TiffReader& reader, const Layout& layout, const Use& use) {
  if (layout.tiled) return for_each_tile(reader, layout, use);
  for_each_strip(reader, layout, use);
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

// One row of samples to RGB; of 16 bits the upper 8 are kept, channels beyond the third are alpha.
template <typename Sample>
void convert_row(const Sample* samples, int columns, const Layout& layout, std::uint8_t* rgb) {
  constexpr int kShift = 8 * (sizeof(Sample) - 1);
  const std::uint8_t flip = layout.photometric == PHOTOMETRIC_MINISWHITE ? 255 : 0;
  const std::ptrdiff_t step = layout.is_grey() ? 0 : 1;
  for (int x = 0; x < columns; ++x, samples += layout.samples, rgb += 3) {
    for (int c = 0; c < 3; ++c) rgb[c] = static_cast<std::uint8_t>(samples[c * step] >> kShift) ^ flip;
  }
}

void read_and_convert(TiffReader& reader, const Layout& layout, Image& image) {
  for_each_block(reader, layout, [&](const Block& block) {
    for (int y = 0; y < block.rows; ++y) {
      const std::uint8_t* from = block.data + static_cast<std::size_t>(y) * block.row_bytes;
      std::uint8_t* to = image.row(block.top + y).data() + static_cast<std::size_t>(block.left) * 3;
      if (layout.bits == 8) {
        convert_row(from, block.columns, layout, to);
      } else {
        convert_row(reinterpret_cast<const std::uint16_t*>(from), block.columns, layout, to);
      }
    }
  });
}

// Palettes, YCbCr, CMYK, CIE L*a*b*, separate planes, odd numbers of bits: libtiff converts them.
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
    *rgb++ = static_cast<std::uint8_t>(TIFFGetR(pixel));
    *rgb++ = static_cast<std::uint8_t>(TIFFGetG(pixel));
    *rgb++ = static_cast<std::uint8_t>(TIFFGetB(pixel));
  }
}

void read_pixels(TiffReader& reader, const Layout& layout, Image& image) {
  if (!layout.is_plain() || !(layout.is_rgb() || layout.is_grey())) {
    return read_through_rgba(reader, layout, image);
  }
  const bool in_place = layout.is_rgb() && layout.bits == 8 && layout.samples == 3 && !layout.tiled;
  in_place ? read_strips_in_place(reader, layout, image) : read_and_convert(reader, layout, image);
}

}  // namespace

void decode_tiff(const EncodedBytes& source, std::string_view name, const DecodeLimits& limits,
                 Image& image) {
  TiffReader reader(source, name, limits);
  const Layout layout = read_layout(reader, name, limits);
  image.resize(layout.size.height, layout.size.width);
  const bool warned_before = reader.has_warned();
  read_pixels(reader, layout, image);
  // JPEG data that ends early only makes libtiff warn.
  if (layout.is_jpeg && reader.has_warned() && !warned_before) reader.fail_damaged();
}

void decode_tiff_mask(const EncodedBytes& source, std::string_view name, const DecodeLimits& limits,
                      Mask& mask) {
  TiffReader reader(source, name, limits);
  const Layout layout = read_layout(reader, name, limits);
  if (!layout.is_plain() || layout.samples != 1 || layout.is_jpeg) {
    reader.fail("is a TIFF with " + std::to_string(layout.samples) + " channels of " +
                std::to_string(layout.bits) +
                " bits; a class mask must have one channel of 8 or 16 bits without JPEG compression");
  }
  mask.resize(layout.size.height, layout.size.width);
  for_each_block(reader, layout, [&](const Block& block) {
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
