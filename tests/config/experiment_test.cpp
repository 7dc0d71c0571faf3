// SPDX-License-Identifier: MIT
// Errors for mistakes in the TOML file.
#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "config/experiment.hpp"
#include "support/temp_folder.hpp"

namespace histokt {
namespace {

constexpr const char* kGood = R"(name = "x"
[datasets.crc]
root = "."
[recipes.baseline]
optimizer = { use = "rmsgd", learning_rate = 0.03 }
epochs = 2
[matrix]
sources = ["crc"]
targets = ["crc"]
train = "baseline"
tune = "baseline"
)";

Experiment read(const std::string& text, const std::vector<std::string>& settings = {}) {
  const test::TempFolder folder;
  return read_experiment(folder.write("x.toml", text), settings, std::nullopt);
}

std::string error_of(const std::string& text, const std::vector<std::string>& settings = {}) {
  try {
    read(text, settings);
  } catch (const RequestError& error) {
    return error.what();
  }
  return "no error";
}

// kGood with the first `from` replaced.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = kGood;
  return text.replace(text.find(from), from.size(), to);
}

void expect_parts(const std::string& error, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(error.find(part), std::string::npos) << part << "\nin: " << error;
}

TEST(Experiment, FillsInThePapersDefaults) {
  const Experiment e = read(kGood);
  EXPECT_EQ(3, e.trials);
  EXPECT_EQ(64, e.recipe("baseline").batch_size);
  EXPECT_EQ("by-group", e.dataset("crc").split);
  EXPECT_EQ("crc", e.dataset("crc").plugin.use) << "the table's name is the plugin where `use` is left out";
}

TEST(Experiment, SelectionAndClassWeightsAreWordsOfTheRecipe) {
  const auto selection = [](const std::string& before) {
    return read(before + kGood).recipe("baseline").selection;
  };
  EXPECT_EQ("auto", selection(""));
  EXPECT_EQ("accuracy", selection("protocol = \"paper\"\n"));
  EXPECT_EQ("auto", read(kGood).recipe("baseline").class_weights);
  const std::vector<std::string> set = {"recipes.baseline.selection=macro-f1",
                                        "recipes.baseline.class_weights=balanced"};
  EXPECT_EQ("macro-f1", read(kGood, set).recipe("baseline").selection);
  EXPECT_EQ("balanced", read(kGood, set).recipe("baseline").class_weights);
  expect_parts(error_of(kGood, {"recipes.baseline.selection=f1"}),
               {"recipes.baseline.selection", "f1", "macro-f1"});
}

TEST(Experiment, ProtocolPaperSetsItsChoicesAndEachCanBeSetAlone) {
  const Experiment e = read("protocol = \"paper\"\ncandidate_by = \"validation\"\n" + std::string(kGood));
  EXPECT_EQ("paper", e.dataset("crc").split);
  EXPECT_FALSE(e.recipe("baseline").clean_validation);
  EXPECT_EQ("per-target", e.learning_rate_choice);
  EXPECT_EQ("validation", e.candidate_by);
}

TEST(Experiment, NamesFileLineColumnAndTheNearestKey) {
  expect_parts(error_of(changed("epochs = 2", "epocs = 2")),
               {"x.toml", "recipes.baseline.epochs", "missing"});
  expect_parts(error_of(changed("epochs = 2", "epochs = 2\nbatchsize = 3")),
               {"x.toml:7:", "\"recipes.baseline.batchsize\"", "Did you mean \"batch_size\"?"});
}

TEST(Experiment, ABaseOfDistillationIsAFileBesideTheExperiment) {
  const std::string distill =
      "[[distill]]\nsources = [\"crc\"]\ndistiller = \"ties\"\ntarget = \"crc\"\ntune = \"baseline\"\nbase "
      "= ";
  EXPECT_EQ("x.toml", read(kGood + distill + "\"x.toml\"\n").distills.at(0).base.filename());
  expect_parts(error_of(kGood + distill + "\"imagenet.safetensors\"\n"),
               {"x.toml:17:", "distill[0].base", "imagenet.safetensors", "there is no file"});
}

