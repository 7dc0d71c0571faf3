// SPDX-License-Identifier: MIT
// Patches that stay on the device. Their bytes are copied there once; batches are gathered, flipped, rotated,
// shifted, normalised and given holes there, with the random numbers and the integer arithmetic of augment(),
// so that the pixels are equal to the last bit. Colour changes and blur need the CPU.
//
//   const auto resident = ResidentPatches::where_they_fit(patches, table, augmentation, 64, runtime);
//   const auto batches = begin_pass(resident ? &*resident : nullptr, patches, table, pass, loader_options);
//   while (const auto batch = batches->next()) ...
#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/patch_source.hpp"
#include "training/augmentation.hpp"
#include "training/loader.hpp"
#include "training/normalization.hpp"
#include "training/runtime.hpp"

namespace histokt {

// Immutable once made; belongs to the thread that runs the network.
class ResidentPatches {
 public:
  // Copies the patches to the runtime's device. nullopt if the runtime does not place them there, if the
  // augmentation needs the CPU, or if they do not fit beside the work on a batch of batch_size patches. `say`
  // is called with what was done, or why not, as the end of a sentence about the patches; not if the runtime
  // does not place them there. Throws Interrupted.
  static std::optional<ResidentPatches> where_they_fit(
      const PatchSource& patches, const NormalizationTable& table,
      const std::optional<AugmentationOptions>& augmentation, std::size_t batch_size, const Runtime& runtime,
      const std::function<void(const std::string&)>& say = {});

  // The batch of these patches, on the device: what a Loader would give for them in this pass, whose order
  // and batch size are ignored.
  Batch batch(std::span<const std::size_t> chosen, const Pass& pass) const;

 private:
  ResidentPatches(torch::Tensor pixels, const PatchSource& patches, const NormalizationTable& table,
                  const Runtime& runtime);

  void copy_pixels(const PatchSource& patches);
  torch::Tensor drawn_parameters(std::span<const std::size_t> chosen, const Pass& pass) const;
  torch::Tensor moved_bytes(const torch::Tensor& parameters) const;
  torch::Tensor in_holes(const torch::Tensor& parameters, int side) const;

  std::int64_t side_;  // P
  bool channels_last_;
  torch::Tensor pixels_;           // uint8 (N x P x P, 3)
  torch::Tensor labels_;           // as labels_of() gives them
  torch::Tensor values_;           // float (3 x 256): what a byte of a channel becomes
  torch::Tensor channel_offsets_;  // int32 (3): where a channel begins there
  torch::Tensor line_;             // int64 (P): 0 .. P-1
};

// Batches of resident patches, or of a Loader if `resident` is nullptr. The arguments must outlive them.
std::unique_ptr<Batches> begin_pass(const ResidentPatches* resident, const PatchSource& patches,
                                    const NormalizationTable& table, Pass pass, const LoaderOptions& options);

}  // namespace histokt
