// SPDX-License-Identifier: MIT
#include "training/inference.hpp"

#include <torch/utils.h>

#include <vector>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "base/random.hpp"
#include "training/autocast.hpp"
#include "training/loader.hpp"

namespace histokt {

InferenceResult infer(Model& model, const PatchSource& patches, const InferenceOptions& options,
                      const Runtime& runtime) {
  if (patches.size() == 0) throw RunError("There are no patches to run the network on.");
  const torch::NoGradGuard no_gradient;
  const NormalizationTable table(options.normalization);
  Pass pass{.order = file_order(patches.size()), .batch_size = options.batch_size};
  pass.augmentation = options.augmentation;
  pass.seed = options.seed;
  pass.stream = random_word("inference");
  pass.epoch = options.epoch;
  const auto batches = begin_pass(options.resident, patches, table, std::move(pass),
                                  {options.loader_threads, runtime.channels_last, runtime.device.is_cuda()});

  model.set_training(false, false);
  std::vector<torch::Tensor> logits, features;
  std::size_t done = 0;
  while (const std::optional<Batch> batch = batches->next()) {
    throw_if_interrupted();
    const AutocastScope autocast(runtime);
    const torch::Tensor pooled = model.pool(model.encode(batch->images.to(runtime.device)));
    logits.push_back(model.classify(pooled).to(torch::kFloat32));
    if (options.features) features.push_back(pooled.to(torch::kFloat32));
    done += static_cast<std::size_t>(batch->images.size(0));
    if (options.on_batch) options.on_batch(done);
  }
  // Copied once: each copy waits for the device.
  InferenceResult result{torch::cat(logits).to(torch::kCPU).contiguous(), {}};
  if (options.features) result.features = torch::cat(features).to(torch::kCPU).contiguous();
  return result;
}

void place(Model& model, const Runtime& runtime) {
  const torch::NoGradGuard no_gradient;
  model.to(runtime.device);
  for (const ModelTensor& t : model.tensors()) {
    torch::Tensor tensor = t.tensor;
    if (tensor.dim() == 4) tensor.set_data(tensor.detach().contiguous(runtime.memory_format()));
  }
}

}  // namespace histokt
