// SPDX-License-Identifier: MIT
// Merges by a distiller class as in the host, without opening a plugin.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <histokt/distiller.hpp>

#include "distill/merge.hpp"

namespace histokt {

// Options by hand, as the host resolves them.
class FakeSettings {
 public:
  FakeSettings& integer(const char* key, std::int64_t value) {
    values_.push_back({key, HISTOKT_INTEGER, 0, value, static_cast<double>(value), nullptr, nullptr, 0});
    return *this;
  }
  FakeSettings& number(const char* key, double value) {
    values_.push_back({key, HISTOKT_NUMBER, 0, 0, value, nullptr, nullptr, 0});
    return *this;
  }
  FakeSettings& boolean(const char* key, bool value) {
    values_.push_back({key, HISTOKT_BOOLEAN, 0, value ? 1 : 0, 0, nullptr, nullptr, 0});
    return *this;
  }
  FakeSettings& string(const char* key, const char* value) {
    values_.push_back({key, HISTOKT_STRING, 0, 0, 0, value, nullptr, 0});
    return *this;
  }
  FakeSettings& numbers(const char* key, const std::vector<double>& numbers) {
    auto& items = *items_.emplace_back(std::make_shared<std::vector<histokt_value>>());
    for (double number : numbers)
      items.push_back({nullptr, HISTOKT_NUMBER, 0, 0, number, nullptr, nullptr, 0});
    values_.push_back({key, HISTOKT_NUMBER + HISTOKT_LIST, 0, 0, 0, nullptr, items.data(), items.size()});
    return *this;
  }
  histokt_settings get() const {
    return {sizeof(histokt_settings), sizeof(histokt_value), values_.data(), values_.size()};
  }

 private:
  std::vector<histokt_value> values_;
  std::deque<std::shared_ptr<std::vector<histokt_value>>> items_;  // shared, since copies point to them
};

template <typename Class>
TensorFile merged_by(const FakeSettings& settings, const std::vector<MergeInput>& sources,
                     const MergeInput* base = nullptr, const std::vector<TensorRole>& roles = {}) {
  const histokt_host host = {sizeof(histokt_host), 0, nullptr, [](const histokt_host*, const char*) {},
                             [](const histokt_host*, const char*) -> const void* { return nullptr; }};
  const histokt_settings resolved = settings.get();
  Class distiller(DistillerRequest{Settings(resolved), Host(&host)});
  return merge_tensors(sources, base, roles,
                       [&](const histokt_merge& merge) { distiller.merge(Merge(&merge)); });
}

}  // namespace histokt
