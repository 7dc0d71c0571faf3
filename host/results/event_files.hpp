// The curves of an experiment's trainings for TensorBoard: OUTPUT/tensorboard/LABEL/events.out.tfevents.HASH.
#pragma once

#include <filesystem>

#include "engine/step.hpp"

namespace histokt {

// Writes the curves of a finished training, from the metrics.csv that it keeps, so that nothing trains again
// for them; what another training of the same label left is replaced. Does nothing for other steps. Throws
// RunError.
void write_event_file(const Step& step, const std::filesystem::path& output);

}  // namespace histokt
