// The finished steps on disk: STORE/steps/KIND-LABEL-HASH12/, each with its step.json; `.partial` behind the name
// while a step runs. Several processes may use one store.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiment/step.hpp"

namespace histokt {

class Store {
 public:
  // Reads the names in ROOT/steps; the folder need not exist yet.
  explicit Store(std::filesystem::path root);

  // The finished step of that identity, whatever its label; nullopt where there is none. Throws RunError where
  // its step.json cannot be read.
  std::optional<StepRecord> find(const Step& step) const;

  // Records of the same kind and label with other identities, newest first: for saying what changed.
  std::vector<StepRecord> others(const Step& step) const;

  // Where the step works; made if needed.
  std::filesystem::path partial_folder(const Step& step) const;
  std::filesystem::path claim_file(const Step& step) const;
  // True where an interrupted run left something.
  bool has_partial(const Step& step) const;

  // Writes step.json into the partial folder and renames it to its final name. Throws RunError.
  StepRecord publish(const Step& step, const StepResult& result, double seconds) const;

  const std::filesystem::path& steps_folder() const { return steps_; }

 private:
  StepRecord read(const std::filesystem::path& folder) const;

  std::filesystem::path steps_;
  std::map<std::string, std::filesystem::path> by_hash_;  // "kind/hash12" as found at the start
};

}  // namespace histokt
