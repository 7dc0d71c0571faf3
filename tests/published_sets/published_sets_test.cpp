// SPDX-License-Identifier: MIT
// Each of the nine published sets from a stand-in of its download to a patch set, by the program.
#include <gtest/gtest.h>

#include <map>

#include "support/run_host.hpp"
#include "support/stand_in_trees.hpp"
#include "support/temp_folder.hpp"

namespace histokt::test {
namespace {

// Small images make small patches; 34 is what ADP's, an eighth of 272, are as they are.
HostRun standardize(const std::string& name, const TempFolder& folder, const std::string& more = "") {
  return run_host("standardize --dataset " + name + " --root '" + (folder / "data").string() +
                      "' --output '" + (folder / "patches.h5").string() +
                      "' --set standardize.patch_side=34 --set split.allow_few_groups=true " + more,
                  folder / "cache");
}

TEST(PublishedSets, AreStandardisedAsTheyWereDownloaded) {
  const std::map<std::string, int> images = {{"adp", 20},  {"aj-lymph", 6}, {"bach", 8},
                                             {"bcss", 3},  {"crc", 28},     {"glas", 12},
                                             {"mhist", 8}, {"os", 16},      {"pcam", 12}};
  for (const std::string& name : stand_in_layouts()) {
    const TempFolder folder;
    write_stand_in(name, folder / "data", TreeSize::small());
    for (const char* protocol : {"clean", "paper"}) {
      const HostRun run = standardize(name, folder, std::string("--protocol ") + protocol);
      EXPECT_EQ(0, run.exit_code) << name << ": " << run.output;
      EXPECT_TRUE(run.says("patches of " + std::to_string(images.at(name)) + " images"))
          << name << ": " << run.output;
    }
  }
}

TEST(PublishedSets, OfFewGroupsAreNotHeldOutButFolded) {
  const TempFolder folder;
  write_stand_in("os", folder / "data", TreeSize::small());
  const HostRun refused = standardize("os", folder, "--set split.allow_few_groups=false");
  EXPECT_EQ(2, refused.exit_code);
  EXPECT_TRUE(refused.says("folds = \"leave-one-group-out\"")) << refused.output;
  const HostRun fold =
      standardize("os", folder, "--set split.allow_few_groups=false --set split.folds=leave-one-group-out");
  EXPECT_EQ(0, fold.exit_code) << fold.output;
  EXPECT_TRUE(fold.says(" (1 patient)")) << fold.output;
}

TEST(PublishedSets, GlasKeepsItsOfficialTestOnlyWhereAskedTo) {
  const TempFolder folder;
  write_stand_in("glas", folder / "data", TreeSize::small());
  const HostRun anew = standardize("glas", folder);
  EXPECT_TRUE(anew.says("with the rest; its patches are split anew")) << anew.output;
  const HostRun kept = standardize("glas", folder, "--set split.keep_official=true");
  EXPECT_TRUE(kept.says("with the rest; it is kept, as asked for")) << kept.output;
  EXPECT_TRUE(kept.says("stand in more than one split, so results will be optimistically biased"))
      << kept.output;
}

TEST(PublishedSets, AreDescribedByTheirCards) {
  const HostRun run = run_host("plugins describe bach");
  EXPECT_EQ(0, run.exit_code);
  for (const char* heading :
       {"Tissue: ", "Task: ", "Classes: ", "Staining: ", "Scanner: ", "Microns per pixel: 0.42",
        "Images: 400", "Groups: ", "Splits: ", "Licence: ", "Download: ", "Layout:",
        "ICIAR2018_BACH_Challenge/", "Citation: ", "per_class"}) {
    EXPECT_TRUE(run.says(heading)) << heading << " is not in:\n" << run.output;
  }
}

TEST(PublishedSets, AreRefusedWithTheLayoutWhereSomethingIsMissing) {
  const TempFolder folder;
  write_stand_in("bach", folder / "data", TreeSize::small());
  std::filesystem::remove_all(folder / "data/ICIAR2018_BACH_Challenge/Photos/InSitu");
  const HostRun run = standardize("bach", folder);
  EXPECT_EQ(2, run.exit_code);
  EXPECT_TRUE(run.says("Photos/InSitu is missing")) << run.output;
  EXPECT_TRUE(run.says("Benign/*.tif")) << run.output;
  EXPECT_FALSE(std::filesystem::exists(folder / "patches.h5"));
}

TEST(PublishedSets, TellOfAScaleThatIsNotThePublishedOne) {
  const TempFolder folder;
  write_stand_in("bach", folder / "data", TreeSize::small());
  EXPECT_TRUE(standardize("bach", folder, "--set dataset.microns_per_pixel=0.5")
                  .says("microns_per_pixel is set to 0.5; published is 0.42"));
}

}  // namespace
}  // namespace histokt::test
