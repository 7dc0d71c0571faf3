// SPDX-License-Identifier: MIT
#include "training/resident_patches.hpp"

#include <torch/utils.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/errors.hpp"
#include "base/interrupt.hpp"

namespace histokt {
namespace {

using torch::Tensor;

constexpr std::int64_t kCopiedAtOnce = 64 << 20;  // bytes

// The memory of a step of training, in units of its batch as floats: ResNet18 keeps and makes about 110 of
// them (activations and their gradients, float32). The rest is for weights, their optimizer, and augmenting.
constexpr std::int64_t kWorkOfABatch = 160;

// What a batch's tensor of parameters, int64 (B, kParameters + 2 holes), has of each patch.
enum : std::int64_t {
  kPatch,
  kOrigin,  // the pixel, of all, that column and row are counted from: a corner of the patch
  kColumnStride,
  kRowStride,
  kXStart,
  kXPerX,
  kXPerY,
  kYStart,
  kYPerX,
  kYPerY,
  kParameters  // then the holes' columns, then their rows
};

torch::TensorOptions on_processor(torch::ScalarType type, const torch::Device& device) {
  return torch::TensorOptions().dtype(type).pinned_memory(device.is_cuda());
}

std::string gigabytes(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f GB", static_cast<double>(bytes) / 1e9);
  return text;
}

// Memory for the pixels, where as much as `work` is left beside it. The allocator is asked, since it alone
// knows what it holds in store.
std::optional<Tensor> memory_beside(std::int64_t work, std::int64_t bytes, const torch::Device& device) {
  const auto as_bytes = torch::TensorOptions().dtype(torch::kUInt8).device(device);
  try {
    const Tensor room = torch::empty({work}, as_bytes);
    return torch::empty({bytes}, as_bytes);
  } catch (const c10::Error&) {
    return std::nullopt;
  }
}

void fill_move(const AugmentationDraw& draw, std::int64_t side, std::int64_t* row) {
  const InverseMap map(draw, static_cast<int>(side), static_cast<int>(side));
  // A flip walks the source backwards from its last column or row.
  row[kOrigin] = row[kPatch] * side * side + (draw.horizontal_flip ? side - 1 : 0) +
                 (draw.vertical_flip ? side * (side - 1) : 0);
  row[kColumnStride] = draw.horizontal_flip ? -1 : 1;
  row[kRowStride] = draw.vertical_flip ? -side : side;
  row[kXStart] = map.x_start, row[kXPerX] = map.x_per_x, row[kXPerY] = map.x_per_y;
  row[kYStart] = map.y_start, row[kYPerX] = map.y_per_x, row[kYPerY] = map.y_per_y;
}

class ResidentBatches final : public Batches {
 public:
  ResidentBatches(const ResidentPatches& patches, Pass pass)
      : patches_(patches),
        pass_(std::move(pass)),
        bounds_(batch_bounds(pass_.order.size(), pass_.batch_size, pass_.join_lone_patch)) {}

  std::size_t batch_count() const override { return bounds_.size() - 1; }

  std::optional<Batch> next() override {
    if (given_ == batch_count()) return std::nullopt;
    const std::size_t begin = bounds_[given_], end = bounds_[++given_];
    return patches_.batch(std::span(pass_.order).subspan(begin, end - begin), pass_);
  }

