// SPDX-License-Identifier: MIT
// BCSS: regions of breast cancer slides with a mask of tissue codes; labels are the shares of the classes.
#include <histokt/adapters/choices.hpp>
#include <histokt/adapters/download.hpp>
#include <histokt/adapters/text.hpp>
#include <histokt/dataset.hpp>

#include <algorithm>
#include <map>

namespace histokt {
namespace {

namespace fs = std::filesystem;
using adapters::FoundFile;
using adapters::Row;
using adapters::Table;

constexpr double kMicronsPerPixel = 0.25;
constexpr int kOtherTissue = -1, kOutside = -2;  // as histokt_mask_code has them
constexpr const char* kFolder = "0_Public-data-Amgad2019_0.25MPP";
constexpr const char* kImages = "rgbs_colorNormalized";
constexpr const char* kMasks = "masks";
constexpr const char* kCodes = "meta/gtruth_codes.tsv";

constexpr const char* kLayout =
    "  ROOT/\n"
    "    0_Public-data-Amgad2019_0.25MPP/   ROOT may also be this folder\n"
    "      rgbs_colorNormalized/*.png       regions called SLIDE_xminX_yminY_MPP-0.2500.png\n"
    "      masks/*.png                      a mask for each, of the same name, grey, of 8 or 16 bits\n"
    "      meta/gtruth_codes.tsv            label, GT_code";

constexpr const char* kDenominators[] = {"tissue", "region", "patch", nullptr};

std::string file_name(const FoundFile& file) {
  return file.path.filename().string();
}

// "TCGA-A1-A0SK-DX1_xmin45749_ymin25055_MPP-0.2500.png" is of the slide TCGA-A1-A0SK-DX1.
std::string slide_of(const FoundFile& file) {
  const std::string name = file_name(file);
  const std::size_t end = name.find("_xmin");
  if (end != std::string::npos && end > 0) return name.substr(0, end);
  throw PluginError("the name of the image " + file.path.string() +
                    " does not identify a slide; expected a name such as "
                    "TCGA-A1-A0SK-DX1_xmin45749_ymin25055_MPP-0.2500.png, with the slide before _xmin");
}

}  // namespace

class Bcss : public Dataset {
 public:
  static constexpr histokt_option kOptions[] = {
      adapters::microns_per_pixel_option("0.25"),
      number_option("label_threshold", "0", 0, 1,
                    "A class is present in a patch if its share is greater than this. The published "
                    "threshold is not known; 0 is our choice."),
      number_option("min_coverage", "0.2", 0, 1,
                    "A patch is dropped if the ten classes together cover less than this share of the pixels "
                    "that count; see denominator."),
      string_option("denominator", "\"tissue\"", kDenominators,
                    "Pixels that shares refer to: \"tissue\", all but outside_roi and exclude; \"region\", "
                    "all but outside_roi; \"patch\", all, as the published code has it."),
      adapters::images_option(),
      adapters::draw_seed_option()};

  static constexpr histokt_card_line kCard[] = {
      {"Tissue", "Human breast cancer"},
      {"Task", "Several labels per patch: the tissues in its mask"},
      {"Classes",
       "tumor, stroma, lymphocytic_infiltrate, necrosis_or_debris, glandular_secretions, blood, "
       "metaplasia_NOS, fat, plasma_cells, blood_vessel: ten of the masks' 22 codes. The others count as "
       "other tissue, outside_roi and exclude by the option denominator"},
      {"Staining", "Haematoxylin and eosin, colour-normalised by its makers"},
      {"Scanner", "Those of The Cancer Genome Atlas"},
      {"Microns per pixel", "0.25"},
      {"Images", "151 regions of up to some 10,000 pixels a side, as PNG, with a mask each"},
      {"Groups", "The slide, of which there are 151, each of one patient: the name before _xmin"},
      {"Splits",
       "No official split in these folders. Paper: patches shuffled, 80/10/10; neighbouring patches overlap "
       "by 75%, so most pixels of the test are trained on"},
      {"Licence", "CC0 1.0"},
      {"Download", "Linked from https://github.com/PathologyDataScience/BCSS"},
      {"Layout", kLayout},
      {}};

