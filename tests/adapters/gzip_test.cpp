// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <histokt/adapters/gzip.hpp>

#include <chrono>
#include <csignal>
#include <thread>

#include "support/fake_host.hpp"
#include "support/stand_in_files.hpp"

namespace histokt::adapters {
namespace {

using test::file_text;
using test::TempFolder;
namespace fs = std::filesystem;

std::string some_text(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i * i) + "\n";
  return text;
}

class Unpacked : public testing::Test {
 protected:
  // FILE.gz of a text, and where its copy lies.
  fs::path pack(const std::string& name, const std::string& text) {
    folder_.write(name, text);
    test::gzip(folder_ / name);
    return folder_ / (name + ".gz");
  }
  std::string reason(const fs::path& packed) {
    try {
      unpacked(packed, Host(host_.raw()));
    } catch (const PluginError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }
  std::size_t copies() {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(host_.scratch()), fs::directory_iterator()));
  }

  TempFolder folder_;
  test::FakeHost host_;
};

TEST_F(Unpacked, HasTheSameBytesAndTheSameExtension) {
  const std::string text = some_text(3'000'000);
  const fs::path copy = unpacked(pack("a.h5", text), Host(host_.raw()));
  EXPECT_EQ(text, file_text(copy));
  EXPECT_EQ(".h5", copy.extension());
  EXPECT_EQ(host_.scratch(), copy.parent_path());
  EXPECT_EQ(1u, copies());
  EXPECT_GT(host_.reports(), 0u);
}

TEST_F(Unpacked, TakesSeveralMembersAndAnEmptyFile) {
  const fs::path first = pack("a.h5", "one, "), second = pack("b.h5", "two");
  test::write_bytes(first, file_text(first) + file_text(second));
  EXPECT_EQ("one, two", file_text(unpacked(first, Host(host_.raw()))));
  EXPECT_EQ("", file_text(unpacked(pack("c.h5", ""), Host(host_.raw()))));
}

TEST_F(Unpacked, IsMadeOnceUntilThePackedFileChanges) {
  const fs::path packed = pack("a.h5", "one");
  const fs::path copy = unpacked(packed, Host(host_.raw()));
  fs::resize_file(copy, 1);  // would be seen if it were made again
  EXPECT_EQ(copy, unpacked(packed, Host(host_.raw())));
  EXPECT_EQ("o", file_text(copy));
  fs::last_write_time(packed, fs::last_write_time(packed) + std::chrono::seconds(1));
  EXPECT_EQ("one", file_text(unpacked(packed, Host(host_.raw()))));
}

TEST_F(Unpacked, RefusesWhatIsCutOffDamagedOrNoGzipAndLeavesNothing) {
  const std::string text = some_text(300'000);
  const fs::path cut = pack("cut.h5", text), damaged = pack("damaged.h5", text);
  fs::resize_file(cut, fs::file_size(cut) / 2);
  std::string bytes = file_text(damaged);
  bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] + 1);  // within the checksum
  test::write_bytes(damaged, bytes);
  EXPECT_EQ(cut.string() + ": is cut off; download it again", reason(cut));
  EXPECT_TRUE(reason(damaged).starts_with(damaged.string() + ": is damaged")) << reason(damaged);
  EXPECT_EQ((folder_ / "text.gz").string() +
                ": is not a gzip file, although its name ends in .gz; download it again",
            reason(folder_.write("text.gz", "<html>")));
  EXPECT_TRUE(reason(folder_ / "none.gz").starts_with((folder_ / "none.gz").string() + ": cannot be opened"));
  EXPECT_EQ(0u, copies());
}

TEST_F(Unpacked, LeavesNothingWhereTheDiskRefuses) {
  const fs::path packed = pack("a.h5", some_text(3'000'000));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{100'000, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string text = reason(packed);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_NE(std::string::npos, text.find("cannot be written: File too large")) << text;
  EXPECT_EQ(0u, copies());
}

TEST_F(Unpacked, EndsWithoutACopyWhenTheHostAsksToStop) {
  const fs::path packed = pack("a.h5", some_text(1000));
  host_.stop_at_report(1);
  EXPECT_THROW(unpacked(packed, Host(host_.raw())), Stopped);
  EXPECT_EQ(0u, copies());
}

TEST_F(Unpacked, MayBeMadeByTwoRunsAtOnce) {
  const std::string text = some_text(2'000'000);
  const fs::path packed = pack("a.h5", text);
  {
    std::jthread other([&] { unpacked(packed, Host(host_.raw())); });
    unpacked(packed, Host(host_.raw()));
  }
  EXPECT_EQ(1u, copies());
  EXPECT_EQ(text, file_text(unpacked(packed, Host(host_.raw()))));
}

TEST_F(Unpacked, RemovesWhatKilledRunsLeftADayAgo) {
  const fs::path packed = pack("a.h5", "one");
  const std::string copy = unpacked(packed, Host(host_.raw())).string();
  fs::remove(copy);
  for (const char* end : {".partial-old", ".partial-new"}) test::write_bytes(copy + end, "half");
  fs::last_write_time(copy + ".partial-old", fs::file_time_type::clock::now() - std::chrono::hours(25));
  unpacked(packed, Host(host_.raw()));
  EXPECT_FALSE(fs::exists(copy + ".partial-old"));
  EXPECT_TRUE(fs::exists(copy + ".partial-new")) << "another run may be at it";
}

}  // namespace
}  // namespace histokt::adapters
