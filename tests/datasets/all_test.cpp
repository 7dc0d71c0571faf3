#include <link.h>

#include "support/fake_dataset.hpp"

namespace histokt::test {
namespace {

const std::vector<std::string> kPlugins = {"folder", "crc", "os", "synthetic"};

// The libraries a plugin asks the loader for (DT_NEEDED).
std::vector<std::string> needed_libraries(const std::string& name) {
  const std::string file =
      std::string(HISTOKT_BUILD_DIR) + "/lib/histokt/plugins/histokt-dataset-" + name + ".so";
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

TEST(DatasetPlugins, LinkNeitherLibtorchNorOpenCv) {
  for (const std::string& plugin : kPlugins) {
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
  for (const std::string& name : kPlugins) {
    const histokt_descriptor& plugin = dataset_plugin(name);
    EXPECT_EQ(HISTOKT_MAGIC, plugin.magic);
    EXPECT_EQ(HISTOKT_DATASET, plugin.kind);
    EXPECT_EQ(name, plugin.name);
    EXPECT_EQ(name == "synthetic", (plugin.flags & HISTOKT_PLUGIN_ROOT_OPTIONAL) != 0);
    for (std::size_t i = 0; i < plugin.option_count; ++i) EXPECT_STRNE("", plugin.options[i].help);
  }
}

TEST(DatasetPlugins, HaveACardWhereTheyReadOneSet) {
  for (const char* name : {"crc", "os", "synthetic"}) {
    const auto lines = card(name);
    for (const char* heading :
         {"Tissue", "Task", "Staining", "Scanner", "Pictures", "Groups", "Download", "Layout"}) {
      EXPECT_TRUE(lines.contains(heading)) << name << " lacks " << heading;
    }
  }
}

}  // namespace
}  // namespace histokt::test
