// How to write a dataset plugin in C++. Header-only over <histokt/plugin.h>; needs no library.
//
//   #include <histokt/dataset.hpp>
//
//   class Slides : public histokt::Dataset {
//    public:
//     static constexpr histokt_option kOptions[] = {
//         histokt::number_option("microns_per_pixel", "0.5", 1e-3, 100, "Of the pictures on disk.")};
//
//     explicit Slides(const histokt::DatasetRequest& request) {
//       info.classes = {"normal", "tumour"};
//       info.microns_per_pixel = request.settings.number("microns_per_pixel");
//       info.group_level = HISTOKT_GROUP_PATIENT;
//       for (...) add({.id = "a/1.png", .group = "patient 1", .label = 0, .file = request.root / "a/1.png"});
//     }
//   };
//   HISTOKT_DATASET_PLUGIN(Slides, "slides", "1.0.0", "Slides of our lab", "MIT", "")
//
// A dataset whose pictures are not files overrides read(). Exceptions become errors that name the plugin:
// throw histokt::BadRequest for a root or an option that cannot be met, histokt::PluginError for bad data.
#pragma once

#include <histokt/plugin.h>
#include <histokt/host.hpp>
#include <histokt/options.hpp>

#include <array>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace histokt {

// What a dataset is made from. Valid during the constructor; `host` as long as the dataset.
struct DatasetRequest {
  std::filesystem::path root;  // absolute; empty where the user gave none
  Settings settings;
  Host host;
};

struct DatasetInfo {
  std::vector<std::string> classes;
  double microns_per_pixel = 0;  // of the pictures as they are on disk
  histokt_group_level group_level = HISTOKT_GROUP_PICTURE;
  bool multi_label = false;
  bool as_is = false;              // pictures are patches already
  bool labels_from_masks = false;  // implies multi_label; see Dataset::mask_codes
  // The published protocol, see histokt_dataset_info.
  std::array<double, 3> paper_shares = {0.8, 0.1, 0.1};
  std::array<std::uint64_t, 3> paper_per_class = {0, 0, 0};
  double overlap = -1;  // of neighbouring patches, share of their side; negative: the host's default
};

// One picture of the dataset.
struct Sample {
  std::string id;                         // unique, the same on every machine: the path below the root
  std::string group;                      // what must not be parted between splits; empty: the picture itself
  int label = -1;                         // class index, where single-label
  std::vector<std::uint8_t> labels = {};  // a 0 or 1 for each class, where multi-label
  std::filesystem::path file = {};        // absolute; may stay empty where read() is overridden
  histokt_split official_split = HISTOKT_SPLIT_NONE;
  histokt_split paper_split = HISTOKT_SPLIT_NONE;
};

// Takes one picture. A thin face over histokt_sink; each function throws PluginError where the host refuses.
class Sink {
 public:
  explicit Sink(const histokt_sink* sink) : sink_(sink) {}

  void put_file(const std::filesystem::path& file) const { check(sink_->put_file(sink_, file.c_str())); }
  void put_encoded(const void* bytes, std::size_t size) const {
    check(sink_->put_encoded(sink_, bytes, size));
  }
  // height x width x channels bytes to fill, owned by the host.
  std::uint8_t* allocate(std::uint32_t height, std::uint32_t width, std::uint32_t channels) const {
    std::uint8_t* pixels = sink_->allocate(sink_, height, width, channels);
    if (!pixels) throw Refused();
    return pixels;
  }

  // The host refused and has set the reason itself.
  class Refused : public std::exception {
   public:
    const char* what() const noexcept override { return "refused by the host"; }
  };

 private:
  static void check(histokt_status status) {
    if (status != HISTOKT_OK) throw Refused();
  }
  const histokt_sink* sink_;
};

