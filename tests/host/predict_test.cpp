// SPDX-License-Identifier: MIT
// `predict` from a user's view: a checkpoint and a folder of unlabelled images.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "base/files.hpp"
#include "support/host_process.hpp"
#include "support/resnet18_file.hpp"
#include "support/run_host.hpp"
#include "support/temp_folder.hpp"

namespace histokt {
namespace {

using test::HostRun;
using test::run_host;

const std::string kImage = test::own_golden("standardize_glas_like.png");
const std::string kSmallImage = test::own_golden("standardize_many_flips_112.png");

using Rows = std::vector<std::vector<std::string>>;

// Of a table whose cells hold no comma.
Rows rows_of(const std::filesystem::path& file) {
  std::istringstream text(read_file(file));
  Rows rows;
  for (std::string line; std::getline(text, line);) {
    auto& row = rows.emplace_back();
    std::istringstream cells(line + ",");
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
  }
  return rows;
}

class Predict : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_ / "slides/deep");
    std::filesystem::copy_file(kImage, folder_ / "slides/a.png");
    std::filesystem::copy_file(kSmallImage, folder_ / "slides/deep/b.png");
    write_checkpoint(kMetadata);
  }

  void write_checkpoint(const std::map<std::string, std::string>& metadata, std::int64_t classes = 2) {
    TensorFile file = test::resnet18_file(classes);
    file.metadata = metadata;
    write_safetensors(folder_ / "net.safetensors", file);
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  HostRun predict(const std::string& more) const {
    return run_host("predict --checkpoint " + path("net.safetensors") + " --root " + path("slides") +
                        " --output " + path("out.csv") + " --threads 2 " + more,
                    folder_ / "cache");
  }
  void expect_refused(const HostRun& run, int exit_code, const std::vector<std::string>& parts) const {
    EXPECT_EQ(run.exit_code, exit_code) << run.output;
    for (const std::string& part : parts)
      EXPECT_TRUE(run.says(part)) << run.output << "\ndoes not say " << part;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "out.csv"));
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / ".")) {
      EXPECT_NE(entry.path().extension(), ".partial") << entry.path();
    }
  }

  static inline const std::map<std::string, std::string> kMetadata = {
      {"model", "resnet18"},        {"classes", R"(["benign", "malignant"])"},
      {"multi_label", "false"},     {"patch_side", "48"},
      {"microns_per_pixel", "1.0"}, {"mean", "[0.7, 0.5, 0.7]"},
      {"std", "[0.2, 0.2, 0.2]"}};
  test::TempFolder folder_;
};

TEST_F(Predict, WritesARowAnImageAndARowAPatch) {
  const HostRun run = predict("--microns-per-pixel 0.62005 --patches " + path("patches.csv"));
  ASSERT_EQ(run.exit_code, 0) << run.output;
  EXPECT_TRUE(run.says("of 2 images")) << run.output;
  const Rows images = rows_of(folder_ / "out.csv"), patches = rows_of(folder_ / "patches.csv");
  EXPECT_EQ(images.at(0), (std::vector<std::string>{"image", "state", "patches", "predicted",
                                                    "probability_benign", "probability_malignant"}));
  ASSERT_EQ(images.size(), 3u);
  EXPECT_EQ(images[1][0], "a.png");
  EXPECT_EQ(images[2][0], "deep/b.png");
  std::map<std::string, std::vector<double>> first_class;  // of each image's patches
  for (std::size_t i = 1; i < patches.size(); ++i) {
    ASSERT_EQ(patches[i].size(), 10u);  // the id holds a comma, and is quoted
    first_class[patches[i][2]].push_back(std::stod(patches[i][6]));
    EXPECT_NEAR(std::stod(patches[i][6]) + std::stod(patches[i][7]), 1, 1e-6);
    EXPECT_NEAR(std::stod(patches[i][6]),
                1 / (1 + std::exp(std::stod(patches[i][9]) - std::stod(patches[i][8]))), 1e-6);
  }
  for (std::size_t i = 1; i < images.size(); ++i) {
    const std::vector<double>& own = first_class.at(images[i][0]);
    double sum = 0;
    for (const double share : own) sum += share;
    EXPECT_EQ(images[i][1], "predicted");
    EXPECT_EQ(std::stoul(images[i][2]), own.size());
    EXPECT_NEAR(std::stod(images[i][4]), sum / static_cast<double>(own.size()), 1e-6);
    EXPECT_EQ(images[i][3], std::stod(images[i][4]) >= 0.5 ? "benign" : "malignant");
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "slides/out.csv"));
}

TEST_F(Predict, SeveralLabelsHaveAProbabilityEach) {
  auto metadata = kMetadata;
  metadata["multi_label"] = "true";
  write_checkpoint(metadata);
  const HostRun run = predict("--microns-per-pixel 0.62005 --patches " + path("patches.csv"));
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const Rows patches = rows_of(folder_ / "patches.csv");
  ASSERT_GT(patches.size(), 1u);
  for (std::size_t i = 1; i < patches.size(); ++i) {
    std::string present;
    for (const int c : {0, 1}) {
      const double share = std::stod(patches[i][6 + c]);
      EXPECT_NEAR(share, 1 / (1 + std::exp(-std::stod(patches[i][8 + c]))), 1e-6);
      if (share > 0.5) present += std::string(present.empty() ? "" : ";") + (c == 0 ? "benign" : "malignant");
    }
    EXPECT_EQ(patches[i][5], present);
  }
}

