// SPDX-License-Identifier: MIT
// The C functions of histokt_dataset_api over a class in C++: what HISTOKT_DATASET_PLUGIN exports. Authors do
// not need it; <histokt/dataset.hpp> includes it at its end.
#pragma once

#include <histokt/dataset.hpp>

#include <cstring>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace histokt {
namespace detail {

// The C functions for a dataset class. Only the host calls these.
template <typename Class>
struct DatasetFace {
  struct Object {
    const histokt_host* host = nullptr;
    std::unique_ptr<Class> dataset;
    std::vector<const char*> classes;
  };
  struct ReaderObject {
    const Object* object = nullptr;
    std::unique_ptr<Dataset::Reader> reader;
  };
  static const Object* object(const histokt_dataset* handle) {
    return reinterpret_cast<const Object*>(handle);
  }
  static ReaderObject* reader(histokt_reader* handle) { return reinterpret_cast<ReaderObject*>(handle); }

  static histokt_status create(const histokt_host* host, const char* root, const histokt_settings* settings,
                               histokt_dataset** out) noexcept {
    return guarded(host, [&] {
      auto made = std::make_unique<Object>();
      made->host = host;
      made->dataset = std::make_unique<Class>(DatasetRequest{root, Settings(*settings), Host(host)});
      for (const std::string& name : made->dataset->get_info().classes) made->classes.push_back(name.c_str());
      *out = reinterpret_cast<histokt_dataset*>(made.release());
    });
  }

  static void destroy(histokt_dataset* handle) noexcept { delete reinterpret_cast<Object*>(handle); }

  static histokt_status get_info(const histokt_dataset* handle, histokt_dataset_info* out) noexcept {
    const Object* self = object(handle);
    return guarded(self->host, [&] {
      const DatasetInfo& info = self->dataset->get_info();
      histokt_dataset_info filled{};
      const auto flag = [](bool set, std::uint32_t bit) { return set ? bit : 0u; };
      filled.flags = flag(info.multi_label || info.labels_from_masks, HISTOKT_DATASET_MULTI_LABEL) |
                     flag(info.as_is, HISTOKT_DATASET_AS_IS) |
                     flag(info.labels_from_masks, HISTOKT_DATASET_LABELS_FROM_MASKS);
      filled.classes = self->classes.data();
      filled.class_count = self->classes.size();
      filled.microns_per_pixel = info.microns_per_pixel;
      filled.group_level = info.group_level;
      filled.sample_count = self->dataset->get_samples().size();
      for (int i = 0; i < 3; ++i) {
        filled.paper_shares[i] = info.paper_shares[i];
        filled.paper_per_class[i] = info.paper_per_class[i];
      }
      filled.overlap = info.overlap;
      fill_known(out, filled);
    });
  }

  static histokt_status get_sample(const histokt_dataset* handle, std::uint64_t index,
                                   histokt_sample* out) noexcept {
    const Object* self = object(handle);
    return guarded(self->host, [&] {
      const Sample& sample = self->dataset->get_samples().at(index);
      histokt_sample filled{};
      filled.official_split = sample.official_split;
      filled.paper_split = sample.paper_split;
      filled.label = sample.label;
      filled.id = sample.id.c_str();
      filled.group = sample.group.c_str();
      filled.labels = sample.labels.empty() ? nullptr : sample.labels.data();
      fill_known(out, filled);
    });
  }

  static histokt_status open_reader(const histokt_dataset* handle, histokt_reader** out) noexcept {
    const Object* self = object(handle);
    return guarded(self->host, [&] {
      auto made = std::make_unique<ReaderObject>(ReaderObject{self, self->dataset->open_reader()});
      *out = reinterpret_cast<histokt_reader*>(made.release());
    });
  }

  static void close_reader(histokt_reader* handle) noexcept { delete reader(handle); }

