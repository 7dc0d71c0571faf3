// SPDX-License-Identifier: MIT
#include "optimizers/rmsgd/rmsgd.hpp"

HISTOKT_OPTIMIZER_PLUGIN(histokt::Rmsgd, "rmsgd", "1.0.0",
                         "SGD whose learning rates follow the knowledge gain of each convolution.", "MIT",
                         "Hosseini, Tuli, Plataniotis: Exploiting Explainable Metrics for Augmented SGD, "
                         "CVPR 2022; Adas: Hosseini, Plataniotis, arXiv:2006.06587");
