// SPDX-License-Identifier: MIT
// The C++ interface of distiller plugins. Header-only over <histokt/plugin.h>; needs no library.
//
//   class Mean : public histokt::Distiller {
//    public:
//     static constexpr std::array<histokt_option, 0> kOptions = {};
//     explicit Mean(const histokt::DistillerRequest&) {}
//     void merge(const histokt::Merge& merge) override {
//       for (const histokt::TensorView& output : merge.outputs())
//         for (std::size_t s = 0; s < merge.source_count(); ++s) ... merge.input(s, output.name()) ...
//     }
//   };
//   HISTOKT_DISTILLER_PLUGIN(Mean, "mean", "1.0.0", "The mean of the sources", "MIT", "")
//
// A distiller that learns from the sources' training patches declares that, and asks during merge:
//
//     static constexpr bool kNeedsData = true;
//     ...
//     const histokt::TensorSet fisher = histokt::squared_gradients(host_, source, /*samples=*/256);
//     fisher.find("conv1.weight")->floats();
//
// A distiller that needs what the sources were tuned from declares
//
//     static constexpr bool kNeedsBase = true;
//
// and then finds it in merge.base(name).
//
// A distiller with a control (options that leave out the idea of the method) declares it and is defined by
// HISTOKT_DISTILLER_PLUGIN_WITH_CONTROL:
//
//     static constexpr histokt_pair kControlOptions[] = {{"directions", "\"random\""}};
//     static constexpr auto kControl =
//         histokt::control("random directions", "Random directions are drawn once.", kControlOptions);
#pragma once

#include <histokt/plugin.h>
#include <histokt/host.hpp>
#include <histokt/options.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace histokt {

struct DistillerRequest {
  Settings settings;  // valid during the constructor
  Host host;
};

// A view of one host-owned tensor. Valid during merge.
class TensorView {
 public:
  explicit TensorView(const histokt_tensor* tensor) : tensor_(tensor) {}

  std::string_view name() const { return tensor_->name; }
  histokt_role role() const { return tensor_->role; }
  histokt_dtype dtype() const { return tensor_->dtype; }
  std::span<const std::int64_t> shape() const {
    return {tensor_->shape, static_cast<std::size_t>(tensor_->rank)};
  }
  std::size_t size() const {
    std::size_t product = 1;
    for (std::int64_t side : shape()) product *= static_cast<std::size_t>(side);
    return product;
  }
  // Name of the channels along an axis, "" if not applicable.
  std::string_view channels(std::size_t axis) const {
    return tensor_->channels ? tensor_->channels[axis] : "";
  }

  // The entries, rows first. Throws PluginError unless dtype() is float32.
  std::span<float> floats() const {
    if (tensor_->dtype != HISTOKT_FLOAT32) throw PluginError(std::string(name()) + ": float32 is expected");
    return {static_cast<float*>(tensor_->data), size()};
  }

 private:
  const histokt_tensor* tensor_;
};

// Tensors that the host lends, by name. Valid until merge returns.
class TensorSet {
 public:
  // size: of one histokt_tensor, as the host has it.
  TensorSet(const histokt_tensor* tensors, std::size_t count, std::size_t size) {
    const char* bytes = reinterpret_cast<const char*>(tensors);
    for (std::size_t i = 0; i < count; ++i) {
      tensors_.emplace_back(reinterpret_cast<const histokt_tensor*>(bytes + i * size));
    }
  }

  const std::vector<TensorView>& all() const { return tensors_; }
  std::optional<TensorView> find(std::string_view name) const {
    for (const TensorView& tensor : tensors_) {
      if (tensor.name() == name) return tensor;
    }
    return std::nullopt;
  }

 private:
  std::vector<TensorView> tensors_;
};

namespace detail {

template <typename Service>
const Service& data_service(const Host& host, const char* id) {
  if (const auto* service = host.find<Service>(id)) return *service;
  throw PluginError(std::string("this host has no service ") + id + "; use a newer one");
}
inline void let_pass(histokt_status status) {
  if (status != HISTOKT_OK) throw HostFailed(status);
}

}  // namespace detail

// Diagonal Fisher information of a source, a tensor for each parameter: see histokt_gradients_service. Throws
// an error that merge passes on to the host, such as that no data was given.
inline TensorSet squared_gradients(const Host& host, std::size_t source, std::uint64_t samples) {
  const histokt_tensor* tensors = nullptr;
  std::size_t count = 0;
  const auto& service = detail::data_service<histokt_gradients_service>(host, HISTOKT_GRADIENTS_SERVICE);
  detail::let_pass(service.squared(host.raw(), source, samples, &tensors, &count));
  return {tensors, count, service.tensor_size};
}

