// SPDX-License-Identifier: MIT
// The state of training after an epoch, in memory and in a file. Used by the trainer alone.
#pragma once

#include <torch/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "training/trainer.hpp"

namespace histokt {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

// A hash of what determines the course of training: settings, identity and starting weights.
std::string training_fingerprint(const TrainRequest& request, const NamedTensors& start);

// Makes `copy` equal to `now`, in memory of its own that is reused the next time. changing: which of the
// tensors can differ from the last call; empty: all.
void remember(const NamedTensors& now, NamedTensors& copy, const std::vector<bool>& changing = {});

struct ResumePoint {
  std::string fingerprint;  // of everything that determines what follows
  std::vector<EpochRecord> records;
  int best_epoch = -1;
  NamedTensors model, optimizer, best;

  int epochs_done() const { return static_cast<int>(records.size()); }
};

// Whole or not at all. Throws RunError.
void write_resume_point(const std::filesystem::path& file, const ResumePoint& point);

// The resume point in the file; nullopt if there is no file, or if it cannot be used: `warn` is then called
// with the reason.
std::optional<ResumePoint> read_resume_point(const std::filesystem::path& file,
                                             const std::string& fingerprint,
                                             const std::function<void(const std::string&)>& warn);

}  // namespace histokt
