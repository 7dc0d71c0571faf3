// SPDX-License-Identifier: MIT
// Requirements of a checkpoint on new images: they must be prepared like the images it was trained on.
#pragma once

#include "patches/image_dataset.hpp"
#include "plugins/options.hpp"
#include "tasks/prediction.hpp"

namespace histokt {

// The user's [standardize] completed with what the checkpoint requires. Throws RequestError if the two
// disagree; warns if neither says how images are rounded.
toml::table standardize_settings_for(toml::table given, const PredictionNetwork& network);

// Throws RequestError if a dataset has other classes, or a fixed scale other than the checkpoint's.
void check_dataset(const ImageDatasetInfo& info, const PredictionNetwork& network);

}  // namespace histokt
