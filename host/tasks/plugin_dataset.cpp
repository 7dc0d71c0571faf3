// SPDX-License-Identifier: MIT
#include "tasks/plugin_dataset.hpp"

#include <algorithm>
#include <functional>
#include <histokt/adapters/text.hpp>
#include <limits>
#include <unordered_set>

#include "base/errors.hpp"
#include "config/configured_plugin.hpp"
#include "config/standardize_options.hpp"
#include "plugins/plugin_host.hpp"

namespace histokt {
namespace {

constexpr const char* kFault = "; this is a bug in the plugin: report it to its authors";

std::string level_name(histokt_group_level level, const std::string& owner) {
  switch (level) {
    case HISTOKT_GROUP_PICTURE:
      return "image";
    case HISTOKT_GROUP_SLIDE:
      return "slide";
    case HISTOKT_GROUP_PATIENT:
      return "patient";
    default:
      throw RunError(owner + " names the unknown group level " + std::to_string(level) + kFault);
  }
}

// What reader and dataset share: the plugin's object and the host it talks to.
struct Handle {
  Handle(const Plugin& from, const std::filesystem::path& scratch, std::int64_t most)
      : plugin(from),
        api(from.api<histokt_dataset_api>()),
        max_pixels(most),
        host(from.title(), from.file(), scratch) {}
  ~Handle() {
    if (dataset) host.call_last("closing", [&] { api.destroy(dataset); });
  }
  const Plugin& plugin;
  const histokt_dataset_api& api;
  const std::int64_t max_pixels;
  const histokt_dataset_masks* masks = nullptr;
  PluginHost host;
  histokt_dataset* dataset = nullptr;
};

// Pixels as the plugin wrote them.
struct WrittenPixels {
  int height = 0, width = 0, channels = 0;
  PixelBuffer<std::uint8_t> bytes;
};

using Received = std::variant<std::filesystem::path, std::vector<std::byte>, WrittenPixels>;

// The host's side of a histokt_sink: takes one image or mask.
class ReceivingSink {
 public:
  ReceivingSink(std::string title, std::int64_t max_pixels)
      : title_(std::move(title)), max_pixels_(max_pixels) {
    sink_ = {sizeof(histokt_sink), 0, this, put_file, put_encoded, allocate};
  }
  ReceivingSink(const ReceivingSink&) = delete;
  ReceivingSink& operator=(const ReceivingSink&) = delete;
  const histokt_sink* raw() const { return &sink_; }

  Received take() {
    if (puts_ == 1) return std::move(received_);
    throw RunError(title_ + ": the plugin returned " + std::to_string(puts_) +
                   " images where one is expected" + kFault);
  }

 private:
  static ReceivingSink& of(const histokt_sink* sink) { return *static_cast<ReceivingSink*>(sink->context); }

  template <typename Put>
  static histokt_status guarded(const histokt_sink* sink, Put&& put) {
    try {
      of(sink).received_ = put();
      ++of(sink).puts_;
      return HISTOKT_OK;
    } catch (const std::exception& error) {
      set_plugin_error(error.what());
      return HISTOKT_FAILED;
    }
  }

  static histokt_status put_file(const histokt_sink* sink, const char* path) {
    return guarded(sink, [&]() -> Received {
      if (!path || !*path) throw RunError(std::string("the plugin names no file") + kFault);
      return std::filesystem::path(path);
    });
  }

  static histokt_status put_encoded(const histokt_sink* sink, const void* bytes, std::size_t size) {
    return guarded(sink, [&]() -> Received {
      if (!bytes && size > 0) throw RunError(std::string("the plugin returns no bytes") + kFault);
      const auto* begin = static_cast<const std::byte*>(bytes);
      return std::vector<std::byte>(begin, begin + size);
    });
  }

