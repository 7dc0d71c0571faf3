// SPDX-License-Identifier: MIT
// A laboratory's own dataset: one table, one folder of images.
//
//   ROOT/labels.csv     name,patient,diagnosis
//   ROOT/images/...
#include <histokt/adapters/csv.hpp>
#include <histokt/adapters/folders.hpp>
#include <histokt/dataset.hpp>

#include <algorithm>

namespace {

constexpr const char* kLayout = "ROOT/labels.csv   name,patient,diagnosis\nROOT/images/\n";

class OurSlides : public histokt::Dataset {
 public:
  static constexpr histokt_option kOptions[] = {
      histokt::number_option("microns_per_pixel", "0.5", 0.01, 100, "Scale of the images on disk."),
  };

  explicit OurSlides(const histokt::DatasetRequest& request) {
    info.classes = {"benign", "malignant"};
    info.microns_per_pixel = request.settings.number("microns_per_pixel");
    info.group_level = HISTOKT_GROUP_PATIENT;
    const auto table =
        histokt::adapters::Table::read(histokt::adapters::require_file(request.root, "labels.csv", kLayout));
    for (std::size_t i = 0; i < table.size(); ++i) {
      const auto row = table.row(i);
      const auto found = std::find(info.classes.begin(), info.classes.end(), row["diagnosis"]);
      if (found == info.classes.end()) {
        throw histokt::PluginError(row.where() + ": \"" + row["diagnosis"] +
                                   "\" is neither benign nor malignant");
      }
      const std::string name = "images/" + row["name"];
      add({.id = name,
           .group = row["patient"],
           .label = static_cast<int>(found - info.classes.begin()),
           .file = histokt::adapters::resolve_below(request.root, name)});
    }
  }
};

}  // namespace

HISTOKT_DATASET_PLUGIN(OurSlides, "our-slides", "1.0.0", "Slides of our laboratory", "MIT", "");
