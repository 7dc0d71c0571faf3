// SPDX-License-Identifier: MIT
// Estimates of a plan's time, from a few batches measured here, and disk space, from the size of the
// networks. For `run --dry-run --estimate`.
#pragma once

#include <string>

#include "planning/plan.hpp"

namespace histokt {

// Lines of text about the unfinished trainings, with the assumptions made. Trains random patches for about 10
// seconds in all, and reads some images of each dataset whose patches are not counted; writes nothing, except
// what a dataset plugin draws into its scratch folder. Finished steps must have been looked up
// (Runner::forecast). Throws RunError if a plugin fails, Interrupted.
std::string estimate_text(const Experiment& experiment, const Plan& plan, const ComputeContext& compute);

}  // namespace histokt
