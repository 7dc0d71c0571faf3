// SPDX-License-Identifier: MIT
#include "base/program_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <streambuf>
#include <string>

#include "base/errors.hpp"

namespace histokt {
namespace {

// Writes to a file descriptor, and remembers why it could not.
class DescriptorBuffer final : public std::streambuf {
 public:
  explicit DescriptorBuffer(int descriptor) : descriptor_(descriptor) {
    setp(held_.data(), held_.data() + held_.size());
  }

  ~DescriptorBuffer() override { sync(); }
  DescriptorBuffer(const DescriptorBuffer&) = delete;
  DescriptorBuffer& operator=(const DescriptorBuffer&) = delete;

  void use(int descriptor) { descriptor_ = descriptor; }
  int error() const { return error_; }

 protected:
  int_type overflow(int_type next) override {
    if (sync() != 0) return traits_type::eof();
    if (!traits_type::eq_int_type(next, traits_type::eof())) sputc(traits_type::to_char_type(next));
    return traits_type::not_eof(next);
  }

  int sync() override {
    const char* at = pbase();
    while (at < pptr()) {
      const ssize_t written = ::write(descriptor_, at, static_cast<std::size_t>(pptr() - at));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        error_ = errno;
        return -1;
      }
      at += written;
    }
    setp(held_.data(), held_.data() + held_.size());
    return 0;
  }

 private:
  int descriptor_, error_ = 0;
  std::array<char, 4096> held_{};
};

DescriptorBuffer& buffer() {
  static DescriptorBuffer buffer(STDOUT_FILENO);
  return buffer;
}

}  // namespace

void keep_program_output() {
  constexpr int kFirstFree = 3;  // above standard input, output and error
  const int own = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, kFirstFree);
  if (own < 0) return;  // there is no standard output
  buffer().use(own);
  dup2(STDERR_FILENO, STDOUT_FILENO);
}

std::ostream& program_output() {
  static std::ostream stream(&buffer());
  return stream;
}

void finish_program_output() {
  program_output().flush();
  if (program_output().good()) return;
  throw RunError(std::string("standard output cannot be written: ") + std::strerror(buffer().error()) +
                 "; files that the command wrote are kept, only its printed output is lost");
}

}  // namespace histokt
