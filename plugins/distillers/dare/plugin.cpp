// SPDX-License-Identifier: MIT
#include "dare/dare.hpp"

HISTOKT_DISTILLER_PLUGIN(
    histokt::DareDistiller, "dare", "1.0.0",
    "The base plus the sources' changes, most of them dropped at random and the rest rescaled", "MIT",
    "Yu et al.: Language Models are Super Mario: Absorbing Abilities from Homologous Models "
    "as a Free Lunch, ICML 2024");
