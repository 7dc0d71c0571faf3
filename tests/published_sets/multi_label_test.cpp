// SPDX-License-Identifier: MIT
// The two sets of several labels a patch, ADP and BCSS, from a stand-in of the download to the tested
// network.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/csv_rows.hpp"
#include "support/json_schema.hpp"
#include "support/run_host.hpp"
#include "support/stand_in_trees.hpp"
#include "support/temp_folder.hpp"

namespace histokt::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kSide = 34;  // of ADP's stand-in patches, which are taken as they are

class MultiLabel : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { write_stand_in(GetParam(), folder_ / "data", TreeSize::small()); }

  // Standardises into NAME.h5 and audits it.
  json audit(const std::string& name, const std::string& more = "") const {
    const std::string file = (folder_ / (name + ".h5")).string();
    const HostRun made = run_host("standardize --dataset " + std::string(GetParam()) + " --root '" +
                                      (folder_ / "data").string() + "' --output '" + file +
                                      "' --set standardize.patch_side=" + std::to_string(kSide) +
                                      " --set standardize.min_contrast=0 --protocol paper " + more,
                                  folder_ / "cache");
    EXPECT_EQ(0, made.exit_code) << made.output;
    const HostRun audited = run_host("audit '" + file + "' --json --quiet", folder_ / "cache");
    EXPECT_EQ(0, audited.exit_code) << audited.output;
    return json::parse(audited.output);
  }

  TempFolder folder_;
};

class Bcss : public MultiLabel {};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

// Share of right entries and of zeros, counted from the file of predictions.
struct Counted {
  double accuracy = 0, all_negative = 0;
  std::size_t patches = 0;
};

Counted count_predictions(const fs::path& file, const std::vector<std::string>& names) {
  const std::size_t classes = names.size();
  const std::vector<std::string> lines = lines_of(file_text(file));
  Counted counted;
  std::size_t right = 0, zeros = 0;
  for (std::size_t i = 1; i < lines.size(); ++i, ++counted.patches) {
    const std::vector<std::string> cells = cells_of(lines[i]);
    // Ids of BCSS's patches have a comma in them, quoted: count from the end.
    const std::size_t logits = cells.size() - classes, predicted = logits - classes - 1;
    const std::size_t labels = predicted - classes;
    std::string above_half;
    for (std::size_t c = 0; c < classes; ++c) {
      const bool label = cells[labels + c] == "1";
      EXPECT_TRUE(label || cells[labels + c] == "0") << cells[labels + c];
      right += label == (std::stod(cells[logits + c]) > 0);
      EXPECT_NEAR(std::stod(cells[predicted + 1 + c]), 1 / (1 + std::exp(-std::stod(cells[logits + c]))),
                  1e-9);
      if (std::stod(cells[logits + c]) > 0) above_half += (above_half.empty() ? "" : ";") + names.at(c);
      zeros += !label;
    }
    EXPECT_EQ(above_half, cells[predicted]);
  }
  const auto entries = static_cast<double>(counted.patches * classes);
  counted.accuracy = static_cast<double>(right) / entries;
  counted.all_negative = static_cast<double>(zeros) / entries;
  return counted;
}

