// SPDX-License-Identifier: MIT
// The writer of fuzzing seeds: make_seeds FOLDER makes FOLDER/TARGET/NAME, small valid inputs of every kind a
// reader knows.
#include <elf.h>
#include <histokt/plugin.h>

#include <cstring>
#include <fstream>
#include <iostream>

#include "base/files.hpp"
#include "patches/patch_set_writer.hpp"
#include "support/image_files.hpp"
#include "tensors/safetensors.hpp"
#include "tensors/torch_writer.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

void put(const fs::path& file, std::string_view bytes) {
  make_folders(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

void put(const fs::path& file, const testing::Bytes& bytes) {
  put(file, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void safetensors_seeds(const fs::path& folder) {
  make_folders(folder);
  TensorFile content;
  content.tensors = {{"conv1.weight", DType::kFloat32, {2, 1, 2}, std::vector<std::byte>(16)},
                     {"steps", DType::kInt64, {}, std::vector<std::byte>(8)},
                     {"mask", DType::kBool, {3}, std::vector<std::byte>(3)}};
  content.metadata = {{"model", "resnet18"}, {"classes", "[\"a\"]"}};
  write_safetensors(folder / "three", content);
  write_safetensors(folder / "none", {});
  read_safetensors(folder / "three");
}

// Files of torch.save, and pickles alone: those are what is worth changing.
void torch_file_seeds(const fs::path& folder) {
  using namespace pickled;
  const std::string shared = storage("FloatStorage", "0", 6);
  const std::string weights =
      dict({{"module.conv1.weight", tensor(shared, 0, {3, 2}, {1, 3})},
            {"module.bn1.num_batches_tracked", tensor(storage("LongStorage", "1", 1), 0, {}, {})},
            {"module.fc.bias", call(global("torch._utils", "_rebuild_parameter"),
                                    tensor(shared, 2, {4}, {1}) + "\x88" + empty_dict())}});
  const std::string checkpoint = plain_dict({{"epoch", integer(3)},
                                             {"metrics", call(global("metrics", "Metrics"), "N") + "}b"},
                                             {"state_dict_network", weights}});
  const Entries storages = {{"0", std::string(24, '\1')}, {"1", std::string(8, '\1')}};
  put(folder / "plain", torch_file(weights, storages));
  put(folder / "checkpoint", torch_file(checkpoint, storages));
  put(folder / "pickle", pickle(checkpoint));
  put(folder / "memo", pickle(shared + "q\x01" + "0" + dict({{"a", tensor("h\x01", 0, {6}, {1})}})));
  put(folder / "old", std::string("(dp0\nS'epoch'\np1\nI3\nsS'rate'\nF0.5\nsS'big'\nL9L\ns."));
}

template <typename T>
void append(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// The least ELF file with a note: header, one program header, the note.
std::string elf_with_note(std::string text) {
  text += '\0';
  std::string note;
  const std::string owner(HISTOKT_NOTE_OWNER, sizeof(HISTOKT_NOTE_OWNER));
  append(note, Elf64_Nhdr{static_cast<Elf64_Word>(owner.size()), static_cast<Elf64_Word>(text.size()),
                          HISTOKT_NOTE_TYPE});
  note += owner + text;
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_DYN;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_NOTE;
  segment.p_offset = sizeof header + sizeof segment;
  segment.p_filesz = note.size();
  std::string bytes;
  append(bytes, header);
  append(bytes, segment);
  return bytes + note;
}

void note_seeds(const fs::path& folder) {
  put(folder / "dataset", elf_with_note(HISTOKT_NOTE_TEXT("dataset", "slides", "1.0.0", "")));
  put(folder / "model",
      elf_with_note(HISTOKT_NOTE_TEXT("model", "net", "2.1.0", "sdk=1;libtorch=1.13.0;cuda=")));
}

void csv_seeds(const fs::path& folder) {
  put(folder / "comma", "image.name,classification\r\n\"Case 3, \"\"A\"\"\",Viable\r\na/1.png,3\r\n");
  put(folder / "tab", "\xEF\xBB\xBFlabel\tGT_code\rtumour\t1\r\r../x\t-2,,\r");
  put(folder / "quoted", "a,b\n\"1\n2\",\"\xC3\xA4\"\n,\n");
}

void options_seeds(const fs::path& folder) {
  put(folder / "all",
      "boolean = true\ninteger = 5\nnumber = 1e-3\nstring = \"x\"\nchoice = \"max\"\npath = \"a/b\"\n"
      "booleans = [true, false]\nintegers = [1]\nnumbers = [0.5, -1]\nstrings = [\"\"]\nchoices = "
      "[\"mean\"]\n"
      "paths = [\"/a\", \"../b\"]\n");
  put(folder / "wrong",
      "integer = 6.5\nnumber = nan\nchoise = 1979-05-27\nstrings = [[1]]\n[path]\nx = 0x1F\n");
}

void experiment_seeds(const fs::path& folder) {
  put(folder / "matrix",
      "name = \"x\"\nseed = 7\ntrials = 3\nprotocol = \"paper\"\nthreads = 2\nstore = "
      "\"s\"\n[standardize]\noverlap = 0.5\n"
      "[datasets.a]\nuse = \"crc\"\nroot = \"/\"\nsplit = \"paper\"\nshares = [0.8, 0.1, 0.1]\noptions = { x "
      "= 1 }\n"
      "[datasets.b]\nstandardize = { patch_side = 32 }\n"
      "[recipes.r]\noptimizer = { use = \"rmsgd\", learning_rate = [0.1, 1e-2], options = { momentum = [0.9] "
      "} }\n"
      "epochs = 2\nbatch_size = 8\nschedule = { every = 2, factor = 0.5 }\nvalidation = \"clean\"\n"
      "augmentation = { shift = 0.2 }\n[recipes.h]\nmodel = { use = \"m\" }\nlayers = \"none\"\n"
      "[matrix]\nsources = [\"a\", \"b\"]\ntargets = [\"b\"]\ntrain = \"r\"\ntune = \"h\"\n#--set "
      "recipes.r.epochs=3");
  put(folder / "distill",
      "[datasets.a]\n[recipes.r]\noptimizer = { use = \"adamp\", learning_rate = 1 }\nepochs = "
      "1\n[[distill]]\n"
      "sources = [\"a\"]\ndistiller = [\"svd\", { use = \"mean\", options = { w = [1] } }]\ntarget = \"a\"\n"
      "train = \"r\"\ntune = \"r\"\n#--set distill.0.distiller.1=ties");
}

// Three patches in two classes. Smaller ones would make a larger file: its parts are aligned where they are
// as large as the pixels.
void patch_set_seed(const fs::path& file, bool multi_label) {
  PatchSetInfo info;
  info.dataset = "small";
  info.classes = {"a", "b"};
  info.patch_side = 28;
  info.multi_label = multi_label;
  info.skipped_images = {"bad.png"};
  PatchTable table;
  for (int i = 0; i < 3; ++i) {
    table.id.push_back(std::to_string(i));
    table.group.push_back("g");
    table.source.push_back("p");
    table.left.push_back(i);
    table.top.push_back(0);
    table.official_split.push_back(-1);
    table.paper_split.push_back(2);
    if (!multi_label) table.label.push_back(i % 2);
  }
  if (multi_label) {
    table.labels = {1, 0, 0, 1, 1, 1};
    table.shares = {1, 0, 0, 1, 0.5f, 0.5f};
  }
  PatchSetWriter writer(file, info.patch_side);
  writer.write_pixels(0, std::vector<std::uint8_t>(3 * 28 * 28 * 3, 9));
  writer.finish(info, table);
  writer.publish();
  PatchSet{file};  // throws where the seed is none
}

void patch_set_seeds(const fs::path& folder) {
  make_folders(folder);
  patch_set_seed(folder / "single", false);
  patch_set_seed(folder / "multi", true);
}

void image_seeds(const fs::path& folder) {
  const Image image = testing::gradient_image(9, 11);
  for (const char* kind : {".png", ".bmp", ".jpg", ".webp"}) {
    put(folder / (std::string("rgb") + kind), testing::encode(image, kind));
  }
  put(folder / "progressive.jpg", testing::encode_progressive_jpeg(image));
  put(folder / "cmyk.jpg", testing::encode_cmyk_jpeg(8, 8, 1, 2, 3, 4));
  const auto tiff = [&](const char* name, const testing::TiffKind& kind, std::size_t bytes) {
    put(folder / name, testing::encode_tiff(9, 11, std::vector<std::uint8_t>(bytes, 100), kind));
  };
  tiff("rgb.tif", {}, 9 * 11 * 3);
  tiff("lzw.tif", {.compression = COMPRESSION_LZW}, 9 * 11 * 3);
  tiff("jpeg.tif", {.compression = COMPRESSION_JPEG, .strip_rows = 8}, 9 * 11 * 3);
  tiff("tiles.tif", {.compression = COMPRESSION_ADOBE_DEFLATE, .tile_side = 16}, 9 * 11 * 3);
  tiff("grey16.tif", {.samples = 1, .bits = 16, .photometric = PHOTOMETRIC_MINISBLACK}, 9 * 11 * 2);
  tiff("palette.tif", {.samples = 1, .photometric = PHOTOMETRIC_PALETTE}, 9 * 11);
  put(folder / "palette.png", testing::encode_png({.height = 2, .width = 3, .bits = 8, .colour_type = 3},
                                                  std::vector<std::uint8_t>{0, 1, 2, 2, 1, 0}));
  put(folder / "mask.png", testing::encode_png({.height = 2, .width = 2, .bits = 8, .colour_type = 0},
                                               std::vector<std::uint8_t>(4, 3)));
}

}  // namespace
}  // namespace histokt

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "make_seeds FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = arguments[1];
  histokt::safetensors_seeds(folder / "safetensors");
  histokt::torch_file_seeds(folder / "torch_file");
  histokt::note_seeds(folder / "note");
  histokt::csv_seeds(folder / "csv");
  histokt::options_seeds(folder / "options");
  histokt::experiment_seeds(folder / "experiment");
  histokt::patch_set_seeds(folder / "patch_set");
  histokt::image_seeds(folder / "image");
}