 private:
  const ResidentPatches& patches_;
  const Pass pass_;
  const std::vector<std::size_t> bounds_;
  std::size_t given_ = 0;
};

}  // namespace

std::optional<ResidentPatches> ResidentPatches::where_they_fit(
    const PatchSource& patches, const NormalizationTable& table,
    const std::optional<AugmentationOptions>& augmentation, std::size_t batch_size, const Runtime& runtime,
    const std::function<void(const std::string&)>& say) {
  if (!runtime.patches_on_device()) return std::nullopt;
  const auto tell = [&](const std::string& what) {
    if (say) say(what);
  };
  if (augmentation && (augmentation->colour != ColourJitter::kNone || augmentation->blur_sigma > 0)) {
    tell("are augmented by the CPU, batch by batch: only it changes colours and blurs");
    return std::nullopt;
  }
  const std::int64_t side = patches.patch_side(), image = side * side * 3;
  const std::int64_t bytes = static_cast<std::int64_t>(patches.size()) * image;
  const std::int64_t work =
      static_cast<std::int64_t>(std::min(batch_size, patches.size()) * sizeof(float)) * image * kWorkOfABatch;
  const std::string device = runtime.device.str();
  std::optional<Tensor> pixels = memory_beside(work, bytes, runtime.device);
  if (!pixels) {
    tell("are loaded batch by batch: " + gigabytes(bytes) + " of them and " + gigabytes(work) +
         " for the work on a batch do not fit into the free memory of " + device);
    return std::nullopt;
  }
  ResidentPatches resident(std::move(*pixels), patches, table, runtime);
  tell("stay on " + device + ", where they take " + gigabytes(bytes));
  return resident;
}

ResidentPatches::ResidentPatches(Tensor pixels, const PatchSource& patches, const NormalizationTable& table,
                                 const Runtime& runtime)
    : side_(patches.patch_side()),
      channels_last_(runtime.channels_last),
      pixels_(pixels.view({-1, 3})),
      labels_(labels_of(patches).to(runtime.device)),
      channel_offsets_(torch::tensor({0, 256, 512}, torch::kInt32).to(runtime.device)),
      line_(torch::arange(side_, torch::kInt64).to(runtime.device)) {
  Tensor values = torch::empty({3 * 256});
  for (int channel = 0; channel < 3; ++channel) {
    std::copy_n(table.channel(channel), 256, values.data_ptr<float>() + 256 * channel);
  }
  values_ = values.to(runtime.device);
  copy_pixels(patches);
}

void ResidentPatches::copy_pixels(const PatchSource& patches) {
  const std::int64_t all = pixels_.size(0), of_one = side_ * side_;
  const std::int64_t at_once = std::max<std::int64_t>(1, kCopiedAtOnce / (3 * of_one)) * of_one;
  std::size_t patch = 0;
  for (std::int64_t begin = 0; begin < all; begin += at_once) {
    throw_if_interrupted();
    const std::int64_t rows = std::min(at_once, all - begin);
    const Tensor staged = torch::empty({rows, 3}, on_processor(torch::kUInt8, pixels_.device()));
    auto* out = staged.data_ptr<std::uint8_t>();
    for (std::int64_t row = 0; row < rows; row += of_one) {
      out = std::ranges::copy(patches.pixels(patch++), out).out;
    }
    pixels_.narrow(0, begin, rows).copy_(staged, /*non_blocking=*/true);
  }
}

Batch ResidentPatches::batch(std::span<const std::size_t> chosen, const Pass& pass) const {
  const torch::NoGradGuard no_gradient;
  const auto count = static_cast<std::int64_t>(chosen.size());
  const Tensor drawn = drawn_parameters(chosen, pass), patches = drawn.select(1, kPatch);
  const Tensor bytes = pass.augmentation
                           ? moved_bytes(drawn)
                           : pixels_.view({-1, side_ * side_ * 3}).index_select(0, patches).view({-1, 3});
  const Tensor places = bytes.to(torch::kInt32).add_(channel_offsets_);
  Tensor images = values_.index_select(0, places.flatten()).view({count, side_, side_, 3});
  if (drawn.size(1) > kParameters) {
    images.masked_fill_(in_holes(drawn, pass.augmentation->cutout_side).unsqueeze(3), 0);
  }
  images = images.permute({0, 3, 1, 2});
  if (!channels_last_) images = images.contiguous();
  return {images, labels_.index_select(0, patches)};
}

// On the device. Copied without waiting: the allocator keeps page-locked memory until the copy is done.
Tensor ResidentPatches::drawn_parameters(std::span<const std::size_t> chosen, const Pass& pass) const {
  const auto count = static_cast<std::int64_t>(chosen.size());
  const auto holes = std::int64_t{pass.augmentation ? pass.augmentation->cutout_holes : 0};
  const std::int64_t width = kParameters + 2 * holes;
  const Tensor drawn = torch::empty({count, width}, on_processor(torch::kInt64, pixels_.device()));
  auto* row = drawn.data_ptr<std::int64_t>();
  for (const std::size_t patch : chosen) {
    row[kPatch] = static_cast<std::int64_t>(patch);
    if (pass.augmentation) {
      const AugmentationDraw draw = draw_augmentation(*pass.augmentation, pass.seed, pass.stream, pass.epoch,
                                                      patch, static_cast<int>(side_));
      fill_move(draw, side_, row);
      for (std::size_t i = 0; i < draw.holes.size(); ++i) {
        row[kParameters + static_cast<std::int64_t>(i)] = draw.holes[i].x;
        row[kParameters + holes + static_cast<std::int64_t>(i)] = draw.holes[i].y;
      }
    }
    row += width;
  }
  return drawn.to(pixels_.device(), /*non_blocking=*/true);
}

// uint8 (B x P x P, 3): flipped, turned and shifted, black beyond the edge.
Tensor ResidentPatches::moved_bytes(const Tensor& parameters) const {
  const auto drawn = [&](std::int64_t which) { return parameters.select(1, which).view({-1, 1, 1}); };
  const Tensor &x = line_, y = line_.unsqueeze(1);
  // Both int64 (B, P, P).
  const Tensor column =
      (drawn(kXStart) + drawn(kXPerY) * y + drawn(kXPerX) * x).bitwise_right_shift(kFractionBits);
  const Tensor row =
      (drawn(kYStart) + drawn(kYPerY) * y + drawn(kYPerX) * x).bitwise_right_shift(kFractionBits);
  const Tensor inside =
      (column >= 0).logical_and_(column < side_).logical_and_(row >= 0).logical_and_(row < side_);
  const Tensor source = (drawn(kOrigin) + row * drawn(kRowStride) + column * drawn(kColumnStride)) * inside;
  return pixels_.index_select(0, source.flatten()).mul_(inside.view({-1, 1}));
}

// bool (B, P, P): where a hole of this side lies. Holes are counted as the product of the rows (B, P, holes)
// and the columns (B, holes, P) that they cover.
Tensor ResidentPatches::in_holes(const Tensor& parameters, int side) const {
  const std::int64_t count = (parameters.size(1) - kParameters) / 2, reach = side / 2;
  const auto covered = [&](std::int64_t first) {
    const Tensor centres = parameters.narrow(1, first, count).unsqueeze(2);
    return (line_ >= centres - reach).logical_and_(line_ < centres + reach).to(torch::kFloat32);
  };
  return covered(kParameters + count).transpose(1, 2).bmm(covered(kParameters)) > 0;
}

std::unique_ptr<Batches> begin_pass(const ResidentPatches* resident, const PatchSource& patches,
                                    const NormalizationTable& table, Pass pass,
                                    const LoaderOptions& options) {
  if (resident) return std::make_unique<ResidentBatches>(*resident, std::move(pass));
  return std::make_unique<Loader>(patches, table, std::move(pass), options);
}

}  // namespace histokt