TEST_P(MultiLabel, IsTrainedAndTestedWithAccuracyOfEntriesBesideTheAllNegativeBaseline) {
  const std::string name = GetParam();
  const fs::path experiment =
      folder_.write("e.toml",
                    "name = \"e\"\nprotocol = \"paper\"\ntrials = 1\nloader_threads = 1\n"
                    "[standardize]\npatch_side = 34\nmin_contrast = 0\n" +
                        (name == "bcss" ? std::string("overlap = 0\n") : "") + "[datasets." + name +
                        "]\nroot = \"data\"\n"
                        "[datasets.drawn]\nuse = \"synthetic\"\n"
                        "options = { patients = 3, images_per_patient = 1, image_side = 48 }\n"
                        "[recipes.baseline]\n"
                        "optimizer = { use = \"adamp\", learning_rate = 1e-3 }\n"
                        "epochs = 1\nbatch_size = 64\n"
                        "[matrix]\nsources = [\"drawn\"]\ntargets = [\"" +
                        name + "\"]\ntrain = \"baseline\"\ntune = \"baseline\"\n");
  const HostRun run = run_host("'" + experiment.string() + "'", folder_ / "cache");
  ASSERT_EQ(0, run.exit_code) << run.output;

  fs::path evaluated, probed;
  bool sheet = false;
  for (const auto& entry : fs::directory_iterator(folder_ / "runs/e/steps")) {
    const std::string step = entry.path().filename().string();
    if (step.starts_with("evaluate-" + name + "-baseline")) evaluated = entry.path();
    if (step.starts_with("probe-drawn-on-" + name)) probed = entry.path();
    sheet |= fs::exists(entry.path() / "contact.png");
  }
  EXPECT_TRUE(sheet) << "beside the patch set";
  ASSERT_FALSE(evaluated.empty()) << run.output;
  const json result = json::parse(file_text(evaluated / "result.json"));
  EXPECT_TRUE(result.at("multi_label"));
  const std::vector<std::string> classes = result.at("classes");
  const std::vector<std::string> head = cells_of(lines_of(file_text(evaluated / "predictions.csv")).at(0));
  ASSERT_EQ(5 + 3 * classes.size(), head.size());
  EXPECT_EQ("label_" + classes.front(), head[4]);
  EXPECT_EQ("predicted", head[4 + classes.size()]);
  EXPECT_EQ("probability_" + classes.front(), head[5 + classes.size()]);
  EXPECT_EQ("logit_" + classes.back(), head.back());
  expect_schema("evaluation", result);

  const Counted counted = count_predictions(evaluated / "predictions.csv", classes);
  EXPECT_EQ(result.at("patches"), counted.patches);
  EXPECT_GT(counted.patches, 0u);
  EXPECT_NEAR(result.at("accuracy"), counted.accuracy, 1e-9);
  EXPECT_NEAR(result.at("all_negative"), counted.all_negative, 1e-9);
  EXPECT_GE(result.at("majority").get<double>(), counted.all_negative);
  EXPECT_GT(result.at("by_image").at("samples").get<int>(), 0);
  EXPECT_GT(counted.all_negative, 0.0);
  EXPECT_LT(counted.all_negative, 1.0);

  ASSERT_FALSE(probed.empty()) << run.output;
  const json probe = json::parse(file_text(probed / "result.json"));
  EXPECT_EQ("accuracy", probe.at("selection")) << "of the protocol";
  for (const char* kind : {"probe", "knn"}) {
    const double precision = probe.at(kind).at("mean_average_precision");
    EXPECT_TRUE(precision > 0 && precision <= 1) << kind << " " << precision;
    EXPECT_EQ(probe.at(kind).at("valid_score"), probe.at(kind).at("valid_accuracy"));
  }
  const auto rows = csv_rows(file_text(folder_ / "runs/e/transfer_matrix.csv"));
  EXPECT_EQ(probe.at("knn").at("mean_average_precision"), std::stod(rows.at(1).at("knn_average_precision")));
}

INSTANTIATE_TEST_SUITE_P(Sets, MultiLabel, ::testing::Values("adp", "bcss"),
                         [](const auto& set) { return std::string(set.param); });

// Positives of a class over all splits, by the labels that training sees.
std::vector<std::uint64_t> labelled(const json& audit) {
  std::vector<std::uint64_t> positives;
  for (const std::string name : audit.at("classes")) {
    std::uint64_t count = 0;
    for (const json& split : audit.at("splits"))
      count += split.at("classes").at(name).at("patches").get<std::uint64_t>();
    positives.push_back(count);
  }
  return positives;
}

std::vector<std::uint64_t> with_share_above(const json& audit, std::size_t threshold) {
  std::vector<std::uint64_t> positives;
  for (const std::string name : audit.at("classes")) {
    positives.push_back(audit.at("positives_at").at(threshold).at("classes").at(name));
  }
  return positives;
}

