// SPDX-License-Identifier: MIT
// The built program as a running process, which the test can inspect, signal or kill.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/run_host.hpp"

extern char** environ;

namespace histokt::test {

// Polls until `condition` holds; false if it does not within `limit`.
inline bool eventually(const std::function<bool()>& condition,
                       std::chrono::milliseconds limit = std::chrono::seconds(60)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// Killed and waited for by the destructor.
class HostProcess {
 public:
  // Standard output and standard error go behind what is in `output`. `more` is added to the environment.
  HostProcess(const std::vector<std::string>& arguments, std::filesystem::path output,
              const std::map<std::string, std::string>& more = {})
      : output_(std::move(output)) {
    std::vector<std::string> words = {host_program().string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> variables;
    for (char** variable = environ; *variable; ++variable) variables.emplace_back(*variable);
    variables.push_back("HISTOKT_PLUGIN_PATH=" + test_models().string());
    for (const auto& [name, value] : more) variables.push_back(name + "=" + value);
    std::vector<char*> word_pointers = pointers_to(words), variable_pointers = pointers_to(variables);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, output_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    const int error = posix_spawn(&process_, words.front().c_str(), &actions, nullptr, word_pointers.data(),
                                  variable_pointers.data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("posix_spawn failed");
  }
  ~HostProcess() {
    if (!exit_code_) kill(SIGKILL);
    wait();
  }
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;

  int id() const { return process_; }
  void kill(int signal) const { ::kill(process_, signal); }

  // True while it runs. It may end at any moment.
  bool runs() { return !try_wait(); }

  // Its exit code, or 128 + the signal that ended it.
  int wait() {
    while (!try_wait()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return *exit_code_;
  }

  std::string output() const {
    std::ifstream stream(output_, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }
  bool says(const std::string& text) const { return output().find(text) != std::string::npos; }

 private:
  static std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
  }

  bool try_wait() {
    if (exit_code_) return true;
    int status = 0;
    if (waitpid(process_, &status, WNOHANG) != process_) return false;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
  }

  std::filesystem::path output_;
  pid_t process_ = 0;
  std::optional<int> exit_code_;
};

}  // namespace histokt::test
