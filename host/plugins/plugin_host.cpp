// SPDX-License-Identifier: MIT
#include "plugins/plugin_host.hpp"

#include <spdlog/spdlog.h>

#include <map>
#include <mutex>
#include <optional>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/progress.hpp"
#include "plugins/plugin_call.hpp"

namespace histokt {
namespace {

// The reason the call now running on this thread gave.
thread_local std::optional<std::string> reason_of_this_thread;

}  // namespace

void set_plugin_error(const std::string& reason) {
  reason_of_this_thread = reason;
}

std::string plugin_error() {
  return reason_of_this_thread.value_or("");
}

struct PluginHost::State {
  std::string owner;
  std::filesystem::path file, scratch_folder;
  std::string scratch_text;
  std::once_flag scratch_made;
  std::map<std::string, const void*> services;
  histokt_host host{};
  histokt_log_service log{};
  histokt_progress_service progress{};
  histokt_scratch_service scratch{};

  static State& of(const histokt_host* host) { return *static_cast<State*>(host->context); }

  static void set_error(const histokt_host*, const char* reason) {
    reason_of_this_thread = reason ? reason : "";
  }

  static const void* get_service(const histokt_host* host, const char* id) {
    const auto& services = of(host).services;
    const auto found = services.find(id);
    return found == services.end() ? nullptr : found->second;
  }

  static void write_log(const histokt_host* host, std::int32_t level, const char* text) {
    const auto severity = level == HISTOKT_LOG_WARNING ? spdlog::level::warn
                          : level == HISTOKT_LOG_INFO  ? spdlog::level::info
                                                       : spdlog::level::debug;
    spdlog::log(severity, "{}: {}", of(host).owner, text ? text : "");
  }

  static std::int32_t report(const histokt_host*, const char* what, std::uint64_t done, std::uint64_t total) {
    note_plugin_progress();
    show_live_line(std::string(what ? what : "working") + ": " + std::to_string(done) + " of " +
                   std::to_string(total));
    if (done >= total) clear_live_line();
    return interrupt_requested() ? 1 : 0;
  }

  static const char* folder(const histokt_host* host) {
    State& state = of(host);
    if (state.scratch_folder.empty()) return nullptr;
    try {
      std::call_once(state.scratch_made, [&] {
        make_folders(state.scratch_folder);
        state.scratch_text = std::filesystem::absolute(state.scratch_folder).string();
      });
      return state.scratch_text.c_str();
    } catch (const std::exception& error) {
      set_plugin_error(error.what());
      return nullptr;
    }
  }
};

PluginHost::PluginHost(std::string owner, std::filesystem::path file, std::filesystem::path scratch_folder)
    : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.owner = std::move(owner);
  state.file = std::move(file);
  state.scratch_folder = std::move(scratch_folder);
  state.host = {sizeof(histokt_host), HISTOKT_ABI_MINOR, &state, State::set_error, State::get_service};
  state.log = {sizeof(histokt_log_service), State::write_log};
  state.progress = {sizeof(histokt_progress_service), State::report};
  state.scratch = {sizeof(histokt_scratch_service), State::folder};
  state.services = {{HISTOKT_LOG_SERVICE, &state.log},
                    {HISTOKT_PROGRESS_SERVICE, &state.progress},
                    {HISTOKT_SCRATCH_SERVICE, &state.scratch}};
}

PluginHost::~PluginHost() = default;

const histokt_host* PluginHost::raw() const {
  return &state_->host;
}

void PluginHost::add_service(const char* id, const void* service) {
  state_->services[id] = service;
}

void PluginHost::fault(const std::string& phase, const std::string& what) const {
  throw PluginFault(plugin_place(state_->owner, state_->file, phase) + ": " + what +
                    "; this is a bug in the plugin: report it to its authors");
}

void PluginHost::call(const std::string& phase, const std::function<histokt_status()>& function) const {
  reason_of_this_thread.reset();
  histokt_status status = HISTOKT_OK;
  try {
    const PluginCall running(state_->owner, state_->file, phase);
    status = function();
  } catch (const std::exception& error) {
    fault(phase, std::string("the plugin threw an exception across the C boundary (") + error.what() + ")");
  } catch (...) {
    fault(phase, "the plugin threw something that is not a std::exception across the C boundary");
  }
  if (status == HISTOKT_OK) return;
  if (status == HISTOKT_INTERRUPTED) {
    if (!interrupt_requested()) fault(phase, "the plugin reports an interruption that was not requested");
    throw Interrupted();
  }
  if (status != HISTOKT_FAILED && status != HISTOKT_BAD_REQUEST) {
    fault(phase, "the plugin returned the unknown status " + std::to_string(status));
  }
  const std::string reason = reason_of_this_thread.value_or("");
  if (reason.empty()) fault(phase, "the plugin failed without giving a reason");
  const std::string text = state_->owner + ", " + phase + ": " + reason;
  if (status == HISTOKT_BAD_REQUEST) throw RequestError(text);
  throw RunError(text);
}

void PluginHost::call_last(const std::string& phase, const std::function<void()>& function) const noexcept {
  try {
    const PluginCall running(state_->owner, state_->file, phase);
    function();
  } catch (...) {
    spdlog::warn("{}: the plugin threw an exception; this is a bug in the plugin: report it to its authors",
                 plugin_place(state_->owner, state_->file, phase));
  }
}

}  // namespace histokt
