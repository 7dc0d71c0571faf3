// SPDX-License-Identifier: MIT
// The laboratory: staining of tissue, and imaging of the stained tissue.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "canvas.hpp"

namespace histokt::synthetic {

using Rgb = std::array<float, 3>;

struct Laboratory {
  const char* name;
  double microns_per_pixel;
  // Natural absorbance of red, green and blue light by a unit of each dye.
  Rgb haematoxylin, eosin;
  Rgb white;           // of the empty glass, 0 to 1
  float blur_microns;  // deviation of the optics' Gaussian
  float noise;         // deviation of the sensor's noise, in levels of 255
  float vignetting;    // share of light lost across an image
};

// "a", "b" or "c".
const Laboratory& laboratory(std::string_view name);

// The staining of one patient's sections, relative to the laboratory's.
struct Staining {
  float haematoxylin = 1, eosin = 1;  // factors
  float fading = 0;                   // turns haematoxylin from blue to brown, 0 to 1
};

// The image: side x side x 3 bytes. Light is lost by Beer and Lambert's law, I = I0 exp(-sum of
// absorbance). A pure function of its arguments.
std::vector<std::uint8_t> scan(const Canvas& canvas, const Laboratory& laboratory, const Staining& staining,
                               std::uint64_t key);

}  // namespace histokt::synthetic
