// The augmentation of a recipe in TOML.
#pragma once

#include <toml++/toml.h>

#include "training/augmentation.hpp"

namespace histokt {

// As a table that reads back the same. Colour, blur and cutout stand there only where they do something, so
// that a recipe without them is the one it was before they were there.
toml::table augmentation_table(const AugmentationOptions& options);

}  // namespace histokt
