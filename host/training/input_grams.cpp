// SPDX-License-Identifier: MIT
#include "training/input_grams.hpp"

#include <torch/utils.h>

#include <ATen/record_function.h>

#include <algorithm>
#include <exception>
#include <map>
#include <string_view>
#include <utility>

#include "base/errors.hpp"
#include "base/interrupt.hpp"

namespace histokt {
namespace {

using torch::Tensor;

constexpr std::size_t kBatch = 8;
// So many places at a time make the products worth their while.
constexpr std::int64_t kPlaces = 1024;
// Rows of a Gram matrix that are made at a time: smaller ones leave out more of what is symmetric, and each
// takes longer for what it makes.
constexpr std::int64_t kPanel = 256;

// libtorch takes one number for both sides.
std::vector<std::int64_t> both(std::vector<std::int64_t> sides) {
  if (sides.size() == 1) sides.push_back(sides.front());
  return sides;
}

// Of a convolution along one axis.
std::int64_t places(std::int64_t side, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                    std::int64_t dilation) {
  return (side + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
}

class GramSum {
 public:
  GramSum(std::string name, const Tensor& weight)
      : name_(std::move(name)),
        weight_(weight),
        side_(weight.size(0) > 0 ? weight.numel() / weight.size(0) : 0),
        sum_(torch::zeros({side_, side_}, weight.options().dtype(torch::kFloat32).requires_grad(false))) {}

  const std::string& name() const { return name_; }
  const Tensor& weight() const { return weight_; }
  bool seen() const { return seen_; }

  // input (..., k).
  void add_linear(const Tensor& input) { add(input.reshape({-1, side_}).to(torch::kFloat32).t()); }

  // input (N, n_i, H, W).
  void add_convolution(const Tensor& input, at::IntArrayRef stride, at::IntArrayRef padding,
                       at::IntArrayRef dilation) {
    const Tensor images = input.to(torch::kFloat32).contiguous();
    const std::vector<std::int64_t> kernel = {weight_.size(2), weight_.size(3)};
    std::int64_t of_one = 1;
    for (std::size_t axis = 0; axis < 2; ++axis) {
      of_one *= places(images.size(static_cast<std::int64_t>(axis) + 2), kernel[axis], stride[axis],
                       padding[axis], dilation[axis]);
    }
    const std::int64_t step = kPlaces / std::clamp<std::int64_t>(of_one, 1, kPlaces);
    for (std::int64_t at = 0; at < images.size(0); at += step) {
      const Tensor some = images.slice(0, at, std::min(at + step, images.size(0)));
      // (n, k, L) -> (k, n L)
      const Tensor unfolded = torch::im2col(some, kernel, dilation, padding, stride);
      add(unfolded.permute({1, 0, 2}).reshape({side_, -1}));
    }
  }

  // Takes the sum's own memory: it is of no use afterwards.
  Tensor take_mean(std::size_t patches) {
    // No entry of a Gram matrix is larger than the largest of its diagonal (Cauchy and Schwarz).
    if (sum_.diagonal().isfinite().all().item<bool>()) {
      mirror();
      return sum_.div_(static_cast<double>(patches)).to(torch::kCPU);
    }
    throw RunError("the inputs of \"" + name_ +
                   "\" are not finite: this model cannot be used on these patches; train it again with a "
                   "smaller learning rate");
  }

 private:
  // columns (k, places): the lower triangle alone, by panels of rows.
  void add(const Tensor& columns) {
    for (std::int64_t first = 0; first < side_; first += kPanel) {
      const std::int64_t end = std::min(first + kPanel, side_);
      sum_.slice(0, first, end)
          .slice(1, 0, end)
          .addmm_(columns.slice(0, first, end), columns.slice(0, 0, end).t());
    }
    seen_ = true;
  }

  // What is left of the diagonal goes to the right of it, too.
  void mirror() {
    for (std::int64_t first = 0; first < side_; first += kPanel) {
      const std::int64_t end = std::min(first + kPanel, side_);
      const Tensor rows = sum_.slice(0, first, end), square = rows.slice(1, first, end);
      square.copy_(square.tril() + square.tril(-1).t());
      sum_.slice(0, 0, first).slice(1, first, end).copy_(rows.slice(1, 0, first).t());
    }
  }

  std::string name_;
  Tensor weight_;
  std::int64_t side_;
  Tensor sum_;
  bool seen_ = false;
};

// Sees each operation of this thread's network while it lives. One at a time a thread.
class Watch {
 public:
  explicit Watch(std::vector<GramSum>& sums) {
    for (GramSum& sum : sums) by_weight_[sum.weight().data_ptr()] = &sum;
    current = this;
    handle_ = at::addThreadLocalCallback(
        at::RecordFunctionCallback(&before_operation).needsInputs(true).scopes({at::RecordScope::FUNCTION}));
  }
  ~Watch() {
    at::removeCallback(handle_);
    current = nullptr;
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // What went wrong while the network ran: libtorch lets no exception out of a callback.
  void rethrow() {
    if (problem_) std::rethrow_exception(std::exchange(problem_, nullptr));
  }

 private:
  static std::unique_ptr<at::ObserverContext> before_operation(const at::RecordFunction& operation) {
    Watch& self = *current;
    if (self.busy_ || self.problem_) return nullptr;
    self.busy_ = true;  // our own products are operations, too
    try {
      const std::string_view name = operation.name();
      const auto inputs = [&](std::size_t i) { return operation.inputs()[i].toTensor(); };
      if (name == "aten::convolution") self.convolution(operation.inputs());
      if (name == "aten::addmm") self.product(inputs(1), inputs(2));
      if (name == "aten::mm") self.product(inputs(0), inputs(1));
    } catch (...) {
      self.problem_ = std::current_exception();
    }
    self.busy_ = false;
    return nullptr;
  }

  GramSum* sum_of(const Tensor& weight) const {
    const auto found = by_weight_.find(weight.data_ptr());
    return found != by_weight_.end() && found->second->weight().sizes() == weight.sizes() ? found->second
                                                                                          : nullptr;
  }

  // (input, weight, bias, stride, padding, dilation, transposed, output padding, groups)
  void convolution(c10::ArrayRef<const c10::IValue> inputs) {
    const Tensor &input = inputs[0].toTensor(), &weight = inputs[1].toTensor();
    GramSum* const sum = sum_of(weight);
    if (!sum || weight.dim() != 4 || input.dim() != 4 || inputs[6].toBool() || inputs[8].toInt() != 1) return;
    sum->add_convolution(input, both(inputs[3].toIntVector()), both(inputs[4].toIntVector()),
                         both(inputs[5].toIntVector()));
  }

  // What linear() comes to, and whoever multiplies by W^T himself.
  void product(const Tensor& input, const Tensor& transposed) {
    const Tensor weight = transposed.t();
    GramSum* const sum = sum_of(weight);
    if (sum && sum->weight().strides() == weight.strides()) sum->add_linear(input);
  }

  static thread_local Watch* current;

  std::map<void*, GramSum*> by_weight_;
  at::CallbackHandle handle_ = 0;
  bool busy_ = false;
  std::exception_ptr problem_;
};

thread_local Watch* Watch::current = nullptr;

}  // namespace

std::vector<MultipliedWeight> multiplied_weights(Model& model) {
  std::vector<MultipliedWeight> weights;
  for (const ModelTensor& entry : model.tensors()) {
    const std::int64_t rank = entry.tensor.dim();
    if (!entry.trainable || (rank != 2 && rank != 4) || entry.tensor.size(0) == 0) continue;
    weights.push_back({entry.name, entry.tensor.numel() / entry.tensor.size(0)});
  }
  return weights;
}

std::size_t gram_bytes(const MultipliedWeight& weight, std::size_t networks) {
  return static_cast<std::size_t>(weight.side * weight.side) * sizeof(float) * networks;
}

std::vector<MultipliedWeight> gram_window(const std::vector<MultipliedWeight>& all, const std::string& weight,
                                          std::size_t networks) {
  const auto first = std::ranges::find(all, weight, &MultipliedWeight::name);
  if (first == all.end() || gram_bytes(*first, networks) > kMostGramBytes) return {};
  std::size_t bytes = gram_bytes(*first, networks);
  auto end = first + 1;
  while (end != all.end() && bytes + gram_bytes(*end, networks) <= kGramBytes) {
    bytes += gram_bytes(*end++, networks);
  }
  return {first, end};
}

std::vector<NamedTensor> input_grams(Model& model, const std::vector<MultipliedWeight>& weights,
                                     const PatchSource& patches, const DrawnPatches& drawn,
                                     const Runtime& runtime) {
  const torch::NoGradGuard no_gradient;
  std::vector<GramSum> sums;
  for (const ModelTensor& entry : model.tensors()) {
    const auto wanted = [&](const MultipliedWeight& weight) { return weight.name == entry.name; };
    if (std::ranges::any_of(weights, wanted)) sums.emplace_back(entry.name, entry.tensor);
  }
  const NormalizationTable table(drawn.normalization);
  Pass pass = pass_over(patches, drawn, kBatch);
  const std::size_t total = pass.order.size();
  Loader loader(patches, table, std::move(pass),
                {drawn.loader_threads, runtime.channels_last, runtime.device.is_cuda()});

  model.set_training(false, false);
  Watch watch(sums);
  std::size_t done = 0;
  while (const std::optional<Batch> batch = loader.next()) {
    throw_if_interrupted();
    model.forward(batch->images.to(runtime.device));
    watch.rethrow();
    done += static_cast<std::size_t>(batch->images.size(0));
    if (drawn.on_progress) drawn.on_progress(done, total);
  }
  std::vector<NamedTensor> grams;
  for (GramSum& sum : sums) {
    if (sum.seen()) grams.push_back({sum.name(), sum.take_mean(total)});
  }
  return grams;
}

}  // namespace histokt