  static std::uint8_t* allocate(const histokt_sink* sink, std::uint32_t height, std::uint32_t width,
                                std::uint32_t channels) {
    const histokt_status status = guarded(sink, [&]() -> Received {
      const std::uint64_t pixels = std::uint64_t{height} * width;
      const auto most = static_cast<std::uint64_t>(of(sink).max_pixels_);
      const std::string size = std::to_string(width) + " x " + std::to_string(height) + " pixels";
      if (pixels == 0 || std::max(height, width) > std::uint32_t{std::numeric_limits<int>::max() / 4} ||
          (channels != 1 && channels != 3)) {
        throw RunError("an image of " + size + " and " + std::to_string(channels) +
                       " channels is not supported; expected 1 or 3 channels and at least one pixel" +
                       kFault);
      }
      if (pixels > most) {
        throw RunError("has " + size + ", more than the " + std::to_string(most) +
                       " allowed; raise `standardize.max_pixels` if that is right");
      }
      return WrittenPixels{static_cast<int>(height), static_cast<int>(width), static_cast<int>(channels),
                           PixelBuffer<std::uint8_t>(pixels * channels)};
    });
    return status == HISTOKT_OK ? std::get<WrittenPixels>(of(sink).received_).bytes.data() : nullptr;
  }

  std::string title_;
  std::int64_t max_pixels_;
  histokt_sink sink_;
  Received received_;
  int puts_ = 0;
};

Image to_image(WrittenPixels written) {
  Image image;
  if (written.channels == Image::kChannels) {
    image.height = written.height;
    image.width = written.width;
    image.pixels = std::move(written.bytes);
    return image;
  }
  image.resize(written.height, written.width);
  for (std::size_t i = 0; i < written.bytes.size(); ++i) {
    std::fill_n(image.pixels.begin() + static_cast<std::ptrdiff_t>(3 * i), 3, written.bytes[i]);
  }
  return image;
}

Mask to_mask(const WrittenPixels& written, const std::string& title) {
  if (written.channels != 1)
    throw RunError(title + ": the plugin wrote a mask of 3 channels, expected 1" + kFault);
  Mask mask;
  mask.resize(written.height, written.width);
  std::copy(written.bytes.begin(), written.bytes.end(), mask.codes.begin());
  return mask;
}

class PluginReader : public ImageReader {
 public:
  PluginReader(std::shared_ptr<Handle> handle, const ImageDataset& dataset)
      : handle_(std::move(handle)), dataset_(dataset) {
    const std::string phase = "opening a reader";
    handle_->host.call(phase, [&] { return handle_->api.open_reader(handle_->dataset, &reader_); });
    if (!reader_) handle_->host.fault(phase, "the plugin reports success but made no reader");
  }
  ~PluginReader() override {
    handle_->host.call_last("closing a reader", [&] { handle_->api.close_reader(reader_); });
  }

  ImageSource read(std::uint64_t index) override {
    const std::string title = "image " + dataset_.sample(index).id;
    Received received =
        receive(title, [&](const histokt_sink* sink) { return handle_->api.read(reader_, index, sink); });
    if (auto* written = std::get_if<WrittenPixels>(&received)) return to_image(std::move(*written));
    if (auto* bytes = std::get_if<std::vector<std::byte>>(&received)) return std::move(*bytes);
    return std::get<std::filesystem::path>(received);
  }

  MaskSource read_mask(std::uint64_t index) override {
    const std::string title = "mask of " + dataset_.sample(index).id;
    Received received = receive(
        title, [&](const histokt_sink* sink) { return handle_->masks->read_mask(reader_, index, sink); });
    if (auto* written = std::get_if<WrittenPixels>(&received)) return to_mask(*written, title);
    if (auto* bytes = std::get_if<std::vector<std::byte>>(&received)) return std::move(*bytes);
    return std::get<std::filesystem::path>(received);
  }

 private:
  template <typename Read>
  Received receive(const std::string& title, Read&& read) {
    ReceivingSink sink(handle_->plugin.title() + ", " + title, handle_->max_pixels);
    try {
      handle_->host.call(title, [&] { return read(sink.raw()); });
    } catch (const PluginFault&) {
      throw;
    } catch (const RunError& error) {  // the plugin tells of this image
      throw BadImage(error.what());
    }
    return sink.take();
  }

  std::shared_ptr<Handle> handle_;
  const ImageDataset& dataset_;
  histokt_reader* reader_ = nullptr;
};

class PluginDataset : public ImageDataset {
 public:
  PluginDataset(std::shared_ptr<Handle> handle, ImageDatasetInfo info, std::vector<ImageSample> samples,
                MaskRules rules)
      : handle_(std::move(handle)),
        info_(std::move(info)),
        samples_(std::move(samples)),
        rules_(std::move(rules)) {}

  const ImageDatasetInfo& info() const override { return info_; }
  ImageSample sample(std::uint64_t index) const override { return samples_.at(index); }
  std::unique_ptr<ImageReader> make_reader() const override {
    return std::make_unique<PluginReader>(handle_, *this);
  }
  MaskRules mask_rules() const override { return rules_; }

