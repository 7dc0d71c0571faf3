// SPDX-License-Identifier: MIT
// Small files in the formats that published sets come in, written without the program: images of drawn
// tissue, masks, HDF5 arrays, gzip, NumPy. Everything throws std::runtime_error if it cannot be written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace histokt::test {

// An image of height x width RGB pixels, or with one channel.
struct Pixels {
  int height = 0, width = 0, channels = 3;
  std::vector<std::uint8_t> values;
};

// Pink ground with violet nuclei and some glass, busy enough to pass the background filter. Different seeds
// give different images.
Pixels drawn_pixels(int height, int width, std::uint64_t seed);

// 8-bit RGB in strips of `strip_rows`, PackBits or uncompressed, the directory at the end of the file.
void write_tiff(const std::filesystem::path& file, const Pixels& pixels, int strip_rows, bool packbits);
void write_jpeg(const std::filesystem::path& file, const Pixels& pixels);
// RGB, or grey.
void write_png(const std::filesystem::path& file, const Pixels& pixels);
// Grey of 16 bits.
void write_png16(const std::filesystem::path& file, int height, int width,
                 std::span<const std::uint16_t> values);
// RGB of 24 bits, or grey of 8 bits with a palette; rows from the bottom, padded to four bytes.
void write_bmp(const std::filesystem::path& file, const Pixels& pixels);

// A one-dimensional array of 64-bit integers as numpy.save writes it.
void write_npy(const std::filesystem::path& file, std::span<const std::int64_t> numbers);

enum class Hdf5Form {
  kContiguous,
  kChunked  // gzip, a few rows a chunk; the bytes of one chunk serve for all that come after it
};
// An array of unsigned 8-bit numbers (N, sides...) whose rows are those of `rows`, again and again. Cheap for
// any count in the chunked form.
void write_hdf5(const std::filesystem::path& file, const char* name, std::vector<std::uint64_t> shape,
                std::span<const std::uint8_t> rows, Hdf5Form form);

// FILE to FILE.gz; FILE is removed, as gzip does.
void gzip(const std::filesystem::path& file);

// Writes bytes, making the folders above the file.
void write_bytes(const std::filesystem::path& file, std::string_view bytes);

}  // namespace histokt::test
