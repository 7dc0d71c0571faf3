// SPDX-License-Identifier: MIT
// The subcommands from a user's view: what they write, and their errors.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "support/json_schema.hpp"
#include "support/run_host.hpp"
#include "support/temp_folder.hpp"
#include "tensors/safetensors.hpp"

namespace histokt {
namespace {

using test::HostRun;
using test::run_host;

const std::string kImage = test::own_golden("standardize_glas_like.png");

// A dataset of two classes, some images each, patients p0, p1 ...
class CommandLine : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"a", "b"}) {
      std::filesystem::create_directories(folder_ / (std::string("data/") + name));
      for (int i = 0; i < 5; ++i) {
        std::filesystem::copy_file(
            kImage, folder_ / ("data/" + std::string(name) + "/p" + std::to_string(i) + "_" + name + ".png"));
      }
    }
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  HostRun standardize(const std::string& more) const {
    return run_host("standardize --dataset folder --root " + path("data") + " --output " + path("out.h5") +
                    " " + more);
  }

  test::TempFolder folder_;
};

// What loading libtorch costs is paid only where a network is made.
TEST(Programs, OnlyTheOneForNetworksLoadsLibtorch) {
  const auto libraries = [](const std::string& program) {
    return test::run_shell("LD_TRACE_LOADED_OBJECTS=1 '" + (test::build_folder() / program).string() + "'");
  };
  EXPECT_TRUE(libraries("bin/histokt-host").says("libhdf5"));
  EXPECT_FALSE(libraries("bin/histokt-host").says("libtorch"));
  EXPECT_TRUE(libraries("lib/histokt/histokt-networks").says("libtorch"));
}

TEST(Programs, SayWhichOneIsMissing) {
  const test::TempFolder folder;
  const std::filesystem::path alone = folder / "histokt-host";
  std::filesystem::copy_file(test::host_program(), alone);
  const HostRun run = test::run_shell("'" + alone.string() + "' run some.toml");
  EXPECT_EQ(1, run.exit_code);
  EXPECT_TRUE(run.says("histokt-networks, which runs \"run\", cannot be started: No such file"))
      << run.output;
  EXPECT_EQ(0, test::run_shell("'" + alone.string() + "' audit --help").exit_code);
}

// Neither help nor a mistake in the words waits for libtorch to be loaded.
TEST(Programs, TheOneWithoutLibtorchHelpsWithAllSubcommands) {
  const test::TempFolder folder;
  const std::filesystem::path alone = folder / "histokt-host";
  std::filesystem::copy_file(test::host_program(), alone);
  for (const char* name : {"run", "distill", "diagnose", "evaluate", "predict", "plugins"}) {
    const HostRun help = test::run_shell("'" + alone.string() + "' " + name + " --help");
    EXPECT_EQ(0, help.exit_code) << name;
    EXPECT_TRUE(help.says(std::string("histokt-host ") + name) || help.says("[run]")) << help.output;
    EXPECT_TRUE(help.says("Example:")) << help.output;
  }
  const HostRun mistake = test::run_shell("'" + alone.string() + "' evaluate --chekpoint x");
  EXPECT_EQ(2, mistake.exit_code);
  EXPECT_TRUE(mistake.says("Did you mean \"--checkpoint\"?")) << mistake.output;
}

TEST_F(CommandLine, StandardizeWritesOneFileWithItsSplit) {
  const HostRun run = standardize(
      "--set dataset.microns_per_pixel=0.62005 --set 'dataset.group=\"^[^_]+\"' --set "
      "dataset.group_level=patient");
  EXPECT_EQ(0, run.exit_code) << run.output;
  EXPECT_TRUE(run.says("patches of 10 images")) << run.output;
  EXPECT_TRUE(run.says("train")) << run.output;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "out.h5"));
}

TEST_F(CommandLine, AMissingOptionIsAWrongRequest) {
  const HostRun run = standardize("");
  EXPECT_EQ(2, run.exit_code);
  EXPECT_TRUE(run.says("needs option \"microns_per_pixel\"")) << run.output;
}

TEST_F(CommandLine, AMistypedOptionNamesTheNearest) {
  const HostRun run = standardize("--set dataset.micron_per_pixel=1");
  EXPECT_EQ(2, run.exit_code);
  EXPECT_TRUE(run.says("Did you mean \"microns_per_pixel\"?")) << run.output;
  EXPECT_TRUE(standardize("--set dateset.x=1").says("Did you mean \"dataset\"?"));
}

