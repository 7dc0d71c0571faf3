// SPDX-License-Identifier: MIT
// PatchCamelyon: small patches of lymph nodes in HDF5 files, gzipped or not, with an official split.
#include <histokt/adapters/choices.hpp>
#include <histokt/adapters/csv.hpp>
#include <histokt/adapters/download.hpp>
#include <histokt/adapters/gzip.hpp>
#include <histokt/adapters/hdf5_array.hpp>
#include <histokt/dataset.hpp>

#include <array>
#include <optional>

namespace histokt {
namespace {

namespace fs = std::filesystem;
using adapters::Hdf5Array;
using adapters::shape_text;

constexpr double kMicronsPerPixel = 0.972;
constexpr std::uint64_t kSide = 96;
constexpr const char* kFolder = "PCam";
constexpr const char* kStem = "camelyonpatch_level_2_split_";

constexpr const char* kLayout =
    "  ROOT/\n"
    "    PCam/                                               ROOT may also be this folder\n"
    "      camelyonpatch_level_2_split_train_x.h5            also as .h5.gz; likewise valid, test\n"
    "      camelyonpatch_level_2_split_train_y.h5            also as .h5.gz; likewise valid, test\n"
    "      camelyonpatch_level_2_split_train_meta.csv        may be missing; likewise valid, test";

// One of the three official parts.
struct Part {
  std::string name;
  histokt_split split;
  Hdf5Array images;
  std::vector<std::uint8_t> labels;
  std::vector<std::string> slides;  // empty where unknown
};

// NAME.h5, or NAME.h5.gz unpacked.
fs::path array_file(const fs::path& base, const std::string& name, const Host& host) {
  const std::string packed = name + ".gz";
  if (fs::exists(base / name) || !fs::exists(base / packed))
    return adapters::require_file(base, name, kLayout);
  return adapters::unpacked(adapters::require_file(base, packed, kLayout), host);
}

Hdf5Array open_images(const fs::path& file) {
  Hdf5Array images = Hdf5Array::open(file, "x");
  const Hdf5Array::Shape& shape = images.shape();
  if (shape != Hdf5Array::Shape{shape[0], kSide, kSide, 3} || shape[0] == 0) {
    throw PluginError(file.string() + ": `x` has the shape " + shape_text(shape) +
                      "; (N, 96, 96, 3) was expected: N images");
  }
  return images;
}

std::vector<std::uint8_t> read_labels(const fs::path& file, std::uint64_t count) {
  const Hdf5Array array = Hdf5Array::open(file, "y");
  if (array.shape()[0] != count || array.row_bytes() != 1) {
    throw PluginError(file.string() + ": `y` has the shape " + shape_text(array.shape()) + "; (" +
                      std::to_string(count) + ", 1, 1, 1) was expected: a label for each image of `x`");
  }
  std::vector<std::uint8_t> labels = array.read_all();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] > 1) {
      throw PluginError(file.string() + ": `y` holds " + std::to_string(labels[i]) + " in row " +
                        std::to_string(i) + "; 0 (no tumour) or 1 (tumour) was expected");
    }
  }
  return labels;
}

std::vector<std::string> read_slides(const fs::path& file, std::uint64_t count) {
  const adapters::Table table = adapters::read_table(file, {"wsi"}, "Use the table as published");
  if (table.size() != count) {
    throw PluginError(file.string() + " has " + std::to_string(table.size()) + " rows, but there are " +
                      std::to_string(count) + " images; do the files belong together?");
  }
  std::vector<std::string> slides;
  for (std::size_t i = 0; i < table.size(); ++i) {
    slides.push_back(adapters::required_cell(table.row(i), "wsi"));
  }
  return slides;
}

}  // namespace

class Pcam : public Dataset {
 public:
  static constexpr histokt_option kOptions[] = {
      adapters::microns_per_pixel_option("0.972"),
      adapters::classes_option(),
      integer_option(
          "train_per_class", "1250", 0, 1e9,
          "Images of each class drawn from the official training part; 0: all 262,144, which give 58 GB of "
          "patches. With the default, more than the paper's 1000 remain after the background filter."),
      integer_option("valid_per_class", "250", 0, 1e9,
                     "Images of each class drawn from the official validation part; the paper's protocol "
                     "takes 200 of them."),
      integer_option("test_per_class", "0", 0, 1e9,
                     "Images of each class drawn from the official test part."),
      adapters::draw_seed_option()};

  static constexpr histokt_card_line kCard[] = {
      {"Tissue", "Human lymph nodes of patients with breast cancer, from the slides of Camelyon16"},
      {"Task", "Whether the middle 32 x 32 pixels show a metastasis"},
      {"Classes", "non_tumor, tumor"},
      {"Staining", "Haematoxylin and eosin"},
      {"Scanner", "3DHISTECH Pannoramic 250 Flash II and Hamamatsu NanoZoomer-XR C12000-01"},
      {"Microns per pixel", "0.972"},
      {"Images",
       "327,680 of 96 x 96 in HDF5 files: 262,144 train, 32,768 valid, 32,768 test; half of each show "
       "tumour"},
      {"Groups",
       "The slide, by the tables *_meta.csv (column wsi); without them the image. The official parts share "
       "no slide"},
      {"Splits",
       "Official: train, valid, test. Paper: the same, with 1000 patches of each class for training and 200 "
       "for validation drawn, and the whole test"},
      {"Licence", "CC0 1.0"},
      {"Download", "Zenodo, doi 10.5281/zenodo.2546921; or https://github.com/basveeling/pcam"},
      {"Layout", kLayout},
      {"Scratch", "Packed files (.h5.gz) are unpacked once, 8 GB in all, into the host's scratch folder"},
      {}};