  template <typename Read>
  static histokt_status read_with(histokt_reader* handle, Read&& body) noexcept {
    const ReaderObject* self = reader(handle);
    bool refused = false;
    const histokt_status status = guarded(self->object->host, [&] {
      try {
        body(*self->object->dataset, *self->reader);
      } catch (const Sink::Refused&) {
        refused = true;
      }
    });
    return refused ? HISTOKT_FAILED : status;
  }

  static histokt_status read(histokt_reader* handle, std::uint64_t index, const histokt_sink* sink) noexcept {
    return read_with(handle, [&](const Class& dataset, Dataset::Reader& state) {
      if (index >= dataset.get_samples().size()) throw PluginError("there is no image of that index");
      dataset.read(state, index, Sink(sink));
    });
  }

  static histokt_status read_mask(histokt_reader* handle, std::uint64_t index,
                                  const histokt_sink* sink) noexcept {
    return read_with(handle, [&](const Class& dataset, Dataset::Reader& state) {
      if (index >= dataset.get_samples().size()) throw PluginError("there is no image of that index");
      dataset.read_mask(state, index, Sink(sink));
    });
  }

  static histokt_status get_codes(const histokt_dataset* handle, const histokt_mask_code** codes,
                                  std::size_t* count) noexcept {
    const Object* self = object(handle);
    return guarded(self->host, [&] {
      const std::vector<histokt_mask_code>& known = self->dataset->mask_codes();
      *codes = known.data();
      *count = known.size();
    });
  }

  static histokt_status get_thresholds(const histokt_dataset* handle, double* label_threshold,
                                       double* min_coverage) noexcept {
    const Object* self = object(handle);
    return guarded(self->host, [&] {
      const double label = self->dataset->label_threshold(), coverage = self->dataset->min_coverage();
      *label_threshold = label;
      *min_coverage = coverage;
    });
  }

  static constexpr histokt_dataset_masks kMasks = {sizeof(histokt_dataset_masks), 0, get_codes,
                                                   get_thresholds, read_mask};

  static const void* get_extension(const char* id) noexcept {
    return std::strcmp(id, HISTOKT_DATASET_MASKS) == 0 ? &kMasks : nullptr;
  }

  static constexpr histokt_dataset_api kApi = {sizeof(histokt_dataset_api),
                                               0,
                                               create,
                                               destroy,
                                               get_info,
                                               get_sample,
                                               open_reader,
                                               close_reader,
                                               read,
                                               get_extension};
};

// The dataset card of a class that has one: static constexpr histokt_card_line kCard[] = {..., {}}.
template <typename Class>
const void* card_extension(const char* id) noexcept {
  if constexpr (requires { Class::kCard; }) {
    static constexpr histokt_card kFilled = {sizeof(histokt_card), 0, Class::kCard};
    if (std::strcmp(id, HISTOKT_CARD) == 0) return &kFilled;
  }
  return nullptr;
}

// Flags of a class that declares: static constexpr bool kRootOptional = true.
template <typename Class>
constexpr std::uint32_t plugin_flags() {
  std::uint32_t flags = 0;
  if constexpr (requires { Class::kRootOptional; }) {
    if (Class::kRootOptional) flags |= HISTOKT_PLUGIN_ROOT_OPTIONAL;
  }
  return flags;
}

template <typename Class>
constexpr histokt_descriptor dataset_descriptor(const char* name, const char* version, const char* summary,
                                                const char* licence, const char* citation) {
  return {HISTOKT_MAGIC,
          sizeof(histokt_descriptor),
          HISTOKT_ABI_MAJOR,
          HISTOKT_ABI_MINOR,
          HISTOKT_DATASET,
          plugin_flags<Class>(),
          sizeof(histokt_option),
          name,
          version,
          summary,
          licence,
          citation,
          "",
          std::data(Class::kOptions),
          std::size(Class::kOptions),
          &DatasetFace<Class>::kApi,
          &card_extension<Class>};
}

}  // namespace detail
}  // namespace histokt
