// SPDX-License-Identifier: MIT
// The C++ interface of model plugins: a network in three parts, encode, pool and classify. Uses libtorch,
// whose C++ ABI is not stable, so a model must be built with the host's libtorch and compiler
// (<histokt/fingerprint.h>). Methods may throw std::exception; the host catches at each call. A model belongs
// to one thread at a time.
#pragma once

#include <torch/types.h>

#include <histokt/fingerprint.h>
#include <histokt/plugin.h>
#include <histokt/host.hpp>
#include <histokt/options.hpp>

#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace histokt {

struct ModelRequest {
  Settings settings;  // valid during the constructor
  Host host;
  std::int64_t classes;  // outputs of the head, > 0
  std::uint64_t seed;    // for the random weights: the same seed gives the same bits
};

// One tensor of the state dict.
struct ModelTensor {
  std::string name;      // torchvision's, if there is one: "layer1.0.conv1.weight"
  torch::Tensor tensor;  // shares memory with the model
  histokt_role role = HISTOKT_ROLE_OTHER;
  bool trainable = false;  // a parameter, not a buffer
  // For each axis the name of its channels ("" if not applicable); axes with one name are tied: see
  // histokt_tensor.
  std::vector<std::string> channels = {};
};

// A classifier of patches. Images are float (N, 3, H, W), normalised by the host.
class HISTOKT_EXPORT Model {
 public:
  virtual ~Model();

  // (N, 3, H, W) -> activations of the last block (N, C, h, w).
  virtual torch::Tensor encode(const torch::Tensor& images) = 0;
  // (N, C, h, w) -> features (N, D).
  virtual torch::Tensor pool(const torch::Tensor& activations) = 0;
  // (N, D) -> logits (N, classes).
  virtual torch::Tensor classify(const torch::Tensor& features) = 0;
  // All three.
  torch::Tensor forward(const torch::Tensor& images) { return classify(pool(encode(images))); }

  // Replaces the head by a fresh one with random weights. Tensors obtained before no longer belong to the
  // model.
  virtual void reset_head(std::int64_t classes, std::uint64_t seed) = 0;

  // The state dict, in its order. The tensors share memory with the model.
  virtual std::vector<ModelTensor> tensors() = 0;

  // Switches batch-norm and similar layers between batch statistics (true) and running ones (false). With
  // frozen_encoder only the head is trained, and the encoder keeps its running statistics.
  virtual void set_training(bool training, bool frozen_encoder) = 0;

  // Moves everything, as torch::nn::Module::to does.
  virtual void to(torch::Device device) = 0;
};

// The factory that the plugin exports.
struct ModelApi {
  std::uint32_t struct_size;
  std::unique_ptr<Model> (*create)(const ModelRequest& request);
};

}  // namespace histokt

// Defines the plugin: once, at global scope. Class has kOptions and a constructor from ModelRequest.
#define HISTOKT_TORCH_PLUGIN_(kind_text, kind_value, Class, Api, Request, Base, name, version, summary,   \
                              licence, citation)                                                          \
  HISTOKT_NOTE(kind_text, name, version, HISTOKT_FINGERPRINT);                                            \
  static constexpr ::histokt::Api histokt_api = {                                                         \
      sizeof(::histokt::Api), [](const ::histokt::Request& request) -> std::unique_ptr<::histokt::Base> { \
        return std::make_unique<Class>(request);                                                          \
      }};                                                                                                 \
  extern "C" HISTOKT_EXPORT const histokt_descriptor histokt_plugin = {HISTOKT_MAGIC,                     \
                                                                       sizeof(histokt_descriptor),        \
                                                                       HISTOKT_ABI_MAJOR,                 \
                                                                       HISTOKT_ABI_MINOR,                 \
                                                                       kind_value,                        \
                                                                       0,                                 \
                                                                       sizeof(histokt_option),            \
                                                                       name,                              \
                                                                       version,                           \
                                                                       summary,                           \
                                                                       licence,                           \
                                                                       citation,                          \
                                                                       HISTOKT_FINGERPRINT,               \
                                                                       std::data(Class::kOptions),        \
                                                                       std::size(Class::kOptions),        \
                                                                       &histokt_api,                      \
                                                                       nullptr}
#define HISTOKT_MODEL_PLUGIN(Class, name, version, summary, licence, citation)                       \
  HISTOKT_TORCH_PLUGIN_("model", HISTOKT_MODEL, Class, ModelApi, ModelRequest, Model, name, version, \
                        summary, licence, citation)
