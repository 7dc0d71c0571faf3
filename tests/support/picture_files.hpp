// Makes the pictures and encoded files that the tests decode.
#pragma once

#include <tiffio.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "imaging/picture.hpp"

namespace histokt::testing {

using Bytes = std::vector<std::byte>;

// Colours that change smoothly, so that lossy formats stay near them, and differ between the channels.
Picture gradient_picture(int height, int width);

// Noise from a fixed seed.
Picture noise_picture(int height, int width);

// OpenCV's encoder for the extension (".png", ".bmp", ".jpg", ".webp").
Bytes encode(const Picture& picture, const std::string& extension);

// A JPEG of inverted inks (cyan, magenta, yellow, black), as picture editors store them.
Bytes encode_cmyk_jpeg(int height, int width, std::uint8_t cyan, std::uint8_t magenta, std::uint8_t yellow,
                       std::uint8_t black);

struct TiffKind {
  std::uint16_t samples = 3;
  std::uint16_t bits = 8;
  std::uint16_t photometric = PHOTOMETRIC_RGB;
  std::uint16_t compression = COMPRESSION_NONE;
  std::uint32_t strip_rows = 7;
  std::uint32_t tile_side = 0;  // 0 is strips
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