TEST(Experiment, SourcesOfADistillationAreOneListOrSeveral) {
  const auto with = [](const std::string& sources) {
    return kGood +
           std::string(
               "[[distill]]\ndistiller = \"svd\"\ntarget = \"crc\"\ntune = \"baseline\"\nsources = ") +
           sources + "\n";
  };
  using Sets = std::vector<std::vector<std::string>>;
  EXPECT_EQ((Sets{{"crc"}}), read(with("\"crc\"")).distills.at(0).source_sets);
  EXPECT_EQ((Sets{{"crc", "crc"}}), read(with("[\"crc\", \"crc\"]")).distills.at(0).source_sets);
  EXPECT_EQ((Sets{{"crc"}, {"crc", "crc"}}),
            read(with("[[\"crc\"], [\"crc\", \"crc\"]]")).distills.at(0).source_sets);
  expect_parts(error_of(with("[[\"crc\"], \"crc\"]")),
               {"x.toml:16:", "distill[0].sources", "a list of such lists"});
  expect_parts(error_of(with("[[]]")), {"distill[0].sources", "a list of such lists"});
  expect_parts(error_of(with("[[\"crc\", \"crd\"]]")),
               {"distill[0].sources", "\"crd\"", "Did you mean \"crc\"?"});
  expect_parts(error_of(with("[\"crc\",\"crc\",\"crc\",\"crc\",\"crc\",\"crc\"]\norders = \"all\"")),
               {"distill[0].orders", "6 sources", "at most 5"});
}

TEST(Experiment, TheFirstSourceIsOneOfThoseOfAllOrders) {
  const std::string distill =
      kGood + std::string(
                  "[datasets.bach]\n[[distill]]\ndistiller = \"svd\"\ntarget = \"crc\"\n"
                  "tune = \"baseline\"\nsources = [\"crc\", \"bach\"]\n");
  const auto first = [&](const std::string& more) { return read(distill + more).distills.at(0).first; };
  EXPECT_TRUE(first("").empty());
  EXPECT_EQ(std::vector<std::string>{"bach"}, first("orders = \"all\"\nfirst = \"bach\"\n"));
  expect_parts(error_of(distill + "first = \"bach\"\n"), {"distill[0].first", "orders = \"all\" as well"});
  expect_parts(error_of(distill + "orders = \"all\"\nfirst = \"bahc\"\n"),
               {"distill[0].first", "Did you mean \"bach\"?"});
  expect_parts(error_of(distill + "orders = \"all\"\nfirst = \"bach\"\n", {"distill.0.sources=crc"}),
               {"distill[0].first", "at least one source of each list"});
}

TEST(Experiment, MergesAreProbedAndControlledUnlessToldOtherwise) {
  const auto distill = [](const std::string& more, const std::vector<std::string>& settings = {}) {
    return read(kGood +
                    std::string(
                        "[[distill]]\nsources = [\"crc\"]\ndistiller = \"svd\"\ntarget = \"crc\"\ntune = "
                        "\"baseline\"\n") +
                    more,
                settings)
        .distills.at(0);
  };
  EXPECT_TRUE(distill("").probe);
  EXPECT_TRUE(distill("").controls);
  EXPECT_EQ("auto", distill("").orders);
  EXPECT_FALSE(distill("controls = false\n").controls);
  EXPECT_FALSE(distill("", {"matrix.probe=false"}).probe) << "as [matrix] says";
  EXPECT_TRUE(distill("probe = true\n", {"matrix.probe=false"}).probe);
}

TEST(Experiment, ASettingReachesAnEntryOfAListByItsNumber) {
  const std::string text =
      kGood + std::string(
                  "[[distill]]\nsources = [\"crc\"]\ndistiller = [\"svd\", \"mean\"]\ntarget = \"crc\"\n"
                  "tune = \"baseline\"\n");
  EXPECT_FALSE(read(text, {"distill.0.controls=false"}).distills.at(0).controls);
  EXPECT_EQ("ties", read(text, {"distill.0.distiller.1=ties"}).distills.at(0).distillers.at(1).use);
  EXPECT_EQ("ties", read(text, {"distill.0.distiller.0={use=\"ties\"}"}).distills.at(0).distillers.at(0).use);
  EXPECT_EQ(std::vector<double>({0.03, 0.5}),
            read(changed("learning_rate = 0.03", "learning_rate = [0.03, 0.1]"),
                 {"recipes.baseline.optimizer.learning_rate.1=0.5"})
                .recipe("baseline")
                .learning_rates);
  for (const std::string word : {"1", "-1", "1x", "", "controls"}) {
    expect_parts(error_of(text, {"distill." + word + ".controls=false"}),
                 {"\"distill\" is a list of 1, and \"" + word + "\" is not one of its entries", "from 0"});
  }
  expect_parts(error_of(text, {"distill.0.distiller.=svd"}), {"\"distill.0.distiller\" is a list of 2"});
  expect_parts(error_of(text, {"distill.0.target.x=1"}),
               {"\"distill.0.target\" is neither a table nor a list"});
}

