// SPDX-License-Identifier: MIT
// The table of subcommands, and the parser and the help that it drives.
#include <gtest/gtest.h>

#include <iterator>
#include <set>
#include <sstream>

#include "base/errors.hpp"
#include "cli/command_values.hpp"
#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/man_page.hpp"
#include "cli/words.hpp"

namespace histokt {
namespace {

Arguments words_of(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), {}};
}

const Subcommand& row(const std::string& name) {
  const Subcommand* found = find_subcommand(name);
  if (!found) throw std::runtime_error("there is no subcommand " + name);
  return *found;
}

CommandValues parsed(const std::string& name, const std::string& line) {
  return parse(row(name), words_of(line)).value();
}

std::string refusal(const std::string& name, const std::string& line) {
  try {
    parse(row(name), words_of(line));
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

bool offers(const std::string& line, const std::string& candidate) {
  Arguments words = words_of(line);
  if (line.empty() || line.ends_with(" ")) words.push_back("");
  for (const std::string& found : completions(words)) {
    if (found == candidate || found.starts_with(candidate + "\t")) return true;
  }
  return false;
}

TEST(Subcommands, EachHasItsOwnNameAndOptionsOfDifferentNames) {
  std::set<std::string> names;
  for (const Subcommand& subcommand : subcommands()) {
    EXPECT_TRUE(names.insert(subcommand.name).second) << subcommand.name;
    std::set<std::string> options;
    for (const CommandOption& option : subcommand.options) {
      EXPECT_TRUE(options.insert(option.name).second) << subcommand.name << " --" << option.name;
    }
    for (const CommandOption& option : common_options()) {
      EXPECT_TRUE(options.insert(option.name).second) << subcommand.name << " --" << option.name;
    }
  }
}

TEST(Subcommands, HelpNamesEachOptionAndSaysWhatItIs) {
  for (const Subcommand& subcommand : subcommands()) {
    const std::string help = subcommand_help(subcommand);
    EXPECT_NE(overall_help().find(subcommand.name + "  "), std::string::npos);
    for (const CommandOption& option : subcommand.options) {
      const std::string label = option.positional ? option.value : "--" + option.name;
      EXPECT_NE(help.find("\n  " + label), std::string::npos) << subcommand.name << ": " << label;
      EXPECT_FALSE(option.help.empty()) << subcommand.name << ": " << label;
    }
    EXPECT_NE(help.find("Example:\n  histokt-host "), std::string::npos) << subcommand.name;
  }
}

TEST(Subcommands, HelpKeepsToItsWidth) {
  const std::string help = subcommand_help(row("predict"));
  std::istringstream lines(help.substr(0, help.find("Example:")));  // a command stays on one line
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
}

// As roff has them: a plain - may be set as a hyphen, which no shell takes.
std::string in_roff(const std::string& text) {
  std::string written;
  for (const char character : text) written += character == '-' ? "\\-" : std::string(1, character);
  return written;
}

// What a manual page says under the heading of a subcommand.
std::string part_of(const std::string& page, const std::string& name) {
  const std::size_t begin = page.find("\n.SS " + in_roff(name) + "\n");
  return begin == std::string::npos ? "" : page.substr(begin, page.find("\n.S", begin + 1) - begin);
}

TEST(ManPage, HasEachSubcommandWithEachOptionAndExample) {
  const std::string page = man_page();
  for (const Subcommand& subcommand : subcommands()) {
    const std::string part = part_of(page, subcommand.name);
    for (const CommandOption& option : subcommand.options) {
      const std::string label =
          option.positional ? "\\fI" + in_roff(option.value) : "\\fB" + in_roff("--" + option.name) + "\\fR";
      EXPECT_NE(part.find("\n.TP\n" + label), std::string::npos) << subcommand.name << ": " << label;
    }
    for (const std::string& example : subcommand.examples) {
      EXPECT_NE(part.find("\nhistokt\\-host " + in_roff(example) + "\n"), std::string::npos) << example;
    }
  }
  for (const CommandOption& option : common_options()) {
    EXPECT_NE(page.find("\n.TP\n\\fB" + in_roff("--" + option.name)), std::string::npos) << option.name;
  }
}

TEST(ManPage, IsAsciiThatCanBeCopiedIntoAShell) {
  const std::string page = man_page();
  char before = '\n';
  for (const char character : page) {
    EXPECT_TRUE(character == '\n' || (character >= ' ' && character <= '~')) << static_cast<int>(character);
    EXPECT_FALSE(character == '-' && before != '\\') << "a hyphen, where a shell needs a minus";
    before = character;
  }
}

TEST(Subcommands, ExamplesAreRightRequests) {
  for (const Subcommand& subcommand : subcommands()) {
    for (const std::string& example : subcommand.examples) {
      const Arguments words = words_of(example);
      ASSERT_EQ(&subcommand, requested_subcommand(words)) << example;
      EXPECT_TRUE(parse(subcommand, without_subcommand(words, subcommand))) << example;
    }
  }
}

TEST(Subcommands, DefaultsAreRightValues) {
  for (const Subcommand& subcommand : subcommands()) {
    for (const CommandOption& option : subcommand.options) {
      if (!option.default_text) continue;
      std::string line = "--" + option.name + " " + *option.default_text;
      for (const CommandOption& other : subcommand.options) {
        if (other.required)
          line += " --" + other.name + " " + (other.choices.empty() ? "x" : other.choices[0]);
      }
      EXPECT_EQ("", refusal(subcommand.name, line)) << subcommand.name;
    }
  }
}

TEST(Subcommands, TheFirstWordThatIsNoOptionNamesOne) {
  EXPECT_EQ(&row("audit"), requested_subcommand({"--plugins", "folder", "--quiet", "audit", "x.toml"}));
  EXPECT_EQ(&row("run"), requested_subcommand({"--quiet", "some.toml"}));
  EXPECT_EQ(nullptr, requested_subcommand({"--version"}));
  EXPECT_THROW(requested_subcommand({"adit", "x.h5"}), RequestError);
  EXPECT_EQ((Arguments{"--quiet", "x.h5"}), without_subcommand({"--quiet", "audit", "x.h5"}, row("audit")));
}

TEST(Parsing, TellsWhatWasGivenFromWhatIsByDefault) {
  const CommandValues values = parsed("evaluate", "--checkpoint c --patches p --threads 3 --json");
  EXPECT_EQ("c", values.text("checkpoint"));
  EXPECT_EQ(3, values.integer("threads"));
  EXPECT_TRUE(values.has("json"));
  EXPECT_FALSE(values.has("quiet"));
  EXPECT_EQ("test", values.text("split"));
  EXPECT_EQ(std::nullopt, values.given("model"));
  EXPECT_THROW(values.has("checkpiont"), std::out_of_range);
}

TEST(Parsing, TakesWordsByTheirPlaceAndListsInTheirOrder) {
  const CommandValues values = parsed("distill", "b --distiller svd a --data y --output m --data x c");
  EXPECT_EQ((std::vector<std::string>{"b", "a", "c"}), values.texts("sources"));
  EXPECT_EQ((std::vector<std::string>{"y", "x"}), values.texts("data"));
  const CommandValues plugins = parsed("plugins", "describe svd");
  EXPECT_EQ("describe", plugins.text("action"));
  EXPECT_EQ("svd", plugins.text("name"));
}

TEST(Parsing, SaysWhatIsExpectedOfAValue) {
  const std::string evaluate = "--checkpoint c --patches p ";
  EXPECT_EQ("--split tests: expected train, valid or test. Did you mean \"test\"?",
            refusal("evaluate", evaluate + "--split tests"));
  EXPECT_EQ("--threads 1.5: expected a whole number from 0 to 65536",
            refusal("evaluate", evaluate + "--threads 1.5"));
  EXPECT_EQ("--points 1: expected a whole number from 2 to 1001", refusal("diagnose", "m a --points 1"));
  EXPECT_EQ("--seed x: expected a whole number, 0 or more", refusal("diagnose", "m a --seed x"));
  EXPECT_EQ("lists: expected list, describe or check. Did you mean \"list\"?", refusal("plugins", "lists"));
}

TEST(Parsing, SaysWhatIsMissingOrUnknown) {
  EXPECT_EQ("the option '--patches' is required but missing. --help says what is expected.",
            refusal("evaluate", "--checkpoint c"));
  EXPECT_EQ("FILE.h5 is missing: a patch set with a split, or a split file. --help says what is expected.",
            refusal("audit", "--json"));
  EXPECT_EQ("unknown option --thread. Did you mean \"--threads\"? --help lists them.",
            refusal("audit", "x.h5 --thread 2"));
  EXPECT_NE("", refusal("audit", "x.h5 y.h5"));
  EXPECT_NE("", refusal("audit", "x.h5 --threads 1 --threads 2"));
}

TEST(Parsing, HelpIsAskedForAlsoByWordsThatAreWrong) {
  EXPECT_FALSE(parse(row("evaluate"), {"--help"}));
  EXPECT_FALSE(parse(row("evaluate"), {"-h"}));
  EXPECT_FALSE(parse(row("evaluate"), {"--no-such-option", "--help"}));
}

TEST(Completions, OfferSubcommandsAndExperimentsFirst) {
  EXPECT_TRUE(offers("", "evaluate") && offers("", ":files .toml"));
  EXPECT_TRUE(offers("ev", "evaluate"));
  EXPECT_FALSE(offers("ev", "audit"));
  EXPECT_TRUE(offers("--", "--version"));
  EXPECT_TRUE(offers("--plugins ", ":folders"));
}

TEST(Completions, OfferOptionsThatAreNotGivenYet) {
  EXPECT_TRUE(offers("evaluate --", "--device") && offers("evaluate --", "--plugins"));
  EXPECT_FALSE(offers("evaluate --json --", "--json"));
  EXPECT_TRUE(offers("standardize --set x=1 --", "--set")) << "which may be given several times";
  EXPECT_FALSE(offers("evaluate --", "--distiller"));
  EXPECT_TRUE(offers("some.toml --", "--dry-run")) << "of the run that an experiment alone stands for";
}

TEST(Completions, OfferTheValuesOfAnOption) {
  EXPECT_TRUE(offers("evaluate --split ", "valid"));
  EXPECT_FALSE(offers("evaluate --split te", "valid"));
  EXPECT_TRUE(offers("evaluate --split=te", "test"));
  EXPECT_TRUE(offers("evaluate --checkpoint ", ":files .safetensors .pth"));
  EXPECT_TRUE(offers("evaluate --output ", ":folders"));
  EXPECT_TRUE(offers("standardize --set sp", "split."));
  EXPECT_TRUE(completions({"evaluate", "--threads", ""}).empty());
}

TEST(Completions, OfferWordsByTheirPlace) {
  EXPECT_TRUE(offers("run ", ":files .toml"));
  EXPECT_TRUE(offers("plugins ", "describe"));
  EXPECT_TRUE(offers("plugins --timeout 3 check ", ":files .so"));
  EXPECT_TRUE(offers("diagnose a b ", ":files .safetensors .pth"));
  EXPECT_TRUE(offers("audit x.h5 ", "--json")) << "no more words are expected";
  EXPECT_TRUE(offers("help sp", "split") && offers("help m", "man"));
  EXPECT_TRUE(completions({"help", "man", ""}).empty());
}

}  // namespace
}  // namespace histokt
