// SPDX-License-Identifier: MIT
// As examples/out-of-tree-plugin, without the adapters library, which is built with the host's standard
// library.
#include <histokt/dataset.hpp>

#include <array>
#include <fstream>
#include <sstream>

#if defined(EXPECT_LIBCXX) && !defined(_LIBCPP_VERSION)
#error "this test is about another standard library than the host's"
#endif

namespace {

class OurSlides : public histokt::Dataset {
 public:
  static constexpr std::array<histokt_option, 1> kOptions = {
      histokt::number_option("microns_per_pixel", "0.5", 0.01, 100, "Scale of the images on disk.")};
  static constexpr histokt_card_line kCard[] = {{"Layout", "ROOT/labels.csv   name,patient,diagnosis"}, {}};

  explicit OurSlides(const histokt::DatasetRequest& request) {
    info.classes = {"benign", "malignant"};
    info.microns_per_pixel = request.settings.number("microns_per_pixel");
    info.group_level = HISTOKT_GROUP_PATIENT;
    const std::filesystem::path file = request.root / "labels.csv";
    std::ifstream table(file);
    if (!table) throw histokt::BadRequest(file.string() + ": there is no such table below the root");
    std::string line;
    std::getline(table, line);  // the heading
    while (std::getline(table, line)) {
      std::istringstream row(line);
      std::string name, patient, diagnosis;
      std::getline(std::getline(std::getline(row, name, ','), patient, ','), diagnosis);
      if (diagnosis != info.classes[0] && diagnosis != info.classes[1]) {
        throw histokt::PluginError(file.string() + ": \"" + diagnosis + "\" is neither benign nor malignant");
      }
      add({.id = "images/" + name,
           .group = patient,
           .label = diagnosis == info.classes[1],
           .file = request.root / "images" / name});
    }
    request.host.log_debug("listed " + std::to_string(get_samples().size()));
  }
};

}  // namespace

HISTOKT_DATASET_PLUGIN(OurSlides, "our-slides", "1.0.0", "Slides of our laboratory", "MIT", "");