TEST(Experiment, WeightsAreAFileBesideTheExperimentAndNoRecipeToTuneWith) {
  const std::string weights =
      "[recipes.w]\nweights = \"x.toml\"\nlayers = \"head\"\nepochs = 1\n"
      "optimizer = { use = \"adamp\", learning_rate = 1e-3 }\n";
  const Recipe recipe = read(kGood + weights).recipe("w");
  EXPECT_EQ("x.toml", recipe.weights.filename());
  EXPECT_TRUE(recipe.normalize_as_weights);
  EXPECT_FALSE(read(kGood + weights, {"recipes.w.normalization=training"}).recipe("w").normalize_as_weights);
  EXPECT_EQ(
      "w",
      read(kGood + weights, {"matrix.train=w", "matrix.from_weights=w"}).matrices.at(0).from_weights.at(0));
  expect_parts(error_of(kGood + weights, {"matrix.tune=w"}), {"recipe \"w\"", "source's model"});
  expect_parts(error_of(kGood + weights, {"recipes.w.weights=none.pth"}),
               {"recipes.w.weights", "none.pth", "no file"});
}

TEST(Experiment, SaysWhatWasFoundAndWhatWasExpected) {
  expect_parts(error_of(changed("epochs = 2", "epochs = 0")), {"x.toml:6:10", "the integer 0", "from 1 to"});
  expect_parts(error_of(changed("epochs = 2", "epochs = \"two\"")), {"the string \"two\"", "an integer"});
  expect_parts(error_of(changed("train = \"baseline\"", "train = \"baselin\"")),
               {"\"baselin\"", "Did you mean \"baseline\"?"});
  expect_parts(error_of(changed("root = \".\"", "root = \"not-there\"")),
               {"x.toml:3:", "no folder", "not-there"});
}

TEST(Experiment, ALearningRateIsANumberAboveZero) {
  const auto error = [](const std::string& rate) {
    return error_of(changed("learning_rate = 0.03", "learning_rate = " + rate));
  };
  const std::string key = "recipes.baseline.optimizer.learning_rate";
  expect_parts(error("0"), {"x.toml:5:46", key + " is the integer 0", "a number above 0"});
  expect_parts(error("-0.03"), {"x.toml:5:46", key + " is the number -0.03", "a number above 0"});
  expect_parts(error("[1e-3, 0.0]"), {"x.toml:5:53", key + "[1] is the number 0", "a number above 0"});
  expect_parts(error("[1e-3, -1]"), {key + "[1] is the integer -1"});
  expect_parts(error("inf"), {"x.toml:5:46", "a number above 0"});
  expect_parts(error("nan"), {"x.toml:5:46", "a number above 0"});
  expect_parts(error("[]"), {"x.toml:5:46", key + " is ", "a number above 0"});
  expect_parts(error_of(kGood, {"recipes.baseline.optimizer.learning_rate=-1"}), {key, "above 0"});
}

// kGood with this table of augmentation.
std::string augmented(const std::string& table) {
  return changed("epochs = 2", "epochs = 2\naugmentation = { " + table + " }");
}

TEST(Experiment, AugmentationsHaveThePublishedStrengthsWhereNothingIsSaid) {
  const auto read_augmentation = [](const std::string& table) {
    return read(augmented(table)).recipe("baseline").augmentation;
  };
  EXPECT_EQ(AugmentationOptions(), read(kGood).recipe("baseline").augmentation);
  EXPECT_EQ(0.1, read_augmentation("colour = \"hsv\"").colour_strength);
  EXPECT_EQ(0.3, read_augmentation("colour = \"distortion\"").colour_strength);
  EXPECT_EQ(2, read_augmentation("colour = \"ycbcr\", colour_strength = 2").colour_strength);
  EXPECT_EQ(5, read_augmentation("blur_sigma = 1.5, blur_size = 5").blur_size);
  EXPECT_EQ(16, read_augmentation("cutout_holes = 1").cutout_side);
}

