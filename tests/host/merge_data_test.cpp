// SPDX-License-Identifier: MIT
// Merges that learn from the sources' patches, and statistics recomputed after a merge.
#include <set>

#include "host/tiny_experiment.hpp"
#include "tensors/safetensors.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::HostRun;

bool is_statistic(const std::string& name) {
  return name.ends_with(".running_mean") || name.ends_with(".running_var");
}

class MergeData : public test::TinyExperiment {
 protected:
  // Baselines of a and b, merged as `distill` says, and looked at as they are.
  HostRun merged(const std::string& name, const std::string& distill,
                 const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {file_.string(), "--output", path(name)};
    for (const std::string& setting :
         {std::string("matrix.sources=[\"a\"]"), std::string("recipes.deep.layers=none"),
          std::string("recipes.baseline.optimizer={use=\"adamp\",learning_rate=1e-3}"),
          "distill=[{sources=[\"a\",\"b\"],target=\"b\",tune=\"deep\"," + distill + "}]"}) {
      all.insert(all.end(), {"--set", setting});
    }
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  }
  std::string source(const std::string& dataset) const {
    return (steps("out").at("choose-trial " + dataset + "-baseline") / "winner.safetensors").string();
  }
  std::string split(const std::string& dataset) const {
    return (steps("out").at("split " + dataset) / "split.h5").string();
  }
  HostRun distill(const std::string& output, const std::vector<std::string>& more,
                  const std::string& threads = "1") const {
    std::vector<std::string> all = {"distill", "--quiet", "--threads", threads, "--output", path(output)};
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  }
  TensorFile file(const std::string& name) const { return read_safetensors(path(name)); }
};

// The label of a merge made with kBoth.
std::string both(const std::string& distiller, const std::string& option = "") {
  return "distill " + distiller + "(" + option + (option.empty() ? "" : " ") +
         "recalibrate=b recalibration_patches=4)-a-b";
}

constexpr const char* kBoth =
    "distiller=[{use=\"fisher\",options={samples=4}},{use=\"regmean\",options={samples=4}},\"mean\"],"
    "recalibrate=\"target\",recalibration_patches=4";

TEST_F(MergeData, OfAnExperimentAreTheSourcesOwnPatches) {
  const HostRun ran = merged("out", kBoth);
  ASSERT_EQ(0, ran.exit_code) << ran.output;
  EXPECT_FALSE(ran.says("becomes the mean")) << "the inputs of every layer are seen\n" << ran.output;
  const auto steps = this->steps("out");
  const auto digest_of = [&](const std::string& step, const char* output) {
    return json_of(steps.at(step) / "step.json").at("result").at("outputs").at(output).at("digest");
  };
  for (const std::string distiller : {"fisher", "regmean"}) {
    const json definition = json_of(steps.at(both(distiller, "samples=4")) / "step.json").at("definition");
    const json inputs = definition.at("inputs");
    EXPECT_EQ(digest_of("split a", "split"), inputs.at("patches-1"));
    EXPECT_EQ(digest_of("split b", "split"), inputs.at("patches-2"));
    EXPECT_EQ(digest_of("split b", "split"), inputs.at("recalibrate"));
    EXPECT_EQ(3, definition.at("options").at("seed"));
  }
  const json mean = json_of(steps.at(both("mean")) / "step.json").at("definition").at("inputs");
  EXPECT_FALSE(mean.contains("patches-1")) << "the mean learns from no patches";
  EXPECT_TRUE(mean.contains("recalibrate"));

  // Merged by hand the weights are the same bits; only the statistics are those before recalibration.
  const TensorFile recalibrated =
      read_safetensors(steps.at(both("fisher", "samples=4")) / "checkpoint.safetensors");
  const HostRun by_hand =
      distill("m.safetensors", {"--distiller", "fisher", "--set", "distiller.samples=4", "--seed", "3",
                                "--data", split("a"), "--data", split("b"), source("a"), source("b")});
  ASSERT_EQ(0, by_hand.exit_code) << by_hand.output;
  const TensorFile plain = file("m.safetensors");
  ASSERT_EQ(plain.tensors.size(), recalibrated.tensors.size());
  for (const StoredTensor& tensor : plain.tensors) {
    EXPECT_EQ(!is_statistic(tensor.name), tensor.bytes == recalibrated.find(tensor.name)->bytes)
        << tensor.name;
  }
  const json provenance = json::parse(recalibrated.metadata.at("provenance"));
  EXPECT_EQ("b", provenance.at("recalibrated").at("dataset"));
  EXPECT_EQ(4, provenance.at("recalibrated").at("patches"));
  EXPECT_EQ("a", provenance.at("patches").at("sources").at(0).at("dataset"));
  EXPECT_FALSE(json::parse(plain.metadata.at("provenance")).contains("recalibrated"));

  // The two learn something: neither is the mean, nor a source.
  const auto weight = [](const TensorFile& network) {
    const StoredTensor& tensor = *network.find("conv2.weight");
    return std::vector<float>(tensor.floats(), tensor.floats() + tensor.entry_count());
  };
  std::set<std::vector<float>> all = {weight(read_safetensors(source("a"))),
                                      weight(read_safetensors(source("b")))};
  for (const std::string& merge : {both("fisher", "samples=4"), both("regmean", "samples=4"), both("mean")}) {
    all.insert(weight(read_safetensors(steps.at(merge) / "checkpoint.safetensors")));
  }
  EXPECT_EQ(5u, all.size());

  const HostRun again = merged("out", kBoth, {"--dry-run"});
  EXPECT_TRUE(again.says("finished  " + both("fisher", "samples=4"))) << again.output;
  std::string other = kBoth;
  other.replace(other.find("samples=4"), 9, "samples=5");
  const HostRun more = merged("out", other, {"--dry-run"});
  EXPECT_TRUE(more.says("would run " + both("fisher", "samples=5")) &&
              more.says("finished  " + both("regmean", "samples=4")))
      << more.output;
}

