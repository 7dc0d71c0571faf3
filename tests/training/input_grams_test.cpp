// SPDX-License-Identifier: MIT
#include <torch/utils.h>

#include "training/input_grams.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/errors.hpp"
#include "support/tiny_model.hpp"

namespace histokt {
namespace {

using testing::ColouredPatches;
using testing::TinyModel;
using torch::Tensor;

const Runtime kRuntime;
constexpr Normalization kNormalization{{0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}};

std::map<std::string, Tensor> grams_of(Model& model, const PatchSource& patches, std::size_t count = 0,
                                       std::uint64_t seed = 7) {
  std::map<std::string, Tensor> grams;
  for (const NamedTensor& entry :
       input_grams(model, multiplied_weights(model), patches,
                   {.normalization = kNormalization, .count = count, .seed = seed}, kRuntime)) {
    grams[entry.name] = entry.tensor;
  }
  return grams;
}

Tensor images_of(const PatchSource& patches) {
  const NormalizationTable table(kNormalization);
  Loader loader(patches, table, {.order = file_order(patches.size()), .batch_size = patches.size()}, {});
  return loader.next()->images.contiguous();
}

// How a filter runs over an image, along height and width.
struct Walk {
  std::vector<std::int64_t> kernel, stride, padding, dilation;
};

// Place by place and entry by entry: (k, k), the mean over images.
Tensor by_hand(const Tensor& images, const Walk& walk) {
  const std::int64_t height = walk.kernel[0], width = walk.kernel[1], k = images.size(1) * height * width;
  const Tensor padded =
      torch::constant_pad_nd(images, {walk.padding[1], walk.padding[1], walk.padding[0], walk.padding[0]});
  Tensor sum = torch::zeros({k, k}, torch::kDouble);
  for (std::int64_t n = 0; n < images.size(0); ++n) {
    for (std::int64_t i = 0; i + walk.dilation[0] * (height - 1) < padded.size(2); i += walk.stride[0]) {
      for (std::int64_t j = 0; j + walk.dilation[1] * (width - 1) < padded.size(3); j += walk.stride[1]) {
        const Tensor u = padded[n]
                             .slice(1, i, i + walk.dilation[0] * (height - 1) + 1, walk.dilation[0])
                             .slice(2, j, j + walk.dilation[1] * (width - 1) + 1, walk.dilation[1])
                             .reshape({-1})
                             .to(torch::kDouble);
        sum += torch::outer(u, u);
      }
    }
  }
  return sum / images.size(0);
}

double difference(const Tensor& found, const Tensor& expected) {
  return (found.to(torch::kDouble) - expected).norm().item<double>() / expected.norm().item<double>();
}

TEST(InputGrams, OfAConvolutionSumUnfoldedInputsOverPlaces) {
  TinyModel model(3);
  const ColouredPatches patches(11, 3);  // more than a batch
  const auto grams = grams_of(model, patches);
  ASSERT_EQ(3u, grams.size());
  EXPECT_LT(
      difference(grams.at("conv1.weight"), by_hand(images_of(patches), {{3, 3}, {2, 2}, {1, 1}, {1, 1}})),
      1e-5);
}

// One convolution of seven channels, on what the three colours are multiplied to: k = 7 kh kw.
class OneConvolution final : public Model {
 public:
  OneConvolution(std::int64_t channels, Walk walk)
      : walk_(std::move(walk)), weight_(torch::ones({2, channels, walk_.kernel[0], walk_.kernel[1]})) {
    for (std::int64_t c = 0; c < channels; ++c) shades_.push_back(static_cast<float>(c) / 3 - 1);
  }
  Tensor shaded(const Tensor& images) const {
    return (torch::tensor(shades_).view({1, -1, 1, 1}) * images.sum(1, true)).sin();
  }
  Tensor encode(const Tensor& images) override {
    return torch::conv2d(shaded(images), weight_, {}, walk_.stride, walk_.padding, walk_.dilation);
  }
  Tensor pool(const Tensor& activations) override { return activations.mean({2, 3}); }
  Tensor classify(const Tensor& features) override { return features; }
  void reset_head(std::int64_t, std::uint64_t) override {}
  std::vector<ModelTensor> tensors() override {
    return {{"conv.weight", weight_, HISTOKT_ROLE_CONVOLUTION, true}};
  }
  void set_training(bool, bool) override {}
  void to(torch::Device) override {}

