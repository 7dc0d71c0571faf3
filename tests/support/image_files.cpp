// SPDX-License-Identifier: MIT
#include "support/image_files.hpp"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <random>
#include <stdexcept>

// After <cstdio>, which it needs.
#include <jpeglib.h>

namespace histokt::testing {
namespace {

Bytes bytes_of(const void* data, std::size_t count) {
  const auto* start = static_cast<const std::byte*>(data);
  return {start, start + count};
}

Bytes bytes_of(const std::filesystem::path& file) {
  std::ifstream input(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(input), {}};
  return bytes_of(text.data(), text.size());
}

void write_tiles(TIFF* tiff, int height, int width, const std::uint8_t* samples, std::size_t pixel_bytes,
                 std::uint32_t side) {
  std::vector<std::uint8_t> tile(side * side * pixel_bytes);
  for (std::uint32_t top = 0; top < static_cast<std::uint32_t>(height); top += side) {
    for (std::uint32_t left = 0; left < static_cast<std::uint32_t>(width); left += side) {
      const std::size_t columns = std::min<std::size_t>(side, static_cast<std::size_t>(width) - left);
      for (std::uint32_t y = 0; y < side && top + y < static_cast<std::uint32_t>(height); ++y) {
        const auto* from = samples + (static_cast<std::size_t>(top + y) * width + left) * pixel_bytes;
        std::copy_n(from, columns * pixel_bytes,
                    tile.begin() + static_cast<std::ptrdiff_t>(y * side * pixel_bytes));
      }
      TIFFWriteTile(tiff, tile.data(), left, top, 0, 0);
    }
  }
}

}  // namespace

Image gradient_image(int height, int width) {
  Image image;
  image.resize(height, width);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const std::uint8_t colour[] = {static_cast<std::uint8_t>(40 + 180 * x / width),
                                     static_cast<std::uint8_t>(220 - 150 * y / height),
                                     static_cast<std::uint8_t>(60 + 100 * (x + y) / (width + height))};
      std::copy_n(colour, 3, &image.row(y)[3 * static_cast<std::size_t>(x)]);
    }
  }
  return image;
}

Image noise_image(int height, int width) {
  Image image;
  image.resize(height, width);
  std::mt19937 random(7);
  for (auto& value : image.pixels) value = static_cast<std::uint8_t>(random() >> 24);
  return image;
}

Bytes encode(const Image& image, const std::string& extension) {
  const cv::Mat rgb(image.height, image.width, CV_8UC3, const_cast<std::uint8_t*>(image.pixels.data()));
  cv::Mat bgr;
  cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
  std::vector<unsigned char> encoded;
  if (!cv::imencode(extension, bgr, encoded, {}))
    throw std::runtime_error("OpenCV cannot write " + extension);
  return bytes_of(encoded.data(), encoded.size());
}

Bytes encode_cmyk_jpeg(int height, int width, std::uint8_t cyan, std::uint8_t magenta, std::uint8_t yellow,
                       std::uint8_t black) {
  jpeg_compress_struct state{};
  jpeg_error_mgr errors{};
  state.err = jpeg_std_error(&errors);
  jpeg_create_compress(&state);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&state, &data, &size);
  state.image_height = static_cast<JDIMENSION>(height);
  state.image_width = static_cast<JDIMENSION>(width);
  state.input_components = 4;
  state.in_color_space = JCS_CMYK;
  jpeg_set_defaults(&state);
  jpeg_set_quality(&state, 100, TRUE);
  jpeg_start_compress(&state, TRUE);
  std::vector<unsigned char> row;
  for (int x = 0; x < width; ++x) {
    for (const int ink : {cyan, magenta, yellow, black}) row.push_back(static_cast<unsigned char>(255 - ink));
  }
  for (int y = 0; y < height; ++y) {
    unsigned char* start = row.data();
    jpeg_write_scanlines(&state, &start, 1);
  }
  jpeg_finish_compress(&state);
  jpeg_destroy_compress(&state);
  Bytes bytes = bytes_of(data, size);
  std::free(data);
  return bytes;
}

Bytes encode_progressive_jpeg(const Image& image) {
  const cv::Mat rgb(image.height, image.width, CV_8UC3, const_cast<std::uint8_t*>(image.pixels.data()));
  cv::Mat bgr;
  cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
  std::vector<unsigned char> encoded;
  cv::imencode(".jpg", bgr, encoded, {cv::IMWRITE_JPEG_PROGRESSIVE, 1});
  return bytes_of(encoded.data(), encoded.size());
}

Bytes encode_jpeg_of_many_scans(const Image& image) {
  jpeg_compress_struct state{};
  jpeg_error_mgr errors{};
  state.err = jpeg_std_error(&errors);
  jpeg_create_compress(&state);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&state, &data, &size);
  state.image_height = static_cast<JDIMENSION>(image.height);
  state.image_width = static_cast<JDIMENSION>(image.width);
  state.input_components = 3;
  state.in_color_space = JCS_RGB;
  jpeg_set_defaults(&state);
  std::vector<jpeg_scan_info> scans = {{3, {0, 1, 2, 0}, 0, 0, 0, 0}};
  for (int colour = 0; colour < 3; ++colour) {
    for (int coefficient = 1; coefficient < 64; ++coefficient) {
      scans.push_back({1, {colour, 0, 0, 0}, coefficient, coefficient, 0, 0});
    }
  }
  state.scan_info = scans.data();
  state.num_scans = static_cast<int>(scans.size());
  jpeg_start_compress(&state, TRUE);
  for (int y = 0; y < image.height; ++y) {
    auto* row = const_cast<unsigned char*>(image.row(y).data());
    jpeg_write_scanlines(&state, &row, 1);
  }
  jpeg_finish_compress(&state);
  jpeg_destroy_compress(&state);
  Bytes bytes = bytes_of(data, size);
  std::free(data);
  return bytes;
}

