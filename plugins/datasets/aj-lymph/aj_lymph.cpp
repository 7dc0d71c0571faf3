// SPDX-License-Identifier: MIT
// Lymphomas of three kinds, as Janowczyk and Madabhushi published them.
#include <histokt/adapters/choices.hpp>
#include <histokt/adapters/download.hpp>
#include <histokt/dataset.hpp>

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr double kMicronsPerPixel = 0.25;
constexpr const char* kFolder = "AJ-Lymph";

const std::vector<std::string> kExtensions = {"tif", "tiff"};

constexpr const char* kLayout =
    "  ROOT/\n"
    "    AJ-Lymph/        ROOT may also be this folder\n"
    "      CLL/*.tif      1388 x 1040 images called SLIDE_NUMBER.tif; likewise FL, MCL";

// "sj-05-5269-R10_015.tif" is an image of the slide sj-05-5269-R10.
std::string slide_of(const adapters::FoundFile& file) {
  const std::string name = file.path.filename().string();
  const std::size_t end = name.find('_');
  if (end != std::string::npos && end > 0) return name.substr(0, end);
  throw PluginError("the name of the image " + file.path.string() +
                    " does not identify a slide; expected a name such as sj-05-5269-R10_015.tif, with the "
                    "slide before the first _");
}

}  // namespace

class AjLymph : public Dataset {
 public:
  static constexpr histokt_option kOptions[] = {adapters::microns_per_pixel_option("0.25"),
                                                adapters::classes_option(), adapters::per_class_option(),
                                                adapters::draw_seed_option()};

  static constexpr histokt_card_line kCard[] = {
      {"Tissue", "Human lymph nodes"},
      {"Task", "Which lymphoma"},
      {"Classes", "CLL chronic lymphocytic leukaemia, FL follicular lymphoma, MCL mantle cell lymphoma"},
      {"Staining", "Haematoxylin and eosin, of several laboratories"},
      {"Scanner", "Not published"},
      {"Microns per pixel", "0.25"},
      {"Images", "374 of 1388 x 1040: 113 CLL, 139 FL, 122 MCL. Each gives one patch"},
      {"Groups", "The slide, of which there are 30, ten of each class: the name before the first _"},
      {"Splits",
       "No official split. Paper: patches shuffled, 80/10/10, so slides are in several splits; its test has "
       "38 patches, of which one is 2.6 points"},
      {"Licence", "Not published with it"},
      {"Download", "The seventh use case of the tutorial below, by way of http://www.andrewjanowczyk.com"},
      {"Layout", kLayout},
      {}};

  explicit AjLymph(const DatasetRequest& request) {
    const adapters::ClassChoice choice({"CLL", "FL", "MCL"}, request.settings);
    info.classes = choice.classes();
    info.microns_per_pixel = adapters::microns_per_pixel(request, kMicronsPerPixel);
    info.group_level = HISTOKT_GROUP_SLIDE;
    info.paper_shares = {0.8, 0.1, 0.1};

    const fs::path base = adapters::download_folder(request.root, kFolder, {"CLL", "FL", "MCL"}, kLayout);
    std::vector<Sample> samples;
    adapters::LeftOut left_out;
    for (std::size_t label = 0; label < info.classes.size(); ++label) {
      for (const auto& file :
           adapters::class_files(base, info.classes[label], kLayout, kExtensions, &left_out)) {
        samples.push_back(
            {.id = file.name, .group = slide_of(file), .label = static_cast<int>(label), .file = file.path});
      }
    }
    left_out.warn(request.host, base);
    for (Sample& sample : adapters::drawn(std::move(samples), request.settings)) add(std::move(sample));
  }
};

}  // namespace histokt

HISTOKT_DATASET_PLUGIN(
    histokt::AjLymph, "aj-lymph", "1.0.0", "Lymphomas: CLL, follicular, mantle cell", "",
    "A. Janowczyk and A. Madabhushi: Deep learning for digital pathology image analysis: A "
    "comprehensive tutorial with selected use cases. Journal of Pathology Informatics 7:29, 2016. "
    "doi 10.4103/2153-3539.186902");
