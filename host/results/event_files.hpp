// SPDX-License-Identifier: MIT
// The curves of an experiment's trainings for TensorBoard: OUTPUT/tensorboard/LABEL/events.out.tfevents.HASH.
#pragma once

#include <filesystem>

#include "engine/step.hpp"

namespace histokt {

// Writes the curves of a finished training, from its metrics.csv, so that nothing is trained again for them;
// files of another training with the same label are replaced. Does nothing for other steps. Throws RunError.
void write_event_file(const Step& step, const std::filesystem::path& output);

}  // namespace histokt
