// SPDX-License-Identifier: MIT
#include "optimizers/adam/adam.hpp"

HISTOKT_OPTIMIZER_PLUGIN(histokt::Adam, "adam", "1.0.0", "Adam, with weight decay as part of the gradient.",
                         "MIT", "Kingma, Ba: Adam: A Method for Stochastic Optimization, ICLR 2015");
