// What a checkpoint asks of new images: that they are prepared as those were that it was trained with.
#pragma once

#include "patches/picture_dataset.hpp"
#include "plugins/options.hpp"
#include "tasks/prediction.hpp"

namespace histokt {

// [standardize] as the checkpoint needs it, laid over what the user gave. Throws RequestError where the two
// disagree; warns where the checkpoint does not say how images were rounded and the user does not either.
toml::table preparation(toml::table given, const PredictionNetwork& network);

// Throws RequestError where a dataset has other classes, or a fixed scale that is not the checkpoint's.
void check_dataset(const PictureDatasetInfo& info, const PredictionNetwork& network);

}  // namespace histokt