TEST_F(CommandLine, ATruncatedImageIsNamedAndLeavesNothing) {
  std::filesystem::resize_file(folder_ / "data/a/p0_a.png", 5000);
  const HostRun run = standardize("--set dataset.microns_per_pixel=1");
  EXPECT_EQ(1, run.exit_code);
  EXPECT_TRUE(run.says("p0_a.png")) << run.output;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.h5"));
  const HostRun skip = standardize("--set dataset.microns_per_pixel=1 --set standardize.on_bad_image=skip");
  EXPECT_EQ(0, skip.exit_code) << skip.output;
  EXPECT_TRUE(skip.says("1 image skipped")) << skip.output;
}

constexpr const char* kByPatient =
    "--set dataset.microns_per_pixel=0.62005 --set 'dataset.group=\"^[^_]+\"' --set "
    "dataset.group_level=patient ";

TEST_F(CommandLine, StandardizeNamesTheLevelOfItsSplit) {
  const HostRun by_patient = standardize(kByPatient);
  EXPECT_TRUE(by_patient.says("(3 patients), valid ")) << by_patient.output;
  EXPECT_FALSE(by_patient.says("may be shared")) << by_patient.output;
  const HostRun by_image = standardize("--set dataset.microns_per_pixel=0.62005");
  EXPECT_TRUE(by_image.says("patients may be shared between the splits")) << by_image.output;
}

TEST_F(CommandLine, StandardizeWritesAFold) {
  const HostRun run =
      standardize(std::string(kByPatient) + "--set split.folds=leave-one-group-out --set split.fold=5");
  EXPECT_EQ(0, run.exit_code) << run.output;
  EXPECT_TRUE(run.says("(1 patient)")) << run.output;
  EXPECT_EQ(0, standardize(std::string(kByPatient) + "--set split.folds=2").exit_code);
  const HostRun missing = standardize(std::string(kByPatient) + "--set split.folds=2 --set split.fold=3");
  EXPECT_EQ(2, missing.exit_code);
  EXPECT_TRUE(missing.says("fold 3 is asked for, but there are 2 folds")) << missing.output;
}

TEST_F(CommandLine, AHoldOutOfFewGroupsIsRefusedOnRequestBeforeAnImageIsRead) {
  for (const char* name : {"data/a/p0_a.png", "data/b/p0_b.png"}) std::filesystem::remove(folder_ / name);
  std::filesystem::resize_file(folder_ / "data/a/p1_a.png", 5000);  // would be told, were it read
  const HostRun run = standardize(std::string(kByPatient) + "--set split.allow_few_groups=false");
  EXPECT_EQ(2, run.exit_code);
  EXPECT_TRUE(run.says("there are 4 patients, too few to hold some out")) << run.output;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.h5"));
}

TEST_F(CommandLine, ASplitGoesThroughATableAndBack) {
  ASSERT_EQ(0, standardize(kByPatient).exit_code);
  const HostRun out = run_host("split " + path("out.h5") + " --export " + path("s.csv"));
  EXPECT_EQ(0, out.exit_code) << out.output;
  const HostRun in =
      run_host("split " + path("out.h5") + " --import " + path("s.csv") + " --output " + path("in.h5"));
  EXPECT_EQ(0, in.exit_code) << in.output;
  const auto behind_the_name = [](const HostRun& run) { return run.output.substr(run.output.find(": ")); };
  EXPECT_EQ(behind_the_name(out), behind_the_name(in)) << "sizes, groups and digest";
  EXPECT_EQ(0, run_host("split " + path("in.h5") + " --export " + path("again.csv")).exit_code);
  EXPECT_EQ(test::file_text(path("s.csv")), test::file_text(path("again.csv")));
}

TEST_F(CommandLine, ASplitTableThatPartsAGroupWarns) {
  ASSERT_EQ(0, standardize(kByPatient).exit_code);
  ASSERT_EQ(0, run_host("split " + path("out.h5") + " --export " + path("s.csv")).exit_code);
  std::string text = test::file_text(path("s.csv"));
  const std::size_t at = text.find(",train,");
  folder_.write("s.csv", text.replace(at, 7, ",test,"));
  const std::string import = "split " + path("out.h5") + " --import " + path("s.csv") + " --output ";
  const HostRun parted = run_host(import + path("in.h5"));
  EXPECT_EQ(0, parted.exit_code);
  EXPECT_TRUE(parted.says("patches of 1 patient stand in more than one split")) << parted.output;

  const HostRun itself = run_host(import + path("out.h5"));
  EXPECT_EQ(2, itself.exit_code);
  EXPECT_TRUE(itself.says("is the input file")) << itself.output;
  folder_.write("s.csv", text.replace(text.find(",test,"), 6, ",tset,"));
  const HostRun wrong = run_host(import + path("in.h5"));
  EXPECT_EQ(2, wrong.exit_code);
  EXPECT_TRUE(wrong.says("`tset`, expected train, valid, test or left-out")) << wrong.output;
}

