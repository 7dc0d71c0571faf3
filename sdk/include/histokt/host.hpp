// SPDX-License-Identifier: MIT
// The host's services as a C++ plugin sees them, and the exceptions that carry a plugin's errors to the host.
#pragma once

#include <histokt/plugin.h>

#include <cstdint>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace histokt {

// Data or work is bad. The text names file, row and remedy; the host adds which plugin and phase.
class PluginError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The user's settings cannot be met: a root without the expected layout, options that contradict each other.
class BadRequest : public PluginError {
 public:
  using PluginError::PluginError;
};

// The host asked to stop.
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "stopped"; }
};

// A call to the host failed, and the host has its reason already. Do not catch it.
class HostFailed : public std::exception {
 public:
  explicit HostFailed(histokt_status status) : status_(status) {}
  histokt_status status() const { return status_; }
  const char* what() const noexcept override { return "a call to the host failed"; }

 private:
  histokt_status status_;
};

// The host's services. Copyable, safe from any thread, valid as long as the object it was given to.
class Host {
 public:
  explicit Host(const histokt_host* host) : host_(host) {}

  void log_debug(const std::string& text) const { log(HISTOKT_LOG_DEBUG, text); }
  void log_info(const std::string& text) const { log(HISTOKT_LOG_INFO, text); }
  void log_warning(const std::string& text) const { log(HISTOKT_LOG_WARNING, text); }

  // Reports the progress of long work. Throws Stopped when the host asks to stop.
  void progress(const char* what, std::uint64_t done, std::uint64_t total) const {
    const auto* service = find<histokt_progress_service>(HISTOKT_PROGRESS_SERVICE);
    if (service && service->report(host_, what, done, total) != 0) throw Stopped();
  }

  // A folder that outlives the run, for what must be unpacked or made. Throws PluginError.
  std::filesystem::path scratch_folder() const {
    const auto* service = find<histokt_scratch_service>(HISTOKT_SCRATCH_SERVICE);
    const char* folder = service ? service->folder(host_) : nullptr;
    if (!folder) throw PluginError("this host offers no scratch folder");
    return folder;
  }

  // How many threads the work may use; 1 if the host does not say.
  std::uint32_t threads() const {
    const auto* service = find<histokt_threads_service>(HISTOKT_THREADS_SERVICE);
    return service ? service->count(host_) : 1;
  }

  // Another service by its id and C type, or nullptr.
  template <typename Service>
  const Service* find(const char* id) const {
    return static_cast<const Service*>(host_->get_service(host_, id));
  }

  const histokt_host* raw() const { return host_; }

 private:
  void log(std::int32_t level, const std::string& text) const {
    const auto* service = find<histokt_log_service>(HISTOKT_LOG_SERVICE);
    if (service) service->log(host_, level, text.c_str());
  }

  const histokt_host* host_;
};

namespace detail {

// Runs `body` and turns whatever it throws into a status and a reason: the edge of the C boundary.
template <typename Body>
histokt_status guarded(const histokt_host* host, Body&& body) noexcept {
  try {
    body();
    return HISTOKT_OK;
  } catch (const Stopped&) {
    return HISTOKT_INTERRUPTED;
  } catch (const HostFailed& error) {
    return error.status();
  } catch (const BadRequest& error) {
    host->set_error(host, error.what());
    return HISTOKT_BAD_REQUEST;
  } catch (const std::exception& error) {
    host->set_error(host, error.what());
    return HISTOKT_FAILED;
  } catch (...) {
    host->set_error(host, "the plugin threw something that is not a std::exception");
    return HISTOKT_FAILED;
  }
}

// Copies the members that the caller knows: as many bytes as both structs have, keeping its struct_size.
template <typename Struct>
void fill_known(Struct* target, const Struct& source) {
  const std::uint32_t size = target->struct_size < sizeof(Struct) ? target->struct_size : sizeof(Struct);
  const char* from = reinterpret_cast<const char*>(&source);
  char* to = reinterpret_cast<char*>(target);
  for (std::uint32_t i = sizeof(std::uint32_t); i < size; ++i) to[i] = from[i];
}

}  // namespace detail
}  // namespace histokt
