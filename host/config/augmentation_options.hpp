// SPDX-License-Identifier: MIT
// The augmentation of a recipe in TOML.
#pragma once

#include <toml++/toml.h>

#include "training/augmentation.hpp"

namespace histokt {

// As a table that reads back to the same options. Colour, blur and cutout are written only if they have an
// effect, so that a recipe without them keeps the identity it had before they existed.
toml::table augmentation_table(const AugmentationOptions& options);

}  // namespace histokt
