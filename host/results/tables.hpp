// SPDX-License-Identifier: MIT
// The tables of an experiment, the transfer matrices and the merges with their controls, as CSV for programs
// and as tables for pages. Their columns are those of columns.hpp.
#pragma once

#include <string>
#include <vector>

#include "report/text_table.hpp"
#include "results/result_row.hpp"

namespace histokt {

// A line for each row in each matrix that contains it, matrix by matrix. Baselines are rows whose source is
// the target; baselines that only merges are compared with come last.
std::string transfer_matrix_csv(const std::vector<ResultRow>& rows);
// The merges, their controls and what they are compared with.
std::string distillation_csv(const std::vector<ResultRow>& rows);

// The same for a page: sources by targets, a table for each matrix, and the merges.
std::vector<TextTable> transfer_matrix_tables(const std::vector<ResultRow>& rows);
TextTable distillation_table(const std::vector<ResultRow>& rows);

// The names of the matrices of all rows, in order of appearance.
std::vector<std::string> matrix_names(const std::vector<ResultRow>& rows);
// Whether the matrix of that name contains the row: a single matrix contains all baselines.
bool is_in_matrix(const ResultRow& row, const std::string& name, const std::vector<std::string>& names);

}  // namespace histokt
