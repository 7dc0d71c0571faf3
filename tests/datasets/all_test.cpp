// SPDX-License-Identifier: MIT
#include <link.h>

#include "support/fake_dataset.hpp"
#include "support/stand_in_trees.hpp"

namespace histokt::test {
namespace {

const std::vector<std::string> kPublished = {"adp", "mhist", "bach", "aj-lymph", "pcam",
                                             "crc", "glas",  "os",   "bcss"};

std::vector<std::string> all_plugins() {
  std::vector<std::string> names = {"folder", "synthetic"};
  names.insert(names.end(), kPublished.begin(), kPublished.end());
  return names;
}

// The libraries a plugin, "dataset-crc", asks the loader for: DT_NEEDED of its dynamic section.
std::vector<std::string> needed_libraries(const std::string& name) {
  const std::string file = build_folder() / ("lib/histokt/plugins/histokt-" + name + ".so");
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  link_map* map = nullptr;
  if (!library || dlinfo(library, RTLD_DI_LINKMAP, &map) != 0) throw std::runtime_error(dlerror());
  const char* strings = nullptr;
  for (const ElfW(Dyn)* entry = map->l_ld; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_STRTAB) strings = reinterpret_cast<const char*>(entry->d_un.d_ptr);
  }
  std::vector<std::string> needed;
  for (const ElfW(Dyn)* entry = map->l_ld; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_NEEDED) needed.push_back(strings + entry->d_un.d_val);
  }
  return needed;
}

std::map<std::string, std::string> card(const std::string& name) {
  std::map<std::string, std::string> lines;
  const auto* found = static_cast<const histokt_card*>(dataset_plugin(name).get_extension(HISTOKT_CARD));
  for (const histokt_card_line* line = found ? found->lines : nullptr; line && line->heading; ++line) {
    lines[line->heading] = line->text;
  }
  return lines;
}

TEST(DatasetsAndDistillers, LinkNeitherLibtorchNorOpenCv) {
  std::vector<std::string> plugins = {"distiller-mean",   "distiller-svd",    "distiller-task-arithmetic",
                                      "distiller-ties",   "distiller-dare",   "distiller-rebasin",
                                      "distiller-fisher", "distiller-regmean"};
  for (const std::string& name : all_plugins()) plugins.push_back("dataset-" + name);
  for (const std::string& plugin : plugins) {
    const std::vector<std::string> needed = needed_libraries(plugin);
    EXPECT_FALSE(needed.empty());
    for (const std::string& library : needed) {
      for (const char* unwanted : {"torch", "c10", "opencv", "histokt"}) {
        EXPECT_EQ(std::string::npos, library.find(unwanted)) << plugin << " needs " << library;
      }
    }
  }
}

TEST(DatasetPlugins, SayWhatTheyAre) {
  for (const std::string& name : all_plugins()) {
    const histokt_descriptor& plugin = dataset_plugin(name);
    EXPECT_EQ(HISTOKT_MAGIC, plugin.magic);
    EXPECT_EQ(HISTOKT_DATASET, plugin.kind);
    EXPECT_EQ(name, plugin.name);
    EXPECT_EQ(name == "synthetic", (plugin.flags & HISTOKT_PLUGIN_ROOT_OPTIONAL) != 0);
    for (std::size_t i = 0; i < plugin.option_count; ++i) EXPECT_STRNE("", plugin.options[i].help);
  }
}

TEST(DatasetPlugins, HaveACardWhereTheyReadOneSet) {
  for (const std::string& name : kPublished) {
    const auto lines = card(name);
    for (const char* heading : {"Tissue", "Task", "Classes", "Staining", "Scanner", "Microns per pixel",
                                "Images", "Groups", "Splits", "Licence", "Download", "Layout"}) {
      EXPECT_TRUE(lines.contains(heading)) << name << " lacks " << heading;
    }
    EXPECT_TRUE(lines.at("Layout").starts_with("  ROOT/\n")) << name;
    EXPECT_STRNE("", dataset_plugin(name).citation) << name;
  }
  EXPECT_TRUE(card("synthetic").contains("Tissue"));
}

TEST(DatasetPlugins, SayOnTheCardWhatTheyTakeAsScale) {
  for (const std::string& name : kPublished) {
    const histokt_option& scale = dataset_plugin(name).options[0];
    EXPECT_STREQ("microns_per_pixel", scale.key);
    EXPECT_EQ(card(name).at("Microns per pixel"), scale.default_text) << name;
  }
}

TEST(DatasetPlugins, ReadTheirStandInTreeTwiceAlikeAndWriteNothingIntoIt) {
  for (const std::string& name : kPublished) {
    const TempFolder root;
    write_stand_in(name, root.path(), TreeSize::small());
    const auto made = std::filesystem::last_write_time(root.path());
    const Listing once = open_dataset(name, root.path()), again = open_dataset(name, root.path());
    ASSERT_EQ(HISTOKT_OK, once.status) << name << ": " << once.reason;
    ASSERT_EQ(once.samples.size(), again.samples.size());
    std::set<std::string> ids;
    for (std::size_t i = 0; i < once.samples.size(); ++i) {
      EXPECT_EQ(once.samples[i].id, again.samples[i].id);
      EXPECT_EQ(once.samples[i].group, again.samples[i].group);
      EXPECT_TRUE(ids.insert(once.samples[i].id).second)
          << name << " lists " << once.samples[i].id << " twice";
    }
    EXPECT_TRUE(once.warnings.empty()) << name << ": " << once.warnings[0];
    EXPECT_EQ(made, std::filesystem::last_write_time(root.path()));
  }
}

TEST(DatasetPlugins, ShowTheLayoutWhereTheRootHoldsNothing) {
  for (const std::string& name : kPublished) {
    const TempFolder root;
    const Listing listing = open_dataset(name, root.path());
    EXPECT_EQ(HISTOKT_BAD_REQUEST, listing.status) << name;
    EXPECT_NE(std::string::npos, listing.reason.find("is missing.")) << listing.reason;
    EXPECT_NE(std::string::npos, listing.reason.find("Expected:\n" + card(name).at("Layout")))
        << listing.reason;
  }
}

}  // namespace
}  // namespace histokt::test
