// SPDX-License-Identifier: MIT
#include "png_file.hpp"

#include <png.h>
#include <zlib.h>
#include <histokt/host.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

namespace histokt::synthetic {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

[[noreturn]] void fail(const std::string& name) {
  const char* const remedy =
      errno == ENOSPC  ? ". Free some space there, or write elsewhere, and run the same command again."
      : errno == EFBIG ? ". Raise the limit (ulimit -f), or write to a file system that takes larger files."
                       : "";
  throw PluginError(name + " cannot be written: " + std::strerror(errno) + remedy);
}

// libpng calls this for each error; an exception may pass through it, it being built with unwind tables.
[[noreturn]] void on_png_error(png_structp png, png_const_charp reason) {
  const std::string name = static_cast<const char*>(png_get_error_ptr(png));
  if (errno != 0) fail(name);  // the system's reason says more than "Write Error"
  throw PluginError(name + " cannot be written: " + reason);
}

// A libpng writer with its header, freed together.
class Writer {
 public:
  explicit Writer(const std::string& name)
      : png_(png_create_write_struct(PNG_LIBPNG_VER_STRING, const_cast<char*>(name.c_str()), on_png_error,
                                     nullptr)),
        info_(png_ ? png_create_info_struct(png_) : nullptr) {}
  ~Writer() { png_destroy_write_struct(&png_, &info_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  png_structp png() { return png_; }
  png_infop info() { return info_; }
  bool is_made() const { return png_ && info_; }

 private:
  png_structp png_;
  png_infop info_;
};

}  // namespace

void write_png(const std::filesystem::path& file, const std::vector<std::uint8_t>& pixels, int side) {
  const std::string name = file.string();
  errno = 0;
  std::unique_ptr<std::FILE, CloseFile> stream(std::fopen(name.c_str(), "wb"));
  if (!stream) fail(name);
  Writer writer(name);
  if (!writer.is_made()) throw PluginError(name + " cannot be written: out of memory");
  png_init_io(writer.png(), stream.get());
  png_set_compression_level(writer.png(), 3);
  png_set_compression_strategy(writer.png(), Z_FILTERED);
  png_set_filter(writer.png(), PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
  const auto size = static_cast<png_uint_32>(side);
  png_set_IHDR(writer.png(), writer.info(), size, size, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.png(), writer.info());
  for (int y = 0; y < side; ++y) {
    png_write_row(writer.png(), pixels.data() + static_cast<std::size_t>(y) * side * 3);
  }
  png_write_end(writer.png(), writer.info());
  if (std::fflush(stream.get()) != 0) fail(name);
}

}  // namespace histokt::synthetic
