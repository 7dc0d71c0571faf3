// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <fstream>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "plugins/options.hpp"
#include "plugins/registry.hpp"
#include "support/folders.hpp"
#include "support/temp_folder.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

const fs::path kPlugins = test::build_folder() / "lib" / "histokt" / "plugins";

std::string problem_of(const std::string& name, const std::string& bytes) {
  const test::TempFolder folder;
  std::ofstream(folder.path() / name, std::ios::binary) << bytes;
  PluginRegistry& registry = PluginRegistry::instance();
  registry.add_folder(folder.path(), true);
  for (const PluginFile& found : registry.list()) {
    if (found.file.filename() == name && found.file.parent_path() == fs::canonical(folder.path()))
      return found.problem;
  }
  return "not listed";
}

std::string plugin_bytes() {
  return read_file(kPlugins / "histokt-dataset-folder.so");
}

// The bytes with `from` replaced by the equally long `to`, in the note.
std::string with(std::string bytes, const std::string& from, const std::string& to) {
  const std::size_t at = bytes.find(from);
  EXPECT_NE(at, std::string::npos);
  EXPECT_EQ(from.size(), to.size());
  return bytes.replace(at, from.size(), to);
}

TEST(Note, IsReadFromABuiltPlugin) {
  const PluginNote note = read_plugin_note(kPlugins / "histokt-dataset-folder.so");
  EXPECT_EQ(HISTOKT_DATASET, note.kind);
  EXPECT_EQ("folder", note.name);
  EXPECT_EQ(HISTOKT_ABI_MAJOR, note.abi_major);
  EXPECT_EQ("", note.fingerprint);
}

TEST(Note, NamesTheExtensionsThatAreLookedForBeforeAPluginIsOpened) {
  const auto extensions = [](const char* plugin) {
    return read_plugin_note(kPlugins / (std::string("histokt-distiller-") + plugin + ".so")).extensions;
  };
  EXPECT_EQ(std::vector<std::string>{HISTOKT_DISTILLER_CONTROL}, extensions("svd"));
  EXPECT_EQ(std::vector<std::string>{}, extensions("mean"));
}

TEST(Note, OfAModelCarriesTheHostsFingerprint) {
  EXPECT_EQ(host_fingerprint(), read_plugin_note(kPlugins / "histokt-model-resnet18.so").fingerprint);
}

TEST(Note, RefusesATextFileAndATruncatedLibrary) {
  EXPECT_NE(problem_of("histokt-dataset-text.so", "not a library").find("not a shared library"),
            std::string::npos);
  EXPECT_NE(problem_of("histokt-dataset-cut.so", plugin_bytes().substr(0, 100)).find("truncated"),
            std::string::npos);
  EXPECT_NE(problem_of("histokt-dataset-half.so", plugin_bytes().substr(0, plugin_bytes().size() / 4)), "");
}

TEST(Registry, NamesBothAbiVersionsAndWhatToDo) {
  const std::string ours = "\nabi=" + std::to_string(HISTOKT_ABI_MAJOR) + ".";
  const std::string problem =
      problem_of("histokt-dataset-folder.so",
                 with(plugin_bytes(), ours, "\nabi=" + std::to_string(HISTOKT_ABI_MAJOR + 1) + "."));
  EXPECT_NE(problem.find("ABI " + std::to_string(HISTOKT_ABI_MAJOR + 1)), std::string::npos) << problem;
  EXPECT_NE(problem.find("rebuild"), std::string::npos) << problem;
}

TEST(Registry, NamesEveryFieldInWhichAModelWasBuiltOtherwise) {
  PluginNote note = read_plugin_note(kPlugins / "histokt-model-resnet18.so");
  EXPECT_EQ("", incompatibility(note));
  note.fingerprint.replace(note.fingerprint.find("libtorch="), 10, "libtorch=9");
  EXPECT_NE(incompatibility(note).find("libtorch 9"), std::string::npos) << incompatibility(note);
  EXPECT_EQ(incompatibility(note).find("compiler gcc"), std::string::npos) << "only fields that differ";
}

TEST(Registry, RefusesAFileWhoseNameIsNotThePlugins) {
  EXPECT_NE(problem_of("histokt-dataset-other.so", plugin_bytes()).find("histokt-dataset-folder.so"),
            std::string::npos);
}

TEST(Registry, SuggestsTheNearestName) {
  PluginRegistry::instance().add_folder(kPlugins, true);
  try {
    PluginRegistry::instance().open(HISTOKT_DATASET, "foldr");
    FAIL() << "there is no such plugin";
  } catch (const RequestError& error) {
    EXPECT_NE(std::string(error.what()).find("Did you mean \"folder\"?"), std::string::npos) << error.what();
  }
}

TEST(Registry, OpensAPluginOnce) {
  PluginRegistry::instance().add_folder(kPlugins, true);
  const Plugin& first = PluginRegistry::instance().open(HISTOKT_DISTILLER, "mean");
  EXPECT_EQ(&first, &PluginRegistry::instance().open(HISTOKT_DISTILLER, "mean"));
  EXPECT_EQ("mean", first.name());
}

// Options

constexpr const char* kChoices[] = {"first", "mean", nullptr};
constexpr histokt_option kDeclared[] = {
    {"momentum", HISTOKT_NUMBER, 0, "0.9", 0, 1, nullptr, "Momentum."},
    {"steps", HISTOKT_INTEGER, 0, "3", 1, 10, nullptr, "Steps."},
    {"reference", HISTOKT_STRING, 0, "\"first\"", 0, 0, kChoices, "Reference."},
    {"weights", HISTOKT_NUMBER + HISTOKT_LIST, 0, "[]", 0, 0, nullptr, "Weights."},
    {"mask", HISTOKT_PATH, 0, "\"\"", 0, 0, nullptr, "A file."},
};

const TomlSource kSource{"x.toml", "/work"};

std::string error_of(const std::string& toml_text) {
  const toml::table table = toml::parse(toml_text);
  try {
    OptionSet::resolve(kDeclared, table, kSource, "optimizer \"x\"");
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

TEST(Options, FillInDefaultsAndConvert) {
  const toml::table table = toml::parse("momentum = 1\nweights = [1, 2.5]\nmask = \"a/b.png\"");
  const OptionSet set = OptionSet::resolve(kDeclared, table, kSource, "x");
  EXPECT_EQ(1.0, set.json()["momentum"]);
  EXPECT_EQ(3, set.json()["steps"]);
  EXPECT_EQ("first", set.json()["reference"]);
  EXPECT_EQ(2.5, set.json()["weights"][1]);
  EXPECT_EQ("/work/a/b.png", set.json()["mask"]) << "paths are relative to the file";
}

TEST(Options, SayWhereWhatAndWhichWasMeant) {
  EXPECT_EQ(error_of("\nmomentun = 0.5").substr(0, 11), "x.toml:2:12");
  EXPECT_NE(error_of("momentun = 0.5").find("Did you mean \"momentum\"?"), std::string::npos);
  EXPECT_NE(error_of("momentum = 2").find("expected 0 to 1"), std::string::npos);
  EXPECT_NE(error_of("momentum = \"a\"").find("expected a number"), std::string::npos);
  EXPECT_NE(error_of("steps = 1.5").find("expected an integer"), std::string::npos);
  EXPECT_NE(error_of("reference = \"mena\"").find("Did you mean \"mean\"?"), std::string::npos);
  EXPECT_NE(error_of("weights = 3").find("expected a list of numbers"), std::string::npos);
}

}  // namespace
}  // namespace histokt
