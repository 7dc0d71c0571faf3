// SPDX-License-Identifier: MIT
// Networks that start from weights of a file, as a row of an experiment.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "base/digest.hpp"
#include "host/tiny_experiment.hpp"
#include "support/csv_rows.hpp"
#include "support/resnet18_file.hpp"
#include "tensors/torch_writer.hpp"

namespace histokt::test {
namespace {

// A file of torch.save with the content.
std::string saved(const TensorFile& content) {
  pickled::Entries entries, storages;
  for (const StoredTensor& tensor : content.tensors) {
    const std::string key = std::to_string(storages.size());
    const auto count = static_cast<std::int64_t>(tensor.entry_count());
    std::vector<std::int64_t> strides(tensor.shape.size(), 1);
    for (std::size_t axis = strides.size(); axis-- > 1;)
      strides[axis - 1] = strides[axis] * tensor.shape[axis];
    const char* type = tensor.dtype == DType::kInt64 ? "LongStorage" : "FloatStorage";
    entries.emplace_back("module." + tensor.name,
                         pickled::tensor(pickled::storage(type, key, count), 0, tensor.shape, strides));
    storages.emplace_back(
        key, std::string(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()));
  }
  return pickled::torch_file(pickled::dict(entries), storages);
}

class Weights : public TinyExperiment {
 protected:
  void SetUp() override {
    static const std::string bytes = saved(resnet18_file(1000));
    name_ = "resnet18-" + sha256_of_text(bytes).substr(0, 8) + ".pth";
    folder_.write(name_, bytes);
    file_ = folder_.write("tiny.toml", tiny_experiment_of_resnet18() +
                                           "[recipes.imagenet]\n"
                                           "weights = \"" +
                                           name_ +
                                           "\"\n"
                                           "optimizer = { use = \"adamp\", learning_rate = 1e-4 }\n"
                                           "epochs = 1\nbatch_size = 8\n");
  }
  static std::vector<std::string> with_matrix_alone(std::vector<std::string> more) {
    more.insert(more.end(), {"--set", "distill=[]"});
    return more;
  }
  std::vector<std::string> with_row(const std::string& name, std::vector<std::string> more = {}) const {
    more.insert(more.begin(),
                {"--set", "matrix.from_weights=[\"imagenet\"]", "--set", "recipes.baseline.epochs=1"});
    return words(name, with_matrix_alone(std::move(more)));
  }