// Gram matrix (k, k) of the unfolded inputs of one weight (n_o, k...), nullopt if it has none: see
// histokt_activations_service. Valid until the next call for this source. Throws likewise.
inline std::optional<TensorView> input_gram(const Host& host, std::size_t source, std::uint64_t samples,
                                            std::string_view weight) {
  const histokt_tensor* gram = nullptr;
  const auto& service = detail::data_service<histokt_activations_service>(host, HISTOKT_ACTIVATIONS_SERVICE);
  detail::let_pass(service.input_gram_of(host.raw(), source, samples, std::string(weight).c_str(), &gram));
  return gram ? std::optional(TensorView(gram)) : std::nullopt;
}

// The networks to merge and the outputs. Valid during Distiller::merge.
class Merge {
 public:
  explicit Merge(const histokt_merge* merge) : merge_(merge) {}

  std::size_t source_count() const { return merge_->source_count; }
  std::string_view source_name(std::size_t source) const { return at(source).name; }
  std::vector<TensorView> inputs(std::size_t source) const {
    return views(at(source).tensors, at(source).tensor_count, at(source).tensor_size);
  }
  // The tensor of that name in a source. Throws PluginError if there is none.
  TensorView input(std::size_t source, std::string_view name) const { return find(at(source), name); }

  // Metadata of a source's checkpoint, "" if the key is missing.
  std::string provenance(std::size_t source, std::string_view key) const {
    const histokt_source& from = at(source);
    for (std::size_t i = 0; i < from.provenance_count; ++i) {
      if (key == from.provenance[i].key) return from.provenance[i].value;
    }
    return "";
  }

  // What the sources were tuned from, for distillers with kNeedsBase. base() throws PluginError if there is
  // no such tensor, or no base because the class does not declare that it needs one.
  bool has_base() const { return merge_->base != nullptr; }
  TensorView base(std::string_view name) const {
    if (!has_base()) {
      throw PluginError(
          "it asks for a base, which its descriptor does not say (HISTOKT_PLUGIN_NEEDS_BASE, or kNeedsBase "
          "in C++); this is a bug in the plugin: report it to its authors");
    }
    return find(*merge_->base, name);
  }

  // Where the result goes; every entry must be written.
  std::vector<TensorView> outputs() const {
    return views(merge_->outputs, merge_->output_count, merge_->output_size);
  }

 private:
  const histokt_source& at(std::size_t source) const {
    if (source >= merge_->source_count) throw PluginError("there is no source of that index");
    const char* bytes = reinterpret_cast<const char*>(merge_->sources);
    return *reinterpret_cast<const histokt_source*>(bytes + source * merge_->source_size);
  }
  static std::vector<TensorView> views(const histokt_tensor* tensors, std::size_t count, std::size_t size) {
    return TensorSet(tensors, count, size).all();
  }
  static TensorView find(const histokt_source& source, std::string_view name) {
    for (const TensorView& tensor : views(source.tensors, source.tensor_count, source.tensor_size)) {
      if (tensor.name() == name) return tensor;
    }
    throw PluginError(std::string(source.name) + " has no tensor \"" + std::string(name) + "\"");
  }

  const histokt_merge* merge_;
};

// A control for experiments: see histokt_distiller_control. options: key and value as written in TOML.
template <std::size_t count>
constexpr histokt_distiller_control control(const char* name, const char* summary,
                                            const histokt_pair (&options)[count]) {
  return {sizeof(histokt_distiller_control), 0, name, summary, options, count};
}

// Base of every distiller written in C++. Used by one thread at a time.
class Distiller {
 public:
  virtual ~Distiller() = default;
  virtual void merge(const Merge& merge) = 0;
  // Whether another order of the same sources gives another network, with this object's settings.
  virtual bool order_matters() const { return true; }
  // Throws BadRequest if the settings do not fit this number of sources. Asked before any merge, and when an
  // experiment is planned.
  virtual void check_sources(std::size_t /*count*/) const {}
};

