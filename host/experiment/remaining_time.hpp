// How long the rest of an experiment may take, by how long its trainings have taken so far.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiment/step.hpp"

namespace histokt {

// Training is reckoned by epochs times training patches: of the same model and layers where one has run, of
// any where none has. Other steps count for nothing, which is little beside training. Not thread-safe.
class RemainingTime {
 public:
  // A step that is finished now took that long.
  void add(const Step& step, double seconds);

  // Of the trainings among `steps` that are not finished. Nothing before one has been measured, or while the
  // patches of one are not counted.
  std::optional<double> seconds(const std::vector<Step*>& steps) const;

 private:
  struct Measured {
    double seconds = 0, work = 0;
  };
  std::map<std::string, Measured> by_kind_;
  Measured all_;
};

// Epochs (or kept views of each patch) times training patches; nothing where the step's split is not made
// yet. Needs a training.
std::optional<double> training_work(const Step& step);

}  // namespace histokt
