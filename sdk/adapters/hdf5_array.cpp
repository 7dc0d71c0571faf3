// SPDX-License-Identifier: MIT
#include <histokt/adapters/hdf5_array.hpp>
#include <histokt/adapters/hdf5_handle.hpp>
#include <histokt/adapters/text.hpp>
#include <histokt/host.hpp>

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <utility>

namespace histokt::adapters {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kBlockBytes = std::uint64_t{64} << 20;

using Id = Hdf5Id;

// Keeps the library to one caller.
class Hdf5Lock {
 public:
  Hdf5Lock() : lock_(mutex()) {}

 private:
  static std::mutex& mutex() {
    static std::mutex mutex;
    return mutex;
  }
  std::lock_guard<std::mutex> lock_;
  Hdf5Quiet quiet_;  // made once the lock is held, gone before it
};

std::string last_reason() {
  const std::string reason = hdf5_reason();
  return reason.empty() ? "no reason given" : reason;
}

[[noreturn]] void fail(const fs::path& file, const std::string& what) {
  throw PluginError(file.string() + ": " + what);
}

Id open_file(const fs::path& path) {
  const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access, false, true);  // data may lie where locks cannot be had
  Id file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose);
  if (file < 0) {
    fail(path, "cannot be read as an HDF5 file (" + last_reason() + "); is the download complete?");
  }
  return file;
}

std::vector<std::string> names_in(hid_t file) {
  std::vector<std::string> names;
  const auto take = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  H5Literate(file, H5_INDEX_NAME, H5_ITER_INC, nullptr, take, &names);
  return names;
}

void require_own_link(const fs::path& path, hid_t file, const std::string& name) {
  H5L_info_t info{};
  if (H5Lget_info(file, name.c_str(), &info, H5P_DEFAULT) < 0) {
    const std::vector<std::string> names = names_in(file);
    fail(path, "has no array `" + name + "`; it holds " + (names.empty() ? "nothing" : listed(names)));
  }
  if (info.type != H5L_TYPE_HARD) fail(path, "`" + name + "` is a link; the array itself was expected");
}

Hdf5Array::Shape shape_of(hid_t array) {
  const Id space(H5Dget_space(array), H5Sclose);
  std::array<hsize_t, H5S_MAX_RANK> sides{};
  const int rank = H5Sget_simple_extent_dims(space, sides.data(), nullptr);
  return {sides.begin(), sides.begin() + std::max(rank, 0)};
}

}  // namespace

struct Hdf5Array::State {
  fs::path path;
  std::string name;
  Id file, array;
  Shape shape;
  std::uint64_t row_bytes = 1;
  std::uint64_t block_rows = 1;  // rows that are read at once

  struct Block {
    std::uint64_t index = UINT64_MAX;
    std::vector<std::uint8_t> rows;
  };
  std::mutex blocks_mutex;
  std::array<Block, 2> blocks;  // the last one used comes first

  ~State() {
    const Hdf5Lock lock;
    array = Id();
    file = Id();
  }

  void read(std::uint64_t first, std::uint64_t count, std::uint8_t* out) {
    const Hdf5Lock lock;
    std::vector<hsize_t> start(shape.size(), 0), sides(shape.begin(), shape.end());
    start[0] = first;
    sides[0] = count;
    const Id in_file(H5Dget_space(array), H5Sclose);
    const Id in_memory(H5Screate_simple(static_cast<int>(sides.size()), sides.data(), nullptr), H5Sclose);
    H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start.data(), nullptr, sides.data(), nullptr);
    if (H5Dread(array, H5T_NATIVE_UINT8, in_memory, in_file, H5P_DEFAULT, out) < 0) {
      fail(path, "`" + name + "` cannot be read at row " + std::to_string(first) + " (" + last_reason() +
                     "); is the download complete?");
    }
  }

  const Block& block(std::uint64_t index) {
    if (blocks[0].index == index) return blocks[0];
    std::swap(blocks[0], blocks[1]);
    Block& wanted = blocks[0];
    if (wanted.index == index) return wanted;
    wanted.index = UINT64_MAX;
    const std::uint64_t first = index * block_rows, count = std::min(block_rows, shape[0] - first);
    wanted.rows.resize(count * row_bytes);
    read(first, count, wanted.rows.data());
    wanted.index = index;
    return wanted;
  }
};

