// SPDX-License-Identifier: MIT
#include "optimizers/sgd/sgd.hpp"

HISTOKT_OPTIMIZER_PLUGIN(histokt::Sgd, "sgd", "1.0.0", "SGD with momentum and one learning rate.", "MIT",
                         "Sutskever, Martens, Dahl, Hinton: On the importance of initialization and momentum "
                         "in deep learning, ICML 2013");
