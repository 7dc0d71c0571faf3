// SPDX-License-Identifier: MIT
#include "models/resnet18/resnet18.hpp"

HISTOKT_MODEL_PLUGIN(histokt::ResNet18, "resnet18", "1.1.0",
                     "ResNet18 with torchvision's layers and names; 512 features a patch.", "MIT",
                     "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, CVPR 2016");