TEST_F(Predict, AgreesWithEvaluateOnTheSamePatches) {
  for (const char* name : {"benign", "malignant"}) {
    std::filesystem::create_directories(folder_ / ("slides/" + std::string(name)));
    std::filesystem::copy_file(kImage, folder_ / ("slides/" + std::string(name) + "/" + name + ".png"));
  }
  std::filesystem::remove_all(folder_ / "slides/deep");
  std::filesystem::remove(folder_ / "slides/a.png");
  const HostRun made =
      run_host("standardize --dataset folder --root " + path("slides") + " --output " + path("set.h5") +
                   " --set dataset.microns_per_pixel=0.62005 --set standardize.patch_side=48" +
                   " --set 'split.shares=[1.0,0.0,0.0]' --set split.protocol=paper",
               folder_ / "cache");
  ASSERT_EQ(made.exit_code, 0) << made.output;
  const HostRun tested =
      run_host("evaluate --checkpoint " + path("net.safetensors") + " --patches " + path("set.h5") +
                   " --split train --threads 2 --output " + path("tested"),
               folder_ / "cache");
  ASSERT_EQ(tested.exit_code, 0) << tested.output;
  const HostRun run = predict("--microns-per-pixel 0.62005 --patches " + path("patches.csv"));
  ASSERT_EQ(run.exit_code, 0) << run.output;
  // The id is quoted and has a comma; the last five columns are predicted, two probabilities and two logits.
  const auto last_five = [](const std::vector<std::string>& row) {
    return std::vector<std::string>(row.end() - 5, row.end());
  };
  const Rows tests = rows_of(folder_ / "tested/predictions.csv"), patches = rows_of(folder_ / "patches.csv");
  EXPECT_EQ(last_five(tests.at(0)), last_five(patches.at(0)));
  EXPECT_EQ(last_five(tests.at(0)),
            (std::vector<std::string>{"predicted", "probability_benign", "probability_malignant",
                                      "logit_benign", "logit_malignant"}));
  std::map<std::string, std::vector<std::string>> expected;
  for (std::size_t i = 1; i < tests.size(); ++i) expected[tests[i][0] + tests[i][1]] = last_five(tests[i]);
  ASSERT_EQ(patches.size(), tests.size());
  ASSERT_EQ(patches.size(), expected.size() + 1);
  for (std::size_t i = 1; i < patches.size(); ++i) {
    const std::vector<std::string> own = last_five(patches[i]),
                                   tested_as = expected.at(patches[i][0] + patches[i][1]);
    EXPECT_EQ(own[0], tested_as[0]) << patches[i][0];
    for (std::size_t c = 1; c < 5; ++c)
      EXPECT_NEAR(std::stod(own[c]), std::stod(tested_as[c]), 1e-4) << patches[i][0];
  }
}

TEST_F(Predict, AnImageThatCannotBeReadEndsTheWorkOrIsLeftOut) {
  folder_.write("slides/broken.png", "no image");
  expect_refused(predict("--microns-per-pixel 0.5"), 1, {"broken.png"});
  const HostRun run = predict("--microns-per-pixel 0.5 --on-bad-image skip");
  ASSERT_EQ(run.exit_code, 0) << run.output;
  EXPECT_TRUE(run.says("1 image could not be read")) << run.output;
  EXPECT_EQ(rows_of(folder_ / "out.csv").at(2),
            (std::vector<std::string>{"broken.png", "unreadable", "0", "", "", ""}));
}

TEST_F(Predict, AnImageOfAFormatThatIsNotReadHasItsRow) {
  folder_.write("slides/z.svs", "a slide");
  const HostRun run = predict("--microns-per-pixel 0.5");
  ASSERT_EQ(run.exit_code, 0) << run.output;
  EXPECT_TRUE(run.says("left out for its extension: 1 .svs")) << run.output;
  EXPECT_EQ(rows_of(folder_ / "out.csv").back(),
            (std::vector<std::string>{"z.svs", "unreadable", "0", "", "", ""}));
}

TEST_F(Predict, WhatTheCheckpointWasTrainedWithIsNotTheUsersToChange) {
  expect_refused(predict("--microns-per-pixel 0.5 --set standardize.patch_side=64"), 2, {"patch_side", "48"});
  expect_refused(predict("--microns-per-pixel 0.5 --set standardize.microns_per_pixel=2"), 2,
                 {"microns_per_pixel", "1"});
  expect_refused(predict(""), 2, {"--microns-per-pixel is missing"});
  expect_refused(predict("--microns-per-pixel -1"), 2, {"expected a number"});
  expect_refused(predict("--dataset folder --set dataset.microns_per_pixel=1"), 2, {"benign", "deep"});
}

