// SPDX-License-Identifier: MIT
#include "training/fisher.hpp"

#include <torch/autograd.h>
#include <torch/utils.h>

#include "base/errors.hpp"
#include "base/interrupt.hpp"

namespace histokt {
namespace {

using torch::Tensor;

// What is squared and what it weighs: (C) of each, for one patch.
struct Outcomes {
  Tensor values;   // differentiable
  Tensor weights;  // double, on the CPU
};

Outcomes outcomes(const Tensor& logits, bool multi_label) {
  const Tensor z = logits.flatten();
  const Tensor plain = z.detach().to(torch::kCPU, torch::kDouble);
  if (!multi_label) return {torch::log_softmax(z, 0), torch::softmax(plain, 0)};
  const Tensor p = torch::sigmoid(plain);
  return {z, p * (1 - p)};
}

class SquaredGradients {
 public:
  explicit SquaredGradients(Model& model) {
    for (const ModelTensor& entry : model.tensors()) {
      if (!entry.trainable) continue;
      names_.push_back(entry.name);
      parameters_.push_back(entry.tensor);
      sums_.push_back(torch::zeros_like(entry.tensor, torch::TensorOptions().dtype(torch::kDouble)));
    }
  }

  // To be called before the network runs.
  void want_gradients() {
    for (Tensor& parameter : parameters_) parameter.requires_grad_(true);
  }

  void add(const Outcomes& of) {
    const std::int64_t classes = of.values.size(0);
    for (std::int64_t c = 0; c < classes; ++c) {
      const double weight = of.weights[c].item<double>();
      if (weight == 0) continue;
      const bool more = c + 1 < classes;
      const std::vector<Tensor> gradients =
          torch::autograd::grad({of.values[c]}, parameters_, {}, /*retain_graph=*/more,
                                /*create_graph=*/false, /*allow_unused=*/true);
      const torch::NoGradGuard no_gradient;
      for (std::size_t i = 0; i < gradients.size(); ++i) {
        if (!gradients[i].defined()) continue;
        const Tensor gradient = gradients[i].to(torch::kDouble);
        sums_[i].addcmul_(gradient, gradient, weight);
      }
    }
  }

  std::vector<NamedTensor> mean(std::size_t patches) const {
    std::vector<NamedTensor> means;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      const Tensor mean =
          (sums_[i] / static_cast<double>(patches)).to(torch::kCPU, torch::kFloat32).contiguous();
      if (!mean.isfinite().all().item<bool>()) {
        throw RunError("the squared gradients of \"" + names_[i] +
                       "\" are not finite: this model cannot be used on these patches; train it again with a "
                       "smaller learning rate");
      }
      means.push_back({names_[i], mean});
    }
    return means;
  }

 private:
  std::vector<std::string> names_;
  std::vector<Tensor> parameters_, sums_;
};

}  // namespace

std::vector<NamedTensor> diagonal_fisher(Model& model, const PatchSource& patches, const DrawnPatches& drawn,
                                         const Runtime& runtime) {
  const NormalizationTable table(drawn.normalization);
  Pass pass = pass_over(patches, drawn, /*batch_size=*/1);
  const std::size_t total = pass.order.size();
  Loader loader(patches, table, std::move(pass),
                {drawn.loader_threads, runtime.channels_last, runtime.device.is_cuda()});

  model.set_training(false, false);
  const torch::AutoGradMode with_gradient(true);
  SquaredGradients squares(model);
  squares.want_gradients();
  std::size_t done = 0;
  while (const std::optional<Batch> batch = loader.next()) {
    throw_if_interrupted();
    squares.add(outcomes(model.forward(batch->images.to(runtime.device)), patches.multi_label()));
    if (drawn.on_progress) drawn.on_progress(++done, total);
  }
  return squares.mean(total);
}

}  // namespace histokt
