// SPDX-License-Identifier: MIT
// MHIST: colorectal polyps, labelled by the vote of seven pathologists.
#include <histokt/adapters/choices.hpp>
#include <histokt/adapters/download.hpp>
#include <histokt/adapters/text.hpp>
#include <histokt/dataset.hpp>

namespace histokt {
namespace {

namespace fs = std::filesystem;
using adapters::Row;
using adapters::Table;

constexpr double kMicronsPerPixel = 1.25;
constexpr const char* kFolder = "MHIST";
constexpr const char* kTable = "annotations.csv";
constexpr const char* kName = "Image Name";
constexpr const char* kLabel = "Majority Vote Label";
constexpr const char* kPartition = "Partition";

constexpr const char* kLayout =
    "  ROOT/\n"
    "    MHIST/                ROOT may also be this folder\n"
    "      images/*.png        224 x 224 images\n"
    "      annotations.csv     may lie in ROOT; Image Name, Majority Vote Label, Partition and one more";

histokt_split partition(const Row& row) {
  const std::string name = adapters::required_cell(row, kPartition);
  if (name == "train") return HISTOKT_SPLIT_TRAIN;
  if (name == "test") return HISTOKT_SPLIT_TEST;
  throw PluginError(row.where() + ": the partition \"" + name + "\" is neither train nor test");
}

}  // namespace

class Mhist : public Dataset {
 public:
  static constexpr histokt_option kOptions[] = {adapters::microns_per_pixel_option("1.25"),
                                                adapters::classes_option(), adapters::per_class_option(),
                                                adapters::draw_seed_option()};

  static constexpr histokt_card_line kCard[] = {
      {"Tissue", "Human colorectal polyps"},
      {"Task", "Which kind of polyp, by the majority of seven pathologists"},
      {"Classes",
       "HP hyperplastic polyp, SSA sessile serrated adenoma: sorted, as the published experiments had them "
       "(the set's own text names SSA first)"},
      {"Staining", "Haematoxylin and eosin"},
      {"Scanner", "Aperio AT2, at a magnification of 40, brought to 8"},
      {"Microns per pixel", "1.25"},
      {"Images", "3,152 of 224 x 224: 2,175 to train with, 977 to test with"},
      {"Groups",
       "The image: the names identify neither patient nor slide, so patients may be shared between splits"},
      {"Splits",
       "Official: training and test. Paper: the official training part cut 80/20 into training and "
       "validation, the official test"},
      {"Licence", "For research, under an agreement with its makers"},
      {"Download", "Dartmouth College, https://bmirds.github.io/MHIST/"},
      {"Layout", kLayout},
      {}};

  explicit Mhist(const DatasetRequest& request) {
    const adapters::ClassChoice choice({"HP", "SSA"}, request.settings);
    info.classes = choice.classes();
    info.microns_per_pixel = adapters::microns_per_pixel(request, kMicronsPerPixel);
    info.group_level = HISTOKT_GROUP_PICTURE;
    info.paper_shares = {0.8, 0.2, 0};

    const fs::path base = adapters::download_folder(request.root, kFolder, {"images"}, kLayout);
    adapters::require_folder(base, "images", kLayout);
    const Table table = adapters::read_table(adapters::require_table(request.root, base, kTable, kLayout),
                                             {kName, kLabel, kPartition}, "Use annotations.csv as published");
    adapters::ImageIndex images(base, "images", {"png"});
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < table.size(); ++i) {
      const Row row = table.row(i);
      const std::string class_name = adapters::required_cell(row, kLabel);
      if (!choice.knows(class_name)) {
        throw PluginError(row.where() + ": the label \"" + class_name + "\" is not one of " + choice.known());
      }
      const histokt_split official = partition(row);
      const adapters::FoundFile* file = images.take(row, adapters::trimmed(row[kName]));
      const std::optional<int> label = choice.label(class_name);
      if (!file || !label) continue;
      const bool test = official == HISTOKT_SPLIT_TEST;
      samples.push_back({.id = file->name,
                         .group = "",
                         .label = *label,
                         .file = file->path,
                         .official_split = official,
                         .paper_split = test ? HISTOKT_SPLIT_TEST : HISTOKT_SPLIT_NONE});
    }
    images.finish(request.host, table.name());
    for (Sample& sample : adapters::drawn(std::move(samples), request.settings)) add(std::move(sample));
  }
};

}  // namespace histokt

HISTOKT_DATASET_PLUGIN(
    histokt::Mhist, "mhist", "1.0.0", "Colorectal polyps: hyperplastic or sessile serrated", "",
    "J. Wei et al.: A Petri Dish for Histopathology Image Analysis. Artificial Intelligence in "
    "Medicine (AIME), 2021. doi 10.1007/978-3-030-77211-6_2");
