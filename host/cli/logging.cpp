// SPDX-License-Identifier: MIT
#include "cli/logging.hpp"

#include <fcntl.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <mutex>
#include <string>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/progress.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

// Ends the live progress line before a message follows it.
class LiveLineSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void sink_it_(const spdlog::details::log_msg& message) override {
    clear_live_line();
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    std::cerr.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  void flush_() override { std::cerr.flush(); }
};

// Appends each message by one write, so that the lines of several processes stay whole (over NFS, lines that
// two machines write at the same moment may still be mixed). Once the file cannot be written, no more is
// tried.
class LogFileSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LogFileSink(const fs::path& file)
      : file_(file), descriptor_(::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666)) {
    if (descriptor_ < 0)
      throw RunError(file.string() + ": the log cannot be written: " + write_failure(errno));
  }
  ~LogFileSink() override { ::close(descriptor_); }

  void sink_it_(const spdlog::details::log_msg& message) override {
    if (failure_ != 0) return;
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size())) failure_ = written < 0 ? errno : ENOSPC;
  }
  void flush_() override {}

  std::string problem() {
    const std::lock_guard lock(mutex_);
    if (failure_ == 0) return "";
    return file_.string() + ": the log is not complete: " + write_failure(failure_);
  }

 private:
  fs::path file_;
  int descriptor_;
  int failure_ = 0;
};

bool quiet = false;
std::shared_ptr<LogFileSink> log_file;

}  // namespace

void set_quiet() {
  quiet = true;
  set_progress_enabled(false);
}

void set_up_logging(const std::optional<fs::path>& file) {
  auto console = std::make_shared<LiveLineSink>();
  console->set_pattern("%v");
  console->set_level(quiet ? spdlog::level::warn : spdlog::level::info);
  std::vector<spdlog::sink_ptr> sinks = {console};
  if (file) {
    make_folders(file->parent_path());
    log_file = std::make_shared<LogFileSink>(*file);
    log_file->set_pattern("%Y-%m-%d %H:%M:%S.%e %l [%P] %v");
    log_file->set_level(spdlog::level::debug);
    sinks.push_back(log_file);
  }
  auto logger = std::make_shared<spdlog::logger>("histokt", sinks.begin(), sinks.end());
  logger->set_level(spdlog::level::debug);
  logger->flush_on(spdlog::level::info);
  logger->set_error_handler(
      [](const std::string& what) { std::cerr << "histokt-host: " << what << std::endl; });
  spdlog::set_default_logger(std::move(logger));
}

std::string log_problem() {
  return log_file ? log_file->problem() : "";
}

}  // namespace histokt
