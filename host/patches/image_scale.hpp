// SPDX-License-Identifier: MIT
// Checks of the scale that images state themselves, in their names and tags, against the dataset's
// microns_per_pixel. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "imaging/decode.hpp"
#include "patches/image_dataset.hpp"

namespace histokt {

// The microns per pixel of a file name such as "TCGA-A1_MPP-0.2500.png", "x_mpp=1.png" or "x_0.5mpp.tif";
// folders before it don't count. Nothing if it names none.
std::optional<double> scale_in_name(std::string_view name);

// Whether a scale is more than 5 % off the other.
bool differs(double stated, double microns_per_pixel);
bool differs(const StatedScale& stated, double microns_per_pixel);

// "0.25" or, along rows and columns, "0.25 x 0.5".
std::string scale_text(const StatedScale& stated);

// What is wrong with the names of a dataset's images: one sentence that names the first and counts the
// others;
// "" if nothing is.
std::string fault_in_names(const ImageDataset& dataset);

// For an image whose tags state a scale that differs, one sentence.
std::string fault_in_tags(const StatedScale& stated, double microns_per_pixel);

}  // namespace histokt
