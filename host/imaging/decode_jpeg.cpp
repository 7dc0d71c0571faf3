// SPDX-License-Identifier: MIT
// JPEG through libjpeg(-turbo), because a file that ends early must be an error, for which libjpeg by itself
// only warns.
#include <csetjmp>
#include <cstdio>
#include <string>
#include <vector>

// After <cstdio>, which it needs.
#include <jerror.h>
#include <jpeglib.h>

#include "imaging/decoders.hpp"

namespace histokt {
namespace {

// Progressive files have about ten scans; one that has hundreds is made to keep a decoder busy.
constexpr int kMostScans = 100;

// Warnings that leave the pixels whole: stray bytes between segments, odd markers of applications.
bool is_harmless(int code) {
  return code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR;
}

// libjpeg reports by long jumps. Every method that calls it sets its own target and holds nothing that would
// need a destructor; failures come back as false, with the reason in fault().
class JpegReader {
 public:
  JpegReader() {
    state_.err = jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr state) { owner(state).give_up(); };
    errors_.emit_message = [](j_common_ptr state, int level) {
      if (level < 0 && !is_harmless(state->err->msg_code)) owner(state).give_up();
    };
    state_.client_data = this;
  }
  ~JpegReader() { jpeg_destroy_decompress(&state_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  bool read_header(std::span<const std::byte> encoded) {
    if (setjmp(target_)) return false;
    jpeg_create_decompress(&state_);
    state_.client_data = this;
    progress_.progress_monitor = [](j_common_ptr state) { owner(state).count_scans(); };
    state_.progress = &progress_;
    jpeg_mem_src(&state_, reinterpret_cast<const unsigned char*>(encoded.data()), encoded.size());
    jpeg_read_header(&state_, TRUE);
    state_.out_color_space = is_cmyk() ? JCS_CMYK : JCS_RGB;
    return true;
  }

  // `spare` holds one row of four channels where is_cmyk().
  bool read_rows(Image& image, unsigned char* spare) {
    if (setjmp(target_)) return false;
    jpeg_start_decompress(&state_);
    while (state_.output_scanline < state_.output_height) {
      unsigned char* row = image.row(static_cast<int>(state_.output_scanline)).data();
      unsigned char* target = is_cmyk() ? spare : row;
      jpeg_read_scanlines(&state_, &target, 1);
      if (is_cmyk()) blend_black(spare, row);
    }
    jpeg_finish_decompress(&state_);
    return true;
  }

  bool is_cmyk() const { return state_.num_components == 4; }
  std::int64_t height() const { return state_.image_height; }
  std::int64_t width() const { return state_.image_width; }
  std::string fault() const { return fault_; }
  // By the JFIF header; nothing where that is a screen's or a printer's.
  std::optional<StatedScale> scale() const {
    constexpr double kMost = 50;
    const double unit = state_.density_unit == 1 ? 25400 : state_.density_unit == 2 ? 10000 : 0;
    if (!state_.saw_JFIF_marker || unit <= 0 || state_.X_density == 0 || state_.Y_density == 0)
      return std::nullopt;
    if (unit / state_.X_density > kMost) return std::nullopt;
    return resolution_scale(unit / state_.X_density, unit / state_.Y_density, "JPEG resolution (JFIF)");
  }

 private:
  static JpegReader& owner(j_common_ptr state) { return *static_cast<JpegReader*>(state->client_data); }

  void count_scans() {
    if (state_.input_scan_number <= kMostScans) return;
    std::snprintf(fault_, sizeof fault_, "more than %d scans", kMostScans);
    std::longjmp(target_, 1);
  }

  [[noreturn]] void give_up() {
    errors_.format_message(reinterpret_cast<j_common_ptr>(&state_), fault_);
    std::longjmp(target_, 1);
  }

  // Four-channel JPEGs store inverted inks, as the program that made the first ones did.
  void blend_black(const unsigned char* inks, unsigned char* rgb) const {
    for (unsigned x = 0; x < state_.image_width; ++x, inks += 4, rgb += 3) {
      for (int c = 0; c < 3; ++c) rgb[c] = static_cast<unsigned char>((inks[c] * inks[3] + 127) / 255);
    }
  }

  jpeg_decompress_struct state_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf target_{};
  char fault_[JMSG_LENGTH_MAX] = "";
};

[[noreturn]] void fail(std::string_view name, const JpegReader& reader) {
  fail_decoding(name, "is a damaged or cut off JPEG (" + reader.fault() + "); copy or download it again");
}

}  // namespace

std::optional<StatedScale> decode_jpeg(std::span<const std::byte> encoded, std::string_view name,
                                       const DecodeLimits& limits, Image& image) {
  JpegReader reader;
  if (!reader.read_header(encoded)) fail(name, reader);
  const Size size = checked_size(reader.height(), reader.width(), name, limits);
  image.resize(size.height, size.width);
  std::vector<unsigned char> spare(reader.is_cmyk() ? 4 * static_cast<std::size_t>(size.width) : 0);
  if (!reader.read_rows(image, spare.data())) fail(name, reader);
  return reader.scale();
}

}  // namespace histokt
