// SPDX-License-Identifier: MIT
// The speed of training and inference of ResNet18 on noise, measured on request: each line of standard input
// names one of "train", "evaluate", "normalize", "augment", or one of the options of the latter: "ycbcr",
// "hsv", "rgb", "distortion", "blur", "cutout"; and gets its speed in patches per second, in patches per
// second of processor time, which other work on the machine disturbs less, and the share of the last training
// spent waiting for patches.
//
//   train_bench THREADS SIDE BATCH BATCHES float32|bfloat16 [DEVICE [EPOCHS]]
//
// "train" goes EPOCHS times (once) over the patches; on a CUDA device they are copied there first, within the
// time.
#include <sys/resource.h>
#include <torch/types.h>

#include <chrono>
#include <cstdlib>
#include <histokt/optimizer.hpp>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "models/resnet18/resnet18.hpp"
#include "support/settings.hpp"
#include "support/tiny_model.hpp"
#include "training/inference.hpp"
#include "training/trainer.hpp"

namespace {

using namespace histokt;

// Of all threads, the kernel's work for them too.
double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// What is added to the paper's augmentation under each name.
const std::map<std::string, AugmentationOptions> kAugmentations = {
    {"augment", {}},
    {"ycbcr", {.colour = ColourJitter::kYcbcr, .colour_strength = 1}},
    {"hsv", {.colour = ColourJitter::kHsv, .colour_strength = 1}},
    {"rgb", {.colour = ColourJitter::kRgb, .colour_strength = 1}},
    {"distortion", {.colour = ColourJitter::kDistortion, .colour_strength = 0.3}},
    {"blur", {.blur_sigma = 1.5}},
    {"cutout", {.cutout_holes = 1}},
};

class Bench {
 public:
  Bench(int threads, int side, std::size_t batch, std::size_t batches, const std::string& precision,
        const std::string& device, int epochs)
      : runtime_(make_runtime({.threads = threads, .device = device, .precision = precision})),
        batch_(batch),
        epochs_(epochs),
        train_(batches * batch, 9, false, side),
        valid_(1, 9, false, side) {
    const testing::TestSettings settings(ResNet18::kOptions);
    model_ = std::make_unique<ResNet18>(ModelRequest{settings.view(), Host(nullptr), 9, 1});
    place(*model_, runtime_);
  }

  double waiting_share() const { return waiting_share_; }

  // Gives the patches that went through.
  std::size_t run(const std::string& what) {
    if (what == "train") {
      train_all_epochs();
      return train_.size() * static_cast<std::size_t>(epochs_);
    }
    if (what == "evaluate") {
      infer(*model_, train_, {.batch_size = batch_}, runtime_);
    } else {
      const auto found = kAugmentations.find(what);
      pixels(found == kAugmentations.end() ? nullptr : &found->second);
    }
    return train_.size();
  }

 private:
  void train_all_epochs() {
    TrainRequest request;
    request.model = model_.get();
    request.optimizer = [](std::vector<NamedParameter> p) {
      return std::make_unique<testing::PlainSgd>(std::move(p), 1e-3);
    };
    request.train = &train_;
    request.valid = &valid_;
    request.normalization = {{.5, .5, .5}, {.25, .25, .25}};
    request.epochs = epochs_;
    request.batch_size = batch_;
    request.runtime = runtime_;
    waiting_share_ = train(request).records.back().waiting_share;
  }

  // One core's work on every patch.
  void pixels(const AugmentationOptions* augmentation) {
    const NormalizationTable table({{.5, .5, .5}, {.25, .25, .25}});
    const int side = train_.patch_side();
    out_.resize(static_cast<std::size_t>(side) * side * 3);
    for (std::size_t i = 0; i < train_.size(); ++i) {
      if (augmentation) {
        augment(draw_augmentation(*augmentation, 1, 0, 0, i, side), train_.pixels(i), side, side, table,
                out_);
      } else {
        normalize(train_.pixels(i), table, out_);
      }
    }
  }

  Runtime runtime_;
  std::size_t batch_;
  int epochs_;
  testing::ColouredPatches train_, valid_;
  std::unique_ptr<Model> model_;
  std::vector<float> out_;
  double waiting_share_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6 || argc > 8) {
    std::cerr
        << "usage: train_bench THREADS SIDE BATCH BATCHES float32|bfloat16 [DEVICE [EPOCHS]] < commands\n";
    return 2;
  }
  Bench bench(std::atoi(argv[1]), std::atoi(argv[2]), static_cast<std::size_t>(std::atoi(argv[3])),
              static_cast<std::size_t>(std::atoi(argv[4])), argv[5], argc > 6 ? argv[6] : "cpu",
              argc > 7 ? std::atoi(argv[7]) : 1);
  for (std::string what; std::cin >> what;) {
    const auto start = std::chrono::steady_clock::now();
    const double processor = processor_seconds();
    const auto count = static_cast<double>(bench.run(what));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::cout << count / seconds << " " << count / (processor_seconds() - processor) << " "
              << bench.waiting_share() << std::endl;
  }
}
