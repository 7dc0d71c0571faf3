// SPDX-License-Identifier: MIT
// Osteosarcoma data from UT Southwestern/UT Dallas. ML_Features_1144.csv labels the images; its names are
// not those of the files, see file_name().
#include <histokt/adapters/choices.hpp>
#include <histokt/adapters/csv.hpp>
#include <histokt/adapters/folders.hpp>
#include <histokt/adapters/text.hpp>
#include <histokt/dataset.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

namespace histokt {
namespace {

using adapters::Row;
using adapters::Table;

constexpr double kMicronsPerPixel = 1.0;
constexpr const char* kTable = "ML_Features_1144.csv";
constexpr const char* kMixedLabel = "viable: non-viable";

constexpr const char* kLayout =
    "  ROOT/\n"
    "    Osteosarcoma-UT/           ROOT may also be this folder\n"
    "      Training-Set-1/\n"
    "        set*/*.jpg             1024 x 1024 images; likewise Training-Set-2\n"
    "      ML_Features_1144.csv     with the columns image.name and classification";

constexpr const char* kMixedChoices[] = {"viable", "drop", "keep", nullptr};

// The file of a row: "Case 48 - P5 C20-1-2" is Case-48-P5-C20-1-2.jpg.
std::string file_name(const Row& row) {
  const std::string name(adapters::trimmed(row["image.name"]));
  if (name.empty() || name.find_first_of("/\\") != std::string::npos) {
    throw PluginError(row.where() + ": the image.name \"" + name +
                      "\" is not the name of an image; expected a name such as \"Case 3 A15-2939-11262\"");
  }
  return adapters::replaced(adapters::replaced(name, " ", "-"), "---", "-") + ".jpg";
}

// The case, which is one patient: names begin with "Case 3", "Case 48 - P5" or "P9".
std::string case_of(const Row& row) {
  const std::string_view name = adapters::trimmed(row["image.name"]);
  for (const std::string_view word : {"Case ", "P"}) {
    if (!name.starts_with(word)) continue;
    const std::size_t end = std::min(name.find_first_not_of("0123456789", word.size()), name.size());
    if (end > word.size()) return std::string(name.substr(0, end));
  }
  throw PluginError(
      row.where() + ": the image.name \"" + row["image.name"] +
      "\" does not identify a case; expected a name that begins with \"Case\" or \"P\" and a number");
}

// What the table says of one image.
struct Entry {
  std::string where;  // file and line
  std::string group;
  std::optional<int> label;  // nothing: the image is dropped
};

}  // namespace

class Os : public Dataset {
 public:
  static constexpr histokt_option kOptions[] = {
      adapters::microns_per_pixel_option("1.0"), adapters::classes_option(), adapters::per_class_option(),
      adapters::draw_seed_option(),
      string_option(
          "mixed", "\"viable\"", kMixedChoices,
          "Images labelled \"viable: non-viable\": count them as Viable, drop them, or keep them as a "
          "class of their own.")};

  static constexpr histokt_card_line kCard[] = {
      {"Tissue", "Human osteosarcoma, resected after chemotherapy"},
      {"Task", "Whether there is tumour, and whether it has survived the treatment"},
      {"Classes",
       "Non-Tumor, Viable, Non-Viable-Tumor. The 53 images labelled \"viable: non-viable\" show both: they "
       "count as Viable, as in the set's own description, or as the option mixed says"},
      {"Staining", "Haematoxylin and eosin"},
      {"Scanner", "Not published; cut at a magnification of 10"},
      {"Microns per pixel", "1.0"},
      {"Images", "1,144 of 1024 x 1024, as JPEG: 536 Non-Tumor, 292 Viable, 263 Non-Viable-Tumor, 53 mixed"},
      {"Groups",
       "The case, one patient each. There are about four, so no stratified hold-out of patients exists, and "
       "folds are needed"},
      {"Splits",
       "No official split. Paper: patches shuffled, 80/10/10, so the patches of one image are in several "
       "splits"},
      {"Licence", "CC BY 3.0"},
      {"Download", "The Cancer Imaging Archive, doi 10.7937/tcia.2019.bvhjhdas"},
      {"Layout", kLayout},
      {}};

