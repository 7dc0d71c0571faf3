// SPDX-License-Identifier: MIT
// Images and encoded files for the tests of decoding.
#pragma once

#include <tiffio.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "imaging/image.hpp"

namespace histokt::testing {

using Bytes = std::vector<std::byte>;

// Colours that change smoothly, so that lossy formats stay near them, and differ between the channels.
Image gradient_image(int height, int width);

// Noise from a fixed seed.
Image noise_image(int height, int width);

// OpenCV's encoder for the extension (".png", ".bmp", ".jpg", ".webp").
Bytes encode(const Image& image, const std::string& extension);

// A JPEG of inverted inks (cyan, magenta, yellow, black), as image editors store them.
Bytes encode_cmyk_jpeg(int height, int width, std::uint8_t cyan, std::uint8_t magenta, std::uint8_t yellow,
                       std::uint8_t black);

// The same colours as a progressive JPEG of several scans.
Bytes encode_progressive_jpeg(const Image& image);

// A JPEG that gives each coefficient of each colour a scan of its own: 190 scans.
Bytes encode_jpeg_of_many_scans(const Image& image);

// A JPEG with an Exif orientation: 1 upright ... 6 a quarter turn, 8 the other way.
Bytes with_exif_orientation(const Bytes& jpeg, int orientation);

struct PngKind {
  std::uint32_t height = 0, width = 0;
  int bits = 8;
  int colour_type =
      2;  // 0 grey, 2 RGB, 3 palette (code c is shown as (c, 0, 255 - c)), 4 grey and alpha, 6 RGBA
  int orientation = 0;  // of an eXIf chunk, if above 0
};

// A PNG whose rows are `rows`, packed as PNG has them but without filter bytes; it may hold fewer rows than
// `kind` promises.
Bytes encode_png(const PngKind& kind, std::span<const std::uint8_t> rows);

struct TiffKind {
  std::uint16_t samples = 3;
  std::uint16_t bits = 8;
  std::uint16_t photometric = PHOTOMETRIC_RGB;
  std::uint16_t compression = COMPRESSION_NONE;
  std::uint32_t strip_rows = 7;
  std::uint32_t tile_side = 0;  // 0 is strips
  std::uint16_t orientation = 1;
};

// A TIFF whose samples are `samples`, in row order, in the machine's byte order.
Bytes encode_tiff(int height, int width, std::span<const std::uint8_t> samples, const TiffKind& kind = {});

// A folder that is removed with this.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::filesystem::path write(const std::string& name, std::span<const std::byte> bytes) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace histokt::testing