TEST_F(MergeData, FirstSourceAloneIsRecalibratedAlsoWhereTheDistillerRefusesIt) {
  const HostRun ran =
      merged("out",
             "distiller=[{use=\"mean\",options={weights=[3,1]}},\"mean\"],orders=\"as-written\","
             "recalibrate=\"b\",recalibration_patches=4",
             {"--set", "recipes.baseline.epochs=1"});
  ASSERT_EQ(0, ran.exit_code) << ran.output;
  const auto alone = [&](const std::string& option) {
    return read_safetensors(
        steps("out").at(both("mean", option).substr(0, both("mean", option).size() - 2) + "-alone") /
        "checkpoint.safetensors");
  };
  const TensorFile of_one = alone(""), refused = alone("weights=[3 1]"),
                   before = read_safetensors(source("a"));
  ASSERT_EQ(before.tensors.size(), refused.tensors.size());
  for (const StoredTensor& tensor : refused.tensors) {
    EXPECT_EQ(tensor.bytes, of_one.find(tensor.name)->bytes)
        << tensor.name << ": the mean of one is that one";
    EXPECT_EQ(!is_statistic(tensor.name), tensor.bytes == before.find(tensor.name)->bytes) << tensor.name;
  }
  const json provenance = json::parse(refused.metadata.at("provenance"));
  EXPECT_EQ("b", provenance.at("recalibrated").at("dataset"));
  EXPECT_NE(provenance.at("handed_on").get<std::string>().find("2 numbers for 1 sources"), std::string::npos);
}

TEST_F(MergeData, StatisticsThatWereSpoiledComeBack) {
  const HostRun ran =
      merged("out", "distiller=\"mean\"",
             {"--set", "recipes.baseline.epochs=6", "--set", "datasets.a.options.patients=24"});
  ASSERT_EQ(0, ran.exit_code) << ran.output;
  TensorFile spoiled = read_safetensors(source("a"));
  for (StoredTensor& tensor : spoiled.tensors) {
    if (!is_statistic(tensor.name)) continue;
    for (std::size_t i = 0; i < tensor.entry_count(); ++i) tensor.floats()[i] = 1000;
  }
  write_safetensors(path("spoiled.safetensors"), spoiled);
  const auto recalibrated = [&](const std::string& output, const std::string& network) {
    const HostRun done =
        distill(output, {"--distiller", "mean", "--recalibrate", split("a"), network, network});
    EXPECT_EQ(0, done.exit_code) << done.output;
    return file(output);
  };
  const TensorFile from_spoiled = recalibrated("r.safetensors", path("spoiled.safetensors"));
  const TensorFile from_whole = recalibrated("w.safetensors", source("a"));
  for (const StoredTensor& tensor : from_whole.tensors) {
    EXPECT_EQ(tensor.bytes, from_spoiled.find(tensor.name)->bytes)
        << tensor.name << ": nothing of the old ones is left";
    if (is_statistic(tensor.name)) continue;
    EXPECT_EQ(tensor.bytes, spoiled.find(tensor.name)->bytes) << tensor.name;
  }
  const auto accuracy = [&](const std::string& network) {
    const HostRun test = run({"evaluate", "--quiet", "--json", "--checkpoint", network, "--patches",
                              split("a"), "--split", "train"});
    EXPECT_EQ(0, test.exit_code) << test.output;
    return json::parse(test.output).at("accuracy").get<double>();
  };
  const double before = accuracy(path("spoiled.safetensors")), after = accuracy(path("r.safetensors"));
  EXPECT_GT(after, before + 0.2) << before << " -> " << after;
}

