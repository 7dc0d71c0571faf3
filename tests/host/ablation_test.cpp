// SPDX-License-Identifier: MIT
// Ablation of merge methods: orders, controls, and the table that compares them.
#include <algorithm>
#include <cmath>
#include <set>

#include "base/digest.hpp"
#include "host/tiny_experiment.hpp"
#include "support/csv_rows.hpp"
#include "support/resnet18_file.hpp"

namespace histokt {
namespace {

using nlohmann::json;
using test::csv_rows;
using test::HostRun;

class Ablation : public test::TinyExperiment {
 protected:
  // Two laboratories merged and tuned on a third, a rate each.
  static std::string distill(const std::string& more) { return "distill=[" + table(more) + "]"; }
  static std::string table(const std::string& more) { return "{target=\"c\",tune=\"deep\"," + more + "}"; }
  std::vector<std::string> words_of(const std::string& name, const std::string& more) const {
    return {file_.string(),
            "--output",
            path(name),
            "--set",
            "datasets.c={use=\"synthetic\",options={laboratory=\"c\",patients=6,images_per_patient=1,"
            "image_side=48,"
            "classes=[\"stroma\",\"tumour\"]}}",
            "--set",
            "recipes.baseline.optimizer={use=\"adamp\",learning_rate=1e-3}",
            "--set",
            "recipes.deep.optimizer.learning_rate=1e-3",
            "--set",
            "matrix.targets=c",
            "--set",
            distill(more)};
  }
  HostRun forecast(const std::string& more) const {
    std::vector<std::string> words = words_of("out", more);
    words.push_back("--dry-run");
    return run(words);
  }
  // Two [[distill]] of a and b by `distiller`, each with keys of its own.
  HostRun forecast_of_two(const std::string& distiller, const std::string& first,
                          const std::string& second) const {
    const std::string same = "sources=[\"a\",\"b\"],orders=\"as-written\",distiller=" + distiller + ",";
    return forecast(same + first + "}," + table(same + second).substr(0, table(same + second).size() - 1));
  }
  static std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
    return found;
  }
};

TEST_F(Ablation, TellsMergesFromTheirControlsInOneTable) {
  folder_.write("tiny.toml", test::tiny_experiment_of_resnet18());
  std::vector<std::string> words =
      words_of("out", "sources=[\"a\",\"b\"],distiller=[\"svd\",\"mean\"],probe=true");
  words.insert(words.end(), {"--set", "recipes.deep.epochs=3"});
  const HostRun first = run(words);
  ASSERT_EQ(0, first.exit_code) << first.output;
  const auto rows = csv_rows(read_file(folder_ / "out/distillation.csv"));
  std::vector<std::string> found;
  std::set<std::string> keys;
  for (const auto& row : rows) {
    EXPECT_TRUE(keys.insert(row.at("key")).second) << row.at("key");
    EXPECT_TRUE(row.at("same_as").empty() || keys.contains(row.at("same_as"))) << row.at("same_as");
    EXPECT_TRUE(std::filesystem::exists(folder_ / "out" / row.at("checkpoint"))) << row.at("checkpoint");
    found.push_back(row.at("row") + " " + row.at("method") + " " + row.at("sources"));
    const bool is_merge = row.at("row") != "baseline" && row.at("row") != "source";
    EXPECT_EQ(is_merge, !row.at("merge_seconds").empty()) << found.back();
    EXPECT_EQ(row.at("row") == "baseline", row.at("probe").empty()) << found.back();
    EXPECT_EQ(row.at("row") == "baseline", row.at("untuned_accuracy").empty())
        << "all laboratories have one list of classes; " << found.back();
    EXPECT_EQ(row.at("row") == "first-alone", !row.at("same_as").empty()) << found.back();
    EXPECT_EQ(row.at("row") == "baseline"            ? ""
              : row.at("epochs_to_baseline").empty() ? "0 of 1"
                                                     : "1 of 1",
              row.at("reached_baseline"));
  }
  const std::vector<std::string> expected = {"baseline  c",
                                             "source  a",
                                             "source  b",
                                             "merge svd a+b",
                                             "first-alone svd a",
                                             "merge svd b+a",
                                             "first-alone svd b",
                                             "merge mean a+b",
                                             "first-alone mean a",
                                             "random-directions svd(directions=random) a+b",
                                             "random-directions svd(directions=random) b+a"};
  EXPECT_EQ(expected.size(), found.size());
  for (const std::string& row : expected) EXPECT_TRUE(std::ranges::find(found, row) != found.end()) << row;

  // The epochs to the baseline, from the trainings' own records.
  const auto scores = [&](const std::string& training) {
    std::vector<double> all;
    for (const auto& epoch : csv_rows(read_file(steps("out").at("train " + training) / "metrics.csv")))
      all.push_back(std::stod(epoch.at("selection_score")));
    return all;
  };
  const double wanted = std::ranges::max(scores("c-baseline-trial1"));
  std::set<std::string> values;
  for (const auto& row : rows) {
    if (row.at("row") == "baseline") continue;
    std::string origin = row.at("sources");
    std::ranges::replace(origin, '+', '-');
    if (origin.size() > 1) origin = row.at("method") + "-" + origin;
    const std::vector<double> found_scores = scores(origin + "-to-c-deep-trial1");
    const auto reached = std::ranges::find_if(found_scores, [&](double score) { return score >= wanted; });
    const std::string epochs =
        reached == found_scores.end() ? "" : std::to_string(reached - found_scores.begin() + 1);
    EXPECT_EQ(epochs, row.at("epochs_to_baseline")) << origin;
    values.insert(epochs);
  }
  EXPECT_GT(values.size(), 1u) << "one answer for all would say little of how it is made";

  const auto ratios = [&](const std::string& method) {
    const auto row = std::ranges::find_if(
        rows, [&](const auto& r) { return r.at("method") == method && r.at("sources") == "a+b"; });
    return std::stod(row->at("norm_ratios"));
  };
  EXPECT_LT(ratios("svd"), 1);
  EXPECT_LT(ratios("svd(directions=random)"), ratios("svd")) << "random directions keep less";

  // The first source alone comes out of svd and mean as it went in: nothing is trained twice for it.
  EXPECT_EQ(3u + 2 + 2 + 1 + 2, count(first.output, "] train ") / 2) << first.output;
  EXPECT_TRUE(first.says("svd of a alone, deep: the same model as from a, deep.")) << first.output;
  EXPECT_TRUE(first.says("Merges and what they are compared with:")) << first.output;
  for (const char* table : {"out/distillation.md", "out/transfer_matrix.md"}) {
    EXPECT_NE(read_file(folder_ / table).find("| --- |"), std::string::npos) << table;
  }
  EXPECT_NE(read_file(folder_ / "out/distillation.tex").find("\\begin{tabular}"), std::string::npos);
  const auto matrix = csv_rows(read_file(folder_ / "out/transfer_matrix.csv"));
  EXPECT_EQ(2u, matrix.size()) << "the baseline of c and a tuned on it: b is a control of the merges alone";
  EXPECT_TRUE(run(words).says("Nothing to do"));
}

TEST_F(Ablation, PlansAllOrdersOfPairsWhereTheyMatter) {
  const auto merges = [&](const std::string& more) {
    return count(forecast(more + ",controls=false").output, "would run distill ");
  };
  EXPECT_EQ(2u, merges("sources=[\"a\",\"b\"],distiller=\"svd\""));
  EXPECT_EQ(1u, merges("sources=[\"a\",\"b\"],distiller=\"mean\""));
  EXPECT_EQ(2u, merges("sources=[\"a\",\"b\"],distiller={use=\"mean\",options={weights=[3,1]}}"));
  EXPECT_EQ(1u, merges("sources=[\"a\",\"b\"],distiller={use=\"svd\",options={reference=\"mean\"}}"));
  EXPECT_EQ(1u, merges("sources=[\"a\",\"b\"],distiller=\"svd\",orders=\"as-written\""));
  EXPECT_EQ(1u, merges("sources=[\"a\",\"b\",\"c\"],distiller=\"svd\""));
  EXPECT_EQ(6u, merges("sources=[\"a\",\"b\",\"c\"],distiller=\"svd\",orders=\"all\""));
}

TEST_F(Ablation, TellsTwoThatDifferOnlyInTheirRecalibrationApart) {
  const HostRun plan = forecast_of_two("\"mean\"", "recalibrate=\"a\"", "recalibrate=\"b\"");
  ASSERT_EQ(0, plan.exit_code) << plan.output;
  for (const std::string dataset : {"a", "b"}) {
    for (const std::string& step :
         {"mean(recalibrate=" + dataset + ")-a-b ", "mean(recalibrate=" + dataset + ")-a-alone ",
          "svd(directions=random recalibrate=" + dataset + ")-a-b "}) {
      EXPECT_EQ(1u, count(plan.output, "would run distill " + step)) << step << plan.output;
    }
  }
}

TEST_F(Ablation, TellsTwoThatDifferOnlyInTheirBaseApartWhereItIsRead) {
  folder_.write("tiny.toml", test::tiny_experiment_of_resnet18());
  std::vector<std::string> names;
  for (const int i : {1, 2}) {
    const std::filesystem::path file = folder_ / std::to_string(i) / "imagenet.safetensors";
    std::filesystem::create_directory(file.parent_path());
    write_safetensors(file, test::resnet18_file(2, static_cast<std::uint64_t>(i)));
    names.push_back("base=imagenet@" + sha256_of_file(file).substr(0, 8));
  }
  const HostRun plan = forecast_of_two("[\"ties\",\"mean\"]", "base=\"1/imagenet.safetensors\"",
                                       "base=\"2/imagenet.safetensors\"");
  ASSERT_EQ(0, plan.exit_code) << plan.output;
  for (const std::string& step : {"ties(" + names[0] + ")-a-b ", "ties(" + names[1] + ")-a-b ",
                                  "ties(" + names[0] + ")-a-alone ", "ties(" + names[1] + ")-a-alone ",
                                  std::string("mean-a-b "), std::string("svd(directions=random)-a-b ")}) {
    EXPECT_EQ(1u, count(plan.output, "would run distill " + step)) << step << plan.output;
  }
}

TEST_F(Ablation, RefusesABaseThatDoesNotFitBeforeAnythingRuns) {
  folder_.write("tiny.toml", test::tiny_experiment_of_resnet18());
  const auto refused = [&](const TensorFile& base, const std::string& part) {
    write_safetensors(folder_ / "base.safetensors", base);
    const HostRun plan =
        forecast("sources=[\"a\",\"b\"],distiller=[\"mean\",\"dare\"],base=\"base.safetensors\"");
    EXPECT_EQ(1, plan.exit_code) << plan.output;
    EXPECT_TRUE(plan.says("distill[0].base: ") && plan.says(part)) << plan.output;
  };
  TensorFile base = test::resnet18_file(3);
  base.tensors[0].floats()[7] = std::nanf("");
  refused(base, "\"conv1.weight\" holds NaN or infinity");
  base = test::resnet18_file(3);
  base.metadata = {{"model", "resnet50"}};
  refused(base, "holds weights of the model \"resnet50\", expected \"resnet18\"");
  base.metadata = {};
  base.tensors[0].shape = {64, 3, 49, 1};
  refused(base, "\"conv1.weight\" has the shape (64, 3, 49, 1)");
  base.tensors.erase(base.tensors.begin());
  refused(base, "\"conv1.weight\" is missing");
}

TEST_F(Ablation, MergesEachSetOfAListAndTellsTwoOfOneDistillerApart) {
  const HostRun plan = forecast(
      "sources=[[\"a\",\"b\"],[\"a\",\"b\",\"c\"]],orders=\"as-written\","
      "distiller=[\"svd\",{use=\"svd\",options={rank=4}}]");
  ASSERT_EQ(0, plan.exit_code) << plan.output;
  for (const char* step :
       {"distill svd-a-b ", "distill svd(rank=4)-a-b ", "distill svd-a-b-c ", "distill svd(rank=4)-a-b-c ",
        "distill svd(rank=4 directions=random)-a-b-c ", "train b-to-c-deep-trial1 "}) {
    EXPECT_TRUE(plan.says(std::string("would run ") + step)) << step << plan.output;
  }
}

}  // namespace
}  // namespace histokt
