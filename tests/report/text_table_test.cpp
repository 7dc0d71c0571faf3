// SPDX-License-Identifier: MIT
#include "report/text_table.hpp"

#include <gtest/gtest.h>

namespace histokt {
namespace {

const TextTable kTable = {
    "Merges", {{"Strategy"}, {"Test %", true}}, {{"svd|a_b", "81.2 ± 1.1"}, {"", "5"}}, {"50% & more."}};

TEST(TextTable, MarkdownHasAHeadingRowsAndNotes) {
  EXPECT_EQ(
      "### Merges\n\n| Strategy | Test % |\n| --- | ---: |\n| svd\\|a\\_b | 81.2 ± 1.1 |\n|  | 5 |\n\n50% & "
      "more.\n",
      markdown(kTable));
}

TEST(TextTable, LatexEscapesWhatLatexReads) {
  EXPECT_EQ(
      "\\begin{table}\n\\centering\n\\caption{Merges}\n\\begin{tabular}{lr}\n\\hline\nStrategy & Test \\% "
      "\\\\\n\\hline\n"
      "svd|a\\_b & 81.2 $\\pm$ 1.1 \\\\\n & 5 "
      "\\\\\n\\hline\n\\end{tabular}\n\n\\smallskip\\noindent\\footnotesize 50\\% \\& "
      "more.\n\\end{table}\n",
      latex(kTable));
}

}  // namespace
}  // namespace histokt
