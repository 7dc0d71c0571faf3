// How long the rest of an experiment may take, by how long its trainings have taken so far.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/step.hpp"

namespace histokt {

// Training is reckoned by epochs times training patches: of the same model and layers where one has run, of
// any where none has. Other steps count for nothing, which is little beside training. Not thread-safe.
class RemainingTime {
 public:
  // A step that is finished now took that long.
  void add(const Step& step, double seconds);

  // Of the trainings among `steps` that are open (open_trainings). Nothing before one has been measured, or
  // while the patches of one are not counted.
  std::optional<double> seconds(const std::vector<Step*>& steps) const;

 private:
  struct Measured {
    double seconds = 0, work = 0;
  };
  std::map<std::string, Measured> by_kind_;
  Measured all_;
};

// The trainings that will run, as far as is known: those that are not finished, each network once, without
// those of which it is open whether they run at all (may_be_another).
std::vector<const Step*> open_trainings(const std::vector<Step*>& steps);

// Whether a training starts from a first source that goes through a distiller alone and has not yet. Where
// that leaves it as it is, the training is the source's own and does not run, which only the distiller knows.
bool may_be_another(const Step& training);

// Whether a distill step has one source alone.
bool is_of_one_source(const Step& step);

// How often the network sees each training patch: epochs, or kept views of it. Needs a training.
double passes_of(const Step& training);

// Passes times training patches; nothing where the step's split is not made yet. Needs a training.
std::optional<double> training_work(const Step& step);

}  // namespace histokt
