// SPDX-License-Identifier: MIT
#include "fisher/fisher.hpp"

HISTOKT_DISTILLER_PLUGIN(histokt::FisherDistiller, "fisher", "1.0.0",
                         "The mean of the sources, each entry weighted by its Fisher information", "MIT",
                         "Matena, Raffel: Merging Models with Fisher-Weighted Averaging, NeurIPS 2022");
