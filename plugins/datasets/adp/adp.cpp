// SPDX-License-Identifier: MIT
// The Atlas of Digital Pathology: patches with several labels each, in a hierarchy of three levels.
#include <histokt/adapters/choices.hpp>
#include <histokt/adapters/download.hpp>
#include <histokt/adapters/npy.hpp>
#include <histokt/adapters/text.hpp>
#include <histokt/dataset.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace histokt {
namespace {

namespace fs = std::filesystem;
using adapters::FoundFile;
using adapters::Row;
using adapters::Table;

constexpr double kMicronsPerPixel = 1.0;
constexpr const char* kFolder = "ADP V1.0 Release";
constexpr const char* kImages = "img_res_1um_bicubic";
constexpr const char* kTable = "ADP_EncodedLabels_Release1_Flat.csv";
constexpr const char* kNameColumn = "Patch Names";

constexpr const char* kLayout =
    "  ROOT/\n"
    "    ADP V1.0 Release/                         ROOT may also be this folder\n"
    "      img_res_1um_bicubic/*.png               272 x 272 images\n"
    "      ADP_EncodedLabels_Release1_Flat.csv     Patch Names, then the codes; may lie in ROOT\n"
    "      splits/{train,valid,test}.npy           may be missing; indices of rows";

constexpr const char* kLevels[] = {"L1", "L2", "L3", "L3Only", nullptr};

std::vector<std::string> codes_of(const std::string& level) {
  if (level == "L1") return {"E", "C", "H", "S", "A", "M", "N", "G", "T"};
  if (level == "L2") {
    return {"E",   "E.M", "E.T", "C",   "C.D", "C.L", "H",   "H.E", "H.K", "H.Y", "S",   "S.M", "S.C",
            "S.R", "A",   "A.W", "A.M", "M",   "N",   "N.P", "N.R", "N.G", "G",   "G.O", "G.N", "T"};
  }
  if (level == "L3") {
    return {"E",   "E.M", "E.M.S", "E.M.C", "E.T", "E.T.S", "E.T.C", "C",   "C.D", "C.D.I", "C.D.R",
            "C.L", "H",   "H.E",   "H.K",   "H.Y", "S",     "S.M",   "S.C", "S.R", "A",     "A.W",
            "A.M", "M",   "N",     "N.P",   "N.R", "N.G",   "N.G.M", "G",   "G.O", "G.N",   "T"};
  }
  return {"E.M.S", "E.M.C", "E.T.S", "E.T.C", "C.D.I", "C.D.R", "C.L", "H.E",   "H.K", "H.Y", "S.M",
          "S.C",   "S.R",   "A.W",   "A.M",   "M",     "N.P",   "N.R", "N.G.M", "G.O", "G.N", "T"};
}

// The slide, with which a name begins: 001.png_crop_16.png is a patch of slide 001.
std::string slide_of(const Row& row, const std::string& name) {
  const std::size_t digits = std::min(name.find_first_not_of("0123456789"), name.size());
  const std::size_t end = digits > 0 ? digits : std::min(name.find_first_of(".#_"), name.size());
  if (end > 0) return name.substr(0, end);
  throw PluginError(row.where() + ": the name \"" + name +
                    "\" does not identify a slide; expected a name that begins with a number, such as "
                    "001.png_crop_16.png");
}

// Which split the published code put each row into; -1 for a row that stands in none.
std::vector<histokt_split> published_splits(const fs::path& folder, std::size_t rows) {
  constexpr std::array<const char*, 3> kNames = {"train.npy", "valid.npy", "test.npy"};
  std::vector<histokt_split> split(rows, HISTOKT_SPLIT_NONE);
  for (std::size_t s = 0; s < kNames.size(); ++s) {
    const fs::path file = adapters::require_file(folder, kNames[s], kLayout);
    for (const std::int64_t row : adapters::read_npy_integers(file)) {
      if (row < 0 || row >= static_cast<std::int64_t>(rows)) {
        throw PluginError(file.string() + " names row " + std::to_string(row) + ", but " + kTable + " has " +
                          std::to_string(rows) + " rows, counted from 0; do the files belong together?");
      }
      histokt_split& mine = split[static_cast<std::size_t>(row)];
      if (mine != HISTOKT_SPLIT_NONE) {
        throw PluginError(file.string() + " names row " + std::to_string(row) + ", which is in " +
                          kNames[static_cast<std::size_t>(mine)] + " already; no row may be in two splits");
      }
      mine = static_cast<histokt_split>(s);
    }
  }
  return split;
}

}  // namespace