TEST_F(MergeData, AreAskedForWhereTheyAreMissing) {
  ASSERT_EQ(0, merged("out", "distiller=\"mean\"", {"--set", "recipes.baseline.epochs=1"}).exit_code);
  const std::string a = source("a"), b = source("b");
  const auto refused = [&](const std::vector<std::string>& more, int exit_code, const std::string& part) {
    std::vector<std::string> all = more;
    all.insert(all.end(), {a, b});
    const HostRun done = distill("m.safetensors", all);
    EXPECT_EQ(exit_code, done.exit_code) << done.output;
    EXPECT_TRUE(done.says(part)) << done.output << "\ndoes not say " << part;
    EXPECT_FALSE(fs::exists(path("m.safetensors")));
  };
  refused({"--distiller", "fisher"}, 2, "add --data FILE.h5");
  refused({"--distiller", "regmean", "--data", split("a")}, 2, "there are 1 --data for 2 sources");
  refused({"--distiller", "mean", "--data", split("a"), "--data", split("b")}, 2, "leave out --data");
  refused({"--distiller", "fisher", "--data", path("nowhere.h5"), "--data", split("b")}, 2,
          "there is no such file");
  refused({"--distiller", "mean", "--recalibrate", path("nowhere.h5")}, 2, "there is no such file");
  refused({"--distiller", "mean", "--recalibrate", split("a"), "--recalibration-patches", "1"}, 2,
          "at least 2");
  refused({"--distiller", "fisher", "--data", a, "--data", b}, 1, "HDF5 file");

  const auto wrong = [&](const std::string& keys, const std::string& part) {
    const HostRun done = merged("none", "distiller=\"mean\"," + keys, {"--dry-run"});
    EXPECT_EQ(2, done.exit_code) << done.output;
    EXPECT_TRUE(done.says(part)) << done.output << "\ndoes not say " << part;
  };
  wrong("recalibrate=\"c\"", "names the dataset \"c\", which is not declared");
  wrong("recalibration_patches=8", "expected recalibrate as well");
  wrong("recalibrate=\"a\",recalibration_patches=1", "expected at least 2");
}

TEST_F(MergeData, AreLentToPluginsInCThatSaySoBeforehand) {
  ASSERT_EQ(0, merged("out", "distiller=\"mean\"", {"--set", "recipes.baseline.epochs=1"}).exit_code);
  const std::string plugins = test::build_folder() / "tests/data-plugins";
  const auto asked = [&](const std::string& name, const std::vector<std::string>& more,
                         const std::string& threads = "1") {
    std::vector<std::string> all = {"--plugins", plugins, "--distiller", name, source("a"), source("b")};
    all.insert(all.end(), more.begin(), more.end());
    return distill("m.safetensors", all, threads);
  };
  const HostRun lent = asked("asking", {"--data", split("a"), "--data", split("b")}, "3");
  ASSERT_EQ(0, lent.exit_code) << lent.output;
  EXPECT_TRUE(lent.says("it may take 3 threads")) << lent.output;
  const TensorFile fisher = file("m.safetensors"), network = read_safetensors(source("a"));
  const StoredTensor& squares = *fisher.find("conv1.weight");
  double sum = 0;
  for (std::size_t i = 0; i < squares.entry_count(); ++i) {
    ASSERT_GE(squares.floats()[i], 0);
    sum += squares.floats()[i];
  }
  EXPECT_GT(sum, 0);
  EXPECT_EQ(network.find("bn1.running_var")->bytes, fisher.find("bn1.running_var")->bytes);

  EXPECT_EQ(2, asked("asking", {}).exit_code);
  const HostRun sly = asked("sly", {});
  EXPECT_EQ(1, sly.exit_code) << sly.output;
  EXPECT_TRUE(sly.says("its descriptor does not say")) << sly.output;
  const HostRun reaching = asked("reaching", {"--data", split("a"), "--data", split("b")});
  EXPECT_EQ(1, reaching.exit_code) << reaching.output;
  EXPECT_TRUE(reaching.says("it asks for data of source 2, counted from 0, of 2")) << reaching.output;
}

TEST_F(MergeData, GramMatricesThatAreLentInPiecesAreThoseOfAllTogether) {
  folder_.write("tiny.toml", test::tiny_experiment_of_resnet18());
  ASSERT_EQ(0, merged("out", "distiller=\"mean\"", {"--set", "recipes.baseline.epochs=1"}).exit_code);
  const HostRun done = run({"distill", "--threads", "1", "--output", path("m.safetensors"), "--plugins",
                            test::build_folder() / "tests/data-plugins", "--distiller", "comparing", "--data",
                            split("a"), "--data", split("b"), source("a"), source("b")});
  EXPECT_EQ(0, done.exit_code) << done.output;
  EXPECT_TRUE(done.says("inputs of layer4.1.conv1.weight and what follows")) << "two pieces\n" << done.output;
}

}  // namespace
}  // namespace histokt