// What an experiment says of plugins is checked against them, and a mistake is placed in the file.
TEST(Program, AMistakeInAPluginsNameOrOptionsIsToldWithLineAndColumn) {
  const test::TempFolder folder;
  const std::string good = R"([datasets.a]
use = "synthetic"
options = { laboratory = "a" }
[recipes.baseline]
optimizer = { use = "rmsgd", learning_rate = 0.03, options = { momentum = 0.9 } }
epochs = 1
[[distill]]
sources = ["a"]
distiller = ["svd"]
target = "a"
train = "baseline"
tune = "baseline"
)";
  const auto error_with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    const HostRun run = run_host((folder.write("x.toml", text)).string() + " --dry-run");
    EXPECT_EQ(2, run.exit_code) << run.output;
    return run.output;
  };
  const auto expect = [](const std::string& output, const std::string& part) {
    EXPECT_NE(output.find(part), std::string::npos) << part << "\nin: " << output;
  };
  expect(error_with("\"svd\"", "\"svdd\""),
         "x.toml:9:14: distill[0].distiller: there is no distiller \"svdd\"");
  expect(error_with("\"rmsgd\"", "\"rmsg\""),
         "x.toml:5:21: recipes.baseline.optimizer: there is no optimizer");
  expect(error_with("momentum", "momentun"), "x.toml:5:75: optimizer \"rmsgd\"");
  expect(error_with("momentum", "momentun"), "Did you mean \"momentum\"?");
  expect(error_with("\"a\" }", "\"x\" }"), "x.toml:3:26: option \"laboratory\"");
  // What a distiller refuses is found before its sources are trained.
  const std::string unbased = error_with("\"svd\"", "\"ties\"");
  expect(unbased, "x.toml:9:14: distill[0].distiller: distiller \"ties\" needs a base");
  expect(unbased, "add base = \"FILE\" to this [[distill]]");
  const std::string weighted = error_with("\"svd\"", "{ use = \"mean\", options = { weights = [1, 2] } }");
  expect(weighted, "x.toml:9:");
  expect(weighted, "distill[0].distiller: distiller \"mean\", being told of its sources");
  expect(weighted, "option weights has 2 numbers for 1 sources");
}

TEST(Program, HelpOfEachSubcommandHasAnExample) {
  for (const char* name : {"run", "standardize", "split", "distill", "diagnose", "evaluate", "predict",
                           "audit", "plugins", "help"}) {
    const HostRun run = run_host(std::string(name) + " --help");
    EXPECT_EQ(0, run.exit_code) << name << run.output;
    EXPECT_TRUE(run.says("Example:")) << name;
    EXPECT_EQ(run.output, run_host(std::string("help ") + name).output) << name;
  }
}

TEST(Program, HelpListsTheSubcommandsAndRefusesAnUnknownTopic) {
  const HostRun help = run_host("help");
  EXPECT_EQ(0, help.exit_code);
  EXPECT_TRUE(help.says("standardize") && help.says("Exit codes")) << help.output;
  EXPECT_EQ(help.output, run_host("--help").output);
  const HostRun unknown = run_host("help evalute");
  EXPECT_EQ(2, unknown.exit_code);
  EXPECT_TRUE(unknown.says("there is no help on \"evalute\"") && unknown.says("Did you mean \"evaluate\"?"))
      << unknown.output;
}

TEST(Program, AWrongSubcommandNamesTheNearest) {
  const HostRun run = run_host("standardise");
  EXPECT_EQ(2, run.exit_code);
  EXPECT_TRUE(run.says("Did you mean \"standardize\"?")) << run.output;
}

TEST(Program, AsksForACommandWhereNoneIsGiven) {
  const HostRun run = run_host("--quiet");
  EXPECT_EQ(2, run.exit_code);
  EXPECT_TRUE(run.says("no command given")) << run.output;
}