TEST_F(Predict, RoundsAsTheCheckpointSays) {
  const auto logits = [&](std::map<std::string, std::string> more, const std::string& words = "") {
    auto metadata = kMetadata;
    metadata.merge(more);
    write_checkpoint(metadata);
    const HostRun run = predict("--microns-per-pixel 0.62005 --patches " + path("patches.csv") + words);
    EXPECT_EQ(run.exit_code, 0) << run.output;
    EXPECT_EQ(run.says("does not say how rescaled values were rounded"), more.empty() && words.empty() &&
                                                                             !metadata.contains("rounding") &&
                                                                             !metadata.contains("provenance"))
        << run.output;
    return read_file(folder_ / "patches.csv");
  };
  const std::string truncated = logits({{"rounding", "truncate"}}),
                    nearest = logits({{"rounding", "nearest"}});
  EXPECT_NE(truncated, nearest);
  EXPECT_EQ(logits({}), nearest);
  EXPECT_EQ(logits({}, " --set standardize.rounding=truncate"), truncated);
  // Older checkpoints: by their protocol, or by that of all they were merged from.
  EXPECT_EQ(logits({{"provenance", R"({"protocol":"paper"})"}}), truncated);
  EXPECT_EQ(logits({{"provenance", R"({"sources":[{"provenance":{"protocol":"paper"}}]})"}}), truncated);
  EXPECT_EQ(logits({{"provenance", R"({"protocol":"clean"})"}}), nearest);

  std::filesystem::remove(folder_ / "out.csv");
  logits({{"rounding", "truncate"}});
  std::filesystem::remove(folder_ / "out.csv");
  expect_refused(predict("--microns-per-pixel 0.5 --set standardize.rounding=nearest"), 2,
                 {"standardize.rounding", "truncate"});
}

TEST_F(Predict, AMergeRoundsAsItsSourcesWhereTheyAgree) {
  const auto rounding_of_merge = [&](const std::string& first, const std::string& second) {
    std::string files;
    for (const auto& [name, rounding] : {std::pair{"first", first}, std::pair{"second", second}}) {
      TensorFile file = test::resnet18_file(2, name == std::string("first") ? 1 : 2);
      file.metadata = kMetadata;
      file.metadata["rounding"] = rounding;
      const std::string path_of = path(std::string(name) + ".safetensors");
      write_safetensors(path_of, file);
      files += " " + path_of;
    }
    const HostRun run = run_host("distill --distiller mean --output " + path("merged.safetensors") + files,
                                 folder_ / "cache");
    EXPECT_EQ(run.exit_code, 0) << run.output;
    const auto metadata = read_safetensors(folder_ / "merged.safetensors").metadata;
    return metadata.contains("rounding") ? metadata.at("rounding") : "none";
  };
  EXPECT_EQ(rounding_of_merge("truncate", "truncate"), "truncate");
  EXPECT_EQ(rounding_of_merge("truncate", "nearest"), "none");
}

TEST_F(Predict, ACheckpointThatDoesNotFitIsRefused) {
  write_checkpoint({}, 2);
  expect_refused(predict("--microns-per-pixel 0.5"), 1,
                 {"net.safetensors", "\"classes\"", "docs/weights.md"});
  write_checkpoint(kMetadata, 5);
  expect_refused(predict("--microns-per-pixel 0.5"), 1, {"net.safetensors", "fc.weight", "(5, 512)"});
  folder_.write("net.safetensors", read_file(folder_ / "net.safetensors").substr(0, 100'000));
  expect_refused(predict("--microns-per-pixel 0.5"), 1, {"net.safetensors", "truncated"});
}

TEST_F(Predict, AFolderWithoutImagesIsAWrongRequest) {
  std::filesystem::create_directories(folder_ / "empty");
  const HostRun run = run_host("predict --checkpoint " + path("net.safetensors") + " --root " +
                               path("empty") + " --output " + path("out.csv") + " --microns-per-pixel 1");
  expect_refused(run, 2, {"there is no image in it"});
}

TEST_F(Predict, AnInterruptionLeavesNothing) {
  for (int i = 0; i < 150; ++i)
    std::filesystem::copy_file(kImage, folder_ / ("slides/" + std::to_string(i) + ".png"));
  test::HostProcess run({"predict", "--checkpoint", path("net.safetensors"), "--root", path("slides"),
                         "--output", path("out.csv"), "--microns-per-pixel", "0.2", "--threads", "1"},
                        folder_ / "said");
  const auto begun = [&] {
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / ".")) {
      if (entry.path().extension() == ".partial") return true;
    }
    return false;
  };
  ASSERT_TRUE(test::eventually(begun)) << run.output();
  run.kill(SIGINT);
  EXPECT_EQ(run.wait(), 130) << run.output();
  EXPECT_TRUE(run.says("out.csv was not written")) << run.output();
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.csv"));
}

}  // namespace
}  // namespace histokt
