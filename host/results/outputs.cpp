// SPDX-License-Identifier: MIT
#include "results/outputs.hpp"

#include <spdlog/spdlog.h>

#include <set>

#include "base/files.hpp"
#include "base/json_file.hpp"
#include "base/version.hpp"
#include "config/resolved.hpp"
#include "report/text_table.hpp"
#include "results/result_rows.hpp"
#include "results/step_list.hpp"
#include "results/tables.hpp"
#include "steps/steps.hpp"

namespace histokt {
namespace {

constexpr int kFormatVersion = 1;  // of result.json: docs/schemas/experiment-result.schema.json

// Each once, though rows may share it.
void warn_of_missing_files(const std::vector<ResultRow>& rows) {
  std::set<std::string> said;
  for (const ResultRow& row : rows) {
    for (const MissingFile& missing : row.missing) {
      if (said.insert(missing.file).second) spdlog::warn("{}", missing.sentence);
    }
  }
}

std::string all_as(std::string (*form)(const TextTable&), const std::vector<TextTable>& tables) {
  std::string text;
  for (const TextTable& table : tables) text += (text.empty() ? "" : "\n") + form(table);
  return text;
}

}  // namespace

std::vector<ResultRow> write_outputs(const Experiment& experiment, const Plan& plan) {
  Json skipped = Json::object();
  for (const auto& step : plan.steps) {
    for (const auto& [dataset, count] : skipped_images(*step)) skipped[dataset] = count;
  }
  const Json result = {{"format_version", kFormatVersion},
                       {"name", experiment.name},
                       {"program", program_version()},
                       {"protocol", protocol_name(experiment.protocol)},
                       {"seed", experiment.seed},
                       {"trials", experiment.trials},
                       {"experiment", experiment.text},
                       {"skipped_images", skipped},
                       {"resolved", resolved_text(experiment)},
                       {"store", path_in_file(experiment.store, experiment.output)},
                       {"steps", step_list(plan, experiment.output)}};
  write_file_atomically(experiment.output / "result.json", json_file_text(result));
  const std::vector<ResultRow> rows = result_rows(plan, experiment.output);
  warn_of_missing_files(rows);
  const auto write = [&](const std::string& name, const std::string& csv,
                         const std::vector<TextTable>& tables) {
    write_file_atomically(experiment.output / (name + ".csv"), csv);
    write_file_atomically(experiment.output / (name + ".md"), all_as(markdown, tables));
    write_file_atomically(experiment.output / (name + ".tex"), all_as(latex, tables));
  };
  write("transfer_matrix", transfer_matrix_csv(rows), transfer_matrix_tables(rows));
  if (!experiment.distills.empty()) write("distillation", distillation_csv(rows), {distillation_table(rows)});
  return rows;
}

}  // namespace histokt
