// What a plan would take: hours by a few batches measured here, disk by the size of the networks. For `run
// --dry-run
// --estimate`.
#pragma once

#include <string>

#include "planning/plan.hpp"

namespace histokt {

// Lines for people, of the trainings that are not finished, with what was assumed. Trains random patches for
// about 10 seconds in all, and reads some pictures of each dataset whose patches are not counted; writes
// nothing, but for what a dataset plugin draws into its scratch folder. Finished steps must have been looked
// up (Runner::forecast). Throws RunError where a plugin fails, Interrupted.
std::string estimate_text(const Experiment& experiment, const Plan& plan, const Workshop& workshop);

}  // namespace histokt
