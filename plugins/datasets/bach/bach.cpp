// SPDX-License-Identifier: MIT
// BACH, the challenge of ICIAR 2018: microscopy images of breast tissue in four class folders.
#include <histokt/adapters/choices.hpp>
#include <histokt/adapters/download.hpp>
#include <histokt/dataset.hpp>

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr double kMicronsPerPixel = 0.42;
constexpr const char* kFolder = "ICIAR2018_BACH_Challenge";

const std::vector<std::string> kExtensions = {"tif", "tiff"};

constexpr const char* kLayout =
    "  ROOT/\n"
    "    ICIAR2018_BACH_Challenge/   ROOT may also be this folder\n"
    "      Photos/\n"
    "        Benign/*.tif            2048 x 1536 images; likewise InSitu, Invasive, Normal";

}  // namespace

class Bach : public Dataset {
 public:
  static constexpr histokt_option kOptions[] = {adapters::microns_per_pixel_option("0.42"),
                                                adapters::classes_option(), adapters::per_class_option(),
                                                adapters::draw_seed_option()};

  static constexpr histokt_card_line kCard[] = {
      {"Tissue", "Human breast"},
      {"Task", "The kind of lesion that the image shows"},
      {"Classes", "Benign, InSitu (carcinoma in situ), Invasive (invasive carcinoma), Normal"},
      {"Staining", "Haematoxylin and eosin"},
      {"Scanner", "Leica ICC50 HD camera on a Leica DM 2000 LED microscope"},
      {"Microns per pixel", "0.42"},
      {"Images",
       "400 of 2048 x 1536, 100 of each class, as TIFF; the challenge's 100 test images have no "
       "published labels"},
      {"Groups", "The image: the names do not identify patients, so patients may be shared between splits"},
      {"Splits",
       "No official split that has labels. Paper: patches shuffled, 40/10/50, so the patches of one image "
       "are in several splits"},
      {"Licence", "CC BY-NC-ND 4.0"},
      {"Download",
       "Zenodo, doi 10.5281/zenodo.3632035; or the challenge's site, "
       "https://iciar2018-challenge.grand-challenge.org"},
      {"Layout", kLayout},
      {}};

  explicit Bach(const DatasetRequest& request) {
    const adapters::ClassChoice choice({"Benign", "InSitu", "Invasive", "Normal"}, request.settings);
    info.classes = choice.classes();
    info.microns_per_pixel = adapters::microns_per_pixel(request, kMicronsPerPixel);
    info.group_level = HISTOKT_GROUP_PICTURE;
    info.paper_shares = {0.4, 0.1, 0.5};

    const fs::path base = adapters::download_folder(request.root, kFolder, {"Photos"}, kLayout);
    std::vector<Sample> samples;
    adapters::LeftOut left_out;
    for (std::size_t label = 0; label < info.classes.size(); ++label) {
      const std::string folder = "Photos/" + info.classes[label];
      for (const auto& file : adapters::class_files(base, folder, kLayout, kExtensions, &left_out)) {
        samples.push_back(
            {.id = file.name, .group = "", .label = static_cast<int>(label), .file = file.path});
      }
    }
    left_out.warn(request.host, base);
    for (Sample& sample : adapters::drawn(std::move(samples), request.settings)) add(std::move(sample));
  }
};

}  // namespace histokt

HISTOKT_DATASET_PLUGIN(
    histokt::Bach, "bach", "1.0.0", "Breast tissue: normal, benign, in situ, invasive", "",
    "G. Aresta et al.: BACH: Grand challenge on breast cancer histology images. Medical Image "
    "Analysis 56, 2019, pages 122-139. doi 10.1016/j.media.2019.05.010");