  void check_out_of_range_refusals() const {
    histokt_sample sample{};
    sample.struct_size = sizeof sample;
    check_refusal("listing", [&] { return handle_->api.get_sample(handle_->dataset, info_.size, &sample); });
    histokt_reader* reader = nullptr;
    handle_->host.call("opening a reader",
                       [&] { return handle_->api.open_reader(handle_->dataset, &reader); });
    const std::shared_ptr<histokt_reader> closed_at_the_end(reader, [this](histokt_reader* r) {
      handle_->host.call_last("closing a reader", [&] { handle_->api.close_reader(r); });
    });
    ReceivingSink sink(handle_->plugin.title(), handle_->max_pixels);
    check_refusal("reading", [&] { return handle_->api.read(reader, info_.size, sink.raw()); });
  }

 private:
  void check_refusal(const std::string& what, const std::function<histokt_status()>& ask) const {
    const std::string phase =
        what + " image " + std::to_string(info_.size) + " of " + std::to_string(info_.size);
    histokt_status status = HISTOKT_OK;
    handle_->host.call(phase, [&] {
      status = ask();
      return HISTOKT_OK;
    });
    if (status == HISTOKT_OK) handle_->host.fault(phase, "the plugin does not refuse an index past the end");
    if (plugin_error().empty())
      handle_->host.fault(phase, "the plugin refuses an index past the end without giving a reason");
  }

