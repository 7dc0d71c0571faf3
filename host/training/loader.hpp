// SPDX-License-Identifier: MIT
// The loader: batches of one pass over patches, prepared ahead by worker threads. The batches and their order
// do not depend on the number of threads.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/patch_source.hpp"
#include "training/augmentation.hpp"
#include "training/normalization.hpp"

namespace histokt {

struct Batch {
  torch::Tensor images;  // float (N, 3, P, P), normalised; on the CPU unless patches are resident
  torch::Tensor labels;  // int64 (N), or float (N, C) of 0 and 1 if multi-label
};

struct LoaderOptions {
  int threads = 0;  // 0: one per core, four at most
  bool channels_last = true;
  bool page_locked = false;  // pinned memory, which a CUDA device copies from faster
};

// One pass over patches.
struct Pass {
  std::vector<std::size_t> order;  // patches, by index
  std::size_t batch_size = 64;
  // nullopt: patches as they are. The draws are keyed by seed, stream, epoch and patch.
  std::optional<AugmentationOptions> augmentation = {};
  std::uint64_t seed = 0, stream = 0, epoch = 0;
  // A last batch of a single patch joins the batch before it: batch-norm cannot compute statistics of one
  // value.
  bool join_lone_patch = false;
};

// 0 .. count-1 in order.
std::vector<std::size_t> file_order(std::size_t count);
// The same, shuffled by (seed, epoch).
std::vector<std::size_t> shuffled_order(std::size_t count, std::uint64_t seed, std::uint64_t epoch);

// The first patch of each batch, and the end. A last batch may be smaller. Throws RunError for a batch size
// of 0.
std::vector<std::size_t> batch_bounds(std::size_t patches, std::size_t batch_size, bool join_lone_patch);

// Class indices, int64 (N), or float (N, C) of 0 and 1 if multi-label; on the CPU.
torch::Tensor labels_of(const PatchSource& patches);

// The batches of one pass, one after the other. Belongs to one thread.
class Batches {
 public:
  virtual ~Batches() = default;

  virtual std::size_t batch_count() const = 0;
  // The next batch, or nullopt after the last. Its tensors are valid until the next call.
  virtual std::optional<Batch> next() = 0;
  // How long next() has waited for batches.
  virtual double waited_seconds() const { return 0; }
};

// Batches made on the CPU. The destructor stops the workers, which takes no longer than one patch.
class Loader final : public Batches {
 public:
  // The source and the table must outlive it. Throws RunError for a batch size of 0.
  Loader(const PatchSource& patches, const NormalizationTable& table, Pass pass,
         const LoaderOptions& options);
  ~Loader() override;
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  std::size_t batch_count() const override;
  // Throws what a worker threw, and Interrupted.
  std::optional<Batch> next() override;
  double waited_seconds() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace histokt