  explicit Pcam(const DatasetRequest& request) {
    const adapters::ClassChoice choice({"non_tumor", "tumor"}, request.settings);
    info.classes = choice.classes();
    info.microns_per_pixel = adapters::microns_per_pixel(request, kMicronsPerPixel);
    info.paper_per_class = {1000, 200, 0};

    const fs::path base = adapters::download_folder(request.root, kFolder, array_names(), kLayout);
    require_arrays(base);
    const bool with_slides = has_tables(base, request.host);
    info.group_level = with_slides ? HISTOKT_GROUP_SLIDE : HISTOKT_GROUP_PICTURE;
    const std::array<std::pair<const char*, histokt_split>, 3> kParts = {
        {{"train", HISTOKT_SPLIT_TRAIN}, {"valid", HISTOKT_SPLIT_VALID}, {"test", HISTOKT_SPLIT_TEST}}};
    for (const auto& [name, split] : kParts) {
      parts_.push_back(open_part(base, name, split, with_slides, request.host));
      add_part(parts_.back(), choice, request.settings);
    }
  }

  void read(Reader&, std::size_t index, const Sink& sink) const override {
    const Place& place = places_[index];
    parts_[place.part].images.read_row(place.row, sink.allocate(kSide, kSide, 3));
  }

 private:
  struct Place {
    std::size_t part;
    std::uint64_t row;
  };

  static std::string part_file(const std::string& part, const std::string& what) {
    return kStem + part + what;
  }

  // NAME.h5 and NAME.h5.gz, alternately.
  static std::vector<std::string> array_names() {
    std::vector<std::string> names;
    for (const char* part : {"train", "valid", "test"}) {
      for (const char* what : {"_x.h5", "_x.h5.gz", "_y.h5", "_y.h5.gz"})
        names.push_back(part_file(part, what));
    }
    return names;
  }

  // Looks for every file before the first one is opened: no gigabytes are unpacked where something is
  // missing.
  static void require_arrays(const fs::path& base) {
    const std::vector<std::string> names = array_names();
    for (std::size_t i = 0; i < names.size(); i += 2) {
      if (!fs::exists(base / names[i + 1])) adapters::require_file(base, names[i], kLayout);
    }
  }

  // Whether all tables that tell slides are there.
  static bool has_tables(const fs::path& base, const Host& host) {
    for (const char* part : {"train", "valid", "test"}) {
      const std::string table = part_file(part, "_meta.csv");
      if (fs::exists(fs::symlink_status(base / table))) continue;  // a link to nothing is refused later
      host.log_warning((base / table).string() +
                       " is missing, so slides are not known and each image is its own group");
      return false;
    }
    return true;
  }

  static Part open_part(const fs::path& base, const std::string& name, histokt_split split, bool with_slides,
                        const Host& host) {
    Part part{name, split, open_images(array_file(base, part_file(name, "_x.h5"), host)), {}, {}};
    const std::uint64_t count = part.images.shape()[0];
    part.labels = read_labels(array_file(base, part_file(name, "_y.h5"), host), count);
    if (with_slides) {
      const fs::path table = adapters::require_file(base, part_file(name, "_meta.csv"), kLayout);
      part.slides = read_slides(table, count);
    }
    return part;
  }

  void add_part(const Part& part, const adapters::ClassChoice& choice, const Settings& settings) {
    constexpr std::array<const char*, 2> kPublished = {"non_tumor", "tumor"};
    std::vector<Sample> samples;
    for (std::size_t row = 0; row < part.labels.size(); ++row) {
      const std::optional<int> label = choice.label(kPublished[part.labels[row]]);
      if (!label) continue;
      samples.push_back({.id = part.name + "/" + std::to_string(row),
                         .group = part.slides.empty() ? "" : part.slides[row],
                         .label = *label,
                         .official_split = part.split,
                         .paper_split = part.split});
    }
    const auto per_class = static_cast<std::uint64_t>(settings.integer(part.name + "_per_class"));
    const auto seed = static_cast<std::uint64_t>(settings.integer("draw_seed"));
    for (Sample& sample : adapters::drawn(std::move(samples), per_class, seed)) {
      places_.push_back({parts_.size() - 1, std::stoull(sample.id.substr(part.name.size() + 1))});
      add(std::move(sample));
    }
  }

  std::vector<Part> parts_;
  std::vector<Place> places_;  // of each sample
};

}  // namespace histokt

HISTOKT_DATASET_PLUGIN(
    histokt::Pcam, "pcam", "1.0.0", "PatchCamelyon: metastases in lymph nodes", "",
    "B. S. Veeling, J. Linmans, J. Winkens, T. Cohen and M. Welling: Rotation Equivariant CNNs for "
    "Digital Pathology. MICCAI, 2018. doi 10.1007/978-3-030-00934-2_24");