  std::shared_ptr<Handle> handle_;
  ImageDatasetInfo info_;
  std::vector<ImageSample> samples_;
  MaskRules rules_;
};

// What results and tables name must be text that they can hold.
void check_text(const std::string& text, const char* what, const std::string& owner) {
  if (adapters::is_utf8(text)) return;
  throw RunError(owner + " " + what + " by a name that is not UTF-8: " + text +
                 "; rename it, or fix the plugin");
}

ImageDatasetInfo checked_info(const histokt_dataset_info& raw, const std::string& name,
                              const std::string& owner) {
  ImageDatasetInfo info;
  info.name = name;
  for (std::size_t i = 0; i < raw.class_count; ++i) {
    if (!raw.classes || !raw.classes[i]) {
      throw RunError(owner + " says it has " + std::to_string(raw.class_count) +
                     " classes but does not name class " + std::to_string(i) + kFault);
    }
    info.classes.emplace_back(raw.classes[i]);
  }
  info.microns_per_pixel = raw.microns_per_pixel;
  info.multi_label = (raw.flags & HISTOKT_DATASET_MULTI_LABEL) != 0;
  info.as_is = (raw.flags & HISTOKT_DATASET_AS_IS) != 0;
  info.labels_from_masks = (raw.flags & HISTOKT_DATASET_LABELS_FROM_MASKS) != 0;
  info.group_level = level_name(raw.group_level, owner);
  info.size = raw.sample_count;
  for (int i = 0; i < 3; ++i) {
    info.paper_shares[i] = raw.paper_shares[i];
    info.paper_per_class[i] = raw.paper_per_class[i];
  }
  if (info.classes.empty()) throw RunError(owner + " lists no classes" + kFault);
  for (const std::string& known : info.classes) check_text(known, "names a class", owner);
  if (!(info.microns_per_pixel > 0))
    throw RunError(owner +
                   " gives no microns per pixel above 0; set the plugin's option microns_per_pixel if it has "
                   "one, or report it to its authors");
  if (info.size == 0)
    throw RunError(owner +
                   " lists no images; are they in the folder, and do the options exclude all of them?");
  return info;
}

ImageSample checked_sample(const histokt_sample& raw, const ImageDatasetInfo& info,
                           const std::string& owner) {
  if (!raw.id || !*raw.id || !raw.group || !*raw.group) {
    throw RunError(owner + " lists an image without id or group" + kFault);
  }
  check_text(raw.id, "lists an image", owner);
  check_text(raw.group, "lists a group", owner);
  ImageSample sample{raw.id,
                     raw.group,
                     raw.label,
                     {},
                     static_cast<std::int8_t>(raw.official_split),
                     static_cast<std::int8_t>(raw.paper_split)};
  for (histokt_split split : {raw.official_split, raw.paper_split}) {
    if (split < HISTOKT_SPLIT_NONE || split > HISTOKT_SPLIT_LEFT_OUT) {
      throw RunError(owner + ", image " + sample.id + ": unknown split " + std::to_string(split) + kFault);
    }
  }
  if (info.multi_label) {
    if (raw.labels) sample.labels.assign(raw.labels, raw.labels + info.classes.size());
    if (!raw.labels && !info.labels_from_masks)
      throw RunError(owner + ", image " + sample.id + ": no labels" + kFault);
  } else if (raw.label < 0 || raw.label >= static_cast<int>(info.classes.size())) {
    throw RunError(owner + ", image " + sample.id + ": label " + std::to_string(raw.label) +
                   " is outside 0 .. " + std::to_string(info.classes.size() - 1) + kFault);
  }
  return sample;
}

MaskRules mask_rules_of(Handle& handle) {
  const auto get = handle.api.get_extension;
  handle.masks = get ? static_cast<const histokt_dataset_masks*>(get(HISTOKT_DATASET_MASKS)) : nullptr;
  if (!handle.masks)
    throw RunError(handle.plugin.title() + " takes its labels from masks but provides none" + kFault);
  MaskRules rules;
  const histokt_mask_code* codes = nullptr;
  std::size_t count = 0;
  handle.host.call("mask codes", [&] { return handle.masks->get_codes(handle.dataset, &codes, &count); });
  for (std::size_t i = 0; i < count; ++i) rules.codes.push_back({codes[i].code, codes[i].class_index});
  handle.host.call("mask thresholds", [&] {
    return handle.masks->get_thresholds(handle.dataset, &rules.label_threshold, &rules.min_coverage);
  });
  return rules;
}

}  // namespace

OpenedDataset open_dataset(const Plugin& plugin, const OptionSet& options, const std::string& name,
                           const std::filesystem::path& root, const std::filesystem::path& scratch,
                           std::int64_t max_pixels) {
  if (root.empty() && !plugin.root_optional()) {
    throw RequestError(plugin.title() + " needs a root: the folder of the images as they were downloaded");
  }
  auto handle = std::make_shared<Handle>(plugin, scratch, max_pixels);
  const std::string phase = root.empty() ? "opening" : "opening " + root.string();
  handle->host.call(phase, [&] {
    return handle->api.create(handle->host.raw(), root.c_str(), &options.settings(), &handle->dataset);
  });
  if (!handle->dataset) handle->host.fault(phase, "the plugin reports success but made no dataset");
  const std::string owner = plugin.title() + (root.empty() ? "" : ", " + root.string());

  histokt_dataset_info raw{};
  raw.struct_size = sizeof raw;
  raw.overlap = -1;
  handle->host.call("describing itself", [&] { return handle->api.get_info(handle->dataset, &raw); });
  ImageDatasetInfo info = checked_info(raw, name, owner);

  std::vector<ImageSample> samples;
  std::unordered_set<std::string> ids;
  for (std::uint64_t i = 0; i < info.size; ++i) {
    histokt_sample sample{};
    sample.struct_size = sizeof sample;
    handle->host.call("listing", [&] { return handle->api.get_sample(handle->dataset, i, &sample); });
    samples.push_back(checked_sample(sample, info, owner));
    if (!ids.insert(samples.back().id).second) {
      throw RunError(owner + " lists the image " + samples.back().id + " twice" + kFault);
    }
  }
  MaskRules rules = info.labels_from_masks ? mask_rules_of(*handle) : MaskRules{};
  OpenedDataset opened;
  if (raw.overlap >= 0) opened.overlap = raw.overlap;
  opened.dataset = std::make_unique<PluginDataset>(std::move(handle), std::move(info), std::move(samples),
                                                   std::move(rules));
  return opened;
}

OpenedDataset open_dataset(const Experiment& experiment, const DatasetConfig& dataset,
                           const ComputeContext& compute) {
  const ConfiguredPlugin configured = configure(experiment, HISTOKT_DATASET, dataset.plugin);
  const OptionSet how = resolve_standardize(dataset.standardize, experiment.source, experiment.protocol);
  return open_dataset(*configured.plugin, configured.options, dataset.name, dataset.root,
                      compute.scratch / configured.plugin->name(), max_pixels(how));
}

void check_out_of_range_refusals(const OpenedDataset& opened) {
  dynamic_cast<const PluginDataset&>(*opened.dataset).check_out_of_range_refusals();
}

}  // namespace histokt