TEST(Experiment, AugmentationsOutsideTheirRangeAreRefused) {
  const auto error = [](const std::string& table) { return error_of(augmented(table)); };
  const std::string at = "x.toml:7:", key = "recipes.baseline.augmentation.";
  expect_parts(error("horizontal_flip = 1.5"), {at, key + "horizontal_flip", "from 0 to 1"});
  expect_parts(error("colour = \"hsb\""), {at, key + "colour", "\"hsb\"", "Did you mean \"hsv\"?"});
  expect_parts(error("colour_strength = 1"), {at, key + "colour_strength", "a colour as well"});
  expect_parts(error("colour = \"distortion\", colour_strength = 3"),
               {at, key + "colour_strength", "from 0 to 2.5"});
  expect_parts(error("colour = \"rgb\", colour_strength = -1"),
               {at, key + "colour_strength", "from 0 to 10"});
  expect_parts(error("blur_sigma = -1"), {at, key + "blur_sigma", "from 0 to 100"});
  expect_parts(error("blur_size = 8"), {at, key + "blur_size", "the integer 8", "an odd integer"});
  expect_parts(error("cutout_holes = -1"), {at, key + "cutout_holes", "from 0 to"});
  expect_parts(error("cutout_side = 7"), {at, key + "cutout_side", "the integer 7", "an even integer"});
  expect_parts(error("blur = 1"), {at, key + "blur", "not a known key"});
}

TEST(Experiment, PlacesASyntaxError) {
  expect_parts(error_of(changed("epochs = 2", "epochs = = 2")), {"x.toml:6:10", "not valid TOML"});
}

TEST(Experiment, ABaselineMustTrainEverything) {
  expect_parts(error_of(changed("epochs = 2", "epochs = 2\nlayers = \"head\"")),
               {"baseline", "layers = \"all\""});
}

TEST(Experiment, ViewsNeedAnEncoderThatStays) {
  const std::string head =
      "\n[recipes.head]\nlayers = \"head\"\nviews = 8\nepochs = 3\n"
      "optimizer = { use = \"rmsgd\", learning_rate = 0.1 }\n";
  EXPECT_EQ(8, read(kGood + head).recipe("head").views);
  EXPECT_EQ(0, read(kGood).recipe("baseline").views);
  expect_parts(error_of(changed("epochs = 2", "epochs = 2\nviews = 8")),
               {"x.toml:7:", "baseline.views", "layers = \"head\""});
  expect_parts(error_of(kGood + head + "frozen_batch_norm = \"batch\"\n"),
               {"views", "frozen_batch_norm = \"running\""});
  expect_parts(error_of(kGood + head + "validation = \"augmented\"\n"), {"views", "validation = \"clean\""});
}

TEST(Experiment, DistillationProbesUnlessTheMatrixOrItselfSaysOtherwise) {
  const std::string probing = changed("train = \"baseline\"", "train = \"baseline\"\nprobe = true");
  const std::string distill =
      "[[distill]]\nsources = [\"crc\"]\ndistiller = \"svd\"\ntarget = \"crc\"\ntune = \"baseline\"\n";
  EXPECT_TRUE(read(probing + distill).matrices.at(0).probe);
  EXPECT_TRUE(read(kGood).matrices.at(0).probe);
  EXPECT_FALSE(read(kGood, {"matrix.probe=false"}).matrices.at(0).probe);
  EXPECT_TRUE(read(probing + distill).distills.at(0).probe);
  EXPECT_FALSE(read(probing + distill + "probe = false\n").distills.at(0).probe);
  EXPECT_TRUE(read(kGood + distill).distills.at(0).probe);
}

constexpr const char* kSecondMatrix = R"(
[[matrix]]
name = "second"
sources = ["crc"]
targets = ["crc"]
train = "baseline"
tune = ["baseline", "deep"]
[recipes.deep]
optimizer = { use = "adamp", learning_rate = 1e-3 }
epochs = 1
)";

// kGood with its matrix in a list, under `name` where there is one, and another one behind it.
std::string two_matrices(const std::string& name) {
  return changed("[matrix]\n", "[[matrix]]\n" + (name.empty() ? "" : "name = \"" + name + "\"\n")) +
         kSecondMatrix;
}

TEST(Experiment, OneMatrixIsATableAndSeveralAreAListOfNames) {
  const Experiment one = read(kGood);
  ASSERT_EQ(1u, one.matrices.size());
  EXPECT_EQ("matrix", one.matrices.at(0).name);
  EXPECT_EQ(std::vector<std::string>{"baseline"}, one.matrices.at(0).tunes);
  EXPECT_EQ("mine", read(kGood, {"matrix.name=mine"}).matrices.at(0).name);
  const Experiment two = read(two_matrices("first"));
  ASSERT_EQ(2u, two.matrices.size());
  EXPECT_EQ("first", two.matrices.at(0).name);
  EXPECT_EQ((std::vector<std::string>{"baseline", "deep"}), two.matrices.at(1).tunes);
  EXPECT_EQ(std::vector<std::string>{"deep"},
            read(two_matrices("first"), {"matrix.1.tune=deep"}).matrices.at(1).tunes);
}