TEST(Program, ListsPluginsAsJson) {
  const HostRun run = run_host("plugins list --json");
  ASSERT_EQ(0, run.exit_code);
  const nlohmann::json list = nlohmann::json::parse(run.output);
  test::expect_schema("plugins-list", list);
  std::vector<std::string> names;
  for (const auto& plugin : list.at("plugins")) {
    EXPECT_TRUE(plugin.at("usable").get<bool>()) << plugin;
    names.push_back(plugin.at("kind").get<std::string>() + " " + plugin.at("name").get<std::string>());
  }
  for (const char* name :
       {"dataset folder", "dataset crc", "dataset os", "dataset synthetic", "model resnet18",
        "optimizer rmsgd", "optimizer adamp", "distiller svd", "distiller mean", "distiller task-arithmetic",
        "distiller ties", "distiller dare", "distiller rebasin", "distiller fisher", "distiller regmean"}) {
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  }
}

TEST(Program, DescribesAPluginWithItsOptions) {
  const HostRun run = run_host("plugins describe os");
  EXPECT_EQ(0, run.exit_code);
  EXPECT_TRUE(run.says("mixed:")) << run.output;
  EXPECT_TRUE(run_host("plugins describe oss").says("Did you mean \"os\"?"));
  EXPECT_TRUE(run_host("plugins describe fisher").says("distill requires --data"));
  EXPECT_FALSE(run_host("plugins describe svd").says("--data"));
  EXPECT_TRUE(run_host("plugins describe ties").says("--base for distill"));
  EXPECT_FALSE(run_host("plugins describe mean").says("--base"));
}

TEST(Program, DescribesAndChecksAPluginAsJson) {
  const HostRun described = run_host("plugins describe dataset/folder --json");
  ASSERT_EQ(0, described.exit_code) << described.output;
  const nlohmann::json description = nlohmann::json::parse(described.output);
  test::expect_schema("plugins-describe", description);
  const std::string file = description.at("file").get<std::string>();
  const HostRun checked = run_host("plugins check '" + file + "' --json");
  ASSERT_EQ(0, checked.exit_code) << checked.output;
  test::expect_schema("plugins-check", nlohmann::json::parse(checked.output));
}

TensorFile network(float value, std::map<std::string, std::string> metadata = {}) {
  TensorFile file;
  file.metadata = std::move(metadata);
  StoredTensor tensor{
      "conv1.weight", DType::kFloat32, {2, 1, 2, 2}, std::vector<std::byte>(8 * sizeof(float))};
  std::fill_n(tensor.floats(), 8, value);
  file.tensors.push_back(std::move(tensor));
  return file;
}

TEST(Distill, MergesFilesThatPythonMade) {
  const test::TempFolder folder;
  write_safetensors(folder / "a.safetensors", network(1));
  write_safetensors(folder / "b.safetensors", network(4));
  const std::string a = (folder / "a.safetensors").string(), b = (folder / "b.safetensors").string();
  const std::string out = (folder / "m.safetensors").string();
  const HostRun run = run_host("distill --distiller mean --output " + out + " " + a + " " + b);
  ASSERT_EQ(0, run.exit_code) << run.output;
  EXPECT_EQ(2.5f, read_safetensors(out).tensors.at(0).floats()[0]);
  const HostRun weighted = run_host("distill --distiller mean --set 'distiller.weights=[3,1]' --output " +
                                    out + " " + a + " " + b);
  ASSERT_EQ(0, weighted.exit_code) << weighted.output;
  EXPECT_EQ(1.75f, read_safetensors(out).tensors.at(0).floats()[0]);
  EXPECT_EQ(2, run_host("distill --distiller mean --output " + out + " " + a + " not-there").exit_code);
  const HostRun three = run_host("distill --distiller mean --set 'distiller.weights=[3,1,1]' --output " +
                                 out + " " + a + " " + b);
  EXPECT_EQ(2, three.exit_code);
  EXPECT_TRUE(three.says("has 3 numbers for 2 sources")) << three.output;
}

TEST(Distill, WarnsOfOneSourceAndOfTheSameNetworkTwice) {
  const test::TempFolder folder;
  for (const char* name : {"a", "b", "c"}) {
    write_safetensors(folder / (std::string(name) + ".safetensors"), network(name[0] == 'b' ? 4.0f : 1.0f));
  }
  const auto merged = [&](const std::string& names) {
    std::string line = "distill --quiet --distiller mean --output " + (folder / "m.safetensors").string();
    for (char name : names) line += " " + (folder / (std::string(1, name) + ".safetensors")).string();
    HostRun run = run_host(line);
    EXPECT_EQ(0, run.exit_code) << run.output;
    return run;
  };
  EXPECT_TRUE(merged("a").says("a.safetensors is the only source"));
  EXPECT_TRUE(merged("aba").says("are the same network; was another meant?"));
  const HostRun twins = merged("abc");
  EXPECT_TRUE(twins.says("sources 1 (") && twins.says("and 3 (")) << twins.output;
  const HostRun two = merged("ab");
  EXPECT_FALSE(two.says("only source") || two.says("same network")) << two.output;
}

