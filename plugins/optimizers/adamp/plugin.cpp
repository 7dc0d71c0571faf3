// SPDX-License-Identifier: MIT
#include "optimizers/adamp/adamp.hpp"

HISTOKT_OPTIMIZER_PLUGIN(histokt::AdamP, "adamp", "1.0.0",
                         "Adam without the part of each step along scale-invariant weights.", "MIT",
                         "Heo et al.: AdamP: Slowing Down the Slowdown for Momentum Optimizers on "
                         "Scale-invariant Weights, ICLR 2021");
