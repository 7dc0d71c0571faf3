// SPDX-License-Identifier: MIT
// Runs of the built program as by a user, with its output and exit code.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "support/folders.hpp"

namespace histokt::test {

struct HostRun {
  int exit_code = 0;
  std::string output;  // standard output and standard error together

  bool says(const std::string& text) const { return output.find(text) != std::string::npos; }
};

inline std::filesystem::path host_program() {
  return build_folder() / "bin" / "histokt-host";
}

// Any shell command.
inline HostRun run_shell(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(
      popen(("{ " + command + "; } 2>&1").c_str(), "r"), [](std::FILE*) { return 0; });
  if (!pipe) throw std::runtime_error("popen failed");
  HostRun run;
  char block[4096];
  while (const std::size_t n = std::fread(block, 1, sizeof block, pipe.get())) run.output.append(block, n);
  const int status = pclose(pipe.get());
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return run;
}

// The folder of plugins for tests only, in addition to those that the program finds itself.
inline std::filesystem::path test_models() {
  return build_folder() / "tests" / "models";
}

// The program with arguments as one would type them. The cache folder is `cache`, so that tests share
// nothing.
inline HostRun run_host(const std::string& arguments, const std::filesystem::path& cache = "/tmp") {
  return run_shell("HISTOKT_PLUGIN_PATH='" + test_models().string() + "' XDG_CACHE_HOME='" + cache.string() +
                   "' '" + host_program().string() + "' " + arguments);
}

}  // namespace histokt::test
