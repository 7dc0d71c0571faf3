// SPDX-License-Identifier: MIT
// Made-up data of sources for tests, and distillers that ask for it.
#pragma once

#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "distillers/merging.hpp"

namespace histokt {

// What the host would have computed of one source: float32 tensors by name.
class FakeData {
 public:
  FakeData& add(const std::string& name, std::vector<std::int64_t> shape, std::vector<float> entries) {
    names_.push_back(name);
    shapes_.push_back(std::move(shape));
    entries_.push_back(std::move(entries));
    return *this;
  }
  const histokt_tensor* views(std::size_t* count) {
    views_.clear();
    for (std::size_t i = 0; i < names_.size(); ++i) {
      views_.push_back({sizeof(histokt_tensor), HISTOKT_FLOAT32, names_[i].c_str(), HISTOKT_ROLE_OTHER,
                        static_cast<std::int32_t>(shapes_[i].size()), shapes_[i].data(), nullptr,
                        entries_[i].data()});
    }
    *count = views_.size();
    return views_.data();
  }
  const histokt_tensor* find(const std::string& name) {
    std::size_t count = 0;
    const histokt_tensor* all = views(&count);
    for (std::size_t i = 0; i < count; ++i) {
      if (name == all[i].name) return all + i;
    }
    return nullptr;
  }

 private:
  std::deque<std::string> names_;
  std::deque<std::vector<std::int64_t>> shapes_;
  std::deque<std::vector<float>> entries_;
  std::vector<histokt_tensor> views_;
};

// As merged_by(), with the data of each source behind both services. samples: what the distiller asked for.
template <typename Class>
TensorFile merged_with(const FakeSettings& settings, const std::vector<MergeInput>& sources,
                       std::vector<FakeData> data, std::uint64_t* samples = nullptr) {
  struct Context {
    std::vector<FakeData>& data;
    std::uint64_t asked = 0;
  } context{data};
  static constexpr auto of = [](const histokt_host* host, std::uint64_t asked) -> Context& {
    auto& self = *static_cast<Context*>(host->context);
    self.asked = asked;
    return self;
  };
  static constexpr histokt_gradients_service kGradients = {
      sizeof(histokt_gradients_service), sizeof(histokt_tensor),
      [](const histokt_host* host, std::size_t source, std::uint64_t asked, const histokt_tensor** tensors,
         std::size_t* count) -> histokt_status {
        *tensors = of(host, asked).data.at(source).views(count);
        return HISTOKT_OK;
      }};
  static constexpr histokt_activations_service kActivations = {
      sizeof(histokt_activations_service), sizeof(histokt_tensor), nullptr,
      [](const histokt_host* host, std::size_t source, std::uint64_t asked, const char* weight,
         const histokt_tensor** gram) -> histokt_status {
        *gram = of(host, asked).data.at(source).find(weight);
        return HISTOKT_OK;
      }};
  const histokt_host host = {sizeof(histokt_host), 0, &context, [](const histokt_host*, const char*) {},
                             [](const histokt_host*, const char* id) -> const void* {
                               if (std::strcmp(id, HISTOKT_GRADIENTS_SERVICE) == 0) return &kGradients;
                               return std::strcmp(id, HISTOKT_ACTIVATIONS_SERVICE) == 0 ? &kActivations
                                                                                        : nullptr;
                             }};
  const histokt_settings resolved = settings.get();
  Class distiller(DistillerRequest{Settings(resolved), Host(&host)});
  TensorFile merged = merge_tensors(sources, nullptr, {},
                                    [&](const histokt_merge& merge) { distiller.merge(Merge(&merge)); });
  if (samples) *samples = context.asked;
  return merged;
}

}  // namespace histokt
