// Batches of one pass over patches, made ahead by threads of their own. The batches and their order are the
// same whatever the number of threads.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/patch_source.hpp"
#include "training/augmentation.hpp"
#include "training/normalization.hpp"

namespace histokt {

struct Batch {
  torch::Tensor images;  // float (N, 3, P, P), normalised; on the CPU, but where patches are resident
  torch::Tensor labels;  // int64 (N), or float (N, C) of 0 and 1 where multi-label
};

struct LoaderOptions {
  int threads = 0;  // 0: as many as there are cores, four at most
  bool channels_last = true;
  bool page_locked = false;  // memory that a CUDA device copies from faster
};

// What one pass goes over.
struct Pass {
  std::vector<std::size_t> order;  // patches, by index
  std::size_t batch_size = 64;
  // Nothing: patches as they are. The draws are keyed by seed, stream, epoch and patch.
  std::optional<AugmentationOptions> augmentation = {};
  std::uint64_t seed = 0, stream = 0, epoch = 0;
  // A last batch of one patch joins the batch before it: batch-norm cannot take statistics of one value.
  bool join_lone_patch = false;
};

// 0 .. count-1, as they are.
std::vector<std::size_t> file_order(std::size_t count);
// The same, shuffled by (seed, epoch).
std::vector<std::size_t> shuffled_order(std::size_t count, std::uint64_t seed, std::uint64_t epoch);

// The first patch of each batch, and the end. A last batch may be smaller. Throws RunError for a batch size
// of 0.
std::vector<std::size_t> batch_bounds(std::size_t patches, std::size_t batch_size, bool join_lone_patch);

// Class indices, int64 (N), or float (N, C) of 0 and 1 where multi-label; on the CPU.
torch::Tensor labels_of(const PatchSource& patches);

// The batches of one pass, one after the other. Belongs to one thread.
class Batches {
 public:
  virtual ~Batches() = default;

  virtual std::size_t batch_count() const = 0;
  // The next batch, or nothing after the last. Its tensors are valid until the next call.
  virtual std::optional<Batch> next() = 0;
  // How long next() has waited for others' work.
  virtual double waited_seconds() const { return 0; }
};

// Batches made by the processor. The destructor stops the helpers, which takes no longer than one patch.
class Loader final : public Batches {
 public:
  // The source and the table must outlive it. Throws RunError for a batch size of 0.
  Loader(const PatchSource& patches, const NormalizationTable& table, Pass pass,
         const LoaderOptions& options);
  ~Loader() override;
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  std::size_t batch_count() const override;
  // Throws what a helper threw, and Interrupted.
  std::optional<Batch> next() override;
  double waited_seconds() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace histokt
