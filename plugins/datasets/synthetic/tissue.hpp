// SPDX-License-Identifier: MIT
// The five kinds of tissue this dataset can draw.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "canvas.hpp"

namespace histokt::synthetic {

// Traits of one patient's tissue, whatever its class.
struct PatientTraits {
  float nucleus_size = 1;  // factor of all radii
  float cellularity = 1;   // factor of the number of cells
  float collagen = 0.5f;   // density of fibres, 0 to 1
};

// "adipose", "glands", "lymphocytes", "stroma", "tumour".
std::span<const std::string> tissue_names();

// Draws tissue of that name, which is one of tissue_names(). A pure function of its arguments.
void draw_tissue(Canvas& canvas, const std::string& name, const PatientTraits& patient, std::uint64_t key);

}  // namespace histokt::synthetic