TEST(Experiment, SeveralMatricesHaveNamesOfTheirOwn) {
  expect_parts(error_of(two_matrices("")), {"x.toml:7:", "matrix[0]", "no name", "several [[matrix]]"});
  expect_parts(error_of(two_matrices("second")), {"matrix[1].name", "\"second\"", "no other [[matrix]] has"});
  expect_parts(error_of(two_matrices("a b")), {"matrix[0].name", "letters, digits"});
  expect_parts(error_of(two_matrices("first"), {"matrix.1.tune=[\"dep\"]"}),
               {"matrix[1].tune", "\"dep\"", "Did you mean \"deep\"?"});
}

TEST(Experiment, AMergeTakesWhatItDoesNotSayFromTheOnlyMatrix) {
  const std::string distill =
      "[[distill]]\nsources = [\"crc\"]\ndistiller = \"svd\"\ntarget = \"crc\"\ntune = \"deep\"\n";
  expect_parts(error_of(two_matrices("first") + distill), {"distill[0].train", "more than one [[matrix]]"});
  EXPECT_EQ("baseline",
            read(two_matrices("first") + distill + "train = \"baseline\"\n").distills.at(0).train);
}

TEST(Experiment, TwoMatricesGiveOneRecipeTheSameRatesOnATarget) {
  const std::string text = two_matrices("first");
  const Experiment e = read(text, {"matrix.0.learning_rates.crc=2e-5", "matrix.1.learning_rates.crc=2e-5"});
  EXPECT_EQ(std::vector<double>{2e-5}, e.tuning_on("baseline", "crc").learning_rates);
  EXPECT_EQ(std::vector<double>{2e-5}, e.tuning_on("deep", "crc").learning_rates);
  EXPECT_EQ(std::vector<double>{1e-3},
            read(text, {"matrix.0.learning_rates.crc=2e-5"}).tuning_on("deep", "crc").learning_rates);
  expect_parts(error_of(text, {"matrix.0.learning_rates.crc=2e-5", "matrix.1.learning_rates.crc=1e-5"}),
               {"matrix[1].learning_rates.crc", "\"baseline\"", "different rates"});
}

TEST(Experiment, RatesOfTuningMayStandByTarget) {
  const Experiment e = read(kGood, {"matrix.learning_rates.crc=[2e-5, 1e-5]"});
  EXPECT_EQ((std::vector<double>{2e-5, 1e-5}), e.tuning_on("baseline", "crc").learning_rates);
  EXPECT_EQ(std::vector<double>{0.03}, e.recipe_on("baseline", "crc").learning_rates) << "of a baseline";
  expect_parts(error_of(changed("tune =", "learning_rates = { crd = 1e-3 }\ntune =")),
               {"x.toml:11:", "matrix.learning_rates.crd", "not a target of [matrix]",
                "Did you mean \"crc\"?", "Remove the rate"});
  expect_parts(error_of(kGood, {"matrix.learning_rates.crc=0"}),
               {"matrix.learning_rates.crc", "a number above 0"});
}

TEST(Experiment, ADatasetMaySayHowItIsValidated) {
  const auto clean = [](const std::string& more, const std::vector<std::string>& settings = {}) {
    return read(more + kGood, settings).recipe_on("baseline", "crc").clean_validation;
  };
  EXPECT_TRUE(clean(""));
  EXPECT_FALSE(clean("", {"datasets.crc.validation=augmented"}));
  EXPECT_FALSE(clean("protocol = \"paper\"\n"));
  EXPECT_TRUE(clean("protocol = \"paper\"\n", {"datasets.crc.validation=clean"}));
  expect_parts(error_of(kGood, {"datasets.crc.validation=dirty"}), {"datasets.crc.validation", "augmented"});
}

TEST(Experiment, ViewsCannotBeTrainedOnADatasetThatIsValidatedWithAugmentation) {
  const Experiment e = read(kGood + std::string("[recipes.head]\nlayers = \"head\"\nviews = 8\nepochs = 3\n"
                                                "optimizer = { use = \"rmsgd\", learning_rate = 0.1 }\n"),
                            {"datasets.crc.validation=augmented"});
  EXPECT_THROW(e.recipe_on("head", "crc"), RequestError);
}

