// SPDX-License-Identifier: MIT
#include <histokt/adapters/gzip.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace histokt::adapters {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::uint64_t kReports = 64;  // blocks between two reports of progress

[[noreturn]] void fail(const fs::path& file, const std::string& what) {
  throw PluginError(file.string() + ": " + what);
}

[[noreturn]] void fail_to_write(const fs::path& file, const std::string& what) {
  fail(file, "the unpacked copy " + what + ": " + std::strerror(errno) +
                 "; free some space or get write permission there, or unpack the file in its folder (gunzip "
                 "--keep)");
}

struct stat status_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0)
    fail(file, std::string("cannot be opened: ") + std::strerror(errno));
  return status;
}

// "images.h5.gz" of 12 bytes becomes "images.h5-12-1700000000.000000000"; the extension stays last.
std::string copy_name(const fs::path& packed, const struct stat& status) {
  const fs::path name = packed.filename().stem();
  return name.stem().string() + "-" + std::to_string(status.st_size) + "-" +
         std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec) +
         name.extension().string();
}

// How much room the copy takes, as far as can be told: a gzip file ends with its unpacked size modulo 2^32,
// and a copy is hardly ever smaller than what it is packed into, nor over a thousand times larger.
std::uint64_t unpacked_size(const fs::path& packed, std::uint64_t packed_size) {
  std::ifstream stream(packed, std::ios::binary);
  std::array<unsigned char, 4> begin{}, end{};
  stream.read(reinterpret_cast<char*>(begin.data()), 4);
  stream.seekg(-4, std::ios::end);
  stream.read(reinterpret_cast<char*>(end.data()), 4);
  if (!stream || begin[0] != 0x1F || begin[1] != 0x8B) {
    fail(packed, "is not a gzip file, although its name ends in .gz; download it again");
  }
  std::uint64_t size = 0;
  for (int i = 3; i >= 0; --i) size = size << 8 | end[static_cast<std::size_t>(i)];
  while (size < packed_size - packed_size / 16) size += std::uint64_t{1} << 32;
  return std::min(size, packed_size * 1032);
}

std::string gigabytes(std::uint64_t bytes) {
  const std::string tenths = std::to_string((bytes + 99'999'999) / 100'000'000);
  return (tenths.size() > 1 ? tenths.substr(0, tenths.size() - 1) : "0") + "." + tenths.back() + " GB";
}

void require_room(const fs::path& packed, const fs::path& folder, std::uint64_t packed_size) {
  std::error_code unknown;
  const fs::space_info space = fs::space(folder, unknown);
  const std::uint64_t needed = unpacked_size(packed, packed_size);
  if (unknown || needed <= space.available) return;
  fail(packed, "its unpacked copy needs " + gigabytes(needed) + ", but " + folder.string() + " has " +
                   gigabytes(space.available) +
                   " left; free some space there, or unpack the file in its folder (gunzip --keep)");
}

// Removes what killed runs have left of this copy; a day is far longer than unpacking takes.
void remove_leftovers(const fs::path& target) {
  const std::string prefix = target.filename().string() + ".partial-";
  std::error_code gone;
  for (const fs::directory_entry& entry : fs::directory_iterator(target.parent_path(), gone)) {
    if (!entry.path().filename().string().starts_with(prefix)) continue;
    const auto age = fs::file_time_type::clock::now() - entry.last_write_time(gone);
    if (!gone && age > std::chrono::hours(24)) fs::remove(entry.path(), gone);
  }
}

// A file beside the target that is removed again unless it was published.
class PartialCopy {
 public:
  explicit PartialCopy(const fs::path& target) : target_(target), path_(target.string() + ".partial-XXXXXX") {
    descriptor_ = ::mkostemp(path_.data(), O_CLOEXEC);
    if (descriptor_ < 0) fail_to_write(path_, "cannot be created");
  }
  ~PartialCopy() {
    ::close(descriptor_);
    ::unlink(path_.c_str());
  }
  PartialCopy(const PartialCopy&) = delete;
  PartialCopy& operator=(const PartialCopy&) = delete;

  void write(const std::uint8_t* bytes, std::size_t count) {
    while (count > 0) {
      const ssize_t written = ::write(descriptor_, bytes, count);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail_to_write(path_, "cannot be written");
      bytes += written;
      count -= static_cast<std::size_t>(written);
    }
  }

  void publish() {
    if (::fsync(descriptor_) != 0 || ::rename(path_.c_str(), target_.c_str()) != 0) {
      fail_to_write(target_, "cannot be written");
    }
  }

 private:
  const fs::path& target_;
  std::string path_;
  int descriptor_ = -1;
};

// The packed file as a stream of unpacked bytes.
class Unpacker {
 public:
  explicit Unpacker(const fs::path& packed)
      : packed_(packed), file_(::gzopen(packed.c_str(), "rb"), ::gzclose_r) {
    if (!file_)
      fail(packed, std::string("cannot be opened: ") + std::strerror(errno) + "; get read permission");
    ::gzbuffer(file_.get(), kBlock);
  }

  // Fewer bytes than asked for only at the end.
  std::size_t read(std::vector<std::uint8_t>& block) {
    const int count = ::gzread(file_.get(), block.data(), static_cast<unsigned>(block.size()));
    int error = Z_OK;
    const std::string text = ::gzerror(file_.get(), &error);
    if (error == Z_BUF_ERROR) fail(packed_, "is cut off; download it again");
    if (count < 0 || error != Z_OK) fail(packed_, "is damaged (" + text + "); download it again");
    return static_cast<std::size_t>(count);
  }

  std::uint64_t consumed() const { return static_cast<std::uint64_t>(::gzoffset(file_.get())); }

 private:
  const fs::path& packed_;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
};

}  // namespace

fs::path unpacked(const fs::path& packed, const Host& host) {
  const struct stat status = status_of(packed);
  const auto packed_size = static_cast<std::uint64_t>(status.st_size);
  const fs::path folder = host.scratch_folder();
  const fs::path target = folder / copy_name(packed, status);
  if (fs::is_regular_file(target)) return target;

  require_room(packed, folder, packed_size);
  remove_leftovers(target);
  const std::string what = "unpacking " + packed.filename().string();
  Unpacker source(packed);
  PartialCopy copy(target);
  std::vector<std::uint8_t> block(kBlock);
  for (std::uint64_t blocks = 0;; ++blocks) {
    if (blocks % kReports == 0) host.progress(what.c_str(), source.consumed(), packed_size);
    const std::size_t count = source.read(block);
    copy.write(block.data(), count);
    if (count < block.size()) break;
  }
  copy.publish();
  host.progress(what.c_str(), packed_size, packed_size);
  return target;
}

}  // namespace histokt::adapters