  explicit Os(const DatasetRequest& request) {
    const std::string mixed = request.settings.string("mixed");
    std::vector<std::string> usual = {"Non-Tumor", "Viable", "Non-Viable-Tumor"};
    if (mixed == "keep") usual.push_back(kMixedLabel);
    const adapters::ClassChoice choice(std::move(usual), request.settings);
    info.classes = choice.classes();
    info.microns_per_pixel = adapters::microns_per_pixel(request, kMicronsPerPixel);
    info.group_level = HISTOKT_GROUP_PATIENT;
    info.paper_shares = {0.8, 0.1, 0.1};

    const std::filesystem::path folder = images_folder(request.root);
    std::map<std::string, Entry> entries = read_entries(table_file(request.root, folder), mixed, choice);
    std::vector<std::string> extra;
    std::map<std::string, std::string> seen;  // file name, id
    std::vector<Sample> samples;
    adapters::LeftOut left_out;
    for (const auto& file : adapters::files_below(folder, "", jpeg_extensions(), &left_out)) {
      const std::string name = adapters::plain_file_name(file.path.filename().string());
      const auto entry = entries.find(name);
      if (entry == entries.end()) {
        extra.push_back(file.name);
        continue;
      }
      const auto [other, is_new] = seen.emplace(name, file.name);
      if (!is_new) {
        throw PluginError(entry->second.where + " names an image that exists twice: " + other->second +
                          " and " + file.name + "; remove one of them");
      }
      if (!entry->second.label) continue;
      samples.push_back(
          {.id = file.name, .group = entry->second.group, .label = *entry->second.label, .file = file.path});
    }
    require_all_seen(folder, entries, seen);
    left_out.warn(request.host, folder);
    for (Sample& sample : adapters::drawn(std::move(samples), request.settings)) add(std::move(sample));
    if (!extra.empty()) {
      request.host.log_warning(adapters::counted(extra.size(), "image") + " below " + folder.string() +
                               " not listed in " + kTable + ", left out: " + adapters::listed(extra, 3));
    }
  }

 private:
  static std::vector<std::string> jpeg_extensions() { return {"jpg", "jpeg"}; }

  // ROOT/Osteosarcoma-UT, or ROOT where it is that folder.
  static std::filesystem::path images_folder(const std::filesystem::path& root) {
    for (const char* set : {"Training-Set-1", "Training-Set-2"}) {
      if (std::filesystem::is_directory(root / set)) return root;
    }
    return adapters::require_folder(root, "Osteosarcoma-UT", kLayout);
  }

  static std::filesystem::path table_file(const std::filesystem::path& root,
                                          const std::filesystem::path& folder) {
    if (std::filesystem::is_regular_file(root / kTable)) return adapters::resolve_below(root, kTable);
    return adapters::require_file(folder, kTable, kLayout);
  }

  static std::map<std::string, Entry> read_entries(const std::filesystem::path& file,
                                                   const std::string& mixed,
                                                   const adapters::ClassChoice& choice) {
    const Table table = Table::read(file);
    if (table.has_column("image_name") && !table.has_column("image.name")) {
      throw BadRequest(
          file.string() +
          " is a changed copy of the table: it has a column image_name where the set's own has image.name, "
          "and its labels are merged (viable and non-viable tumour in one). Use ML_Features_1144.csv as The "
          "Cancer Imaging Archive publishes it, doi 10.7937/tcia.2019.bvhjhdas");
    }
    std::map<std::string, Entry> entries;
    for (std::size_t i = 0; i < table.size(); ++i) {
      const Row row = table.row(i);
      std::string name = file_name(row);
      const auto [old, is_new] =
          entries.emplace(std::move(name), Entry{row.where(), case_of(row), label(row, mixed, choice)});
      if (!is_new)
        throw PluginError(row.where() + " names an image that is in " + old->second.where +
                          " too; remove one of the two rows");
    }
    return entries;
  }

  static std::optional<int> label(const Row& row, const std::string& mixed,
                                  const adapters::ClassChoice& choice) {
    std::string name(adapters::trimmed(row["classification"]));
    if (name == kMixedLabel && mixed == "drop") return std::nullopt;
    if (name == kMixedLabel && mixed == "viable") name = "Viable";
    if (!choice.knows(name)) {
      throw PluginError(row.where() + ": the classification \"" + name +
                        "\" is not one of Non-Tumor, Viable, Non-Viable-Tumor and viable: non-viable");
    }
    return choice.label(name);
  }

  static void require_all_seen(const std::filesystem::path& folder,
                               const std::map<std::string, Entry>& entries,
                               const std::map<std::string, std::string>& seen) {
    if (seen.size() == entries.size()) return;
    const auto first = std::find_if(entries.begin(), entries.end(),
                                    [&](const auto& entry) { return !seen.contains(entry.first); });
    throw PluginError(first->second.where + " names " + first->first + ", which does not exist below " +
                      folder.string() + " (" + std::to_string(entries.size() - seen.size()) + " of " +
                      std::to_string(entries.size()) +
                      " listed images are missing); is the download complete?");
  }
};

}  // namespace histokt

HISTOKT_DATASET_PLUGIN(histokt::Os, "os", "1.0.0",
                       "Osteosarcoma: viable tumour, non-viable tumour, no tumour", "",
                       "P. Leavey, A. Sengupta, D. Rakheja, O. Daescu, H. B. Arunachalam and R. Mishra: "
                       "Osteosarcoma data from UT Southwestern/UT Dallas for Viable and Necrotic Tumor "
                       "Assessment. The Cancer Imaging Archive, 2019. doi 10.7937/tcia.2019.bvhjhdas");