TEST(Experiment, MergesAreDiagnosedWhereAsked) {
  const std::string distill =
      "[[distill]]\nsources = [\"crc\"]\ndistiller = \"svd\"\ntarget = \"crc\"\ntune = \"baseline\"\n";
  EXPECT_FALSE(read(kGood + distill).distills.at(0).diagnose);
  EXPECT_TRUE(read(kGood + distill + "diagnose = true\n").distills.at(0).diagnose);
  EXPECT_EQ(0, read(kGood + distill + "diagnose = true\n").distills.at(0).barrier_points);
  const auto table = [&](const std::string& keys) {
    return kGood + distill + "diagnose = { " + keys + " }\n";
  };
  EXPECT_TRUE(read(table("barrier = false")).distills.at(0).diagnose);
  EXPECT_EQ(0, read(table("barrier = false")).distills.at(0).barrier_points);
  EXPECT_EQ(11, read(table("barrier = true")).distills.at(0).barrier_points);
  EXPECT_EQ(5, read(table("barrier = true, points = 5")).distills.at(0).barrier_points);
  expect_parts(error_of(table("barrier = true, points = 1")), {"diagnose.points", "2"});
  expect_parts(error_of(table("points = 5")), {"diagnose.points", "barrier = true as well"});
  expect_parts(error_of(table("barriers = true")), {"diagnose.barriers", "barrier"});
}

TEST(Experiment, SplitsTakeFoldsAWordAndATable) {
  const auto dataset = [](const std::string& more) {
    return read(changed("root = \".\"", "root = \".\"\n" + more)).dataset("crc");
  };
  EXPECT_EQ(Folds::kNone, dataset("").folds);
  EXPECT_EQ(5, dataset("folds = 5").folds);
  EXPECT_EQ(Folds::kLeaveOneGroupOut, dataset("folds = \"leave-one-group-out\"").folds);
  EXPECT_TRUE(dataset("allow_few_groups = true").allow_few_groups);
  EXPECT_EQ("always", dataset("keep_official = true").keep_official);
  EXPECT_EQ("never", dataset("keep_official = false").keep_official);
  EXPECT_EQ("file", dataset("split_file = \"x.toml\"").split)
      << "any file will do here; its content is read by the step";
  EXPECT_EQ("by-group",
            read("protocol = \"paper\"\n" + changed("root = \".\"", "folds = 3")).dataset("crc").split);
}

TEST(Experiment, SaysWhichChoicesOfASplitDoNotGoTogether) {
  const auto error = [](const std::string& more) {
    return error_of(changed("root = \".\"", "root = \".\"\n" + more));
  };
  expect_parts(error("folds = 1"), {"x.toml:4:", "datasets.crc.folds", "the integer 1", "from 2 to 100"});
  expect_parts(error("folds = \"five\""), {"the string \"five\"", "\"leave-one-group-out\""});
  expect_parts(error("folds = 2\nsplit = \"paper\""), {"datasets.crc.folds", "split = \"by-group\""});
  expect_parts(error("folds = 2\nkeep_official = true"), {"datasets.crc.keep_official", "folds"});
  expect_parts(error("split = \"file\""), {"datasets.crc.split_file", "missing", "CSV"});
  expect_parts(error("split_file = \"x.toml\"\nsplit = \"paper\""),
               {"datasets.crc.split_file", "split = \"file\""});
  expect_parts(error("split_file = \"gone.csv\""), {"x.toml:4:", "there is no file", "gone.csv", "--export"});
  expect_parts(error("split_file = \"x.toml\"\nshares = [0.8, 0.1, 0.1]"),
               {"datasets.crc.shares", "assigns every patch"});
}

TEST(Experiment, SettingsOfTheCommandLineReplaceTheFiles) {
  EXPECT_EQ(5, read(kGood, {"recipes.baseline.epochs=5"}).recipe("baseline").epochs);
  EXPECT_EQ("paper", read(kGood, {"datasets.crc.split=paper"}).dataset("crc").split)
      << "a bare word is a string";
  expect_parts(error_of(kGood, {"recipes.baseline.epochs=x"}), {"recipes.baseline.epochs", "an integer"});
  expect_parts(error_of(kGood, {"epochs"}), {"KEY=VALUE"});
}

}  // namespace
}  // namespace histokt
