// A set of drawn pictures on disk: class folders of PNG files, made once and used again.
#pragma once

#include <histokt/host.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

// Raised whenever a drawn picture changes; sets drawn by another version are not used.
#define HISTOKT_SYNTHETIC_VERSION "1.0.0"

namespace histokt::synthetic {

// Everything that decides which pictures there are and what they show.
struct SetPlan {
  std::string laboratory;  // "a", "b" or "c"
  std::uint64_t seed = 0;
  int patients = 0;
  int pictures_per_patient = 0;  // of each class
  int picture_side = 0;          // micrometres
  std::vector<std::string> classes;
};

// "a-patient-03": unlike any other laboratory's.
std::string patient_name(const SetPlan& plan, int patient);

// "tumour/a-patient-03-picture-2.png".
std::string picture_name(const SetPlan& plan, const std::string& tissue, int patient, int index);

// The folder below `base` with all pictures of the plan, called by its laboratory and a digest of the plan.
// Draws them, on all cores, unless they are there already. They are drawn into a folder of their own which is
// then renamed as a whole, so neither a killed run nor a second process leaves half a set. Throws
// PluginError, or Stopped when the host wants to end.
std::filesystem::path drawn_folder(const SetPlan& plan, const std::filesystem::path& base, const Host& host);

}  // namespace histokt::synthetic