// Base of every dataset written in C++. The constructor lists; after it nothing changes, so that any thread
// may read info and samples.
class Dataset {
 public:
  // What a reader keeps between two pictures: an open file, a buffer. Belongs to one thread at a time.
  class Reader {
   public:
    virtual ~Reader() = default;
  };

  virtual ~Dataset() = default;

  // Made once for each reading thread.
  virtual std::unique_ptr<Reader> open_reader() const { return std::make_unique<Reader>(); }

  // Hands picture `index` to the sink; by default the sample's file.
  virtual void read(Reader&, std::size_t index, const Sink& sink) const {
    sink.put_file(samples_[index].file);
  }

  // Where labels_from_masks: what the codes of the masks mean, and the mask of picture `index`.
  virtual const std::vector<histokt_mask_code>& mask_codes() const {
    static const std::vector<histokt_mask_code> kNone;
    return kNone;
  }
  virtual void read_mask(Reader&, std::size_t, const Sink&) const { throw PluginError("there are no masks"); }
  // A class is present where its share is > label_threshold; a patch is kept where all classes together
  // cover at least min_coverage.
  virtual double label_threshold() const { return 0.0; }
  virtual double min_coverage() const { return 0.0; }

  const DatasetInfo& get_info() const { return info; }
  const std::vector<Sample>& get_samples() const { return samples_; }

 protected:
  DatasetInfo info;
  void add(Sample sample) {
    if (sample.group.empty()) sample.group = sample.id;
    samples_.push_back(std::move(sample));
  }

 private:
  std::vector<Sample> samples_;
};

namespace detail {

// The C functions for a dataset class. Everything here is called by the host alone.
template <typename Class>
struct DatasetFace {
  struct Object {
    const histokt_host* host;
    std::unique_ptr<Class> dataset;
    std::vector<const char*> classes;
  };
  struct ReaderObject {
    const Object* object;
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
      if (index >= dataset.get_samples().size()) throw PluginError("there is no picture of that index");
      dataset.read(state, index, Sink(sink));
    });
  }

  static histokt_status read_mask(histokt_reader* handle, std::uint64_t index,
                                  const histokt_sink* sink) noexcept {
    return read_with(handle, [&](const Class& dataset, Dataset::Reader& state) {
      if (index >= dataset.get_samples().size()) throw PluginError("there is no picture of that index");
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

// Flags of a class that says so: static constexpr bool kRootOptional = true.
template <typename Class>
constexpr std::uint32_t plugin_flags() {
  std::uint32_t flags = 0;
  if constexpr (requires { Class::kRootOptional; }) {
    if (Class::kRootOptional) flags |= HISTOKT_PLUGIN_ROOT_OPTIONAL;
  }
  return flags;
}

}  // namespace detail
}  // namespace histokt

// Defines the plugin: once, at global scope. Class has kOptions (a constexpr array of histokt_option, or a
// std::array, which may be empty), a constructor from DatasetRequest, and may have kCard and kRootOptional.
// The others are string literals.
#define HISTOKT_DATASET_PLUGIN(Class, name, version, summary, licence, citation) \
  HISTOKT_NOTE("dataset", name, version, "");                                    \
  extern "C" HISTOKT_EXPORT const histokt_descriptor histokt_plugin = {          \
      HISTOKT_MAGIC,                                                             \
      sizeof(histokt_descriptor),                                                \
      HISTOKT_ABI_MAJOR,                                                         \
      HISTOKT_ABI_MINOR,                                                         \
      HISTOKT_DATASET,                                                           \
      ::histokt::detail::plugin_flags<Class>(),                                  \
      sizeof(histokt_option),                                                    \
      name,                                                                      \
      version,                                                                   \
      summary,                                                                   \
      licence,                                                                   \
      citation,                                                                  \
      "",                                                                        \
      std::data(Class::kOptions),                                                \
      std::size(Class::kOptions),                                                \
      &::histokt::detail::DatasetFace<Class>::kApi,                              \
      &::histokt::detail::card_extension<Class>}
