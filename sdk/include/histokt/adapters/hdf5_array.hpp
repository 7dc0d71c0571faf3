// Arrays of 8-bit numbers in HDF5 files, read row by row with bounded memory. Link HistoKT::adapters_hdf5.
//
//   const Hdf5Array x = Hdf5Array::open(root / "pictures.h5", "x");      // (N, 96, 96, 3)
//   if (x.shape() != Hdf5Array::Shape{count, 96, 96, 3}) ...
//   x.read_row(i, pixels);
//
// The library is not built for several threads everywhere, so every call of this header, on any array, takes
// its turn: safe from any thread. Where the library was built without thread safety, nobody else in the
// process may be within it meanwhile; histokt-host is not, while plugins read pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace histokt::adapters {

// An array in an open file. Rows are the entries along the first side. Movable; const members may be called
// from any thread.
class Hdf5Array {
 public:
  using Shape = std::vector<std::uint64_t>;

  // Opens the array of that name in the root group. Contiguous and chunked arrays are read, with any filter
  // the library knows (gzip, shuffle). Throws PluginError naming the file: no HDF5 file, cut off, no such
  // array (and which there are), numbers other than unsigned 8-bit ones, more than 64 MiB a row, or bytes
  // that lie in other files (links, external and virtual storage are refused: they can lead anywhere).
  static Hdf5Array open(const std::filesystem::path& file, const std::string& name);

  Hdf5Array(Hdf5Array&&) noexcept;
  Hdf5Array& operator=(Hdf5Array&&) noexcept;
  ~Hdf5Array();

  const Shape& shape() const;
  std::size_t row_bytes() const;  // product of all sides but the first

  // Copies one row, row < shape()[0]. Arrays in chunks are read a block of rows at a time, of which the last
  // two are kept: rows that are asked for in order cost each chunk once. At most 64 MiB a block.
  // Throws PluginError.
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
