// SPDX-License-Identifier: MIT
#include "base/files.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "base/errors.hpp"
#include "support/temp_folder.hpp"

extern char** environ;

namespace histokt {
namespace {

namespace fs = std::filesystem;

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const RunError& error) {
    return error.what();
  }
  return "no error";
}

// The number of a process that has just ended.
int dead_process() {
  pid_t process = 0;
  char program[] = "/bin/true";
  char* arguments[] = {program, nullptr};
  if (posix_spawn(&process, program, nullptr, nullptr, arguments, environ) != 0) return 0;
  waitpid(process, nullptr, 0);
  return process;
}

// The name this process would use, as if `process` had.
fs::path begun_by(const fs::path& file, int process) {
  std::string name = temporary_beside(file).string();
  const std::string own = "-" + std::to_string(::getpid()) + "-";
  return name.replace(name.rfind(own), own.size(), "-" + std::to_string(process) + "-");
}

TEST(WriteFileAtomically, ReplacesTheWholeAndLeavesNothingElse) {
  const test::TempFolder folder;
  write_file_atomically(folder / "x", "old");
  write_file_atomically(folder / "x", "new");
  EXPECT_EQ("new", read_file(folder / "x"));
  EXPECT_EQ(1, std::distance(fs::directory_iterator(folder.path()), {}));
}

TEST(WriteFileAtomically, KeepsTheOldBytesWhereItFails) {
  const test::TempFolder folder;
  write_file_atomically(folder / "x", "old");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string error = error_of([&] { write_file_atomically(folder / "x", std::string(100'000, 'x')); });
  setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  EXPECT_NE(std::string::npos, error.find((folder / "x").string())) << error;
  EXPECT_NE(std::string::npos, error.find("ulimit -f")) << error;
  EXPECT_EQ("old", read_file(folder / "x"));
  EXPECT_EQ(1, std::distance(fs::directory_iterator(folder.path()), {}));
}

TEST(WriteFileAtomically, SaysThatTheFolderIsGone) {
  const std::string error = error_of([] { write_file_atomically("/not/there/x", "text"); });
  EXPECT_NE(std::string::npos, error.find("/not/there/x: cannot be written")) << error;
  EXPECT_NE(std::string::npos, error.find("Its folder does not exist")) << error;
}

TEST(WriteFailure, EndsWithWhatToDo) {
  EXPECT_NE(std::string::npos, write_failure(ENOSPC).find("Free some space there"));
  EXPECT_NE(std::string::npos, write_failure(EROFS).find("--output"));
  EXPECT_NE(std::string::npos, write_failure(ESTALE).find("restore it"));
}

TEST(Leftovers, OfDeadProcessesAreCleared) {
  const test::TempFolder folder;
  const fs::path file = begun_by(folder / "x", dead_process()),
                 other = begun_by(folder / "y", dead_process());
  folder.write(file.filename().string());
  fs::create_directories(other / "inside");
  clear_leftovers(folder.path());
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Leftovers, OfTheLivingOfOthersAndOfUsersStay) {
  const test::TempFolder folder;
  const std::vector<std::string> names = {begun_by(folder / "x", ::getppid()).filename().string(),
                                          "x.elsewhere-" + std::to_string(dead_process()) + "-0.partial",
                                          "x.partial", "thesis-2024-1.partial", "x"};
  for (const std::string& name : names) folder.write(name);
  clear_leftovers(folder.path());
  for (const std::string& name : names) EXPECT_TRUE(fs::exists(folder / name)) << name;
}

TEST(Leftovers, OfTheSameFileGoWhenItIsWrittenAgain) {
  const test::TempFolder folder;
  const std::string same = begun_by(folder / "x", dead_process()).filename().string();
  const std::string another = begun_by(folder / "xy", dead_process()).filename().string();
  folder.write(same);
  folder.write(another);
  write_file_atomically(folder / "x", "text");
  EXPECT_FALSE(fs::exists(folder / same));
  EXPECT_TRUE(fs::exists(folder / another));
}

TEST(FolderHandle, KnowsWhenItIsAnotherOne) {
  const test::TempFolder folder;
  const FolderHandle held(folder / "a/b");
  EXPECT_NO_THROW(held.check());
  fs::rename(folder / "a", folder / "moved");
  EXPECT_THROW(held.check(), RunError);
  fs::create_directories(folder / "a/b");
  EXPECT_THROW(held.check(), RunError) << "a new folder of the same name";
}

}  // namespace
}  // namespace histokt
