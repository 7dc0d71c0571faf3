// SPDX-License-Identifier: MIT
// A set of drawn images on disk: class folders of PNG files, made once and reused.
#pragma once

#include <histokt/host.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

// Raised whenever a drawn image changes; sets drawn by another version are not used.
#define HISTOKT_SYNTHETIC_VERSION "1.1.0"

namespace histokt::synthetic {

// Everything that determines the images of a set.
struct SetPlan {
  std::string laboratory;  // "a", "b" or "c"
  std::uint64_t seed = 0;
  int patients = 0;
  int images_per_patient = 0;  // of each class
  int image_side = 0;          // micrometres
  std::vector<std::string> classes;
};

// "a-patient-03": unique across laboratories.
std::string patient_name(const SetPlan& plan, int patient);

// "tumour/a-patient-03-image-2.png".
std::string image_name(const SetPlan& plan, const std::string& tissue, int patient, int index);

// The folder below `base` with all images of the plan, named by its laboratory and a digest of the plan.
// Draws them, on all cores, unless they exist. They are drawn into a temporary folder which is then renamed,
// so neither a killed run nor a second process leaves half a set. Throws PluginError, or Stopped when the
// host asks to stop.
std::filesystem::path drawn_folder(const SetPlan& plan, const std::filesystem::path& base, const Host& host);

}  // namespace histokt::synthetic