class Adp : public Dataset {
 public:
  static constexpr histokt_option kOptions[] = {
      adapters::microns_per_pixel_option("1.0"),
      string_option("level", "\"L3\"", kLevels,
                    "Codes used as classes: L1 (9), L2 with the codes above (26), L3 with the codes above "
                    "(33), or only the lowest code of each branch, L3Only (22)."),
      adapters::images_option(), adapters::draw_seed_option()};

  static constexpr histokt_card_line kCard[] = {
      {"Tissue", "Human, healthy, of many organs"},
      {"Task", "Several labels per image: the types of tissue in it, in a hierarchy of three levels"},
      {"Classes",
       "By the option level: L1 9, L2 26, L3 33 (default), L3Only 22 codes, such as E epithelium, E.M simple "
       "epithelium, E.M.S simple squamous epithelium. The table's ten other codes (undifferentiated types "
       "and five that no image has) are not read"},
      {"Staining", "Haematoxylin and eosin"},
      {"Scanner", "Huron TissueScope LE1.2"},
      {"Microns per pixel", "1.0"},
      {"Images",
       "17,668 of 272 x 272. They are patches already and are used unchanged: no rescaling, cropping or "
       "background filter"},
      {"Groups", "The slide, of which there are 100: the number that a name begins with"},
      {"Splits",
       "splits/*.npy, if present, under the paper's protocol and as the official split, which separates "
       "patches of one slide; else, in the paper's protocol, patches shuffled, 80/10/10"},
      {"Licence", "For research; on request from its makers"},
      {"Download", "University of Toronto, https://www.dsp.utoronto.ca/projects/ADP/"},
      {"Layout", kLayout},
      {}};

  explicit Adp(const DatasetRequest& request) {
    info.classes = codes_of(request.settings.string("level"));
    info.microns_per_pixel = adapters::microns_per_pixel(request, kMicronsPerPixel);
    info.group_level = HISTOKT_GROUP_SLIDE;
    info.multi_label = true;
    info.as_is = true;
    info.paper_shares = {0.8, 0.1, 0.1};

    const fs::path base = adapters::download_folder(request.root, kFolder, {kImages}, kLayout);
    adapters::require_folder(base, kImages, kLayout);
    const Table table = read_labels(adapters::require_table(request.root, base, kTable, kLayout));
    std::optional<std::vector<histokt_split>> splits;
    if (fs::exists(fs::symlink_status(base / "splits")))
      splits = published_splits(base / "splits", table.size());

    const std::size_t name_column = table.column(kNameColumn);
    std::vector<std::size_t> columns;
    for (const std::string& code : info.classes) columns.push_back(table.column(code));
    std::vector<Sample> samples;
    adapters::ImageIndex images(base, kImages, {"png"});
    for (std::size_t i = 0; i < table.size(); ++i) {
      const Row row = table.row(i);
      const std::string name(adapters::trimmed(row[name_column]));
      const FoundFile* file = images.take(row, name);
      if (!file) continue;
      const histokt_split split = splits ? (*splits)[i] : HISTOKT_SPLIT_NONE;
      const bool left_out = splits && split == HISTOKT_SPLIT_NONE;
      samples.push_back({.id = file->name,
                         .group = slide_of(row, name),
                         .labels = labels(row, columns),
                         .file = file->path,
                         .official_split = split,
                         .paper_split = left_out ? HISTOKT_SPLIT_LEFT_OUT : split});
    }
    images.finish(request.host, table.name());
    for (Sample& sample : adapters::drawn(std::move(samples), request.settings, "images"))
      add(std::move(sample));
  }

 private:
  Table read_labels(const fs::path& file) const {
    std::vector<std::string> columns = info.classes;
    columns.insert(columns.begin(), kNameColumn);
    return adapters::read_table(
        file, columns,
        "Use ADP_EncodedLabels_Release1_Flat.csv as published: Patch Names, then 43 columns of 0 and 1");
  }

  std::vector<std::uint8_t> labels(const Row& row, const std::vector<std::size_t>& columns) const {
    std::vector<std::uint8_t> labels;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::string_view cell = adapters::trimmed(row[columns[c]]);
      if (cell != "0" && cell != "1") {
        throw PluginError(row.where() + ": the column \"" + info.classes[c] + "\" holds \"" +
                          std::string(cell) + "\", expected 0 or 1");
      }
      labels.push_back(cell == "1");
    }
    return labels;
  }
};

}  // namespace histokt

HISTOKT_DATASET_PLUGIN(
    histokt::Adp, "adp", "1.2.0", "Atlas of Digital Pathology: healthy tissue of many organs", "",
    "M. S. Hosseini et al.: Atlas of Digital Pathology: A Generalized Hierarchical Histological "
    "Tissue Type-Annotated Database for Deep Learning. Proceedings of the IEEE/CVF Conference on "
    "Computer Vision and Pattern Recognition, 2019, pages 11747-11756");
