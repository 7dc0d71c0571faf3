// The augmentation of a recipe in TOML; docs/experiment.md lists its keys.
#pragma once

#include "config/table_reader.hpp"
#include "training/augmentation.hpp"

namespace histokt {

// Reads the table `augmentation` of a recipe; the defaults where there is none. Throws RequestError.
AugmentationOptions read_augmentation(TableReader& recipe);

// As a table that reads back the same. Colour, blur and cutout stand there only where they do something, so
// that a recipe without them is the one it was before they were there.
toml::table augmentation_table(const AugmentationOptions& options);

}  // namespace histokt
