// SPDX-License-Identifier: MIT
#include "report/text_table.hpp"

#include <map>
#include <string_view>

namespace histokt {
namespace {

using Replacements = std::map<char, std::string_view>;

std::string replaced(const std::string& text, const Replacements& by) {
  std::string result;
  for (char letter : text) {
    const auto found = by.find(letter);
    if (found == by.end()) {
      result += letter;
    } else {
      result += found->second;
    }
  }
  return result;
}

std::string markdown_text(const std::string& text) {
  return replaced(text,
                  {{'|', "\\|"}, {'*', "\\*"}, {'_', "\\_"}, {'<', "&lt;"}, {'>', "&gt;"}, {'\n', " "}});
}

std::string latex_text(const std::string& text) {
  std::string plain = replaced(text, {{'\\', "\\textbackslash{}"},
                                      {'&', "\\&"},
                                      {'%', "\\%"},
                                      {'$', "\\$"},
                                      {'#', "\\#"},
                                      {'_', "\\_"},
                                      {'{', "\\{"},
                                      {'}', "\\}"},
                                      {'~', "\\textasciitilde{}"},
                                      {'^', "\\textasciicircum{}"},
                                      {'<', "$<$"},
                                      {'>', "$>$"},
                                      {'\n', " "}});
  constexpr std::string_view kPlusMinus = "±";
  for (std::size_t at; (at = plain.find(kPlusMinus)) != std::string::npos;) {
    plain.replace(at, kPlusMinus.size(), "$\\pm$");
  }
  return plain;
}

std::string markdown_line(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + markdown_text(cell) + " |";
  return line + "\n";
}

std::string latex_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : " & ") + latex_text(cells[i]);
  return line + " \\\\\n";
}

std::vector<std::string> titles(const TextTable& table) {
  std::vector<std::string> all;
  for (const TextTable::Column& column : table.columns) all.push_back(column.title);
  return all;
}

}  // namespace

std::string markdown(const TextTable& table) {
  std::string text = "### " + markdown_text(table.caption) + "\n\n" + markdown_line(titles(table)) + "|";
  for (const TextTable::Column& column : table.columns) text += column.is_number ? " ---: |" : " --- |";
  text += "\n";
  for (const std::vector<std::string>& row : table.rows) text += markdown_line(row);
  for (const std::string& note : table.notes) text += "\n" + markdown_text(note) + "\n";
  return text;
}

std::string latex(const TextTable& table) {
  std::string text =
      "\\begin{table}\n\\centering\n\\caption{" + latex_text(table.caption) + "}\n\\begin{tabular}{";
  for (const TextTable::Column& column : table.columns) text += column.is_number ? "r" : "l";
  text += "}\n\\hline\n" + latex_line(titles(table)) + "\\hline\n";
  for (const std::vector<std::string>& row : table.rows) text += latex_line(row);
  text += "\\hline\n\\end{tabular}\n";
  for (const std::string& note : table.notes)
    text += "\n\\smallskip\\noindent\\footnotesize " + latex_text(note) + "\n";
  return text + "\\end{table}\n";
}

}  // namespace histokt
