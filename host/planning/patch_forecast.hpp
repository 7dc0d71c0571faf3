// How many patches a dataset will give, before it is standardised.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "config/experiment.hpp"
#include "tasks/plugin_dataset.hpp"
#include "tasks/workshop.hpp"

namespace histokt {

// What is expected of one fold of a dataset.
struct ExpectedPatches {
  std::array<double, 3> patches{};  // of training, validation and test
  double all = 0;                   // in the patch set
  int side = 0, classes = 0;
  bool multi_label = false;
  std::uint64_t pictures = 0, looked_at = 0;  // of the dataset; and of them, how many `all` goes by
};

// Reads some pictures of each dataset, standardises them as its step would and writes nothing; then splits
// the pictures as their patches will be split. Each dataset is opened once. One thread at a time; experiment
// and workshop must outlive it.
class PatchForecast {
 public:
  PatchForecast(const Experiment& experiment, const Workshop& workshop)
      : experiment_(experiment), workshop_(workshop) {}

  // fold: from 1, and 1 where the dataset has no folds. Throws RequestError or RunError where the dataset
  // cannot be opened or split, or no picture can be read, also where a table of patches says the split;
  // Interrupted.
  ExpectedPatches of(const DatasetConfig& dataset, int fold);

 private:
  struct Looked {
    OpenedDataset opened;
    double patches_per_picture = 0;
    std::uint64_t looked_at = 0;
    int side = 0;
  };
  Looked look(const DatasetConfig& dataset) const;

  const Experiment& experiment_;
  const Workshop& workshop_;
  std::map<std::string, Looked> looked_;
};

}  // namespace histokt