TEST(Distill, RefusesSourcesOfAnotherModelPatchSideOrScale) {
  const test::TempFolder folder;
  const auto merged = [&](const char* key, const char* first, const char* second) {
    write_safetensors(folder / "a.safetensors", network(1, {{key, first}}));
    write_safetensors(folder / "b.safetensors", network(4, {{key, second}}));
    return run_host("distill --distiller mean --output " + (folder / "m.safetensors").string() + " " +
                    (folder / "a.safetensors").string() + " " + (folder / "b.safetensors").string());
  };
  const auto refused = [&](const char* key, const char* first, const char* second, const char* part) {
    const HostRun run = merged(key, first, second);
    EXPECT_EQ(1, run.exit_code) << run.output;
    EXPECT_TRUE(run.says(part) && run.says("only models of the same architecture, patch side and scale"))
        << run.output;
    EXPECT_FALSE(std::filesystem::exists(folder / "m.safetensors"));
  };
  refused("model", "resnet18", "resnet50", "b.safetensors has the model resnet50");
  refused("patch_side", "32", "64", "b.safetensors has a patch side of 64");
  refused("microns_per_pixel", "0.5", "1.0", "b.safetensors has microns per pixel 1");
  EXPECT_EQ(0, merged("patch_side", "32", "32").exit_code);
}

TEST(Distill, TakesABaseAndSaysWhereOneIsMissingOrDoesNotFit) {
  const test::TempFolder folder;
  const auto file = [&](const char* name) {
    return (folder / (std::string(name) + ".safetensors")).string();
  };
  write_safetensors(file("base"), network(1));
  write_safetensors(file("a"), network(2));
  write_safetensors(file("b"), network(5));
  TensorFile other = network(1);
  other.tensors[0].name = "conv2.weight";
  write_safetensors(file("other"), other);
  const std::string sources = file("a") + " " + file("b");
  const auto merge = [&](const std::string& more) {
    return run_host("distill --output " + file("m") + " --distiller " + more + " " + sources);
  };

  const HostRun whole = merge("task-arithmetic --set distiller.scale=0.5 --base " + file("base"));
  ASSERT_EQ(0, whole.exit_code) << whole.output;
  const TensorFile merged = read_safetensors(file("m"));
  EXPECT_EQ(3.5f, merged.tensors.at(0).floats()[0]);
  EXPECT_NE(merged.metadata.at("provenance").find("base.safetensors"), std::string::npos);

  for (const char* distiller : {"task-arithmetic", "ties", "dare"}) {
    const HostRun none = merge(distiller);
    EXPECT_EQ(2, none.exit_code) << none.output;
    EXPECT_TRUE(none.says("needs a base") && none.says("--base FILE")) << none.output;
  }
  const HostRun unfit = merge("ties --base " + file("other"));
  EXPECT_EQ(1, unfit.exit_code);
  EXPECT_TRUE(unfit.says("other.safetensors has no tensor \"conv1.weight\"")) << unfit.output;
  EXPECT_EQ(2, merge("ties --base " + file("not-there")).exit_code);
  other = network(1);
  other.tensors[0].shape = {1, 2, 2, 2};
  write_safetensors(file("other"), other);
  EXPECT_TRUE(merge("dare --base " + file("other")).says("of shape (1, 2, 2, 2) where"));
  write_safetensors(file("other"), network(std::nanf("")));
  EXPECT_TRUE(merge("ties --base " + file("other")).says("\"conv1.weight\" holds NaN at entry 0"));
  const HostRun needless = merge("mean --base " + file("base"));
  EXPECT_EQ(2, needless.exit_code);
  EXPECT_TRUE(needless.says("uses no base; leave out --base")) << needless.output;
  const HostRun untied = merge("rebasin");
  EXPECT_EQ(2, untied.exit_code);
  EXPECT_TRUE(untied.says("--model")) << untied.output;
}

}  // namespace
}  // namespace histokt
