// SPDX-License-Identifier: MIT
#include "imaging/encoded_bytes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "base/errors.hpp"

namespace histokt {
namespace {

// What to do about a file that cannot be opened.
std::string remedy_of(const std::filesystem::path& file, int reason) {
  std::error_code ignored;
  const bool is_link = std::filesystem::is_symlink(file, ignored);
  if (reason == ELOOP) return "it is a symbolic link that leads back to itself; fix or remove the link";
  if (reason == ENOENT && is_link) {
    return "it is a symbolic link to " + std::filesystem::read_symlink(file, ignored).string() +
           ", which does not exist; fix or remove the link";
  }
  if (reason == EACCES) return "change its permissions, or those of the folders above it";
  return "copy or download it again";
}

// Whether this file alone cannot be opened; otherwise its disk, or this process, is in trouble.
bool is_of_the_file(int reason) {
  return reason == ENOENT || reason == ENOTDIR || reason == EACCES || reason == EPERM || reason == ELOOP ||
         reason == ENXIO || reason == ENAMETOOLONG;
}

// Why this cannot be read as a file, or "".
std::string fault_of(int descriptor, struct stat& status) {
  if (::fstat(descriptor, &status) != 0) return std::string("cannot be examined: ") + std::strerror(errno);
  if (S_ISDIR(status.st_mode)) return "is a folder; expected an image file. Rename it or move it away";
  if (!S_ISREG(status.st_mode)) {
    return "is not a regular file (a pipe or a device); expected an image file. Move it away";
  }
  if (status.st_size == 0) return "is empty (0 bytes); expected an image file. Copy or download it again";
  return "";
}

}  // namespace

// O_NONBLOCK, so that a pipe without a writer is reported instead of waited for.
FileBytes::FileBytes(const std::filesystem::path& file)
    : descriptor_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (descriptor_ < 0) {
    const int reason = errno;
    const std::string what = file.string() + ": cannot be opened for reading: " + std::strerror(reason) +
                             "; " + remedy_of(file, reason);
    if (is_of_the_file(reason)) throw BadImage(what);
    throw RunError(what);
  }
  struct stat status {};
  const std::string fault = fault_of(descriptor_, status);
  if (!fault.empty()) {
    ::close(descriptor_);
    throw BadImage(file.string() + ": " + fault);
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

FileBytes::~FileBytes() {
  ::close(descriptor_);
}

std::ptrdiff_t FileBytes::read_at(std::uint64_t offset, std::span<std::byte> out) const noexcept {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count =
        ::pread(descriptor_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (count == 0) break;
    if (count < 0 && errno != EINTR) return -1;
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  return static_cast<std::ptrdiff_t>(done);
}

std::ptrdiff_t MemoryBytes::read_at(std::uint64_t offset, std::span<std::byte> out) const noexcept {
  if (offset >= bytes_.size()) return 0;
  const std::size_t count = std::min<std::size_t>(out.size(), bytes_.size() - offset);
  std::memcpy(out.data(), bytes_.data() + offset, count);
  return static_cast<std::ptrdiff_t>(count);
}

}  // namespace histokt
