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

// A 3 x 3 convolution with stride 2 and padding 1, place by place.
Tensor by_hand(const Tensor& images) {
  const std::int64_t channels = images.size(1), side = images.size(2), places = (side + 1) / 2;
  const Tensor padded = torch::constant_pad_nd(images, {1, 1, 1, 1});
  Tensor sum = torch::zeros({channels * 9, channels * 9}, torch::kDouble);
  for (std::int64_t n = 0; n < images.size(0); ++n) {
    for (std::int64_t i = 0; i < places; ++i) {
      for (std::int64_t j = 0; j < places; ++j) {
        const Tensor u =
            padded[n].slice(1, 2 * i, 2 * i + 3).slice(2, 2 * j, 2 * j + 3).reshape({-1}).to(torch::kDouble);
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
  EXPECT_LT(difference(grams.at("conv1.weight"), by_hand(images_of(patches))), 1e-5);
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
