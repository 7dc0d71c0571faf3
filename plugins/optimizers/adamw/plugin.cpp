// SPDX-License-Identifier: MIT
#include "optimizers/adamw/adamw.hpp"

HISTOKT_OPTIMIZER_PLUGIN(histokt::AdamW, "adamw", "1.0.0", "Adam with decoupled weight decay.", "MIT",
                         "Loshchilov, Hutter: Decoupled Weight Decay Regularization, ICLR 2019");
