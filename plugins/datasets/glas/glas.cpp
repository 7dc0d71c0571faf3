// SPDX-License-Identifier: MIT
// GlaS, the gland challenge of MICCAI 2015: whole images graded benign or malignant.
#include <histokt/adapters/choices.hpp>
#include <histokt/adapters/download.hpp>
#include <histokt/adapters/text.hpp>
#include <histokt/dataset.hpp>

namespace histokt {
namespace {

namespace fs = std::filesystem;
using adapters::Row;
using adapters::Table;

constexpr double kMicronsPerPixel = 0.62005;
constexpr const char* kFolder = "Warwick QU Dataset (Released 2016_07_08)";
constexpr const char* kTable = "Grade.csv";
constexpr const char* kName = "name";
constexpr const char* kPatient = "patient ID";
constexpr const char* kGrade = "grade (GlaS)";

constexpr const char* kLayout =
    "  ROOT/\n"
    "    Warwick QU Dataset (Released 2016_07_08)/   ROOT may also be this folder\n"
    "      train_N.bmp, testA_N.bmp, testB_N.bmp     images; their masks, *_anno.bmp, are not read\n"
    "      Grade.csv                                 name, patient ID, grade (GlaS) and one more";

// The part an image belongs to, by its name, which is also the order of the rows as published: testA, testB,
// train.
struct Part {
  histokt_split official, paper;
};

Part part_of(const Row& row, const std::string& name) {
  const auto is_of = [&](std::string_view part) {
    return name.starts_with(part) && name.size() > part.size() &&
           name.find_first_not_of("0123456789", part.size()) == std::string::npos;
  };
  if (is_of("train_")) return {HISTOKT_SPLIT_TRAIN, HISTOKT_SPLIT_TRAIN};
  if (is_of("testA_")) return {HISTOKT_SPLIT_TEST, HISTOKT_SPLIT_VALID};
  if (is_of("testB_")) return {HISTOKT_SPLIT_TEST, HISTOKT_SPLIT_TEST};
  throw PluginError(row.where() + ": the name \"" + name +
                    "\" is not in this dataset; expected train_, testA_ or testB_ and a number");
}

}  // namespace

class Glas : public Dataset {
 public:
  static constexpr histokt_option kOptions[] = {adapters::microns_per_pixel_option("0.62005"),
                                                adapters::classes_option(), adapters::per_class_option(),
                                                adapters::draw_seed_option()};

  static constexpr histokt_card_line kCard[] = {
      {"Tissue", "Human colon, glands of adenocarcinoma and of healthy mucosa"},
      {"Task", "The grade of the image (the set was made for outlining glands; the outlines are not read)"},
      {"Classes", "benign, malignant"},
      {"Staining", "Haematoxylin and eosin"},
      {"Scanner", "Zeiss MIRAX MIDI"},
      {"Microns per pixel", "0.62005"},
      {"Images", "165, most of them 775 x 522, as BMP: 85 train, 60 testA, 20 testB"},
      {"Groups", "The patient, of which there are 16"},
      {"Splits",
       "Official: testA and testB for testing; all patients of testB are also in train, so splitting by "
       "group does not keep this split. Paper: train for training, testA for validation, testB for testing; "
       "its test has 40 patches of 20 images, of which one patch is 2.5 points"},
      {"Licence", "For research"},
      {"Download",
       "University of Warwick, Tissue Image Analytics Centre: GlaS@MICCAI'2015 Gland Segmentation "
       "Challenge Contest"},
      {"Layout", kLayout},
      {}};

  explicit Glas(const DatasetRequest& request) {
    const adapters::ClassChoice choice({"benign", "malignant"}, request.settings);
    info.classes = choice.classes();
    info.microns_per_pixel = adapters::microns_per_pixel(request, kMicronsPerPixel);
    info.group_level = HISTOKT_GROUP_PATIENT;

    const fs::path base = adapters::download_folder(request.root, kFolder, {kTable, "train_1.bmp"}, kLayout);
    const Table table = adapters::read_table(adapters::require_file(base, kTable, kLayout),
                                             {kName, kPatient, kGrade}, "Use Grade.csv as published");
    adapters::ImageIndex images(base, "", {"bmp"}, "_anno");
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < table.size(); ++i) {
      const Row row = table.row(i);
      const std::string name = adapters::required_cell(row, kName);
      const adapters::FoundFile* file = images.take(row, name + ".bmp");
      const Part part = part_of(row, name);
      const std::string grade = adapters::required_cell(row, kGrade);
      if (!choice.knows(grade)) {
        throw PluginError(row.where() + ": the grade \"" + grade + "\" is not one of " + choice.known());
      }
      const std::string patient = "patient " + adapters::required_cell(row, kPatient);
      const std::optional<int> label = choice.label(grade);
      if (!file || !label) continue;
      samples.push_back({.id = file->name,
                         .group = patient,
                         .label = *label,
                         .file = file->path,
                         .official_split = part.official,
                         .paper_split = part.paper});
    }
    images.finish(request.host, table.name());
    for (Sample& sample : adapters::drawn(std::move(samples), request.settings)) add(std::move(sample));
  }
};

}  // namespace histokt

HISTOKT_DATASET_PLUGIN(
    histokt::Glas, "glas", "1.0.0", "Colon glands: benign or malignant", "",
    "K. Sirinukunwattana et al.: Gland segmentation in colon histology images: The GlaS challenge "
    "contest. Medical Image Analysis 35, 2017, pages 489-502. doi 10.1016/j.media.2016.08.008");
