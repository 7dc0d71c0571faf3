// SPDX-License-Identifier: MIT
#include "tensors/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "base/errors.hpp"

namespace histokt {

// O_NONBLOCK, so that a pipe without a writer is reported instead of waited for.
InputFile::InputFile(const std::filesystem::path& file)
    : descriptor_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (descriptor_ < 0) throw RunError(std::strerror(errno));
  struct stat facts {};
  const bool known = ::fstat(descriptor_, &facts) == 0;
  if (known && S_ISREG(facts.st_mode)) {
    size_ = static_cast<std::uint64_t>(facts.st_size);
    return;
  }
  const std::string reason = known ? "it is not a regular file" : std::strerror(errno);
  ::close(descriptor_);
  throw RunError(reason);
}

InputFile::~InputFile() {
  ::close(descriptor_);
}

void InputFile::read(std::uint64_t offset, void* target, std::uint64_t count) const {
  auto* to = static_cast<char*>(target);
  while (count > 0) {
    const ssize_t got =
        ::pread(descriptor_, to, std::min<std::uint64_t>(count, 1u << 30), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw RunError(std::string("reading failed: ") + std::strerror(errno));
    if (got == 0) throw RunError("the file became shorter while it was read");
    to += got;
    offset += static_cast<std::uint64_t>(got);
    count -= static_cast<std::uint64_t>(got);
  }
}

}  // namespace histokt
