// SPDX-License-Identifier: MIT
// The colorectal cancer sets NCT-CRC-HE-100K-NONORM and CRC-VAL-HE-7K.
#include <histokt/adapters/choices.hpp>
#include <histokt/adapters/folders.hpp>
#include <histokt/dataset.hpp>

namespace histokt {
namespace {

constexpr double kMicronsPerPixel = 0.5;
constexpr const char* kPool = "NCT-CRC-HE-100K-NONORM";
constexpr const char* kExternal = "CRC-VAL-HE-7K";

constexpr const char* kLayout =
    "  ROOT/\n"
    "    NCT-CRC-HE-100K-NONORM/   the set without colour normalisation\n"
    "      ADI/*.tif               likewise LYM, MUC, MUS, NORM, STR, TUM (BACK and DEB as well, if named)\n"
    "    CRC-VAL-HE-7K/            may be missing; the same class folders";

}  // namespace

class Crc : public Dataset {
 public:
  static constexpr histokt_option kOptions[] = {
      adapters::microns_per_pixel_option("0.5"),
      list_of(string_option(
          "classes", "[]", nullptr,
          "Classes to take, in this order; []: the published seven. BACK and DEB may be named too.")),
      adapters::per_class_option(), adapters::draw_seed_option()};

  static constexpr histokt_card_line kCard[] = {
      {"Tissue", "Human colorectal cancer and normal mucosa, formalin-fixed and embedded in paraffin"},
      {"Task", "The one tissue that the image shows"},
      {"Classes",
       "ADI adipose, LYM lymphocytes, MUC mucus, MUS smooth muscle, NORM normal colon mucosa, STR "
       "cancer-associated stroma, TUM adenocarcinoma epithelium; BACK background and DEB debris only where "
       "the option classes names them"},
      {"Staining", "Haematoxylin and eosin, the large set as scanned (not colour-normalised)"},
      {"Scanner", "Not published"},
      {"Microns per pixel", "0.5"},
      {"Images",
       "224 x 224 TIFF: 100,000 of 86 slides with nine classes, 7,180 of 50 other patients. The seven "
       "classes "
       "make some 22 GB of patches; per_class = 4000 still gives the paper's numbers, in 8 GB"},
      {"Groups", "The image: the names identify neither patient nor slide. No patient is in both sets"},
      {"Splits",
       "Official: NCT-CRC-HE-100K-NONORM for training, CRC-VAL-HE-7K for testing. Paper: only the large set, "
       "80/10/10, at most 2000/250/250 patches of a class. By group, CRC-VAL-HE-7K is the test set"},
      {"Licence", "CC BY 4.0"},
      {"Download", "Zenodo, doi 10.5281/zenodo.1214456"},
      {"Layout", kLayout},
      {}};

  explicit Crc(const DatasetRequest& request) {
    const adapters::ClassChoice choice({"ADI", "LYM", "MUC", "MUS", "NORM", "STR", "TUM"}, request.settings,
                                       {"ADI", "BACK", "DEB", "LYM", "MUC", "MUS", "NORM", "STR", "TUM"});
    info.classes = choice.classes();
    info.microns_per_pixel = adapters::microns_per_pixel(request, kMicronsPerPixel);
    info.group_level = HISTOKT_GROUP_PICTURE;
    info.paper_shares = {0.8, 0.1, 0.1};
    info.paper_per_class = {2000, 250, 250};

    adapters::require_folder(request.root, kPool, kLayout);
    // A training part without its test part is no split: then the host cuts one.
    // What is there but no folder (a link to nothing, an archive) is refused below, not taken for missing.
    const bool has_external =
        std::filesystem::exists(std::filesystem::symlink_status(request.root / kExternal));
    const histokt_split pool_split = has_external ? HISTOKT_SPLIT_TRAIN : HISTOKT_SPLIT_NONE;
    std::vector<Sample> samples;
    adapters::LeftOut left_out;
    list_set(request.root, kPool, pool_split, HISTOKT_SPLIT_NONE, samples, left_out);
    if (has_external)
      list_set(request.root, kExternal, HISTOKT_SPLIT_TEST, HISTOKT_SPLIT_LEFT_OUT, samples, left_out);
    left_out.warn(request.host, request.root);
    for (Sample& sample : adapters::drawn(std::move(samples), request.settings)) add(std::move(sample));
  }

 private:
  void list_set(const std::filesystem::path& root, const std::string& set, histokt_split official,
                histokt_split paper, std::vector<Sample>& samples, adapters::LeftOut& left_out) const {
    for (std::size_t label = 0; label < info.classes.size(); ++label) {
      for (const auto& file : adapters::class_files(root, set + "/" + info.classes[label], kLayout,
                                                    adapters::image_extensions(), &left_out)) {
        samples.push_back({.id = file.name,
                           .group = "",
                           .label = static_cast<int>(label),
                           .file = file.path,
                           .official_split = official,
                           .paper_split = paper});
      }
    }
  }
};

}  // namespace histokt

HISTOKT_DATASET_PLUGIN(histokt::Crc, "crc", "1.0.0",
                       "Colorectal tissue: NCT-CRC-HE-100K-NONORM and CRC-VAL-HE-7K", "",
                       "J. N. Kather, N. Halama and A. Marx: 100,000 histological images of human colorectal "
                       "cancer and healthy tissue. Zenodo, 2018. doi 10.5281/zenodo.1214456");
