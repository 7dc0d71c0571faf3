#include "optimizers/adamw/adamw.hpp"

HISTOKT_OPTIMIZER_PLUGIN(histokt::AdamW, "adamw", "1.0.0", "Adam with a weight decay of its own.", "MIT",
                         "Loshchilov, Hutter: Decoupled Weight Decay Regularization, ICLR 2019");
