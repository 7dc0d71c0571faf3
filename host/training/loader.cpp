// SPDX-License-Identifier: MIT
#include "training/loader.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "base/random.hpp"

namespace histokt {
namespace {

// Memory for one batch. Batch b lives in slot b mod slots, so a helper knows by counting when it may write.
struct Slot {
  torch::Tensor images, labels;
  std::size_t ready = 0;  // 1 + the number of the batch in it; 0 for none
};

Slot make_slot(const PatchSource& patches, std::size_t capacity, const LoaderOptions& options) {
  const auto n = static_cast<std::int64_t>(capacity);
  const std::int64_t side = patches.patch_side();
  const auto as_float = torch::TensorOptions().dtype(torch::kFloat32).pinned_memory(options.page_locked);
  Slot slot;
  // Rows of pixels, colours together: what augment() writes, and the channels-last format of (N, 3, P, P).
  slot.images = torch::empty({n, side, side, 3}, as_float);
  slot.labels = patches.multi_label() ? torch::empty({n, patches.class_count()}, as_float)
                                      : torch::empty({n}, as_float.dtype(torch::kInt64));
  return slot;
}

}  // namespace

std::vector<std::size_t> file_order(std::size_t count) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

std::vector<std::size_t> shuffled_order(std::size_t count, std::uint64_t seed, std::uint64_t epoch) {
  std::vector<std::size_t> order = file_order(count);
  Random{seed, random_word("shuffle"), epoch}.shuffle(order);
  return order;
}

std::vector<std::size_t> batch_bounds(std::size_t patches, std::size_t batch_size, bool join_lone_patch) {
  if (batch_size == 0) throw RunError("A batch holds at least one patch; the batch size is 0.");
  std::vector<std::size_t> bounds;
  for (std::size_t begin = 0; begin < patches; begin += batch_size) bounds.push_back(begin);
  if (join_lone_patch && bounds.size() > 1 && batch_size > 1 && patches - bounds.back() == 1)
    bounds.pop_back();
  bounds.push_back(patches);
  return bounds;
}

torch::Tensor labels_of(const PatchSource& patches) {
  const auto count = static_cast<std::int64_t>(patches.size());
  if (!patches.multi_label()) {
    const torch::Tensor labels = torch::empty({count}, torch::kInt64);
    for (std::int64_t i = 0; i < count; ++i) {
      labels.data_ptr<std::int64_t>()[i] = patches.label(static_cast<std::size_t>(i));
    }
    return labels;
  }
  const torch::Tensor labels = torch::empty({count, patches.class_count()});
  float* out = labels.data_ptr<float>();
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const auto row = patches.labels(i);
    out = std::copy(row.begin(), row.end(), out);
  }
  return labels;
}

struct Loader::State {
  State(const PatchSource& source, const NormalizationTable& values, Pass wanted, const LoaderOptions& how)
      : patches(source), table(values), pass(std::move(wanted)), options(how) {}

  const PatchSource& patches;
  const NormalizationTable& table;
  const Pass pass;
  const LoaderOptions options;
  std::vector<std::size_t> bounds;
  std::vector<Slot> slots;

  std::mutex mutex;
  std::condition_variable filled, freed;
  std::size_t claimed = 0;   // batches that helpers have begun
  std::size_t released = 0;  // batches that the consumer is done with
  std::size_t given = 0;     // batches handed out
  std::atomic<bool> stopping{false};
  std::exception_ptr error;
  double waited_seconds = 0;
  std::vector<std::thread> helpers;

