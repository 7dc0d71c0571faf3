// SPDX-License-Identifier: MIT
// The runner: runs a plan's unfinished steps, together with other processes on the same store.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/claim.hpp"
#include "engine/remaining_time.hpp"
#include "engine/step.hpp"
#include "engine/store.hpp"

namespace histokt {

struct RunCounts {
  int reused = 0;  // finished before, or by another process meanwhile
  int ran = 0;
};

// The forecast of a dry run for one step.
struct StepForecast {
  const Step* step = nullptr;
  bool finished = false;
  std::string reason;  // why it would run: "new", "options.epochs 250 -> 100", "waits for ..."
};

// Takes steps in an order in which each comes after its inputs. Not thread-safe.
class Runner {
 public:
  Runner(std::vector<std::unique_ptr<Step>>& steps, const Store& store) : steps_(steps), store_(store) {}

  // Runs until every step is finished. Throws what a step throws, with the step named: RunError, Interrupted.
  // Finished steps stay finished.
  RunCounts run();

  // Runs one step, by folder name, label or "kind label", and what it needs. Throws RequestError for an
  // unknown one.
  RunCounts run_only(const std::string& wanted);

  // Calls `told` for each finished step, also one finished by an earlier run, as soon as that is known;
  // perhaps more than once.
  void on_finished(std::function<void(const Step&)> told) { told_ = std::move(told); }

  // What run() would do; runs nothing.
  std::vector<StepForecast> forecast();

 private:
  // The outcome of one pass over all steps.
  struct Round {
    std::size_t finished = 0;
    bool moved = false;       // a step has become finished
    std::string waiting_for;  // a step and the process that works on it, or ""
  };

  RunCounts run_these(const std::vector<Step*>& wanted);
  Round run_round(const std::vector<Step*>& wanted, std::set<const Step*>& ran);
  // Looks the step up, or runs it. False if another process works on it, which `round` then records.
  bool finish(Step& step, const std::vector<Step*>& wanted, Round& round, std::set<const Step*>& ran);
  // Looks the step up in the store; true if it is finished.
  bool look_up(Step& step) const;
  void work(Step& step, const Claim& claim, const std::string& progress);
  void tell(const Step& step) const;
  void make_again(Step& step);
  // Removes the claim of a finished step whose process was killed before it could release it.
  void clear_claim(const Step& step) const;
  std::string reason_to_run(const Step& step) const;

  std::vector<std::unique_ptr<Step>>& steps_;
  const Store& store_;
  std::function<void(const Step&)> told_;
  RemainingTime remaining_;
};

}  // namespace histokt
