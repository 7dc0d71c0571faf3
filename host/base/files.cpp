#include "base/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/errors.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::string& what) {
  throw RunError(path.string() + ": " + what + ": " + std::strerror(errno));
}

void sync_to_disk(const fs::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) fail(path, "cannot be opened to be synced");
  const int result = ::fsync(descriptor);
  const int reason = errno;
  ::close(descriptor);
  // Some file systems cannot sync a folder (EINVAL); that is no failure of the write.
  if (result != 0 && reason != EINVAL) {
    errno = reason;
    fail(path, "cannot be synced to disk");
  }
}

}  // namespace

std::string read_file(const fs::path& file) {
  std::ifstream input(file, std::ios::binary);
  if (!input) fail(file, "cannot be opened for reading");
  std::ostringstream text;
  text << input.rdbuf();
  if (input.bad()) fail(file, "reading failed");
  return std::move(text).str();
}

fs::path temporary_beside(const fs::path& file) {
  static std::atomic<unsigned> counter{0};
  char host[256] = "host";
  ::gethostname(host, sizeof host - 1);
  return file.string() + "." + host + "-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) +
         ".partial";
}

void publish_file(const fs::path& temporary, const fs::path& file) {
  sync_to_disk(temporary, O_RDONLY);
  if (::rename(temporary.c_str(), file.c_str()) != 0) fail(file, "cannot be put in place");
  sync_to_disk(file.parent_path().empty() ? fs::path(".") : file.parent_path(), O_RDONLY | O_DIRECTORY);
}

void write_file_atomically(const fs::path& file, std::string_view bytes) {
  const fs::path temporary = temporary_beside(file);
  try {
    {
      std::ofstream output(temporary, std::ios::binary);
      if (!output) fail(file, "cannot be written");
      output.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      output.flush();
      if (!output) fail(file, "writing failed");
    }
    publish_file(temporary, file);
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
}

void make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw RunError(folder.string() + ": the folder cannot be made: " + error.message());
}

}  // namespace histokt
