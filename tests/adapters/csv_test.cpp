#include <gtest/gtest.h>
#include <histokt/adapters/csv.hpp>
#include <histokt/host.hpp>

#include <functional>

#include "support/temp_folder.hpp"

namespace histokt::adapters {
namespace {

Table parse(std::string_view text, Table::Header header = Table::Header::kFirstLine) {
  return Table::parse(text, "t.csv", header);
}

std::string reason(const std::function<void()>& body) {
  try {
    body();
  } catch (const PluginError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Csv, ReadsEveryKindOfLineEnd) {
  for (const char* text : {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", "a,b\r1,2\r3,4"}) {
    const Table table = parse(text);
    ASSERT_EQ(2u, table.size()) << text;
    EXPECT_EQ("4", table.row(1)["b"]) << text;
    EXPECT_EQ("t.csv, line 3", table.row(1).where()) << text;
  }
}

TEST(Csv, SplitsAtTabsWhereTheFirstLineHasOne) {
  EXPECT_EQ("x, y", parse("label\tGT_code\r\nx, y\t3\r\n").row(0)["label"]);
  EXPECT_EQ(3, parse("label\tGT_code\r\nx, y\t3\r\n").row(0).integer("GT_code"));
}

TEST(Csv, TakesByteOrderMarkAndBlanksOffTheHeader) {
  const Table table = parse("\xEF\xBB\xBFname, grade (GlaS)\nq, benign\n");
  EXPECT_EQ("q", table.row(0)["name"]);
  EXPECT_EQ(" benign", table.row(0)["grade (GlaS)"]);
}

TEST(Csv, KeepsSeparatorsQuotesAndLineEndsWithinQuotes) {
  const Table table = parse("a,b\n\"x, \"\"y\"\"\r\nz\",2\n3,4\n");
  EXPECT_EQ("x, \"y\"\r\nz", table.row(0)["a"]);
  EXPECT_EQ("t.csv, line 4", table.row(1).where());
}

TEST(Csv, SkipsEmptyLinesAndEmptyCellsAtTheEnd) {
  const Table table = parse("a,b\n\n1,2,,\n\n");
  ASSERT_EQ(1u, table.size());
  EXPECT_EQ("2", table.row(0)["b"]);
}

TEST(Csv, ReadsWithoutAHeader) {
  const Table table = parse("a,b\nc\n", Table::Header::kNone);
  ASSERT_EQ(2u, table.size());
  EXPECT_EQ("b", table.row(0)[1]);
  EXPECT_EQ("t.csv, line 2: the line has 1 cells, at least 2 were expected",
            reason([&] { table.row(1)[1]; }));
}

TEST(Csv, RefusesSlippedColumnsWithFileAndLine) {
  EXPECT_NE(std::string::npos, reason([] { parse("a,b\n1,2\n1\n").row(1); }).find("t.csv, line 3"));
  EXPECT_NE(std::string::npos, reason([] { parse("a,b\n1,2,3\n").row(0); }).find("3 cells, the header 2"));
}

TEST(Csv, RefusesQuotesThatDoNotCloseAndSaysWhereTheyOpen) {
  EXPECT_NE(std::string::npos,
            reason([] { parse("a,b\n1,\"2\n3,4\n"); }).find("t.csv, line 2: the line opens"));
  EXPECT_NE(std::string::npos,
            reason([] { parse("a,b\n\"1\"x,2\n"); }).find("t.csv, line 2: the line goes on"));
}

TEST(Csv, RefusesBytesThatAreNotUtf8AndZeroBytes) {
  EXPECT_NE(std::string::npos, reason([] { parse("a\nx\nM\xFCller\n"); }).find("t.csv, line 3"));
  EXPECT_NE(std::string::npos, reason([] { parse({"a\0b\n", 4}); }).find("zero byte"));
}

TEST(Csv, RefusesAbsurdNumbersOfColumns) {
  EXPECT_EQ(10'000u, parse(std::string(9'999, ',')).columns().size());
  EXPECT_NE(std::string::npos, reason([] { parse(std::string(10'000, ',')); }).find("10,000"));
}

TEST(Csv, NamesTheColumnsWhereOneIsMissing) {
  const std::string text = reason([] { parse("image.name,classification\na,b\n").row(0)["image_name"]; });
  EXPECT_NE(std::string::npos, text.find("did you mean \"image.name\"?")) << text;
}

TEST(Csv, SaysWhichCellIsNoNumber) {
  EXPECT_EQ("t.csv, line 2: column \"b\" holds \"2.5\", a whole number was expected",
            reason([] { parse("a,b\n1,2.5\n").row(0).integer("b"); }));
}

TEST(Csv, RefusesAMissingAndAnEmptyFile) {
  const test::TempFolder folder;
  EXPECT_NE(std::string::npos,
            reason([&] { Table::read(folder / "no.csv"); }).find("no.csv cannot be opened"));
  EXPECT_NE(std::string::npos, reason([&] { Table::read(folder.write("e.csv")); }).find("is empty"));
}

}  // namespace
}  // namespace histokt::adapters
