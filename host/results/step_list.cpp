// SPDX-License-Identifier: MIT
#include "results/step_list.hpp"

#include <map>

#include "base/json_file.hpp"

namespace histokt {
namespace {

using StepNumbers = std::map<const Step*, std::size_t>;

Json inputs_json(const Step& step, const StepNumbers& numbers) {
  Json inputs = Json::object();
  for (const StepInput& input : step.inputs) {
    inputs[input.role] = {{"step", numbers.at(input.step)}, {"output", input.output}};
  }
  return inputs;
}

// Weights of losing trials are thrown away; step.json has their digests.
Json outputs_json(const StepRecord& record) {
  Json outputs = Json::object();
  for (const auto& [name, output] : record.result.outputs) {
    std::error_code error;
    if (!std::filesystem::exists(record.folder / output.file, error)) continue;
    outputs[name] = {{"file", output.file}, {"digest", output.digest}};
  }
  return outputs;
}

Json step_json(const Step& step, const StepNumbers& numbers, const std::filesystem::path& folder) {
  Json json = {{"kind", step.kind}, {"label", step.label}, {"inputs", inputs_json(step, numbers)}};
  if (!step.record) {
    json["state"] = "not finished";
    json["options"] = step.options;
    return json;
  }
  json["state"] = "finished";
  json["folder"] = path_in_file(step.record->folder, folder);
  json["outputs"] = outputs_json(*step.record);
  json["identity"] = step.record->identity;
  json["definition"] = step.record->definition;
  json["summary"] = step.record->result.summary;
  return json;
}

}  // namespace

Json step_list(const Plan& plan, const std::filesystem::path& folder) {
  StepNumbers numbers;
  for (const auto& step : plan.steps) numbers.emplace(step.get(), numbers.size());
  Json steps = Json::array();
  for (const auto& step : plan.steps) steps.push_back(step_json(*step, numbers, folder));
  return steps;
}

}  // namespace histokt