  std::string name_;
};

TEST_F(Weights, AreARowBesideTheSources) {
  const HostRun done = run(with_row("out", {"--set", "matrix.probe=true"}));
  ASSERT_EQ(done.exit_code, 0) << done.output;
  const std::string source = name_.substr(0, name_.size() - 4);
  EXPECT_TRUE(done.says("from " + source + ", imagenet")) << done.output;
  const auto rows = test::csv_rows(read_file(folder_ / "out/transfer_matrix.csv"));
  EXPECT_EQ(1, std::ranges::count_if(rows, [&](const auto& row) {
              return row.at("source") == source && row.at("target") == "b" && row.at("recipe") == "imagenet";
            }));

  // What the file's own network sees, before it is tuned.
  const auto probe = steps("out").at("probe " + source + "-on-b");
  EXPECT_EQ(json_of(probe / "result.json").at("features"), 512);
  const auto features = steps("out").at("features " + source + "-on-b-train");
  EXPECT_EQ(read_safetensors(features / "features.safetensors").find("features")->shape.at(1), 512);

  const TensorFile trained =
      read_safetensors(steps("out").at("train b-imagenet-trial1") / "checkpoint.safetensors");
  EXPECT_EQ(trained.metadata.at("mean"), "[0.485,0.456,0.406]");
  EXPECT_EQ(trained.find("fc.weight")->shape, (std::vector<std::int64_t>{2, 512}));
  const nlohmann::json made = nlohmann::json::parse(trained.metadata.at("provenance"));
  EXPECT_EQ(made.at("weights").at("name"), name_);
  // One epoch of small steps: it still is the network that it started from.
  const TensorFile start = resnet18_file(1000);
  const float *before = start.find("conv1.weight")->floats(), *after = trained.find("conv1.weight")->floats();
  for (int i = 0; i < 100; ++i) EXPECT_NEAR(before[i], after[i], 0.02);

  // Other weights make another network of that row.
  folder_.write("other.pth", saved(resnet18_file(5, 2)));
  const HostRun forecast = run(with_row("out", {"--set", "recipes.imagenet.weights=other.pth", "--dry-run"}));
  EXPECT_TRUE(forecast.says("options.weights")) << forecast.output;
}

TEST_F(Weights, OfTheTrainRecipeMakeTheTwoStageMatrix) {
  const HostRun done = run(words("out", with_matrix_alone({"--set", "matrix.train=imagenet"})));
  ASSERT_EQ(done.exit_code, 0) << done.output;
  EXPECT_TRUE(done.says("baseline (from " + name_ + ")")) << done.output;
  // The second stage goes on with the colours of the first.
  for (const auto& [step, folder] : steps("out")) {
    if (!step.starts_with("train ")) continue;
    EXPECT_EQ(read_safetensors(folder / "checkpoint.safetensors").metadata.at("mean"), "[0.485,0.456,0.406]")
        << step;
  }
}

TEST_F(Weights, OfTorchAreMergedLikeOurs) {
  write_safetensors(folder_ / "tuned.safetensors", resnet18_file(7, 2));
  const HostRun merged = run({"distill", "--distiller", "mean", "--output", path("mean.safetensors"),
                              path(name_), path("tuned.safetensors")});
  ASSERT_EQ(merged.exit_code, 0) << merged.output;
  const TensorFile first = resnet18_file(1000), second = resnet18_file(7, 2),
                   mean = read_safetensors(folder_ / "mean.safetensors");
  EXPECT_FALSE(mean.find("fc.weight")) << "the heads differ";
  for (const int i : {0, 9'407}) {
    EXPECT_FLOAT_EQ(mean.find("conv1.weight")->floats()[i],
                    (first.find("conv1.weight")->floats()[i] + second.find("conv1.weight")->floats()[i]) / 2);
  }
  // From the base by the whole of its task vector is the source again.
  const HostRun moved =
      run({"distill", "--distiller", "task-arithmetic", "--set", "distiller.scale=1", "--base", path(name_),
           "--output", path("moved.safetensors"), path("tuned.safetensors")});
  ASSERT_EQ(moved.exit_code, 0) << moved.output;
  const TensorFile again = read_safetensors(folder_ / "moved.safetensors");
  EXPECT_NEAR(again.find("conv1.weight")->floats()[5], second.find("conv1.weight")->floats()[5], 1e-6);
}

TEST_F(Weights, ThatCannotBeUsedAreFoundBeforeAnythingRuns) {
  const auto refused = [&](const std::vector<std::string>& more, int exit_code, const std::string& part) {
    const HostRun run_now = run(with_row("none", more));
    EXPECT_EQ(run_now.exit_code, exit_code) << run_now.output;
    EXPECT_TRUE(run_now.says(part)) << run_now.output << "\ndoes not say " << part;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "none/steps"));
  };
  refused({"--set", "recipes.imagenet.weights=nowhere.pth"}, 2, "there is no file");
  refused({"--set", "recipes.imagenet.normalization=imagenet"}, 2, "one of weights or training");
  refused({"--set", "recipes.baseline.normalization=training"}, 2, "weights as well");
  refused({"--set", "matrix.tune=imagenet"}, 2, "tuning starts from the source's model");
  refused({"--set", "matrix.from_weights=[\"deep\"]"}, 2, "has no weights");
  refused({"--set", "matrix.from_weights=[\"imagnet\"]"}, 2, "Did you mean \"imagenet\"?");
  folder_.write("resnet18-f37072fd.pth", read_file(folder_ / name_).substr(0, 1'000'000));
  refused({"--set", "recipes.imagenet.weights=resnet18-f37072fd.pth"}, 1, "an incomplete download");
  TensorFile other = resnet18_file(3);
  other.tensors.erase(other.tensors.begin());
  write_safetensors(folder_ / "other.safetensors", other);
  refused({"--set", "recipes.imagenet.weights=other.safetensors"}, 1, "\"conv1.weight\" is missing");
}

}  // namespace
}  // namespace histokt::test
