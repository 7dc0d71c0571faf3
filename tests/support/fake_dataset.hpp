// SPDX-License-Identifier: MIT
// A dataset plugin opened as by the host, through its one exported symbol, with its complete listing.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <histokt/plugin.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/fake_host.hpp"
#include "support/folders.hpp"

namespace histokt::test {

// The descriptor of a plugin of the build tree. Never unloaded.
inline const histokt_descriptor& dataset_plugin(std::string_view name) {
  const std::string file =
      build_folder() / ("lib/histokt/plugins/histokt-dataset-" + std::string(name) + ".so");
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw std::runtime_error(dlerror());
  return *static_cast<const histokt_descriptor*>(dlsym(library, HISTOKT_SYMBOL));
}

struct ListedSample {
  std::string id, group, file;
  int label;
  histokt_split official_split, paper_split;
  std::vector<std::uint8_t> labels;  // if multi-label
  std::vector<std::uint8_t> pixels;  // if the plugin hands over pixels
};

// Everything a dataset says about itself, or why it refused.
struct Listing {
  histokt_status status = HISTOKT_FAILED;
  std::string reason;
  std::vector<std::string> warnings, classes;
  histokt_dataset_info info{};
  std::vector<ListedSample> samples;

  const ListedSample& at(const std::string& id) const {
    for (const ListedSample& sample : samples) {
      if (sample.id == id) return sample;
    }
    throw std::runtime_error("no sample " + id);
  }
  std::set<std::string> groups() const {
    std::set<std::string> groups;
    for (const ListedSample& sample : samples) groups.insert(sample.group);
    return groups;
  }
  std::string class_of(const std::string& id) const {
    return classes.at(static_cast<std::size_t>(at(id).label));
  }
};

namespace detail {

inline histokt_status keep_path(const histokt_sink* sink, const char* path) {
  static_cast<ListedSample*>(sink->context)->file = path;
  return HISTOKT_OK;
}

inline std::uint8_t* keep_pixels(const histokt_sink* sink, std::uint32_t height, std::uint32_t width,
                                 std::uint32_t channels) {
  std::vector<std::uint8_t>& pixels = static_cast<ListedSample*>(sink->context)->pixels;
  pixels.assign(std::size_t{height} * width * channels, 0);
  return pixels.data();
}

inline void read_into(const histokt_dataset_api& api, histokt_reader* reader, std::uint64_t index,
                      ListedSample& sample) {
  const histokt_sink sink = {sizeof(histokt_sink), 0, &sample, &keep_path, nullptr, &keep_pixels};
  EXPECT_EQ(HISTOKT_OK, api.read(reader, index, &sink));
}

inline void list(const histokt_dataset_api& api, const histokt_dataset* dataset, Listing& listing) {
  listing.info.struct_size = sizeof(histokt_dataset_info);
  EXPECT_EQ(HISTOKT_OK, api.get_info(dataset, &listing.info));
  listing.classes.assign(listing.info.classes, listing.info.classes + listing.info.class_count);
  histokt_reader* reader = nullptr;
  EXPECT_EQ(HISTOKT_OK, api.open_reader(dataset, &reader));
  for (std::uint64_t i = 0; i < listing.info.sample_count; ++i) {
    histokt_sample sample{sizeof(histokt_sample)};
    EXPECT_EQ(HISTOKT_OK, api.get_sample(dataset, i, &sample));
    ListedSample listed{sample.id,          sample.group, "", sample.label, sample.official_split,
                        sample.paper_split, {},           {}};
    if (sample.labels) listed.labels.assign(sample.labels, sample.labels + listing.info.class_count);
    read_into(api, reader, i, listed);
    listing.samples.push_back(std::move(listed));
  }
  api.close_reader(reader);
}

}  // namespace detail

// Opens and lists a dataset. `set` holds options as TOML text.
inline Listing open_dataset(FakeHost& host, const std::string& name, const std::filesystem::path& root,
                            std::map<std::string, std::string> set = {}) {
  const histokt_descriptor& plugin = dataset_plugin(name);
  const auto& api = *static_cast<const histokt_dataset_api*>(plugin.api);
  const FakeSettings settings(plugin, std::move(set));
  Listing listing;
  histokt_dataset* dataset = nullptr;
  listing.status = api.create(host.raw(), root.c_str(), settings.raw(), &dataset);
  listing.reason = host.reason();
  listing.warnings = host.warnings();
  if (listing.status != HISTOKT_OK) return listing;
  const std::unique_ptr<histokt_dataset, decltype(api.destroy)> owner(dataset, api.destroy);
  detail::list(api, dataset, listing);
  return listing;
}

inline Listing open_dataset(const std::string& name, const std::filesystem::path& root,
                            std::map<std::string, std::string> set = {}) {
  FakeHost host;
  return open_dataset(host, name, root, std::move(set));
}

}  // namespace histokt::test