  explicit Bcss(const DatasetRequest& request)
      : label_threshold_(request.settings.number("label_threshold")),
        min_coverage_(request.settings.number("min_coverage")) {
    info.classes = {"tumor",
                    "stroma",
                    "lymphocytic_infiltrate",
                    "necrosis_or_debris",
                    "glandular_secretions",
                    "blood",
                    "metaplasia_NOS",
                    "fat",
                    "plasma_cells",
                    "blood_vessel"};
    info.microns_per_pixel = adapters::microns_per_pixel(request, kMicronsPerPixel);
    info.group_level = HISTOKT_GROUP_SLIDE;
    info.labels_from_masks = true;
    info.paper_shares = {0.8, 0.1, 0.1};
    info.overlap = 0.75;

    const fs::path base = adapters::download_folder(request.root, kFolder, {kImages, kMasks}, kLayout);
    read_codes(adapters::require_file(base, kCodes, kLayout), request.settings.string("denominator"));
    adapters::LeftOut left_out;
    const std::vector<FoundFile> files =
        adapters::class_files(base, kImages, kLayout, kExtensions, &left_out);
    left_out.warn(request.host, base / kImages);
    std::map<std::string, fs::path> masks;
    for (const FoundFile& file : adapters::class_files(base, kMasks, kLayout, kExtensions)) {
      masks.emplace(adapters::plain_file_name(file_name(file)), file.path);
    }
    std::vector<Sample> samples;
    std::map<std::string, fs::path> mask_of;  // by id
    for (const FoundFile& file : files) {
      const auto mask = masks.find(adapters::plain_file_name(file_name(file)));
      if (mask == masks.end()) {
        throw PluginError("the mask of " + file.path.string() +
                          " is missing: " + (base / kMasks / file_name(file)).string() +
                          " was expected; is the download complete?");
      }
      samples.push_back({.id = file.name, .group = slide_of(file), .file = file.path});
      mask_of.emplace(file.name, mask->second);
      masks.erase(mask);
    }
    if (!masks.empty()) {
      request.host.log_warning(adapters::counted(masks.size(), "mask") + " in " + (base / kMasks).string() +
                               " without an image, left out; the first is " + masks.begin()->first);
    }
    for (Sample& sample : adapters::drawn(std::move(samples), request.settings, "images")) {
      masks_.push_back(mask_of.at(sample.id));
      add(std::move(sample));
    }
  }

  const std::vector<histokt_mask_code>& mask_codes() const override { return codes_; }
  void read_mask(Reader&, std::size_t index, const Sink& sink) const override {
    sink.put_file(masks_[index]);
  }
  double label_threshold() const override { return label_threshold_; }
  double min_coverage() const override { return min_coverage_; }

 private:
  static inline const std::vector<std::string> kExtensions = {"png"};

  int meaning_of(const std::string& label, const std::string& denominator) const {
    const auto found = std::find(info.classes.begin(), info.classes.end(), label);
    if (found != info.classes.end()) return static_cast<int>(found - info.classes.begin());
    if (label == "outside_roi") return denominator == "patch" ? kOtherTissue : kOutside;
    if (label == "exclude") return denominator == "tissue" ? kOutside : kOtherTissue;
    return kOtherTissue;
  }

  void read_codes(const fs::path& file, const std::string& denominator) {
    const Table table = adapters::read_table(file, {"label", "GT_code"}, "Use gtruth_codes.tsv as published");
    std::map<std::string, std::string> labels;    // label, row
    std::map<std::int64_t, std::string> numbers;  // code, row
    for (std::size_t i = 0; i < table.size(); ++i) {
      const Row row = table.row(i);
      const std::string label = adapters::required_cell(row, "label");
      const std::int64_t code = row.integer("GT_code");
      const auto [same_label, new_label] = labels.emplace(label, row.where());
      if (!new_label) {
        throw PluginError(row.where() + " gives the label " + label + " a code, as " + same_label->second +
                          " does too; remove one of the two rows");
      }
      const auto [same_code, new_code] = numbers.emplace(code, row.where());
      if (!new_code) {
        throw PluginError(row.where() + " gives the code " + std::to_string(code) + " a label, as " +
                          same_code->second + " does too; remove one of the two rows");
      }
      if (code < 0 || code > 65535) {
        throw PluginError(row.where() + ": the code " + std::to_string(code) + " is outside 0 .. 65535");
      }
      codes_.push_back({static_cast<std::int32_t>(code), meaning_of(label, denominator)});
    }
    for (const std::string& name : info.classes) {
      if (labels.contains(name)) continue;
      throw PluginError(table.name() + " gives no code for the class " + name +
                        "; use gtruth_codes.tsv as published");
    }
  }

  double label_threshold_, min_coverage_;
  std::vector<histokt_mask_code> codes_;
  std::vector<fs::path> masks_;  // of each sample
};

}  // namespace histokt

HISTOKT_DATASET_PLUGIN(
    histokt::Bcss, "bcss", "1.2.0", "Breast cancer regions with masks of ten tissues", "",
    "M. Amgad et al.: Structured crowdsourcing enables convolutional segmentation of histology "
    "images. Bioinformatics 35(18), 2019, pages 3461-3467. doi 10.1093/bioinformatics/btz083");
