// SPDX-License-Identifier: MIT
// `diagnose` from a user's view: a merge, its sources, and a patch set.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "base/files.hpp"
#include "support/resnet18_file.hpp"
#include "support/run_host.hpp"
#include "support/temp_folder.hpp"

namespace histokt {
namespace {

using test::HostRun;
using test::run_host;

using Row = std::map<std::string, std::string>;

// Of a table whose cells hold no comma, by its first line.
std::vector<Row> rows_of(const std::filesystem::path& file) {
  std::istringstream text(read_file(file));
  std::vector<std::string> names;
  std::vector<Row> rows;
  for (std::string line; std::getline(text, line);) {
    std::istringstream cells(line + ",");
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
    if (names.empty()) {
      names = row;
      continue;
    }
    Row& named = rows.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i) named[names[i]] = row.at(i);
  }
  return rows;
}

class Diagnose : public ::testing::Test {
 protected:
  void write(const std::string& name, std::uint64_t seed, std::int64_t classes = 2) {
    TensorFile file = test::resnet18_file(classes, seed);
    file.metadata["model"] = "resnet18";
    write_safetensors(folder_ / name, file);
  }
  void SetUp() override {
    write("a.safetensors", 1);
    write("b.safetensors", 2);
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  HostRun merge() const {
    return run_host("distill --distiller svd --output " + path("m.safetensors") + " " +
                    path("a.safetensors") + " " + path("b.safetensors"));
  }
  HostRun diagnose(const std::string& more = "", const std::string& sources = "a b") const {
    std::istringstream names(sources);
    std::string files;
    for (std::string name; names >> name;) files += " " + path(name + ".safetensors");
    return run_host("diagnose --threads 1 " + path("m.safetensors") + files + " " + more);
  }
  HostRun standardize() const {
    return run_host(
        "standardize --dataset synthetic --output " + path("p.h5") +
            " --set dataset.patients=6 --set dataset.images_per_patient=1 --set dataset.image_side=48"
            " --set standardize.patch_side=32 --set 'dataset.classes=[\"stroma\",\"tumour\"]'"
            " --set 'split.shares=[0.5,0.3,0.2]'",
        folder_ / "cache");
  }

  test::TempFolder folder_;
};

TEST_F(Diagnose, TellsWhatAMergeKeptOfEachSourceLayerByLayer) {
  ASSERT_EQ(0, merge().exit_code);
  const HostRun run = diagnose("--output " + path("out"));
  ASSERT_EQ(0, run.exit_code) << run.output;
  EXPECT_TRUE(run.says("energy kept")) << run.output;
  const std::vector<Row> rows = rows_of(folder_ / "out/layers.csv");
  ASSERT_EQ(2 * 21u, rows.size()) << "20 convolutions and the head, of two sources";
  EXPECT_EQ("conv1", rows[0].at("layer"));
  EXPECT_EQ("147", rows[0].at("columns"));
  for (const Row& row : rows) {
    // The first source is projected on the merge's row space, so that what is kept of it is the merge.
    if (row.at("source") != "a") continue;
    const double ratio = std::stod(row.at("norm_ratio"));
    EXPECT_NEAR(ratio * ratio, std::stod(row.at("energy_kept")), 2e-3) << row.at("layer");
  }
  EXPECT_TRUE(read_file(folder_ / "out/layers.svg").starts_with("<svg"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out/barrier.csv"));
}

TEST_F(Diagnose, GivesTheLossAlongTheLineWithHeadsOfItsOwn) {
  write("b.safetensors", 2, 3);  // other classes
  ASSERT_EQ(0, merge().exit_code);
  const HostRun made = standardize();
  ASSERT_EQ(0, made.exit_code) << made.output;
  const HostRun run = diagnose("--points 3 --patches " + path("p.h5") + " --output " + path("out"));
  ASSERT_EQ(0, run.exit_code) << run.output;
  EXPECT_TRUE(run.says("a head fitted for each model")) << run.output;
  const std::vector<Row> rows = rows_of(folder_ / "out/barrier.csv");
  ASSERT_EQ(3 + 1u, rows.size());
  EXPECT_EQ("0.5", rows[1].at("t"));
  EXPECT_EQ("fitted", rows[1].at("head"));
  EXPECT_EQ("valid", rows[1].at("part"));
  EXPECT_EQ("m", rows[3].at("network"));
  EXPECT_NEAR((std::stod(rows[0].at("loss")) + std::stod(rows[2].at("loss"))) / 2,
              std::stod(rows[1].at("interpolated_loss")), 1e-9);
  EXPECT_TRUE(read_file(folder_ / "out/barrier.svg").starts_with("<svg"));
}

TEST_F(Diagnose, UsesTheNetworksHeadsWhereTheyHaveThem) {
  ASSERT_EQ(0, merge().exit_code);
  ASSERT_EQ(0, standardize().exit_code);
  const HostRun run = diagnose("--points 2 --recalibrate none --split test --patches " + path("p.h5"));
  ASSERT_EQ(0, run.exit_code) << run.output;
  EXPECT_TRUE(run.says("the models' own heads")) << run.output;
  EXPECT_TRUE(run.says(" test patches; batch-norm statistics interpolated")) << run.output;
}

TEST_F(Diagnose, RefusesWhatDoesNotFitAndNamesIt) {
  ASSERT_EQ(0, merge().exit_code);
  const auto refused = [&](const HostRun& run, int exit_code, const std::string& text) {
    EXPECT_EQ(exit_code, run.exit_code) << run.output;
    EXPECT_TRUE(run.says(text)) << text << "\n" << run.output;
  };
  refused(diagnose("", ""), 2, "only " + path("m.safetensors") + " is given");
  refused(diagnose("", "a c"), 2, path("c.safetensors") + ": there is no such file");
  refused(diagnose("--points 1"), 2, "--points 1: expected a whole number from 2");
  refused(diagnose("--recalibrate maybe"), 2, "expected train or none");
  refused(diagnose("--split train"), 2, "expected valid or test");
  refused(diagnose("--patches " + path("a.safetensors"), "a"), 2, "the line between two sources");
  TensorFile other = test::resnet18_file(2, 2);
  other.tensors.erase(other.tensors.begin());
  write_safetensors(folder_ / "b.safetensors", other);
  refused(diagnose(), 1,
          "\"conv1.weight\" has the shape (64, 3, 7, 7) in " + path("m.safetensors") + ", but " +
              path("b.safetensors") + " has no tensor of that name");
}

}  // namespace
}  // namespace histokt
