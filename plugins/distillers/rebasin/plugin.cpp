// SPDX-License-Identifier: MIT
#include "rebasin/rebasin.hpp"

HISTOKT_DISTILLER_PLUGIN(histokt::RebasinDistiller, "rebasin", "1.0.0",
                         "The mean of the sources after permuting their channels to match the first one",
                         "MIT",
                         "Ainsworth, Hayase, Srinivasa: Git Re-Basin: Merging Models modulo Permutation "
                         "Symmetries, ICLR 2023");
