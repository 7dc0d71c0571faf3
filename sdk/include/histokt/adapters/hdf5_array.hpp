// SPDX-License-Identifier: MIT
// Arrays of 8-bit numbers in HDF5 files, read row by row with bounded memory. Link HistoKT::adapters_hdf5.
//
//   const Hdf5Array x = Hdf5Array::open(root / "images.h5", "x");      // (N, 96, 96, 3)
//   if (x.shape() != Hdf5Array::Shape{count, 96, 96, 3}) ...
//   x.read_row(i, pixels);
//
// The HDF5 library is not thread-safe in every build, so the calls of this header, on all arrays, are
// serialised: safe from any thread. If the library was built without thread safety, no other code in the
// process may use it at the same time; histokt-host does not while plugins read images.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace histokt::adapters {

// An array in an open file. Rows are the entries along the first axis. Movable; const members may be called
// from any thread.
class Hdf5Array {
 public:
  using Shape = std::vector<std::uint64_t>;

  // Opens the array of that name in the root group. Contiguous and chunked arrays are read, with any filter
  // the library knows (gzip, shuffle). Throws PluginError naming the file: not an HDF5 file, truncated, no
  // such array (with a list of those there are), numbers other than unsigned 8-bit ones, more than 64 MiB a
  // row, or bytes that lie in other files (links, external and virtual storage are refused: they can lead
  // anywhere).
  static Hdf5Array open(const std::filesystem::path& file, const std::string& name);

  Hdf5Array(Hdf5Array&&) noexcept;
  Hdf5Array& operator=(Hdf5Array&&) noexcept;
  ~Hdf5Array();

  const Shape& shape() const;
  std::size_t row_bytes() const;  // product of all axes but the first

  // Copies one row, row < shape()[0]. Arrays in chunks are read a block of rows at a time, of which the last
  // two are kept: reading rows in order decodes each chunk once. At most 64 MiB per block. Throws
  // PluginError.
  void read_row(std::uint64_t row, std::uint8_t* out) const;

  // The whole array, for small ones.
  std::vector<std::uint8_t> read_all() const;

 private:
  struct State;
  explicit Hdf5Array(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// "(262144, 96, 96, 3)", for errors.
std::string shape_text(const Hdf5Array::Shape& shape);

}  // namespace histokt::adapters
