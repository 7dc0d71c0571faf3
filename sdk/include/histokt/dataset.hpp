// SPDX-License-Identifier: MIT
// The C++ interface of dataset plugins. Header-only over <histokt/plugin.h>; needs no library.
//
//   #include <histokt/dataset.hpp>
//
//   class Slides : public histokt::Dataset {
//    public:
//     static constexpr histokt_option kOptions[] = {
//         histokt::number_option("microns_per_pixel", "0.5", 1e-3, 100, "Of the images on disk.")};
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
// A dataset whose images are not files overrides read(). Exceptions become errors that name the plugin:
// throw histokt::BadRequest for a root or an option that cannot be met, histokt::PluginError for bad data.
#pragma once

#include <histokt/plugin.h>
#include <histokt/host.hpp>
#include <histokt/options.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace histokt {

// The arguments of a dataset's constructor. `settings` is valid during the constructor, `host` as long as the
// dataset.
struct DatasetRequest {
  std::filesystem::path root;  // absolute; empty if the user gave none (kRootOptional)
  Settings settings;           // of the class's kOptions, defaults filled in, types and ranges checked
  Host host;
};

// The description of a dataset, filled in by its constructor. The host refuses a dataset without classes or
// samples, and one whose microns_per_pixel is not above 0.
struct DatasetInfo {
  // The names of the classes, in the order of their indices.
  std::vector<std::string> classes;
  // Of the images as they are on disk. The host rescales them, to 1 micron per pixel unless told otherwise.
  double microns_per_pixel = 0;
  // The meaning of Sample::group: images of one patient, say, are never divided between train, valid and
  // test.
  histokt_group_level group_level = HISTOKT_GROUP_PICTURE;
  // An image may have any number of classes: Sample::labels is used instead of Sample::label.
  bool multi_label = false;
  // Images are patches already: neither rescaled nor cropped nor filtered for background.
  bool as_is = false;
  // A patch's labels come from its share of a mask; see Dataset::mask_codes. Implies multi_label.
  bool labels_from_masks = false;

  // The published protocol (`protocol = "paper"`): samples without a paper_split are shuffled and cut at
  // these shares of train, valid and test; then at most so many patches of each class are taken into each
  // (0: no limit).
  std::array<double, 3> paper_shares = {0.8, 0.1, 0.1};
  std::array<std::uint64_t, 3> paper_per_class = {0, 0, 0};
  // The overlap of neighbouring patches, a share of their side, as published; negative: the host's default.
  double overlap = -1;
};

// One image of the dataset in the listing; nothing is read yet.
struct Sample {
  // Unique and the same on every machine: the path below the root, with '/'. Results name images by it.
  std::string id;
  // What must not be divided between splits: patient, slide. Empty: the image itself.
  std::string group;
  // Index into classes; stays -1 if multi-label.
  int label = -1;
  // If multi-label, a 0 or 1 for each class; otherwise empty.
  std::vector<std::uint8_t> labels = {};
  // Absolute. May stay empty if read() is overridden.
  std::filesystem::path file = {};
  // As the dataset's makers split it, and as the published code did; NONE: left to the host.
  histokt_split official_split = HISTOKT_SPLIT_NONE;
  histokt_split paper_split = HISTOKT_SPLIT_NONE;
};

// The destination of an image in read(): call exactly one of the three methods, once. Owned by the host,
// valid during the call. A thin wrapper of histokt_sink. Each method throws Refused if the host refuses the
// image; do not catch it.
class Sink {
 public:
  explicit Sink(const histokt_sink* sink) : sink_(sink) {}

  // The host opens and decodes the file.
  void put_file(const std::filesystem::path& file) const { check(sink_->put_file(sink_, file.c_str())); }

  // PNG, TIFF, JPEG and so on, in memory that may be freed when the call returns.
  void put_encoded(const void* bytes, std::size_t size) const {
    check(sink_->put_encoded(sink_, bytes, size));
  }

  // Host-owned memory for height x width x channels bytes, rows first, to be filled before read() returns:
  // RGB for 3 channels, grey (and masks) for 1.
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

// Base of every dataset written in C++. The constructor lists: it sets info and adds the samples, the same
// ones in the same order for the same root and settings. After it nothing changes, so that any thread may
// read info and samples, and several may read images at once, each with a reader of its own.
class Dataset {
 public:
  // What a reader keeps between two images: an open file, a buffer. Used by one thread at a time.
  class Reader {
   public:
    virtual ~Reader() = default;
  };

  virtual ~Dataset() = default;

  // Made once for each reading thread. Override it if read() needs to keep something.
  virtual std::unique_ptr<Reader> open_reader() const { return std::make_unique<Reader>(); }

  // Hands image `index` to the sink; by default the sample's file. The same index gives the same pixels,
  // whatever was read before. The reader was made by open_reader().
  virtual void read(Reader&, std::size_t index, const Sink& sink) const {
    sink.put_file(samples_[index].file);
  }

  // If labels_from_masks, the meaning of each code of a mask: a class, another tissue that counts only in the
  // denominator, or outside the region of interest. A code in a mask that this list lacks is an error in the
  // data.
  virtual const std::vector<histokt_mask_code>& mask_codes() const {
    static const std::vector<histokt_mask_code> kNone;
    return kNone;
  }

  // If labels_from_masks, hands over the mask of image `index`: grey, as large as the image.
  virtual void read_mask(Reader&, std::size_t, const Sink&) const { throw PluginError("there are no masks"); }

  // A class is present in a patch if its share of the mask is above label_threshold; a patch is kept if all
  // classes together cover at least min_coverage. Both from 0 to 1.
  virtual double label_threshold() const { return 0.0; }
  virtual double min_coverage() const { return 0.0; }

  const DatasetInfo& get_info() const { return info; }
  const std::vector<Sample>& get_samples() const { return samples_; }

 protected:
  // Both are for the constructor only.
  DatasetInfo info;
  void add(Sample sample) {
    if (sample.group.empty()) sample.group = sample.id;
    samples_.push_back(std::move(sample));
  }

 private:
  std::vector<Sample> samples_;
};

}  // namespace histokt

#include <histokt/detail/dataset_face.hpp>

// Defines the plugin: once in a library, at global scope. Class has
//   kOptions       a constexpr array of histokt_option, or a std::array, which may be empty
//   a constructor  from const DatasetRequest&
// and may have
//   kCard          static constexpr histokt_card_line kCard[] = {{"Tissue", "breast"}, ..., {}}, which
//                  `plugins describe` prints
//   kRootOptional  static constexpr bool kRootOptional = true: it makes its own images and needs no root
// The others are string literals: the name in lower case, the version as "1.2.0", raised whenever the
// dataset's content changes; the licence as an SPDX expression.
#define HISTOKT_DATASET_PLUGIN(Class, name, version, summary, licence, citation) \
  HISTOKT_NOTE("dataset", name, version, "");                                    \
  extern "C" HISTOKT_EXPORT constinit const histokt_descriptor histokt_plugin =  \
      ::histokt::detail::dataset_descriptor<Class>(name, version, summary, licence, citation)
