// SPDX-License-Identifier: MIT
// The finished steps on disk: STORE/steps/KIND-LABEL-HASH12/, each with its step.json; `.partial` behind the
// name while a step runs. Several processes may use one store.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "engine/step.hpp"

namespace histokt {

class Store {
 public:
  // Reads the names in ROOT/steps; the folder need not exist yet.
  explicit Store(const std::filesystem::path& root);

  // The finished step of that identity, whatever its label; nullopt if there is none. Throws RunError if its
  // step.json cannot be read.
  std::optional<StepRecord> find(const Step& step) const;

  // Picks up steps that other processes have finished under other labels since the store was opened.
  void refresh() const;

  // Records of the same kind and label with other identities, newest first: for reporting what changed.
  std::vector<StepRecord> others(const Step& step) const;

  // The folder in which the step works; made if needed, and cleared of temporary files of killed processes.
  // Needs the claim.
  std::filesystem::path partial_folder(const Step& step) const;
  // The first call makes the steps folder and keeps it open: this function, partial_folder() and publish()
  // throw RunError if it is removed or unmounted meanwhile.
  std::filesystem::path claim_file(const Step& step) const;
  // Publishes the finished work of a step that was killed just before the final rename. Needs the claim.
  std::optional<StepRecord> publish_finished_work(const Step& step) const;
  // Discards what a step that will not be finished has written.
  void drop_partial(const std::filesystem::path& folder) const;
  // Whether the step has a `.partial` folder: of an interrupted run, or of a process that works on it now.
  bool has_partial(const Step& step) const;

  // Writes step.json into the partial folder and renames it to its final name. Throws RunError.
  StepRecord publish(const Step& step, const StepResult& result, double seconds) const;

  const std::filesystem::path& steps_folder() const { return steps_; }

 private:
  StepRecord read(const std::filesystem::path& folder) const;
  void hold() const;
  void put_in_place(const Step& step) const;

  std::filesystem::path steps_;
  mutable std::unique_ptr<FolderHandle> held_;  // made by the first step that is to run
  mutable std::map<std::string, std::filesystem::path>
      by_hash_;  // "kind/hash12": as found when last looked at, and made since
};

}  // namespace histokt
