// SPDX-License-Identifier: MIT
#include "support/stand_in_files.hpp"

#include <hdf5.h>
#include <png.h>
#include <tiffio.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>

// After <cstdio>, which it needs.
#include <jpeglib.h>

namespace histokt::test {
namespace {

namespace fs = std::filesystem;

void require(bool done, const fs::path& file) {
  if (!done) throw std::runtime_error(file.string() + " cannot be written");
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File open_to_write(const fs::path& file) {
  fs::create_directories(file.parent_path());
  File stream(std::fopen(file.c_str(), "wb"), std::fclose);
  require(stream != nullptr, file);
  return stream;
}

void append(std::string& bytes, std::uint64_t number, int size) {
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(number >> (8 * i));
}

void write_png_rows(const fs::path& file, int height, int width, int depth, int colour,
                    const std::uint8_t* bytes, std::size_t row_bytes) {
  const File stream = open_to_write(file);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    require(false, file);
  }
  png_init_io(png, stream.get());
  png_set_compression_level(png, 1);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), depth, colour,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (int y = 0; y < height; ++y) png_write_row(png, bytes + static_cast<std::size_t>(y) * row_bytes);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
}

// An identifier of the HDF5 library.
class Id {
 public:
  Id(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {
    if (id < 0) throw std::runtime_error("an HDF5 file cannot be written");
  }
  ~Id() { close_(id_); }
  Id(const Id&) = delete;
  Id& operator=(const Id&) = delete;
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

std::vector<std::uint8_t> deflated(std::span<const std::uint8_t> bytes) {
  uLongf size = compressBound(bytes.size());
  std::vector<std::uint8_t> packed(size);
  compress2(packed.data(), &size, bytes.data(), bytes.size(), 1);
  packed.resize(size);
  return packed;
}

}  // namespace

Pixels drawn_pixels(int height, int width, std::uint64_t seed) {
  Pixels pixels{height, width, 3, std::vector<std::uint8_t>(static_cast<std::size_t>(height) * width * 3)};
  std::mt19937_64 random(seed);
  const auto below = [&](int limit) {
    return static_cast<int>(random() % static_cast<std::uint64_t>(limit));
  };
  const int tint = below(30);
  for (std::size_t i = 0; i < pixels.values.size(); i += 3) {
    const int grain = static_cast<int>((i * 2654435761u >> 7) % 13);
    pixels.values[i] = static_cast<std::uint8_t>(215 + tint - grain);
    pixels.values[i + 1] = static_cast<std::uint8_t>(140 + tint + grain);
    pixels.values[i + 2] = static_cast<std::uint8_t>(180 + tint - grain);
  }
  const int nuclei = std::max(4, height * width / 400);
  for (int n = 0; n < nuclei; ++n) {
    const int top = below(height), left = below(width), radius = 2 + below(4), shade = below(40);
    const bool glass = n % 9 == 0;
    for (int y = std::max(0, top - radius); y < std::min(height, top + radius); ++y) {
      for (int x = std::max(0, left - radius); x < std::min(width, left + radius); ++x) {
        std::uint8_t* pixel = &pixels.values[(static_cast<std::size_t>(y) * width + x) * 3];
        pixel[0] = static_cast<std::uint8_t>(glass ? 245 : 60 + shade);
        pixel[1] = static_cast<std::uint8_t>(glass ? 244 : 30 + shade);
        pixel[2] = static_cast<std::uint8_t>(glass ? 246 : 110 + shade);
      }
    }
  }
  return pixels;
}

void write_tiff(const fs::path& file, const Pixels& pixels, int strip_rows, bool packbits) {
  fs::create_directories(file.parent_path());
  const std::unique_ptr<TIFF, void (*)(TIFF*)> tiff(TIFFOpen(file.c_str(), "w"), TIFFClose);
  require(tiff != nullptr, file);
  TIFFSetField(tiff.get(), TIFFTAG_IMAGEWIDTH, pixels.width);
  TIFFSetField(tiff.get(), TIFFTAG_IMAGELENGTH, pixels.height);
  TIFFSetField(tiff.get(), TIFFTAG_SAMPLESPERPIXEL, 3);
  TIFFSetField(tiff.get(), TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField(tiff.get(), TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  TIFFSetField(tiff.get(), TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff.get(), TIFFTAG_COMPRESSION, packbits ? COMPRESSION_PACKBITS : COMPRESSION_NONE);
  TIFFSetField(tiff.get(), TIFFTAG_ROWSPERSTRIP, strip_rows);
  std::vector<std::uint8_t> row(static_cast<std::size_t>(pixels.width) * 3);  // the library may change it
  for (int y = 0; y < pixels.height; ++y) {
    std::copy_n(pixels.values.data() + static_cast<std::size_t>(y) * row.size(), row.size(), row.data());
    require(TIFFWriteScanline(tiff.get(), row.data(), static_cast<std::uint32_t>(y), 0) == 1, file);
  }
}

void write_jpeg(const fs::path& file, const Pixels& pixels) {
  const File stream = open_to_write(file);
  jpeg_error_mgr errors;
  jpeg_compress_struct jpeg;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  jpeg_stdio_dest(&jpeg, stream.get());
  jpeg.image_width = static_cast<JDIMENSION>(pixels.width);
  jpeg.image_height = static_cast<JDIMENSION>(pixels.height);
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    const auto* row = pixels.values.data() + std::size_t{jpeg.next_scanline} * pixels.width * 3;
    JSAMPROW rows[] = {const_cast<JSAMPROW>(row)};
    jpeg_write_scanlines(&jpeg, rows, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
}

void write_png(const fs::path& file, const Pixels& pixels) {
  write_png_rows(file, pixels.height, pixels.width, 8,
                 pixels.channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, pixels.values.data(),
                 static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.channels));
}

void write_png16(const fs::path& file, int height, int width, std::span<const std::uint16_t> values) {
  std::vector<std::uint8_t> bytes;  // the upper byte first
  for (const std::uint16_t value : values) {
    bytes.push_back(static_cast<std::uint8_t>(value >> 8));
    bytes.push_back(static_cast<std::uint8_t>(value));
  }
  write_png_rows(file, height, width, 16, PNG_COLOR_TYPE_GRAY, bytes.data(),
                 static_cast<std::size_t>(width) * 2);
}

void write_bmp(const fs::path& file, const Pixels& pixels) {
  const std::size_t row = static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.channels);
  const std::size_t padded = (row + 3) / 4 * 4, palette = pixels.channels == 1 ? 256 : 0;
  const std::size_t offset = 54 + 4 * palette, size = padded * static_cast<std::size_t>(pixels.height);
  std::string bytes = "BM";
  append(bytes, offset + size, 4);
  append(bytes, 0, 4);
  append(bytes, offset, 4);
  append(bytes, 40, 4);
  append(bytes, static_cast<std::uint64_t>(pixels.width), 4);
  append(bytes, static_cast<std::uint64_t>(pixels.height), 4);
  append(bytes, 1, 2);
  append(bytes, pixels.channels == 1 ? 8 : 24, 2);
  append(bytes, 0, 4);
  append(bytes, size, 4);
  append(bytes, 2835, 4);
  append(bytes, 2835, 4);
  append(bytes, palette, 4);
  append(bytes, 0, 4);
  for (std::size_t grey = 0; grey < palette; ++grey) append(bytes, grey * 0x10101, 4);
  for (int y = pixels.height - 1; y >= 0; --y) {
    const std::uint8_t* from = pixels.values.data() + static_cast<std::size_t>(y) * row;
    for (int x = 0; x < pixels.width; ++x, from += pixels.channels) {
      if (pixels.channels == 1) bytes += static_cast<char>(from[0]);
      for (int c = pixels.channels - 1; c >= 0 && pixels.channels == 3; --c)
        bytes += static_cast<char>(from[c]);
    }
    bytes.append(padded - row, '\0');
  }
  write_bytes(file, bytes);
}

void write_npy(const fs::path& file, std::span<const std::int64_t> numbers) {
  std::string header =
      "{'descr': '<i8', 'fortran_order': False, 'shape': (" + std::to_string(numbers.size()) + ",), }";
  header.append(63 - (header.size() + 10) % 64, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  append(bytes, header.size(), 2);
  bytes += header;
  for (const std::int64_t number : numbers) append(bytes, static_cast<std::uint64_t>(number), 8);
  write_bytes(file, bytes);
}

void write_hdf5(const fs::path& path, const char* name, std::vector<std::uint64_t> shape,
                std::span<const std::uint8_t> rows, Hdf5Form form) {
  fs::create_directories(path.parent_path());
  std::size_t row_bytes = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) row_bytes *= shape[i];
  const std::uint64_t count = shape[0], known = rows.size() / row_bytes;
  const std::vector<hsize_t> sides(shape.begin(), shape.end());
  const int rank = static_cast<int>(sides.size());
  const Id file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
  const Id space(H5Screate_simple(rank, sides.data(), nullptr), H5Sclose);
  const Id settings(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  std::vector<hsize_t> chunk = sides;
  chunk[0] = std::max<std::uint64_t>(std::min(known, count), 1);
  if (form == Hdf5Form::kChunked) {
    H5Pset_chunk(settings, rank, chunk.data());
    H5Pset_deflate(settings, 1);
  }
  const Id array(H5Dcreate2(file, name, H5T_STD_U8LE, space, H5P_DEFAULT, settings, H5P_DEFAULT), H5Dclose);
  if (form == Hdf5Form::kChunked) {
    const std::vector<std::uint8_t> packed = deflated(rows.first(chunk[0] * row_bytes));
    std::vector<hsize_t> at(sides.size(), 0);
    for (; at[0] < count; at[0] += chunk[0]) {
      require(H5Dwrite_chunk(array, H5P_DEFAULT, 0, at.data(), packed.size(), packed.data()) >= 0, path);
    }
    return;
  }
  std::vector<std::uint8_t> all(count * row_bytes);
  if (all.empty()) return;
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = rows[i % (known * row_bytes)];
  require(H5Dwrite(array, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data()) >= 0, path);
}

void gzip(const fs::path& file) {
  const fs::path packed = file.string() + ".gz";
  std::ifstream stream(file, std::ios::binary);
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> out(gzopen(packed.c_str(), "wb1"), gzclose);
  require(stream && out, packed);
  std::vector<char> block(1 << 20);
  while (stream.read(block.data(), static_cast<std::streamsize>(block.size())), stream.gcount() > 0) {
    const auto count = static_cast<unsigned>(stream.gcount());
    require(gzwrite(out.get(), block.data(), count) == static_cast<int>(count), packed);
  }
  fs::remove(file);
}

void write_bytes(const fs::path& file, std::string_view bytes) {
  const File stream = open_to_write(file);
  require(std::fwrite(bytes.data(), 1, bytes.size(), stream.get()) == bytes.size(), file);
}

}  // namespace histokt::test
