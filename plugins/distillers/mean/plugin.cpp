#include "mean/mean.hpp"

HISTOKT_DISTILLER_PLUGIN(histokt::MeanDistiller, "mean", "1.0.0",
                         "The mean of the sources, each weighted as asked for", "MIT", "");