TEST_P(Bcss, LabelThresholdLabelsAnewAndChangesNoShare) {
  const json any = audit("any", "--set standardize.overlap=0"),
             fifth = audit("fifth", "--set standardize.overlap=0 --set dataset.label_threshold=0.2");
  EXPECT_EQ(any.at("positives_at"), fifth.at("positives_at"));
  EXPECT_EQ(with_share_above(any, 0), labelled(any));
  EXPECT_EQ(with_share_above(fifth, 3), labelled(fifth));
  EXPECT_NE(labelled(any), labelled(fifth));
  EXPECT_EQ(any.at("patches"), fifth.at("patches")) << "which patches are kept is min_coverage's";
}

// Accuracy of entries is near its best for a network that predicts nothing: clean runs do not choose by it.
TEST_P(Bcss, EpochsAreChosenByAveragePrecisionUnlessTheProtocolSaysAccuracy) {
  const fs::path experiment = folder_.write(
      "e.toml",
      "name = \"e\"\ntrials = 1\nloader_threads = 1\n[standardize]\npatch_side = 34\nmin_contrast = "
      "0\noverlap = 0\n"
      "[datasets.bcss]\nroot = \"data\"\nsplit = \"paper\"\n"
      "[recipes.baseline]\noptimizer = { use = \"adamp\", learning_rate = 1e-3 }\nepochs = 1\nbatch_size = "
      "64\n"
      "[matrix]\nsources = [\"bcss\"]\ntargets = [\"bcss\"]\ntrain = \"baseline\"\ntune = \"baseline\"\n");
  const std::string words = "'" + experiment.string() + "' --step 'train bcss-baseline-trial1' ";
  const auto selection = [&](const std::string& more) {
    const HostRun run = run_host(words + more, folder_ / "cache");
    EXPECT_EQ(0, run.exit_code) << run.output;
    const json all = json::parse(file_text(folder_ / "runs/e/result.json"));
    for (const json& step : all.at("steps")) {
      if (step.at("kind") == "train") return step.at("summary").at("selection").get<std::string>();
    }
    return std::string();
  };
  EXPECT_EQ("mean-average-precision", selection(""));
  EXPECT_EQ("accuracy", selection("--set protocol=paper"));
  const HostRun refused =
      run_host(words + "--set recipes.baseline.selection=balanced-accuracy", folder_ / "cache");
  EXPECT_EQ(1, refused.exit_code);
  EXPECT_TRUE(refused.says("needs one label per patch, and patches of bcss have several")) << refused.output;
}

// The masks have bands of all 22 codes from top to bottom, ten of them classes; 1/20 at the left is outside.
TEST_P(Bcss, MinCoverageDropsPatchesByItsDenominator) {
  const auto patches = [&](const std::string& options) {
    return audit("p", "--set standardize.overlap=0 " + options).at("patches").get<int>();
  };
  const int all = patches("--set dataset.min_coverage=0"), usual = patches("");
  const int strict = patches("--set dataset.min_coverage=0.8");
  const int strict_of_patch = patches("--set dataset.min_coverage=0.8 --set dataset.denominator=patch");
  EXPECT_GT(all, usual);
  EXPECT_GT(usual, strict);
  EXPECT_GT(strict, strict_of_patch) << "a margin outside the region counts in the patch alone";
}

TEST_P(Bcss, AuditWarnsOfOverlappingShuffledPatches) {
  const json audited = audit("leaky");
  EXPECT_GT(audited.at("test_pixels_seen_in_training").at("share"), 0.5) << "neighbours overlap by 75 %";
  const std::string warning = audited.at("leakage_warning");
  EXPECT_NE(std::string::npos, warning.find("is optimistically biased")) << audited;
  expect_schema("audit", audited);
  const HostRun text = run_host("audit '" + (folder_ / "leaky.h5").string() + "'", folder_ / "cache");
  EXPECT_EQ(0, text.exit_code);
  for (const char* part :
       {"Group level: slide", "test pixels that lie in training patches", "Duplicates",
        "patches with a share above", "0.05", "Skipped images: none", "is optimistically biased"}) {
    EXPECT_TRUE(text.says(part)) << part << " is not in:\n" << text.output;
  }
  EXPECT_TRUE(fs::exists(folder_ / "leaky.png")) << "the contact sheet";
}

INSTANTIATE_TEST_SUITE_P(Sets, Bcss, ::testing::Values("bcss"),
                         [](const auto& set) { return std::string(set.param); });

}  // namespace
}  // namespace histokt::test
