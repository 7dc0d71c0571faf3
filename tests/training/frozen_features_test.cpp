// SPDX-License-Identifier: MIT
#include "training/frozen_features.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/errors.hpp"
#include "support/tiny_model.hpp"

namespace histokt {
namespace {

using testing::ColouredPatches;
using testing::PlainSgd;
using testing::TinyModel;

class Views : public ::testing::Test {
 protected:
  TrainRequest request_for(Model& model, int views) const {
    TrainRequest request;
    request.model = &model;
    request.optimizer = [](std::vector<NamedParameter> p) {
      return std::make_unique<PlainSgd>(std::move(p), 0.05);
    };
    request.train = &train_;
    request.valid = &valid_;
    request.normalization = {{.4, .4, .4}, {.2, .2, .2}};
    request.epochs = 6;
    request.batch_size = 8;
    request.layers = TrainedLayers::kHead;
    request.seed = 11;
    request.views = views;
    return request;
  }

  ColouredPatches train_{45, 3}, valid_{20, 3, false, 16, 9};
};

TEST_F(Views, LearnAsWithoutThemWhereNothingIsAugmented) {
  TinyModel plain(3), kept(3);
  TrainRequest first = request_for(plain, 0), second = request_for(kept, 2);
  first.augmentation = second.augmentation = {0, 0, 0, 0};
  const TrainResult without = train(first), with = train(second);
  for (std::size_t i = 0; i < without.records.size(); ++i) {
    EXPECT_NEAR(without.records[i].train_loss, with.records[i].train_loss, 1e-5) << i;
    EXPECT_NEAR(without.records[i].valid_loss, with.records[i].valid_loss, 1e-5) << i;
  }
}

TEST_F(Views, LeaveTheEncoderAloneAndTrainTheHead) {
  TinyModel model(3);
  std::map<std::string, torch::Tensor> before;
  for (const ModelTensor& t : model.tensors()) before[t.name] = t.tensor.detach().clone();
  train(request_for(model, 3));
  for (const ModelTensor& t : model.tensors()) {
    EXPECT_EQ(before.at(t.name).equal(t.tensor), t.role != HISTOKT_ROLE_HEAD) << t.name;
  }
}

TEST_F(Views, GiveTheSameBitsForTheSameSeed) {
  TinyModel first(3), second(3);
  const TrainResult a = train(request_for(first, 3)), b = train(request_for(second, 3));
  for (std::size_t i = 0; i < a.best.tensors.size(); ++i) {
    EXPECT_EQ(a.best.tensors[i].bytes, b.best.tensors[i].bytes) << a.best.tensors[i].name;
  }
}

TEST_F(Views, AreShownInTurnFromAPlaceOfThePatchsOwn) {
  std::set<int> first_views;
  for (std::size_t patch = 0; patch < 40; ++patch) {
    std::set<int> seen;
    for (int epoch = 0; epoch < 4; ++epoch) seen.insert(FrozenFeatures::view(7, patch, epoch, 4));
    EXPECT_EQ(seen, (std::set<int>{0, 1, 2, 3})) << patch;
    first_views.insert(FrozenFeatures::view(7, patch, 0, 4));
  }
  EXPECT_EQ(first_views.size(), 4u);
}

TEST_F(Views, TellHowManyPatchesHaveTheirFeatures) {
  TinyModel model(3);
  TrainRequest request = request_for(model, 3);
  std::vector<std::size_t> told;
  request.on_inference = [&](const InferenceProgress& p) {
    EXPECT_EQ(p.epoch, -1);
    EXPECT_EQ(p.patches_total, 3 * train_.size() + valid_.size());
    told.push_back(p.patches);
  };
  train(request);
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(std::ranges::is_sorted(told, std::ranges::less_equal()));
  EXPECT_EQ(told.back(), 3 * train_.size() + valid_.size());
}

TEST_F(Views, AreRefusedWhereTheFeaturesWouldChange) {
  TinyModel model(3);
  TrainRequest request = request_for(model, 2);
  request.layers = TrainedLayers::kAll;
  EXPECT_THROW(train(request), RunError);
  request = request_for(model, 2);
  request.frozen_batch_norm = FrozenBatchNorm::kBatch;
  EXPECT_THROW(train(request), RunError);
  request = request_for(model, 2);
  request.validate_clean = false;
  EXPECT_THROW(train(request), RunError);
}

}  // namespace
}  // namespace histokt
