// SPDX-License-Identifier: MIT
// Synthetic tissue: for trying everything without a download, and for experiments whose outcome is known.
#include <histokt/adapters/text.hpp>
#include <histokt/dataset.hpp>

#include <algorithm>
#include <set>

#include "drawn_set.hpp"
#include "scanner.hpp"
#include "tissue.hpp"

namespace histokt {

class Synthetic : public Dataset {
 public:
  static constexpr bool kRootOptional = true;

  static constexpr const char* kLaboratories[] = {"a", "b", "c", nullptr};

  static constexpr histokt_option kOptions[] = {
      string_option("laboratory", "\"a\"", kLaboratories,
                    "The laboratory that stained and scanned: a (0.5 microns per pixel), b (0.75) and c "
                    "(1.0) differ in dyes, optics, noise and white point."),
      integer_option("seed", "1", 0, 9e15, "Seed of the images."),
      integer_option("patients", "12", 1, 1000,
                     "Number of patients of the laboratory; each has every class."),
      integer_option("images_per_patient", "3", 1, 1000, "Number of images of each class and patient."),
      integer_option("image_side", "192", 32, 4096, "Side of an image in micrometres."),
      list_of(string_option("classes", "[\"adipose\", \"glands\", \"lymphocytes\", \"stroma\", \"tumour\"]",
                            nullptr, "Tissue classes, in this order."))};

  static constexpr histokt_card_line kCard[] = {
      {"Tissue", "None: drawn by a program from a seed. Results on it say nothing about patients"},
      {"Task",
       "One of five tissues: adipose (fat), glands (normal mucosa), lymphocytes, stroma (collagen), tumour"},
      {"Staining",
       "Haematoxylin and eosin by Beer and Lambert's law; dyes differ between laboratories, their "
       "strength between patients"},
      {"Scanner",
       "Three: a 0.5, b 0.75 and c 1.0 microns per pixel, with blur, noise, white point and vignetting of "
       "their own"},
      {"Images", "PNG, by default 180 of 192 x 192 micrometres: 5 classes x 12 patients x 3"},
      {"Groups", "The patient: cell size, cellularity, collagen and strength of stain vary between patients"},
      {"Splits", "No official split. Paper: patches shuffled, 80/10/10"},
      {"Download", "None: drawn once into the host's scratch folder; needs no root"},
      {"Layout", "  synthetic-LABORATORY-DIGEST/CLASS/LABORATORY-patient-NN-image-N.png"},
      {}};

  explicit Synthetic(const DatasetRequest& request) {
    const synthetic::SetPlan plan = planned(request.settings);
    info.classes = plan.classes;
    info.microns_per_pixel = synthetic::laboratory(plan.laboratory).microns_per_pixel;
    info.group_level = HISTOKT_GROUP_PATIENT;
    if (!request.root.empty()) {
      throw BadRequest("this dataset draws its own images and needs no root; leave out `root`");
    }
    const std::filesystem::path folder =
        synthetic::drawn_folder(plan, request.host.scratch_folder(), request.host);
    for (std::size_t label = 0; label < plan.classes.size(); ++label) {
      for (int patient = 0; patient < plan.patients; ++patient) {
        for (int index = 0; index < plan.images_per_patient; ++index) {
          const std::string name = synthetic::image_name(plan, plan.classes[label], patient, index);
          add({.id = name,
               .group = synthetic::patient_name(plan, patient),
               .label = static_cast<int>(label),
               .file = folder / name});
        }
      }
    }
  }

 private:
  static synthetic::SetPlan planned(const Settings& settings) {
    const auto number = [&](const char* key) { return static_cast<int>(settings.integer(key)); };
    synthetic::SetPlan plan = {.laboratory = settings.string("laboratory"),
                               .seed = static_cast<std::uint64_t>(settings.integer("seed")),
                               .patients = number("patients"),
                               .images_per_patient = number("images_per_patient"),
                               .image_side = number("image_side"),
                               .classes = settings.strings("classes")};
    check_classes(plan.classes);
    return plan;
  }

  static void check_classes(const std::vector<std::string>& classes) {
    const auto known = synthetic::tissue_names();
    std::set<std::string> seen;
    for (const std::string& name : classes) {
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        throw BadRequest("the option classes names \"" + name + "\"" + adapters::did_you_mean(name, known) +
                         " This dataset draws " + adapters::listed(known));
      }
      if (!seen.insert(name).second) throw BadRequest("the option classes names \"" + name + "\" twice");
    }
    if (classes.empty()) throw BadRequest("the option classes is empty; it draws " + adapters::listed(known));
  }
};

}  // namespace histokt

HISTOKT_DATASET_PLUGIN(histokt::Synthetic, "synthetic", HISTOKT_SYNTHETIC_VERSION,
                       "Tissue drawn from a seed, by three laboratories", "", "");
