// SPDX-License-Identifier: MIT
#include "svd/svd.hpp"

HISTOKT_DISTILLER_PLUGIN_WITH_CONTROL(
    histokt::SvdDistiller, "svd", "1.1.0",
    "The first source, projected on the leading singular directions of all sources", "MIT", "");
