// SPDX-License-Identifier: MIT
// A minimal host, to test plugins through the C boundary alone: it collects reasons and log lines, provides a
// scratch folder, and can ask to stop.
#pragma once

#include <histokt/plugin.h>

#include <toml++/toml.h>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "support/temp_folder.hpp"

namespace histokt::test {

class FakeHost {
 public:
  FakeHost() : raw_{sizeof(histokt_host), HISTOKT_ABI_MINOR, this, &set_error, &get_service} {}
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  const histokt_host* raw() const { return &raw_; }
  const std::string& reason() const { return reason_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  const std::filesystem::path& scratch() const { return scratch_.path(); }
  std::uint64_t reports() const { return reports_; }

  // The n-th report of progress and all that follow ask to stop; 0: none.
  void stop_at_report(std::uint64_t n) { stop_at_ = n; }

 private:
  static FakeHost& self(const histokt_host* host) { return *static_cast<FakeHost*>(host->context); }

  static void set_error(const histokt_host* host, const char* reason) {
    std::lock_guard lock(self(host).mutex_);
    self(host).reason_ = reason;
  }
  static void log(const histokt_host* host, std::int32_t level, const char* text) {
    std::lock_guard lock(self(host).mutex_);
    if (level == HISTOKT_LOG_WARNING) self(host).warnings_.push_back(text);
  }
  static std::int32_t report(const histokt_host* host, const char*, std::uint64_t, std::uint64_t) {
    FakeHost& fake = self(host);
    std::lock_guard lock(fake.mutex_);
    ++fake.reports_;
    return fake.stop_at_ != 0 && fake.reports_ >= fake.stop_at_;
  }
  static const char* folder(const histokt_host* host) { return self(host).scratch_.path().c_str(); }

  static const void* get_service(const histokt_host*, const char* id) {
    static constexpr histokt_log_service kLog = {sizeof(histokt_log_service), &log};
    static constexpr histokt_progress_service kProgress = {sizeof(histokt_progress_service), &report};
    static constexpr histokt_scratch_service kScratch = {sizeof(histokt_scratch_service), &folder};
    if (std::strcmp(id, HISTOKT_LOG_SERVICE) == 0) return &kLog;
    if (std::strcmp(id, HISTOKT_PROGRESS_SERVICE) == 0) return &kProgress;
    return std::strcmp(id, HISTOKT_SCRATCH_SERVICE) == 0 ? &kScratch : nullptr;
  }

  histokt_host raw_;
  std::mutex mutex_;
  std::string reason_;
  std::vector<std::string> warnings_;
  std::uint64_t reports_ = 0, stop_at_ = 0;
  TempFolder scratch_;
};

// Resolved options of a plugin: its defaults, overridden by what a test sets, as TOML text:
// {{"microns_per_pixel", "0.5"}, {"classes", "[\"a\"]"}}.
class FakeSettings {
 public:
  FakeSettings(const histokt_descriptor& plugin, std::map<std::string, std::string> set) {
    for (std::size_t i = 0; i < plugin.option_count; ++i) {
      const histokt_option& option = plugin.options[i];
      const auto own = set.find(option.key);
      if (own == set.end() && !option.default_text) {
        throw std::runtime_error(std::string("the option ") + option.key + " is required");
      }
      const std::string text = own == set.end() ? option.default_text : own->second;
      const toml::table parsed = toml::parse("value = " + text);
      values_.push_back(value(option.key, option.type, *parsed.get("value")));
      if (own != set.end()) set.erase(own);
    }
    if (!set.empty()) throw std::runtime_error("there is no option " + set.begin()->first);
    raw_ = {sizeof(histokt_settings), sizeof(histokt_value), values_.data(), values_.size()};
  }
  FakeSettings(const FakeSettings&) = delete;
  FakeSettings& operator=(const FakeSettings&) = delete;

  const histokt_settings* raw() const { return &raw_; }

 private:
  histokt_value value(const char* key, histokt_option_type type, const toml::node& node) {
    histokt_value made{key, type};
    if (type > HISTOKT_LIST) {
      std::vector<histokt_value> items;
      for (const toml::node& item : *node.as_array()) {
        items.push_back(value(nullptr, type - HISTOKT_LIST, item));
      }
      lists_.push_back(std::move(items));
      made.items = lists_.back().data();
      made.count = lists_.back().size();
    } else if (type == HISTOKT_BOOLEAN) {
      made.integer = node.value<bool>().value();
    } else if (type == HISTOKT_INTEGER || type == HISTOKT_NUMBER) {
      made.integer = type == HISTOKT_INTEGER ? node.value<std::int64_t>().value() : 0;
      made.number = node.value<double>().value();
    } else {
      made.text = texts_.emplace_back(node.value<std::string>().value()).c_str();
    }
    return made;
  }

  std::deque<std::vector<histokt_value>> lists_;
  std::deque<std::string> texts_;
  std::vector<histokt_value> values_;
  histokt_settings raw_{};
};

}  // namespace histokt::test
