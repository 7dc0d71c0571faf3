// The tables of an experiment, the transfer matrices and the merges with their controls, as CSV for programs
// and for pages. Their columns are those of columns.hpp.
#pragma once

#include <string>
#include <vector>

#include "report/text_table.hpp"
#include "results/result_row.hpp"

namespace histokt {

// A line for each row and matrix that it stands in, matrix by matrix. Baselines are rows whose source is the
// target; those that only merges are compared with come last.
std::string transfer_matrix_csv(const std::vector<ResultRow>& rows);
// The merges, their controls and what they are compared with.
std::string distillation_csv(const std::vector<ResultRow>& rows);

// The same for a page: sources by targets, a table for each matrix, and what is asked of merges.
std::vector<TextTable> transfer_matrix_tables(const std::vector<ResultRow>& rows);
TextTable distillation_table(const std::vector<ResultRow>& rows);

// The names of the matrices of all rows, in the order in which they come.
std::vector<std::string> matrix_names(const std::vector<ResultRow>& rows);
// Whether the row stands in the matrix of that name: in one that is alone, all baselines do.
bool is_in_matrix(const ResultRow& row, const std::string& name, const std::vector<std::string>& names);

}  // namespace histokt
