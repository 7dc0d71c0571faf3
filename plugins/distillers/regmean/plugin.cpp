// SPDX-License-Identifier: MIT
#include "regmean/regmean.hpp"

HISTOKT_DISTILLER_PLUGIN(
    histokt::RegmeanDistiller, "regmean", "1.1.0",
    "The weights whose outputs come closest to those of all sources on their own patches", "MIT",
    "Jin, Ren, Preotiuc-Pietro, Cheng: Dataless Knowledge Fusion by Merging Weights of Language "
    "Models, ICLR 2023");
