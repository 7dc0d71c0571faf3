// SPDX-License-Identifier: MIT
#include "support/stand_in_trees.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <stdexcept>
#include <system_error>

#include "support/stand_in_files.hpp"

namespace histokt::test {
namespace {

namespace fs = std::filesystem;
using Write = std::function<void(const fs::path& file, const Pixels& pixels)>;

// Writes the images of a tree: each drawn anew, or one for each class and size under many names.
class Painter {
 public:
  explicit Painter(const TreeSize& size) : size_(size) {}

  // `kind`: images of one kind may be the same file.
  void paint(const fs::path& file, const std::string& kind, int height, int width, const Write& write) {
    height = size_.side(height);
    width = size_.side(width);
    if (!size_.same_images) return write(file, drawn_pixels(height, width, ++seed_));
    fs::path& first = first_[kind + "/" + std::to_string(height) + "x" + std::to_string(width)];
    if (!first.empty()) {
      fs::create_directories(file.parent_path());
      std::error_code full;  // a file system limits the links to one file
      fs::create_hard_link(first, file, full);
      if (!full) return;
    }
    write(file, drawn_pixels(height, width, ++seed_));
    first = file;
  }

 private:
  const TreeSize& size_;
  std::uint64_t seed_ = 0;
  std::map<std::string, fs::path> first_;
};

std::string padded(std::size_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

// "aaa", "aab" ...: three letters, as some sets count.
std::string letters(std::size_t number) {
  std::string text(3, 'a');
  for (std::size_t i = 3; i-- > 0; number /= 26) text[i] = static_cast<char>('a' + number % 26);
  return text;
}

void write_adp(const fs::path& root, const TreeSize& size) {
  // L3's codes, then those that no level uses; the last five are all zero.
  const std::vector<std::string> codes = {
      "E",     "E.M", "E.M.S", "E.M.C", "E.T", "E.T.S", "E.T.C", "E.T.X", "C",     "C.D",   "C.D.I",
      "C.D.R", "C.L", "C.X",   "H",     "H.E", "H.K",   "H.Y",   "H.X",   "S",     "S.M",   "S.C",
      "S.R",   "A",   "A.W",   "A.M",   "M",   "N",     "N.P",   "N.R",   "N.G",   "N.G.M", "N.G.X",
      "G",     "G.O", "G.N",   "G.X",   "T",   "N.G.A", "N.G.O", "N.G.E", "N.G.R", "N.G.T"};
  const fs::path base = root / "ADP V1.0 Release";
  Painter painter(size);
  std::string table = "Patch Names";
  for (const std::string& code : codes) table += "," + code;
  table += "\r\n";
  const std::size_t count = std::max<std::size_t>(size.count(17668), 20);
  const std::size_t slides = std::min<std::size_t>(100, std::max<std::size_t>(count / 4, 1));
  std::array<std::vector<std::int64_t>, 3> splits;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string slide = padded(i % slides + 1, 3);
    const std::string name =
        slide + (i % 7 == 3 ? "#B.png_crop_" : ".png_crop_") + std::to_string(i / slides + 1) + ".png";
    table += name;
    for (std::size_t c = 0; c < codes.size(); ++c) {
      const bool never = c >= codes.size() - 5;
      table += !never && (i + c) % 5 == 0 ? ",1" : ",0";
    }
    table += "\r\n";
    painter.paint(base / "img_res_1um_bicubic" / name, "patch", 272, 272, write_png);
    splits[i < count * 8 / 10 ? 0 : i < count * 9 / 10 ? 1 : 2].push_back(static_cast<std::int64_t>(i));
  }
  write_bytes(base / "ADP_EncodedLabels_Release1_Flat.csv", table);
  write_npy(base / "splits" / "train.npy", splits[0]);
  write_npy(base / "splits" / "valid.npy", splits[1]);
  write_npy(base / "splits" / "test.npy", splits[2]);
}

void write_mhist(const fs::path& root, const TreeSize& size) {
  struct Part {
    const char* partition;
    const char* label;
    std::size_t images;
  };
  constexpr std::array<Part, 4> kParts = {
      {{"train", "HP", 1545}, {"train", "SSA", 630}, {"test", "HP", 617}, {"test", "SSA", 360}}};
  const fs::path base = root / "MHIST";
  Painter painter(size);
  std::string table =
      "Image Name,Majority Vote Label,Number of Annotators who Selected SSA (Out of 7),Partition\r\n";
  std::size_t number = 0;
  for (const Part& part : kParts) {
    for (std::size_t i = 0; i < size.count(part.images); ++i) {
      number += i % 5 == 4 ? 2 : 1;  // numbers are missing here and there
      const std::string name = "MHIST_" + letters(number) + ".png";
      const bool serrated = std::string(part.label) == "SSA";
      table += name + "," + part.label + "," + std::to_string((serrated ? 4 : 0) + i % 4) + "," +
               part.partition + "\r\n";
      painter.paint(base / "images" / name, part.label, 224, 224, write_png);
    }
  }
  write_bytes(base / "annotations.csv", table);
}

void write_bach(const fs::path& root, const TreeSize& size) {
  constexpr std::array<std::array<const char*, 2>, 4> kClasses = {
      {{"Benign", "b"}, {"InSitu", "is"}, {"Invasive", "iv"}, {"Normal", "n"}}};
  const fs::path base = root / "ICIAR2018_BACH_Challenge" / "Photos";
  Painter painter(size);
  std::string table;
  for (const auto& [name, letter] : kClasses) {
    for (std::size_t i = 1; i <= size.count(100); ++i) {
      const std::string file = letter + padded(i, 3) + ".tif";
      table += file + "," + name + "\r\n";
      painter.paint(base / name / file, name, 1536, 2048,
                    [](const fs::path& to, const Pixels& pixels) { write_tiff(to, pixels, 10, false); });
    }
    write_bytes(base / name / "Thumbs.db", "\xD0\xCF\x11\xE0");
  }
  write_bytes(base / "microscopy_ground_truth.csv", table);
  write_bytes(base / "Thumbs.db", "\xD0\xCF\x11\xE0");
}

void write_aj_lymph(const fs::path& root, const TreeSize& size) {
  constexpr std::array<std::pair<const char*, std::size_t>, 3> kClasses = {
      {{"CLL", 113}, {"FL", 139}, {"MCL", 122}}};
  Painter painter(size);
  for (std::size_t c = 0; c < kClasses.size(); ++c) {
    const auto& [name, images] = kClasses[c];
    for (std::size_t i = 0; i < size.count(images); ++i) {
      const std::string slide =
          "sj-05-" + std::to_string(5269 + 10 * c + i % 10) + "-R" + std::to_string(i % 10 + 1);
      const std::string file = slide + "_" + padded(i / 10 + 1, 3) + ".tif";
      painter.paint(root / "AJ-Lymph" / name / file, name, 1040, 1388,
                    [](const fs::path& to, const Pixels& pixels) { write_tiff(to, pixels, 1, false); });
    }
  }
}

void write_pcam(const fs::path& root, const TreeSize& size) {
  struct Part {
    const char* name;
    std::size_t images;
    int slides;
  };
  constexpr std::array<Part, 3> kParts = {
      {{"train", 262144, 216}, {"valid", 32768, 54}, {"test", 32768, 129}}};
  constexpr std::size_t kSide = 96;
  // Images of a chunk, which repeats, and how many of them differ: copies of one image pack into nothing.
  const std::size_t in_chunk = size.same_images ? 32 : 16, drawn_ones = size.same_images ? 1 : 16;
  const std::string stem = "camelyonpatch_level_2_split_";
  std::size_t slide = 0;
  for (const Part& part : kParts) {
    const std::uint64_t count = 2 * size.count(part.images / 2);
    const fs::path base = root / "PCam" / (stem + part.name);
    std::vector<std::uint8_t> images, labels(count);
    for (std::size_t i = 0; i < in_chunk; ++i) {
      const Pixels drawn = drawn_pixels(kSide, kSide, slide * 100 + i % drawn_ones + 1);
      images.insert(images.end(), drawn.values.begin(), drawn.values.end());
    }
    std::string table = ",coord_y,coord_x,tumor_patch,center_tumor_patch,wsi\n";
    for (std::size_t i = 0; i < count; ++i) {
      labels[i] = i % 2;
      const std::string truth = i % 2 ? "True" : "False";
      table += std::to_string(i) + "," + std::to_string(1024 + 96 * i) + ",2048," + truth + "," + truth +
               ",camelyon16_" + part.name + "_" +
               padded(slide + i / 4 % static_cast<std::size_t>(part.slides) + 1, 3) + "\n";
    }
    slide += static_cast<std::size_t>(part.slides);
    const bool packed = size.packed && std::string(part.name) != "train";
    const bool chunked = size.share >= 1 || std::string(part.name) != "train";
    const Hdf5Form form = chunked ? Hdf5Form::kChunked : Hdf5Form::kContiguous;
    write_hdf5(base.string() + "_x.h5", "x", {count, kSide, kSide, 3}, images, form);
    write_hdf5(base.string() + "_y.h5", "y", {count, 1, 1, 1}, labels, Hdf5Form::kContiguous);
    write_bytes(base.string() + "_meta.csv", table);
    for (const char* what : {"_x.h5", "_y.h5"}) {
      if (packed) gzip(base.string() + what);
    }
  }
}

void write_crc(const fs::path& root, const TreeSize& size) {
  struct Tissue {
    const char* name;
    std::size_t pool, external;
  };
  constexpr std::array<Tissue, 9> kTissues = {{{"ADI", 10407, 1338},
                                               {"BACK", 10566, 847},
                                               {"DEB", 11512, 339},
                                               {"LYM", 11557, 634},
                                               {"MUC", 8896, 1035},
                                               {"MUS", 13536, 592},
                                               {"NORM", 8763, 741},
                                               {"STR", 10446, 421},
                                               {"TUM", 14317, 1233}}};
  Painter painter(size);
  const int strip_rows = std::max(1, size.side(224) * 12 / 224);  // 19 strips at full size
  const Write write = [&](const fs::path& to, const Pixels& pixels) {
    write_tiff(to, pixels, strip_rows, true);
  };
  for (const Tissue& tissue : kTissues) {
    const std::string name = tissue.name;
    for (std::size_t i = 0; i < size.count(tissue.pool); ++i) {
      const std::string file = name + "-" + letters(i) + "QKRWDGTP.tif";
      painter.paint(root / "NCT-CRC-HE-100K-NONORM" / name / file, name, 224, 224, write);
    }
    for (std::size_t i = 0; i < size.count(tissue.external); ++i) {
      const std::string file = name + "-TCGA-" + letters(i) + "HFAIVWLZ.tif";
      painter.paint(root / "CRC-VAL-HE-7K" / name / file, name, 224, 224, write);
    }
  }
}

void write_glas(const fs::path& root, const TreeSize& size) {
  struct Part {
    const char* name;
    std::size_t images, small;  // of which are smaller than the others
    int patients;
  };
  constexpr std::array<Part, 3> kParts = {{{"testA", 60, 8, 16}, {"testB", 20, 0, 5}, {"train", 85, 6, 15}}};
  constexpr std::array<std::array<int, 2>, 5> kSmall = {
      {{589, 453}, {581, 442}, {574, 433}, {578, 433}, {567, 430}}};
  const fs::path base = root / "Warwick QU Dataset (Released 2016_07_08)";
  Painter painter(size);
  std::string table =
      "name,patient ID, grade (GlaS), grade (Sirinukunwattana et al. 2015)";  // a bare CR ends a line
  for (const Part& part : kParts) {
    const std::size_t count = std::max<std::size_t>(size.count(part.images), 4);
    for (std::size_t i = 1; i <= count; ++i) {
      const std::string name = std::string(part.name) + "_" + std::to_string(i);
      const std::size_t patient = i % static_cast<std::size_t>(part.patients) + 1;
      const bool benign = patient % 2 == 0;
      table += "\r" + name + ", " + std::to_string(patient) +
               (benign ? ", benign, healthy" : ", malignant, moderately differentiated");
      const bool is_small = size.share >= 1 ? i <= part.small : i % 4 == 0 && part.small > 0;
      const auto [width, height] = is_small ? kSmall[i % kSmall.size()] : std::array<int, 2>{775, 522};
      painter.paint(base / (name + ".bmp"), "image", height, width, write_bmp);
      painter.paint(base / (name + "_anno.bmp"), "mask", height, width,
                    [&](const fs::path& to, const Pixels& pixels) {
                      Pixels glands{pixels.height, pixels.width, 1, {}};
                      for (std::size_t p = 0; p < pixels.values.size(); p += 3)
                        glands.values.push_back(pixels.values[p] < 120 ? 1 : 0);
                      write_bmp(to, glands);
                    });
    }
  }
  write_bytes(base / "Grade.csv", table);
}

void write_os(const fs::path& root, const TreeSize& size) {
  constexpr std::array<std::pair<const char*, std::size_t>, 4> kLabels = {
      {{"Non-Tumor", 536}, {"Viable", 292}, {"Non-Viable-Tumor", 263}, {"viable: non-viable", 53}}};
  // How the table writes a case, and how the file's name does.
  constexpr std::array<std::array<const char*, 2>, 4> kCases = {{{"Case 3 A", "Case-3-A"},
                                                                 {"Case 48 - P5 C", "Case-48-P5-C"},
                                                                 {"P9 B", "P9-B"},
                                                                 {"Case 4 C", "Case-4-C"}}};
  const fs::path base = root / "Osteosarcoma-UT";
  Painter painter(size);
  std::string table = "image.name";
  for (int column = 1; column <= 67; ++column) table += ",feature." + std::to_string(column);
  table += ",classification\n";
  std::map<std::string, std::string> validation;  // set folder, its csv
  std::size_t number = 0;
  for (const auto& [label, images] : kLabels) {
    for (std::size_t i = 0; i < std::max<std::size_t>(size.count(images), 4); ++i, ++number) {
      const auto& [written, spelt] = kCases[i % kCases.size()];
      const std::string place = std::to_string(7 + number % 12) + "-" + std::to_string(10000 + 37 * number) +
                                "-" + std::to_string(9000 + 11 * number);
      table += written + place;
      for (int column = 1; column <= 67; ++column)
        table += "," + std::to_string((number + static_cast<std::size_t>(column)) % 97);
      table += std::string(",") + label + "\n";
      const std::string set =
          "Training-Set-" + std::to_string(number % 2 + 1) + "/set" + std::to_string(number % 10 + 1);
      const std::string file = spelt + place + ".jpg";
      validation[set] += file + "," + label + "\n";
      painter.paint(base / set / file, label, 1024, 1024, write_jpeg);
    }
  }
  for (const auto& [set, rows] : validation) write_bytes(base / set / "PathologistValidation.csv", rows);
  write_bytes(base / "ML_Features_1144.csv", table);
}

void write_bcss(const fs::path& root, const TreeSize& size) {
  const std::vector<std::string> labels = {"outside_roi",
                                           "tumor",
                                           "stroma",
                                           "lymphocytic_infiltrate",
                                           "necrosis_or_debris",
                                           "glandular_secretions",
                                           "blood",
                                           "exclude",
                                           "metaplasia_NOS",
                                           "fat",
                                           "plasma_cells",
                                           "other_immune_infiltrate",
                                           "mucoid_material",
                                           "normal_acinus_or_duct",
                                           "lymphatics",
                                           "undetermined",
                                           "nerve",
                                           "skin_adnexa",
                                           "blood_vessel",
                                           "angioinvasion",
                                           "dcis",
                                           "other"};
  const fs::path base = root / "0_Public-data-Amgad2019_0.25MPP";
  std::string codes = "label\tGT_code\r\n";
  for (std::size_t i = 0; i < labels.size(); ++i) codes += labels[i] + "\t" + std::to_string(i) + "\r\n";
  write_bytes(base / "meta" / "gtruth_codes.tsv", codes);

  Painter painter(size);
  const std::size_t count = std::max<std::size_t>(size.count(151), 3);
  for (std::size_t i = 0; i < count; ++i) {
    std::string letter = letters(i);
    std::transform(letter.begin(), letter.end(), letter.begin(),
                   [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    const std::string name = "TCGA-A" + std::to_string(i % 9 + 1) + "-A" + letter + "-DX1_xmin" +
                             std::to_string(45749 + 31 * i) + "_ymin" + std::to_string(25055 + 17 * i) +
                             "_MPP-0.2500.png";
    // Regions differ in size, up to 10,000 x 8,000.
    const int height = 2000 + static_cast<int>(i % 5 * 1500), width = 2500 + static_cast<int>(i % 5 * 1875);
    painter.paint(base / "rgbs_colorNormalized" / name, "region", height, width, write_png);
    painter.paint(base / "masks" / name, i % 2 ? "mask of 16 bits" : "mask", height, width,
                  [&](const fs::path& to, const Pixels& pixels) {
                    // Bands of codes from top to bottom; a margin at the left lies outside the region.
                    std::vector<std::uint16_t> mask;
                    for (int y = 0; y < pixels.height; ++y) {
                      const auto code = static_cast<std::uint16_t>(y * 22 / pixels.height);
                      for (int x = 0; x < pixels.width; ++x) mask.push_back(x < pixels.width / 20 ? 0 : code);
                    }
                    if (i % 2) return write_png16(to, pixels.height, pixels.width, mask);
                    write_png(to, {pixels.height, pixels.width, 1, {mask.begin(), mask.end()}});
                  });
  }
}

using WriteTree = void (*)(const fs::path&, const TreeSize&);
const std::map<std::string, WriteTree>& writers() {
  static const std::map<std::string, WriteTree> kWriters = {
      {"adp", write_adp},  {"aj-lymph", write_aj_lymph}, {"bach", write_bach},   {"bcss", write_bcss},
      {"crc", write_crc},  {"glas", write_glas},         {"mhist", write_mhist}, {"os", write_os},
      {"pcam", write_pcam}};
  return kWriters;
}

}  // namespace

std::size_t TreeSize::count(std::size_t published) const {
  return std::max(least, static_cast<std::size_t>(std::llround(share * static_cast<double>(published))));
}

int TreeSize::side(int published) const {
  return std::max(8, published / side_divisor);
}

const std::vector<std::string>& stand_in_layouts() {
  static const std::vector<std::string> kLayouts = [] {
    std::vector<std::string> names;
    for (const auto& [name, write] : writers()) names.push_back(name);
    return names;
  }();
  return kLayouts;
}

void write_stand_in(const std::string& layout, const fs::path& root, const TreeSize& size) {
  const auto writer = writers().find(layout);
  if (writer == writers().end()) throw std::runtime_error("there is no layout \"" + layout + "\"");
  writer->second(root, size);
}

}  // namespace histokt::test