Hdf5Array Hdf5Array::open(const fs::path& file, const std::string& name) {
  auto state = std::make_unique<State>();
  {
    const Hdf5Lock lock;
    state->path = file;
    state->name = name;
    state->file = open_file(file);
    require_own_link(file, state->file, name);
    state->array = Id(H5Dopen2(state->file, name.c_str(), H5P_DEFAULT), H5Dclose);
    if (state->array < 0) fail(file, "`" + name + "` is not an array");
    const Id type(H5Dget_type(state->array), H5Tclose);
    if (H5Tequal(type, H5T_NATIVE_UINT8) <= 0) {
      fail(file, "`" + name + "` does not hold unsigned 8-bit numbers, as was expected");
    }
    const Id settings(H5Dget_create_plist(state->array), H5Pclose);
    const H5D_layout_t layout = H5Pget_layout(settings);
    if (H5Pget_external_count(settings) > 0 || layout == H5D_VIRTUAL) {
      fail(file, "the bytes of `" + name + "` lie in other files; what a dataset reads must lie in its own");
    }
    state->shape = shape_of(state->array);
    if (state->shape.empty()) fail(file, "`" + name + "` is a single number, an array was expected");
    for (std::size_t i = 1; i < state->shape.size(); ++i) {
      const std::uint64_t side = state->shape[i];
      if (side == 0 || side > kBlockBytes / state->row_bytes) {
        fail(file, "`" + name + "` has the shape " + shape_text(state->shape) +
                       ", whose rows are empty or above 64 MiB");
      }
      state->row_bytes *= side;
    }
    if (layout == H5D_CHUNKED) {
      std::vector<hsize_t> chunk(state->shape.size());
      H5Pget_chunk(settings, static_cast<int>(chunk.size()), chunk.data());
      state->block_rows = std::clamp<std::uint64_t>(chunk[0], 1, kBlockBytes / state->row_bytes);
    }
  }
  return Hdf5Array(std::move(state));
}

Hdf5Array::Hdf5Array(std::unique_ptr<State> state) : state_(std::move(state)) {}
Hdf5Array::Hdf5Array(Hdf5Array&&) noexcept = default;
Hdf5Array& Hdf5Array::operator=(Hdf5Array&&) noexcept = default;
Hdf5Array::~Hdf5Array() = default;

const Hdf5Array::Shape& Hdf5Array::shape() const {
  return state_->shape;
}

std::size_t Hdf5Array::row_bytes() const {
  return state_->row_bytes;
}

void Hdf5Array::read_row(std::uint64_t row, std::uint8_t* out) const {
  State& state = *state_;
  if (row >= state.shape[0]) {
    fail(state.path, "`" + state.name + "` has no row " + std::to_string(row) + "; its shape is " +
                         shape_text(state.shape));
  }
  if (state.block_rows == 1) return state.read(row, 1, out);
  const std::lock_guard lock(state.blocks_mutex);
  const State::Block& block = state.block(row / state.block_rows);
  std::memcpy(out, block.rows.data() + row % state.block_rows * state.row_bytes, state.row_bytes);
}

std::vector<std::uint8_t> Hdf5Array::read_all() const {
  State& state = *state_;
  if (state.shape[0] > (std::uint64_t{1} << 30) / state.row_bytes) {
    fail(state.path, "`" + state.name + "` has the shape " + shape_text(state.shape) + ", above 1 GiB");
  }
  std::vector<std::uint8_t> all(state.shape[0] * state.row_bytes);
  if (!all.empty()) state.read(0, state.shape[0], all.data());
  return all;
}

std::string shape_text(const Hdf5Array::Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace histokt::adapters
