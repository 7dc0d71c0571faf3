// SPDX-License-Identifier: MIT
// A step of an experiment: its identity, inputs, work and outputs.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace histokt {

class Step;
class StepContext;

// One output of a finished step.
struct StepOutput {
  std::string digest;  // of its content: what later steps' identities are made from
  std::string file;    // relative to the step's folder
};

// The result of a step's work.
struct StepResult {
  std::map<std::string, StepOutput> outputs;
  Json summary = Json::object();  // small facts for choosing, tables and result.json
};

// A finished step, as recorded in its step.json.
struct StepRecord {
  std::filesystem::path folder;
  std::string identity;  // 64 hex digits
  StepResult result;
  // Kind, revision, options, plugins, inputs: what the identity was made from, with integers beyond 2^53 as
  // strings.
  Json definition;
};

// An input of a step: an output of another one.
struct StepInput {
  std::string role;  // what it is for: "patches", "initial", "trial-2"
  Step* step = nullptr;
  std::string output;  // which of its outputs
};

// The amount of work in a long step, declared by its maker; the remaining time of a run is estimated from it.
// Steps without one are ignored there.
struct Workload {
  std::string like;  // steps with the same text run at the same speed
  // In a unit that all steps of a run share. nullopt while unknown, and for a finished step that ended early.
  std::function<std::optional<double>(const Step&)> amount;
};

// A node of the graph. Identity = SHA-256 of kind, revision, options, plugins and the digests of the inputs;
// the label is for people and does not count.
class Step {
 public:
  std::string kind;   // one word that folder names begin with; opaque to the engine
  int revision = 1;   // raised whenever the kind's output changes
  std::string label;  // "crc-baseline-trial1"
  Json options = Json::object();
  Json plugins = Json::array();  // {kind, name, version, sha256} each
  std::vector<StepInput> inputs;
  std::function<StepResult(StepContext&)> work;
  std::optional<Workload> workload;
  // Its output may turn out to be its input, passed on as it is. A step that takes it may then be finished
  // already, which is known only once this one has run.
  bool may_pass_on_its_input = false;

  std::optional<StepRecord> record;  // once it is finished

  // All inputs are finished, so that the identity is known.
  bool ready() const;
  Json definition() const;       // needs ready()
  std::string identity() const;  // likewise
  // The label as written in the folder's name.
  std::string file_label() const;
  // "train-crc-baseline-0123456789ab"; needs ready().
  std::string folder_name() const;
  // This step and all that it was made from, each once; needs ready().
  std::vector<const Step*> ancestry() const;
  // "train crc-baseline-trial1", for messages.
  std::string title() const { return kind + " " + label; }
};

// A running step's view of its folder and inputs.
class StepContext {
 public:
  StepContext(Step& step, std::filesystem::path folder, std::function<void(Step&)> make_again)
      : step_(step), folder_(std::move(folder)), make_again_(std::move(make_again)) {}

  // The folder to write to. What an interrupted run left here is still there.
  const std::filesystem::path& folder() const { return folder_; }
  const Step& step() const { return step_; }

  // The file behind an input. If it was discarded (weights of losing trials), its step runs again.
  std::filesystem::path file(const std::string& role) const;
  // Discards the file behind an input; if it is needed again, its step runs again.
  void discard(const std::string& role) const;
  const StepOutput& output(const std::string& role) const;
  const Json& summary(const std::string& role) const;

 private:
  const StepInput& input(const std::string& role) const;

  Step& step_;
  std::filesystem::path folder_;
  std::function<void(Step&)> make_again_;
};

}  // namespace histokt
