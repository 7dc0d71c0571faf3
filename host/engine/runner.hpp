// Runs the steps of a plan that are not finished yet, together with other processes on the same store.
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

// What a dry run says of one step.
struct StepForecast {
  const Step* step = nullptr;
  bool finished = false;
  std::string reason;  // why it would run: "new", "options.epochs 250 -> 100", "waits for ..."
};

// Steps in an order in which each stands behind its inputs. Not thread-safe.
class Runner {
 public:
  Runner(std::vector<std::unique_ptr<Step>>& steps, const Store& store) : steps_(steps), store_(store) {}

  // Runs until every step is finished. Throws what a step throws, with the step named: RunError, Interrupted.
  // What was finished before stays finished.
  RunCounts run();

  // Runs one step, by folder name, label or "kind label", and what it needs. Throws RequestError for an
  // unknown one.
  RunCounts run_only(const std::string& wanted);

  // Is told each step that is finished, also before, as soon as that is known; perhaps more than once.
  void on_finished(std::function<void(const Step&)> told) { told_ = std::move(told); }

  // Runs nothing.
  std::vector<StepForecast> forecast();

 private:
  // What one look at all steps comes to.
  struct Round {
    std::size_t finished = 0;
    bool moved = false;       // something is finished that was not before
    std::string waiting_for;  // a step and who works on it; "" where nobody does
  };

  RunCounts run_these(const std::vector<Step*>& wanted);
  Round go_round(const std::vector<Step*>& wanted, std::set<const Step*>& ran);
  // Looks the step up, or runs it. False where another process works on it, which the round then says.
  bool finish(Step& step, const std::vector<Step*>& wanted, Round& round, std::set<const Step*>& ran);
  // Looks the step up in the store; true where it is finished.
  bool look_up(Step& step) const;
  void work(Step& step, const Claim& claim, const std::string& progress);
  void tell(const Step& step) const;
  void make_again(Step& step);
  // Removes the claim of a finished step whose maker was killed before it could give it back.
  void clear_claim(const Step& step) const;
  std::string reason_to_run(const Step& step) const;

  std::vector<std::unique_ptr<Step>>& steps_;
  const Store& store_;
  std::function<void(const Step&)> told_;
  RemainingTime remaining_;
};

}  // namespace histokt
