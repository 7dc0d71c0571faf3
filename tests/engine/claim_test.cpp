// SPDX-License-Identifier: MIT
// Claims on steps: one owner at a time, the dead replaced at once, other machines after their heartbeat has
// stopped.
#include "engine/claim.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "support/temp_folder.hpp"

extern char** environ;

namespace histokt {
namespace {

using std::filesystem::path;

std::string claim_text(const ClaimOwner& owner) {
  return nlohmann::json{{"host", owner.host},
                        {"boot_id", owner.boot_id},
                        {"pid_namespace", owner.pid_namespace},
                        {"process", owner.process},
                        {"process_start", owner.process_start}}
      .dump();
}

void set_age(const path& file, std::chrono::seconds age) {
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - age);
}

class ClaimTest : public ::testing::Test {
 protected:
  path forge(const ClaimOwner& owner, std::chrono::seconds age = std::chrono::seconds(0)) const {
    const path file = folder_.write("x.claim", claim_text(owner));
    set_age(file, age);
    return file;
  }
  bool is_taken(const path& file) { return Claim::try_take(file, owner_).has_value(); }

  test::TempFolder folder_;
  ClaimOwner owner_;
};

TEST_F(ClaimTest, IsExclusiveAndReleased) {
  const path file = folder_ / "x.claim";
  {
    const auto claim = Claim::try_take(file, owner_);
    ASSERT_TRUE(claim);
    EXPECT_FALSE(is_taken(file));
    EXPECT_EQ(::getpid(), owner_.process);
  }
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_TRUE(is_taken(file));
}

TEST_F(ClaimTest, OfADeadProcessIsTakenOver) {
  ClaimOwner dead = this_process();
  dead.process_start += 1;  // this number, but another process
  EXPECT_TRUE(is_taken(forge(dead)));
}

// Nobody has asked how it ended, so its number is still there.
TEST_F(ClaimTest, OfAKilledProcessThatIsNotWaitedForIsTakenOver) {
  pid_t process = 0;
  char program[] = "/bin/sleep", seconds[] = "100";
  char* arguments[] = {program, seconds, nullptr};
  ASSERT_EQ(0, posix_spawn(&process, program, nullptr, nullptr, arguments, environ));
  ClaimOwner killed = this_process();
  killed.process = process;
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string field;
  for (int i = 1; i <= 22; ++i) stat >> field;
  killed.process_start = std::stoll(field);
  const path file = forge(killed);
  EXPECT_FALSE(is_taken(file)) << "it lives";
  ::kill(process, SIGKILL);
  siginfo_t info{};
  ASSERT_EQ(0, waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOWAIT));
  EXPECT_TRUE(is_taken(file));
  waitpid(process, nullptr, 0);
}

TEST_F(ClaimTest, OfAnotherHostIsRespectedUntilItsHeartbeatIsStale) {
  const ClaimOwner elsewhere{"elsewhere", "b", "", 1, 1};
  EXPECT_FALSE(is_taken(forge(elsewhere)));
  EXPECT_EQ("process 1 on elsewhere", owner_.text());
  EXPECT_FALSE(is_taken(forge(elsewhere, std::chrono::seconds(110))));
  EXPECT_TRUE(is_taken(forge(elsewhere, std::chrono::seconds(130))));
}

// A container has process numbers of its own: 1 there is not 1 here.
TEST_F(ClaimTest, OfAnotherContainerIsThatOfAnotherHost) {
  ClaimOwner container = this_process();
  container.pid_namespace = "pid:[1]";
  container.process_start += 1;
  EXPECT_FALSE(is_taken(forge(container)));
  EXPECT_TRUE(is_taken(forge(container, std::chrono::seconds(130))));
}

// This machine before it started again, or another one that was given the same name: the latter renews its
// claim.
TEST_F(ClaimTest, OfAnotherBootIsTakenOverOnceItIsNotRenewed) {
  ClaimOwner before = this_process();
  before.boot_id = "another";
  EXPECT_FALSE(is_taken(forge(before)));
  EXPECT_TRUE(is_taken(forge(before, std::chrono::seconds(40))));
}

TEST_F(ClaimTest, ThatCannotBeReadIsRespectedLikeThatOfAnotherHost) {
  const path file = folder_.write("x.claim", "not a claim");
  EXPECT_FALSE(is_taken(file));
  set_age(file, std::chrono::seconds(130));
  EXPECT_TRUE(is_taken(file));
}

TEST_F(ClaimTest, IsTakenOverByOneOfManyAlone) {
  for (int round = 0; round < 20; ++round) {
    ClaimOwner dead = this_process();
    dead.process_start += 1;
    const path file = forge(dead);
    std::atomic<int> ready{0};
    std::vector<std::optional<Claim>> claims(4);  // held until all have tried
    std::vector<std::thread> takers;
    for (auto& claim : claims) {
      takers.emplace_back([&] {
        ClaimOwner owner;
        ++ready;
        while (ready < 4) std::this_thread::yield();
        if (auto taken = Claim::try_take(file, owner)) claim.emplace(std::move(*taken));
      });
    }
    for (std::thread& taker : takers) taker.join();
    EXPECT_EQ(
        1, std::count_if(claims.begin(), claims.end(), [](const auto& claim) { return claim.has_value(); }));
  }
}

TEST_F(ClaimTest, ThatWasTakenOverIsToldAndLeftToTheOther) {
  const path file = folder_ / "x.claim";
  {
    const auto claim = Claim::try_take(file, owner_);
    ASSERT_TRUE(claim);
    EXPECT_NO_THROW(claim->check());
    forge({"elsewhere", "b", "", 1, 1});
    EXPECT_THROW(claim->check(), RunError);
  }
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(ClaimTest, IsGivenBackByTheLastWords) {
  const path file = folder_ / "x.claim";
  const auto claim = Claim::try_take(file, owner_);
  ASSERT_TRUE(claim);
  run_shutdown_hooks();
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(ClaimTest, LeavesNoFileBehind) {
  const path file = forge({"elsewhere", "b", "", 1, 1});
  is_taken(file);
  set_age(file, std::chrono::seconds(130));
  is_taken(file);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

}  // namespace
}  // namespace histokt