namespace detail {

// What a distiller declares besides its options.
template <typename Class>
constexpr std::uint32_t distiller_flags() {
  std::uint32_t flags = 0;
  if constexpr (requires { requires Class::kNeedsData; }) flags |= HISTOKT_PLUGIN_NEEDS_DATA;
  if constexpr (requires { requires Class::kNeedsBase; }) flags |= HISTOKT_PLUGIN_NEEDS_BASE;
  return flags;
}

template <typename Class>
concept HasControl = requires {
  Class::kControl.option_count;
};

template <typename Class>
struct DistillerFace {
  struct Object {
    const histokt_host* host = nullptr;
    std::unique_ptr<Distiller> distiller;
  };
  static histokt_status create(const histokt_host* host, const histokt_settings* settings,
                               histokt_distiller** out) noexcept {
    return guarded(host, [&] {
      auto made = std::make_unique<Object>();
      made->host = host;
      made->distiller = std::make_unique<Class>(DistillerRequest{Settings(*settings), Host(host)});
      *out = reinterpret_cast<histokt_distiller*>(made.release());
    });
  }
  static void destroy(histokt_distiller* handle) noexcept { delete reinterpret_cast<Object*>(handle); }
  static histokt_status merge(histokt_distiller* handle, const histokt_merge* merge) noexcept {
    auto* self = reinterpret_cast<Object*>(handle);
    return guarded(self->host, [&] { self->distiller->merge(Merge(merge)); });
  }
  static std::int32_t order_matters(const histokt_distiller* handle) noexcept {
    return reinterpret_cast<const Object*>(handle)->distiller->order_matters() ? 1 : 0;
  }
  static histokt_status check_sources(const histokt_distiller* handle, std::size_t count) noexcept {
    const auto* self = reinterpret_cast<const Object*>(handle);
    return guarded(self->host, [&] { self->distiller->check_sources(count); });
  }
  static constexpr histokt_distiller_order kOrder = {sizeof(histokt_distiller_order), 0, order_matters};
  static constexpr histokt_distiller_sources kSources = {sizeof(histokt_distiller_sources), 0, check_sources};
  static const void* get_extension(const char* id) noexcept {
    if (std::string_view(id) == HISTOKT_DISTILLER_ORDER) return &kOrder;
    if constexpr (HasControl<Class>) {
      if (std::string_view(id) == HISTOKT_DISTILLER_CONTROL) return &Class::kControl;
    }
    return std::string_view(id) == HISTOKT_DISTILLER_SOURCES ? &kSources : nullptr;
  }
  static constexpr histokt_distiller_api kApi = {
      sizeof(histokt_distiller_api), 0, create, destroy, merge, get_extension};
};

}  // namespace detail
}  // namespace histokt

// Defines the plugin: once, at global scope. Class has kOptions and a constructor from DistillerRequest.
#define HISTOKT_DISTILLER_PLUGIN(Class, name, version, summary, licence, citation)            \
  static_assert(!::histokt::detail::HasControl<Class>,                                        \
                "a class with kControl is defined by HISTOKT_DISTILLER_PLUGIN_WITH_CONTROL"); \
  HISTOKT_NOTE("distiller", name, version, "");                                               \
  HISTOKT_DISTILLER_DESCRIPTOR_(Class, name, version, summary, licence, citation)

// The same for a class that also has kControl.
#define HISTOKT_DISTILLER_PLUGIN_WITH_CONTROL(Class, name, version, summary, licence, citation) \
  static_assert(::histokt::detail::HasControl<Class>, "the class has no kControl");             \
  HISTOKT_NOTE_WITH("distiller", name, version, "", HISTOKT_DISTILLER_CONTROL);                 \
  HISTOKT_DISTILLER_DESCRIPTOR_(Class, name, version, summary, licence, citation)

#define HISTOKT_DISTILLER_DESCRIPTOR_(Class, name, version, summary, licence, citation) \
  extern "C" HISTOKT_EXPORT const histokt_descriptor histokt_plugin = {                 \
      HISTOKT_MAGIC,                                                                    \
      sizeof(histokt_descriptor),                                                       \
      HISTOKT_ABI_MAJOR,                                                                \
      HISTOKT_ABI_MINOR,                                                                \
      HISTOKT_DISTILLER,                                                                \
      ::histokt::detail::distiller_flags<Class>(),                                      \
      sizeof(histokt_option),                                                           \
      name,                                                                             \
      version,                                                                          \
      summary,                                                                          \
      licence,                                                                          \
      citation,                                                                         \
      "",                                                                               \
      std::data(Class::kOptions),                                                       \
      std::size(Class::kOptions),                                                       \
      &::histokt::detail::DistillerFace<Class>::kApi,                                   \
      nullptr}