Bytes with_exif_orientation(const Bytes& jpeg, int orientation) {
  const unsigned char segment[] = {
      0xFF, 0xE1, 0,    34, 'E', 'x', 'i', 'f', 0, 0, 'I',
      'I',  42,   0,    8,  0,   0,   0,  // TIFF header
      1,    0,    0x12, 1,  3,   0,   1,   0,   0, 0, static_cast<unsigned char>(orientation),
      0,    0,    0,    0,  0,   0,   0};
  Bytes turned(jpeg.begin(), jpeg.begin() + 2);
  const Bytes note = bytes_of(segment, sizeof segment);
  turned.insert(turned.end(), note.begin(), note.end());
  turned.insert(turned.end(), jpeg.begin() + 2, jpeg.end());
  return turned;
}

Bytes encode_png(const PngKind& kind, std::span<const std::uint8_t> rows) {
  std::string bytes = "\x89PNG\r\n\x1A\n";
  const auto big_endian = [](std::uint32_t value) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
    return text;
  };
  const auto chunk = [&](const std::string& type, const std::string& data) {
    const std::string checked = type + data;
    const auto sum =
        ::crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
    bytes += big_endian(static_cast<std::uint32_t>(data.size())) + checked +
             big_endian(static_cast<std::uint32_t>(sum));
  };
  chunk("IHDR", big_endian(kind.width) + big_endian(kind.height) + static_cast<char>(kind.bits) +
                    static_cast<char>(kind.colour_type) + std::string(3, '\0'));
  if (kind.orientation > 0) {
    const char note[] = {
        'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, static_cast<char>(kind.orientation),
        0,   0,   0,  0, 0, 0, 0};
    chunk("eXIf", std::string(note, sizeof note));
  }
  if (kind.colour_type == 3) {
    std::string palette;
    for (int code = 0; code < 1 << kind.bits; ++code) {
      palette += {static_cast<char>(code), '\0', static_cast<char>(255 - code)};
    }
    chunk("PLTE", palette);
  }
  constexpr int kChannels[] = {1, 0, 3, 1, 2, 0, 4};
  const std::size_t row_bytes =
      (std::size_t{kind.width} * static_cast<std::size_t>(kChannels[kind.colour_type] * kind.bits) + 7) / 8;
  std::string filtered;
  for (std::size_t at = 0; at + row_bytes <= rows.size(); at += row_bytes) {
    filtered += '\0';
    filtered.append(reinterpret_cast<const char*>(rows.data()) + at, row_bytes);
  }
  uLongf size = ::compressBound(static_cast<uLong>(filtered.size()));
  std::string packed(size, '\0');
  ::compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(filtered.data()),
              static_cast<uLong>(filtered.size()), 1);
  chunk("IDAT", packed.substr(0, size));
  chunk("IEND", "");
  return bytes_of(bytes.data(), bytes.size());
}

namespace {

void write_page(TIFF* tiff, int height, int width, std::span<const std::uint8_t> samples,
                const TiffKind& kind) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind.samples);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind.bits);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind.photometric);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind.compression);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, kind.orientation);
  if (kind.photometric == PHOTOMETRIC_RGB && kind.samples == 4) {
    const std::uint16_t alpha = EXTRASAMPLE_UNASSALPHA;
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
  }
  if (kind.photometric == PHOTOMETRIC_PALETTE) {  // the code c is shown as (c, 0, 255 - c)
    std::vector<std::uint16_t> red(256), green(256, 0), blue(256);
    for (int code = 0; code < 256; ++code) {
      red[code] = static_cast<std::uint16_t>(257 * code);
      blue[code] = static_cast<std::uint16_t>(257 * (255 - code));
    }
    TIFFSetField(tiff, TIFFTAG_COLORMAP, red.data(), green.data(), blue.data());
  }
  const std::size_t pixel_bytes = static_cast<std::size_t>(kind.samples) * kind.bits / 8;
  if (kind.tile_side) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, kind.tile_side);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, kind.tile_side);
    write_tiles(tiff, height, width, samples.data(), pixel_bytes, kind.tile_side);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kind.strip_rows);
    for (int y = 0; y < height; ++y) {
      const auto* row = samples.data() + static_cast<std::size_t>(y) * width * pixel_bytes;
      TIFFWriteScanline(tiff, const_cast<std::uint8_t*>(row), static_cast<std::uint32_t>(y), 0);
    }
  }
  TIFFWriteDirectory(tiff);
}

}  // namespace

Bytes encode_tiff(int height, int width, std::span<const std::uint8_t> samples, const TiffKind& kind) {
  const ScratchFolder scratch;
  const auto file = scratch.path() / "image.tif";
  TIFF* tiff = TIFFOpen(file.c_str(), "w");
  if (!tiff) throw std::runtime_error("libtiff cannot write " + file.string());
  write_page(tiff, height, width, samples, kind);
  TIFFClose(tiff);
  return bytes_of(file);
}

ScratchFolder::ScratchFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "histokt-imaging-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("no scratch folder can be made");
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path ScratchFolder::write(const std::string& name, std::span<const std::byte> bytes) const {
  const auto file = path_ / name;
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return file;
}

}  // namespace histokt::testing
