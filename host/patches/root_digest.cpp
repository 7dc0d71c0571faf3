// SPDX-License-Identifier: MIT
#include "patches/root_digest.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

struct Entry {
  std::string path;  // relative to the root
  std::int64_t size = -1;
  std::int64_t seconds = 0, nanoseconds = 0;
};

struct Folder {
  std::string path;                            // relative to the root, "" or with a '/' at the end
  std::vector<std::pair<dev_t, ino_t>> above;  // itself and the folders it lies in
};

class Walk {
 public:
  explicit Walk(const fs::path& root) : root_(root) {}

  std::vector<Entry> run() {
    struct stat status {};
    if (::stat(root_.c_str(), &status) != 0) {
      throw RequestError(root_.string() + ": the data root cannot be opened: " + read_failure(errno));
    }
    take("", status, {});
    while (!folders_.empty()) {
      const Folder folder = std::move(folders_.back());
      folders_.pop_back();
      throw_if_interrupted();
      list(folder);
    }
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.path < b.path; });
    return std::move(entries_);
  }

 private:
  void list(const Folder& folder) {
    const fs::path path = root_ / folder.path;
    const std::unique_ptr<DIR, int (*)(DIR*)> opened(::opendir(path.c_str()), ::closedir);
    if (!opened) fail(path);
    errno = 0;
    while (const dirent* entry = ::readdir(opened.get())) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      struct stat status {};
      if (::fstatat(::dirfd(opened.get()), entry->d_name, &status, 0) == 0) {
        take(folder.path + entry->d_name, status, folder.above);
      } else if (errno == ENOENT || errno == ELOOP) {
        entries_.push_back({folder.path + entry->d_name});
      } else {
        fail(path / name);
      }
      errno = 0;
    }
    if (errno != 0) fail(path);
  }

  void take(std::string path, const struct stat& status, const std::vector<std::pair<dev_t, ino_t>>& above) {
    if (!S_ISDIR(status.st_mode)) {
      entries_.push_back({std::move(path), status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec});
      return;
    }
    const std::pair<dev_t, ino_t> self{status.st_dev, status.st_ino};
    if (std::find(above.begin(), above.end(), self) != above.end()) {
      entries_.push_back({std::move(path)});
      return;
    }
    Folder folder{path.empty() ? "" : path + "/", above};
    folder.above.push_back(self);
    folders_.push_back(std::move(folder));
  }

  [[noreturn]] static void fail(const fs::path& path) {
    throw RunError(path.string() + ": cannot be listed: " + read_failure(errno));
  }

  const fs::path root_;
  std::vector<Entry> entries_;
  std::vector<Folder> folders_;
};

}  // namespace

RootDigest digest_root(const fs::path& root) {
  RootDigest result;
  Sha256 digest;
  for (const Entry& entry : Walk(root).run()) {
    // A path may hold anything but a zero byte, which therefore ends it.
    digest.add(entry.path).add(std::string_view("\0", 1));
    digest.add(std::to_string(entry.size) + " " + std::to_string(entry.seconds) + " " +
               std::to_string(entry.nanoseconds) + "\n");
    ++result.files;
    result.bytes += static_cast<std::uint64_t>(std::max<std::int64_t>(entry.size, 0));
  }
  result.hex = digest.hex();
  return result;
}

}  // namespace histokt
