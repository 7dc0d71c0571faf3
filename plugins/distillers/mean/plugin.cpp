// SPDX-License-Identifier: MIT
#include "mean/mean.hpp"

HISTOKT_DISTILLER_PLUGIN(histokt::MeanDistiller, "mean", "1.0.0", "The weighted mean of the sources", "MIT",
                         "");
