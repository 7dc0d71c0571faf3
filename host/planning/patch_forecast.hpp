// SPDX-License-Identifier: MIT
// A forecast of a dataset's number of patches, before it is standardised.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "config/experiment.hpp"
#include "tasks/compute_context.hpp"
#include "tasks/plugin_dataset.hpp"

namespace histokt {

// The expected patches of one fold of a dataset.
struct ExpectedPatches {
  std::array<double, 3> patches{};  // of training, validation and test
  double all = 0;                   // in the patch set
  int side = 0, classes = 0;
  bool multi_label = false;
  std::uint64_t images = 0, looked_at = 0;  // of the dataset; and how many of them `all` is estimated from
};

// Reads some images of each dataset, standardises them as its step would and writes nothing; then splits
// the images as their patches will be split. Each dataset is opened once. One thread at a time; experiment
// and compute must outlive it.
class PatchForecast {
 public:
  PatchForecast(const Experiment& experiment, const ComputeContext& compute)
      : experiment_(experiment), compute_(compute) {}

  // fold: from 1, and 1 if the dataset has no folds. Throws RequestError or RunError if the dataset cannot be
  // opened or split, if no image can be read, or if the split comes from a table of patches; Interrupted.
  ExpectedPatches of(const DatasetConfig& dataset, int fold);

 private:
  struct Looked {
    OpenedDataset opened;
    double patches_per_image = 0;
    std::uint64_t looked_at = 0;
    int side = 0;
  };
  Looked look(const DatasetConfig& dataset) const;

  const Experiment& experiment_;
  const ComputeContext& compute_;
  std::map<std::string, Looked> looked_;
};

}  // namespace histokt
