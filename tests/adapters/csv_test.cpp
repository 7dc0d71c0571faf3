// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <histokt/adapters/csv.hpp>
#include <histokt/host.hpp>

#include <chrono>
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
            reason([] { parse("a,b\n\"1\"x,2\n"); }).find("t.csv, line 2: the line continues"));
}

TEST(Csv, RefusesBytesThatAreNotUtf8AndZeroBytes) {
  EXPECT_NE(std::string::npos, reason([] { parse("a\nx\nM\xFCller\n"); }).find("t.csv, line 3"));
  EXPECT_NE(std::string::npos, reason([] { parse({"a\0b\n", 4}); }).find("zero byte"));
}

TEST(Csv, RefusesAbsurdNumbersOfColumns) {
  EXPECT_EQ(10'000u, parse(std::string(9'999, ',')).columns().size());
  EXPECT_NE(std::string::npos, reason([] { parse(std::string(10'000, ',')); }).find("10,000"));
}

TEST(Csv, RefusesAMillionColumnsAtOnce) {
  const auto start = std::chrono::steady_clock::now();
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += "c" + std::to_string(i) + ",";
  EXPECT_NE(std::string::npos,
            reason([&] { parse(text + "\n"); }).find("t.csv, line 1: the line has more than 10,000"));
  EXPECT_NE(std::string::npos,
            reason([&] { parse("a\n" + text); }).find("t.csv, line 2: the line has more than 10,000"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(Csv, RefusesMoreCellsThanAnyTableHas) {
  std::string text;
  for (int i = 0; i < 510; ++i) text.append(9'999, ',') += '\n';
  EXPECT_NE(std::string::npos, reason([&] { parse(text); }).find("5,000,000 cells"));
}

TEST(Csv, RefusesAFileLargerThanAnyTableBeforeItIsRead) {
  const test::TempFolder folder;
  const auto file = folder.write("vast.csv", "a\n");
  std::filesystem::resize_file(file, std::uintmax_t{1} << 40);  // a hole: nothing on the disk
  EXPECT_NE(std::string::npos, reason([&] { Table::read(file); }).find("more than the 256 MB"));
}

TEST(Csv, SaysThatAFolderOrAPipeIsNoTable) {
  const test::TempFolder folder;
  ASSERT_EQ(0, ::mkfifo((folder / "pipe.csv").c_str(), 0600));
  EXPECT_NE(std::string::npos,
            reason([&] { Table::read(folder / "pipe.csv"); }).find("pipe.csv is not a file"));
  EXPECT_NE(std::string::npos, reason([&] { Table::read(folder.path()); }).find("is not a file"));
}

TEST(Csv, SaysInWhichCellTheBytesAreWrong) {
  EXPECT_EQ("t.csv, line 2: the line holds in cell 3 bytes that are not UTF-8; save the table again as UTF-8",
            reason([] { parse("a,b,c\n1,2,\xFF\n"); }));
  EXPECT_NE(std::string::npos, reason([] {
                                 parse({"a,b\n1,\"\0\"\n", 10});
                               }).find("line 2: the line holds in cell 2 a zero"));
  EXPECT_NE(std::string::npos, reason([] { parse({"\xFF\xFE\x61\0,\0", 6}); }).find("UTF-16 is not read"));
}

TEST(Csv, RefusesToGuessBetweenColumnsOfOneName) {
  const Table table = parse("a,b,a\n1,2,3\n");
  EXPECT_EQ("2", table.row(0)["b"]);
  EXPECT_NE(std::string::npos, reason([&] { table.row(0)["a"]; }).find("t.csv has two columns called \"a\""));
}

TEST(Csv, NamesTheColumnsWhereOneIsMissing) {
  const std::string text = reason([] { parse("image.name,classification\na,b\n").row(0)["image_name"]; });
  EXPECT_NE(std::string::npos, text.find("did you mean \"image.name\"?")) << text;
}

TEST(Csv, SaysWhichCellIsNoNumber) {
  EXPECT_EQ("t.csv, line 2: column \"b\" holds \"2.5\", expected a whole number",
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