  // Also where the system refuses the second helper after the first one began.
  ~State() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    freed.notify_all();
    for (std::thread& helper : helpers) helper.join();
  }

  std::size_t batch_count() const { return bounds.size() - 1; }
  Slot& slot_of(std::size_t batch) { return slots[batch % slots.size()]; }

  void fill(std::size_t batch) {
    const std::int64_t side = patches.patch_side();
    const std::size_t image = static_cast<std::size_t>(side * side) * 3;
    Slot& slot = slot_of(batch);
    auto* const images = slot.images.data_ptr<float>();
    for (std::size_t i = bounds[batch]; i < bounds[batch + 1] && !stopping; ++i) {
      const std::size_t row = i - bounds[batch], patch = pass.order[i];
      const std::span<float> out(images + row * image, image);
      if (pass.augmentation) {
        const AugmentationDraw draw = draw_augmentation(*pass.augmentation, pass.seed, pass.stream,
                                                        pass.epoch, patch, static_cast<int>(side));
        augment(draw, patches.pixels(patch), static_cast<int>(side), static_cast<int>(side), table, out);
      } else {
        normalize(patches.pixels(patch), table, out);
      }
      if (patches.multi_label()) {
        const auto labels = patches.labels(patch);
        std::copy(labels.begin(), labels.end(), slot.labels.data_ptr<float>() + row * labels.size());
      } else {
        slot.labels.data_ptr<std::int64_t>()[row] = patches.label(patch);
      }
    }
  }

  void help() {
    try {
      for (;;) {
        std::size_t batch;
        {
          std::unique_lock lock(mutex);
          freed.wait(lock, [&] {
            return stopping || claimed == batch_count() || claimed < released + slots.size();
          });
          if (stopping || claimed == batch_count()) return;
          batch = claimed++;
        }
        fill(batch);
        const std::lock_guard lock(mutex);
        slot_of(batch).ready = batch + 1;
        filled.notify_one();
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      error = std::current_exception();
      stopping = true;
      filled.notify_one();
      freed.notify_all();
    }
  }
};

Loader::Loader(const PatchSource& patches, const NormalizationTable& table, Pass pass,
               const LoaderOptions& options)
    : state_(std::make_unique<State>(patches, table, std::move(pass), options)) {
  State& s = *state_;
  s.bounds = batch_bounds(s.pass.order.size(), s.pass.batch_size, s.pass.join_lone_patch);
  std::size_t capacity = 0;
  for (std::size_t b = 0; b < s.batch_count(); ++b)
    capacity = std::max(capacity, s.bounds[b + 1] - s.bounds[b]);

  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t wanted =
      options.threads > 0 ? static_cast<std::size_t>(options.threads) : std::min<std::size_t>(cores, 4);
  const std::size_t helpers = std::min(wanted, s.batch_count());
  for (std::size_t i = 0; i < std::min(helpers + 2, s.batch_count()); ++i) {
    s.slots.push_back(make_slot(patches, capacity, options));
  }
  for (std::size_t i = 0; i < helpers; ++i) s.helpers.emplace_back([&s] { s.help(); });
}

Loader::~Loader() = default;

std::size_t Loader::batch_count() const {
  return state_->batch_count();
}

double Loader::waited_seconds() const {
  return state_->waited_seconds;
}

std::optional<Batch> Loader::next() {
  using Clock = std::chrono::steady_clock;
  State& s = *state_;
  std::unique_lock lock(s.mutex);
  s.released = s.given;
  s.freed.notify_all();
  if (s.given == s.batch_count()) return std::nullopt;

  Slot& slot = s.slot_of(s.given);
  const Clock::time_point start = Clock::now();
  while (slot.ready != s.given + 1 && !s.error) {
    throw_if_interrupted();
    s.filled.wait_for(lock, std::chrono::milliseconds(100));
  }
  s.waited_seconds += std::chrono::duration<double>(Clock::now() - start).count();
  if (s.error) std::rethrow_exception(s.error);

  const auto count = static_cast<std::int64_t>(s.bounds[s.given + 1] - s.bounds[s.given]);
  ++s.given;
  torch::Tensor images = slot.images.narrow(0, 0, count).permute({0, 3, 1, 2});
  if (!s.options.channels_last) images = images.contiguous();
  return Batch{images, slot.labels.narrow(0, 0, count)};
}

}  // namespace histokt
