// SPDX-License-Identifier: MIT
// Help on an experiment's keys comes from the rows that read them.
#include "config/experiment_help.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "support/folders.hpp"

namespace histokt {
namespace {

void expect_parts(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin: " << text;
}

TEST(ExperimentHelp, SaysOfAKeyWhatItTakesAndWhatStandsForIt) {
  expect_parts(
      experiment_help("recipes"),
      {"[recipes.NAME]\n", "\n  epochs: ", "(an integer from 1 to 1000000; required)",
       "\n  batch_size: ", "; default 64)",
       "(\"running\" or \"batch\"; default \"running\"; paper: \"batch\")", "\n  views: ", "default none)"});
  EXPECT_EQ(std::string::npos, experiment_help("recipes").find('`')) << "that is for Markdown";
}

TEST(ExperimentHelp, HasTheTablesWithinATable) {
  expect_parts(experiment_help("distill"),
               {"[[distill]]\n", "\n  orders: ", "[distill.diagnose]\n", "  points: "});
  expect_parts(experiment_help("recipes.augmentation"), {"[recipes.NAME.augmentation]\n  horizontal_flip: "});
  EXPECT_EQ(std::string::npos, experiment_help("recipes.augmentation").find("epochs: "));
}

TEST(ExperimentHelp, TakesATableAsTheFileWritesIt) {
  EXPECT_EQ(experiment_help("distill"), experiment_help("[[distill]]"));
  EXPECT_EQ(experiment_help("datasets"), experiment_help("[datasets.crc]"));
  EXPECT_EQ(experiment_help("recipes.schedule"), experiment_help("recipes.deep.schedule"));
}

TEST(ExperimentHelp, OfTheTopNamesTheTables) {
  expect_parts(experiment_help(""), {"  trials: ", "default 3)", "recipes.optimizer", "distill.diagnose"});
}

TEST(ExperimentHelp, NamesTheNearestTable) {
  try {
    experiment_help("recipe");
    FAIL() << "there is no such table";
  } catch (const RequestError& error) {
    expect_parts(error.what(), {"help experiment recipe", "Did you mean \"recipes\"?"});
  }
}

// The lines of docs/experiment.md between these two are made from the rows.
const std::string kEnd = "<!-- end of keys -->\n";

std::string begin_of(const TableText& table) {
  return "<!-- keys: " + (table.name.empty() ? "top" : table.name) + " -->\n";
}

// `text` with the keys of each table put where they belong.
std::string with_keys(std::string text) {
  for (const TableText& table : experiment_tables()) {
    const std::size_t begin = text.find(begin_of(table));
    const std::size_t end = text.find(kEnd, begin);
    if (begin == std::string::npos || end == std::string::npos) {
      ADD_FAILURE() << "docs/experiment.md has no place for the keys of " << table.title << ": write\n"
                    << begin_of(table) << kEnd << "where they belong";
      continue;
    }
    const std::size_t from = begin + begin_of(table).size();
    text.replace(from, end - from, key_reference(table));
  }
  return text;
}

TEST(ExperimentReference, IsWhatTheRowsOfTheTablesSay) {
  const std::string file = (test::source_folder() / "docs/experiment.md").string();
  const std::string found = read_file(file), expected = with_keys(found);
  if (std::getenv("HISTOKT_WRITE_REFERENCE")) std::ofstream(file) << expected;
  EXPECT_TRUE(found == expected || std::getenv("HISTOKT_WRITE_REFERENCE"))
      << file << " has other keys than the program. Write them there anew by\n"
      << "  HISTOKT_WRITE_REFERENCE=1 " << (test::build_folder() / "tests/experiment_help_test").string();
}

}  // namespace
}  // namespace histokt
