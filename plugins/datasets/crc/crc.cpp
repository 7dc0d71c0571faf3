// The colorectal cancer sets NCT-CRC-HE-100K-NONORM and CRC-VAL-HE-7K.
#include <histokt/adapters/folders.hpp>
#include <histokt/dataset.hpp>

namespace histokt {
namespace {

constexpr const char* kPool = "NCT-CRC-HE-100K-NONORM";
constexpr const char* kExternal = "CRC-VAL-HE-7K";

constexpr const char* kLayout =
    "  ROOT/\n"
    "    NCT-CRC-HE-100K-NONORM/   the set without colour normalisation\n"
    "      ADI/*.tif               likewise LYM, MUC, MUS, NORM, STR, TUM (BACK and DEB are not read)\n"
    "    CRC-VAL-HE-7K/            may be missing; the same class folders";

}  // namespace

class Crc : public Dataset {
 public:
  static constexpr histokt_option kOptions[] = {
      number_option("microns_per_pixel", "0.5", 1e-3, 100, "Scale of the pictures on disk.")};

  static constexpr histokt_card_line kCard[] = {
      {"Tissue", "Human colorectal cancer and normal mucosa, formalin-fixed and embedded in paraffin"},
      {"Task",
       "One of seven tissues: ADI adipose, LYM lymphocytes, MUC mucus, MUS smooth muscle, NORM normal "
       "colon mucosa, STR cancer-associated stroma, TUM adenocarcinoma epithelium; BACK background and "
       "DEB debris are left out"},
      {"Staining", "Haematoxylin and eosin, the large set as scanned (not colour-normalised)"},
      {"Scanner", "Not published; 0.5 microns per pixel"},
      {"Pictures", "224 x 224 tiles: 100,000 of 86 slides with nine classes, 7,180 of 50 other patients"},
      {"Groups", "The picture: the names tell neither patient nor slide. No patient stands in both sets"},
      {"Splits",
       "Official: NCT-CRC-HE-100K-NONORM trains, CRC-VAL-HE-7K tests. Paper: the large set alone, "
       "80/10/10, at most 2000/250/250 patches of a class"},
      {"Download", "Zenodo, doi 10.5281/zenodo.1214456, CC BY 4.0"},
      {"Layout", kLayout},
      {}};

  explicit Crc(const DatasetRequest& request) {
    info.classes = {"ADI", "LYM", "MUC", "MUS", "NORM", "STR", "TUM"};
    info.microns_per_pixel = request.settings.number("microns_per_pixel");
    info.group_level = HISTOKT_GROUP_PICTURE;
    info.paper_shares = {0.8, 0.1, 0.1};
    info.paper_per_class = {2000, 250, 250};

    adapters::require_folder(request.root, kPool, kLayout);
    // A training part without its test part is no split: then the host cuts one.
    // What is there but no folder (a link to nothing, an archive) is refused below, not taken for missing.
    const bool has_external =
        std::filesystem::exists(std::filesystem::symlink_status(request.root / kExternal));
    add_set(request.root, kPool, has_external ? HISTOKT_SPLIT_TRAIN : HISTOKT_SPLIT_NONE, HISTOKT_SPLIT_NONE);
    if (has_external) add_set(request.root, kExternal, HISTOKT_SPLIT_TEST, HISTOKT_SPLIT_LEFT_OUT);
  }

 private:
  void add_set(const std::filesystem::path& root, const std::string& set, histokt_split official,
               histokt_split paper) {
    for (std::size_t label = 0; label < info.classes.size(); ++label) {
      for (const auto& file : adapters::class_files(root, set + "/" + info.classes[label], kLayout)) {
        add({.id = file.name,
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