 private:
  Walk walk_;
  Tensor weight_;
  std::vector<float> shades_;
};

// The last has more rows than are made at a time, and its places are more than are unfolded at a time.
TEST(InputGrams, OfAConvolutionFollowItsStridePaddingAndDilation) {
  const ColouredPatches patches(9, 3);
  const std::vector<std::pair<std::int64_t, Walk>> cases = {{3, {{3, 3}, {1, 1}, {0, 0}, {2, 2}}},
                                                            {5, {{2, 4}, {3, 1}, {1, 2}, {1, 3}}},
                                                            {33, {{3, 3}, {1, 1}, {1, 1}, {1, 1}}}};
  for (const auto& [channels, walk] : cases) {
    OneConvolution model(channels, walk);
    const Tensor gram = grams_of(model, patches).at("conv.weight");
    EXPECT_LT(difference(gram, by_hand(model.shaded(images_of(patches)), walk)), 1e-5) << channels;
    EXPECT_TRUE(gram.equal(gram.t())) << channels;
  }
}

TEST(InputGrams, OfALinearLayerAreThoseOfTheFeatures) {
  TinyModel model(3);
  const ColouredPatches patches(11, 3);
  const auto grams = grams_of(model, patches);
  const torch::NoGradGuard no_gradient;
  const Tensor features = model.pool(model.encode(images_of(patches))).to(torch::kDouble);
  EXPECT_LT(difference(grams.at("fc.weight"), features.t().mm(features) / 11), 1e-5);
}

// What makes regmean exact: |W u|^2 summed over all places is the trace of W G W^T.
TEST(InputGrams, GiveTheEnergyOfTheOutputs) {
  TinyModel model(3);
  const ColouredPatches patches(4, 3);
  const auto grams = grams_of(model, patches);
  const torch::NoGradGuard no_gradient;
  const Tensor weight = model.tensors().front().tensor;
  const Tensor outputs = torch::conv2d(images_of(patches), weight, {}, 2, 1).to(torch::kDouble);
  const Tensor w = weight.flatten(1).to(torch::kDouble), g = grams.at("conv1.weight").to(torch::kDouble);
  EXPECT_NEAR(w.mm(g).mm(w.t()).trace().item<double>() / (outputs.square().sum().item<double>() / 4), 1,
              1e-5);
}

TEST(InputGrams, TheSeedDrawsThePatches) {
  TinyModel model(3);
  const ColouredPatches patches(20, 3);
  const Tensor first = grams_of(model, patches, 4, 1).at("conv1.weight");
  EXPECT_TRUE(first.equal(grams_of(model, patches, 4, 1).at("conv1.weight")));
  EXPECT_FALSE(first.equal(grams_of(model, patches, 4, 2).at("conv1.weight")));
}

TEST(InputGrams, OfSomeWeightsAreMadeAlone) {
  TinyModel model(3);
  const auto grams = input_grams(model, {{"conv2.weight", 72}}, ColouredPatches(4, 3), {}, kRuntime);
  ASSERT_EQ(1u, grams.size());
  EXPECT_EQ("conv2.weight", grams[0].name);
  EXPECT_EQ(72, grams[0].tensor.size(0));
}

TEST(InputGrams, OfSeveralNetworksHaveRoomTogether) {
  // 4 x 6000^2 bytes are 144 MB, and there is room for 537.
  const std::vector<MultipliedWeight> all = {{"a", 6000}, {"b", 6000}, {"c", 6000}, {"d", 20000}, {"e", 10}};
  const auto names = [&](const std::string& weight, std::size_t networks) {
    std::string text;
    for (const MultipliedWeight& each : gram_window(all, weight, networks)) text += each.name;
    return text;
  };
  EXPECT_EQ("abc", names("a", 1));
  EXPECT_EQ("a", names("a", 2));
  EXPECT_EQ("b", names("b", 4)) << "one has room whatever it takes";
  EXPECT_EQ("d", names("d", 1)) << "1.6 GB";
  EXPECT_EQ("", names("d", 2)) << "3.2 GB are too much";
  EXPECT_EQ("e", names("e", 2));
  EXPECT_EQ("", names("f", 1));
}

// Depthwise convolution, and a product that is no linear layer.
class Unusual final : public Model {
 public:
  Tensor encode(const Tensor& images) override { return torch::conv2d(images, grouped_, {}, 1, 1, 1, 3); }
  Tensor pool(const Tensor& activations) override { return activations.mean({2, 3}); }
  Tensor classify(const Tensor& features) override { return features.matmul(product_); }
  void reset_head(std::int64_t, std::uint64_t) override {}
  std::vector<ModelTensor> tensors() override {
    return {{"grouped.weight", grouped_, HISTOKT_ROLE_CONVOLUTION, true},
            {"product.weight", product_, HISTOKT_ROLE_LINEAR, true}};
  }
  void set_training(bool, bool) override {}
  void to(torch::Device) override {}

 private:
  Tensor grouped_ = torch::ones({3, 1, 3, 3}), product_ = torch::ones({3, 2});
};

TEST(InputGrams, LeaveOutWhatTheyCannotSee) {
  Unusual model;
  EXPECT_EQ(2u, multiplied_weights(model).size());
  EXPECT_TRUE(grams_of(model, ColouredPatches(4, 2)).empty());
}

TEST(InputGrams, RefuseInputsThatAreNotFinite) {
  TinyModel model(3);
  {
    const torch::NoGradGuard no_gradient;
    Tensor weight = model.tensors().front().tensor;
    weight.fill_(std::nanf(""));
  }
  EXPECT_THROW(grams_of(model, ColouredPatches(4, 3)), RunError);
}

}  // namespace
}  // namespace histokt
