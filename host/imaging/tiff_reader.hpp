// SPDX-License-Identifier: MIT
// One open TIFF file through libtiff. Used by the TIFF decoder only; one thread at a time.
#pragma once

#include <tiffio.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "imaging/decoders.hpp"

namespace histokt {

static_assert(TIFFLIB_VERSION >= 20221213, "libtiff 4.5 or later is needed: it reports errors by handle");

// Opened at its first page; move_to() opens another one.
class TiffReader {
 public:
  TiffReader(const EncodedBytes& source, std::string_view name, const DecodeLimits& limits)
      : source_(source), name_(name) {
    std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                             &TIFFOpenOptionsFree);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), &TiffReader::note_error, this);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), &TiffReader::note_warning, this);
    // What libtiff takes by itself is in proportion to what an image may take: four samples of 16 bits a
    // pixel.
    TIFFOpenOptionsSetMaxSingleMemAlloc(
        options.get(),
        static_cast<tmsize_t>(std::min<std::int64_t>(limits.max_pixels, 1'000'000'000'000) * 8 + (1 << 24)));
    // m: no memory mapping, as a file that shrinks under a mapping kills the process; c: no splitting of
    // strips.
    tiff_ = TIFFClientOpenExt(name_.c_str(), "rmc", this, &TiffReader::read, &TiffReader::write,
                              &TiffReader::seek, &TiffReader::close, &TiffReader::size, nullptr, nullptr,
                              options.get());
    if (!tiff_) fail_damaged();
  }
  ~TiffReader() {
    if (tiff_) TIFFClose(tiff_);
  }
  TiffReader(const TiffReader&) = delete;
  TiffReader& operator=(const TiffReader&) = delete;

  TIFF* get() const { return tiff_; }
  bool has_warned() const { return has_warned_; }

  [[noreturn]] void fail(const std::string& what) const { fail_decoding(name_, what); }
  [[noreturn]] void fail_damaged() const {
    fail("is a damaged or cut off TIFF file (" + (fault_.empty() ? "it cannot be read" : fault_) +
         "); copy or download it again");
  }

  std::uint32_t number(std::uint32_t tag, std::uint32_t otherwise) const {
    std::uint32_t value = 0;
    return TIFFGetField(tiff_, tag, &value) ? value : otherwise;
  }
  std::uint16_t small_number(std::uint32_t tag) const {
    std::uint16_t value = 0;
    TIFFGetFieldDefaulted(tiff_, tag, &value);
    return value;
  }
  // Nothing where the file does not have the tag.
  std::optional<std::uint16_t> stored_number(std::uint32_t tag) const {
    std::uint16_t value = 0;
    if (!TIFFGetField(tiff_, tag, &value)) return std::nullopt;
    return value;
  }
  double real_number(std::uint32_t tag) const {
    float value = 0;
    return TIFFGetField(tiff_, tag, &value) ? static_cast<double>(value) : 0;
  }
  std::string_view text(std::uint32_t tag) const {
    const char* value = nullptr;
    return TIFFGetField(tiff_, tag, &value) && value ? std::string_view(value) : std::string_view();
  }

  // Opens the page whose directory stands at `offset`; false where there is none, which is no fault yet.
  bool move_to(std::uint64_t offset) {
    if (TIFFCurrentDirOffset(tiff_) == offset) return true;
    const std::string before = fault_;
    const bool there = TIFFSetSubDirectory(tiff_, offset) != 0;
    if (!there) fault_ = before;
    return there;
  }

 private:
  static TiffReader& self(thandle_t handle) { return *static_cast<TiffReader*>(handle); }

  static tmsize_t read(thandle_t handle, void* out, tmsize_t count) {
    TiffReader& reader = self(handle);
    const auto done = reader.read_on({static_cast<std::byte*>(out), static_cast<std::size_t>(count)});
    if (done > 0) reader.position_ += static_cast<std::uint64_t>(done);
    return done;
  }
  // Strips may be as short as a row, and a system call for each takes longer than to unpack it.
  std::ptrdiff_t read_on(std::span<std::byte> out) {
    if (out.size() > kReadAhead / 4) return source_.read_at(position_, out);
    const auto is_held = [&] {
      return position_ >= ahead_from_ && position_ - ahead_from_ <= ahead_.size() &&
             out.size() <= ahead_.size() - (position_ - ahead_from_);
    };
    if (!is_held()) {
      ahead_.resize(kReadAhead);
      const auto count = source_.read_at(position_, ahead_);
      ahead_from_ = position_;
      ahead_.resize(static_cast<std::size_t>(std::max<std::ptrdiff_t>(count, 0)));
      if (count < 0) return count;
    }
    const std::size_t count =
        std::min(out.size(), ahead_.size() - static_cast<std::size_t>(position_ - ahead_from_));
    std::memcpy(out.data(), ahead_.data() + (position_ - ahead_from_), count);
    return static_cast<std::ptrdiff_t>(count);
  }
  static tmsize_t write(thandle_t, void*, tmsize_t) { return -1; }
  static toff_t seek(thandle_t handle, toff_t offset, int whence) {
    TiffReader& reader = self(handle);
    const std::uint64_t base = whence == SEEK_CUR   ? reader.position_
                               : whence == SEEK_END ? reader.source_.size()
                                                    : 0;
    return reader.position_ = base + offset;
  }
  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t handle) { return self(handle).source_.size(); }

  // The first fault is the cause; what follows are its consequences.
  static int note_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
    TiffReader& reader = self(user);
    if (reader.fault_.empty()) {
      char text[512];
      std::vsnprintf(text, sizeof text, format, arguments);
      reader.fault_ = text;
      if (reader.fault_.ends_with('.')) reader.fault_.pop_back();
    }
    return 1;
  }
  static int note_warning(TIFF* tiff, void* user, const char* module, const char* format, va_list arguments) {
    self(user).has_warned_ = true;
    if (tiff && module && std::string_view(module).starts_with("JPEG")) {
      note_error(tiff, user, module, format, arguments);
    }
    return 1;
  }

  const EncodedBytes& source_;
  std::string name_;
  TIFF* tiff_ = nullptr;
  std::uint64_t position_ = 0;
  static constexpr std::size_t kReadAhead = 256 << 10;
  std::vector<std::byte> ahead_;  // what stands in the source from ahead_from_ on
  std::uint64_t ahead_from_ = 0;
  std::string fault_;
  bool has_warned_ = false;
};

}  // namespace histokt
