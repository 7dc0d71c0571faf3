// SPDX-License-Identifier: MIT
#include "ties/ties.hpp"

HISTOKT_DISTILLER_PLUGIN(
    histokt::TiesDistiller, "ties", "1.0.0",
    "The base plus what the sources' largest changes agree on in sign", "MIT",
    "Yadav et al.: TIES-Merging: Resolving Interference When Merging Models, NeurIPS 2023");
