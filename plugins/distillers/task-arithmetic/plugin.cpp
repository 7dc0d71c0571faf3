// SPDX-License-Identifier: MIT
#include "task-arithmetic/task_arithmetic.hpp"

HISTOKT_DISTILLER_PLUGIN(histokt::TaskArithmeticDistiller, "task-arithmetic", "1.0.0",
                         "The base plus the scaled sum of each source's change from it", "MIT",
                         "Ilharco et al.: Editing Models with Task Arithmetic, ICLR 2023");
