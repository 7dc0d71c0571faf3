// SPDX-License-Identifier: MIT
#include "engine/runner.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "base/json_file.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "engine/claim.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

std::string short_text(const Json& value) {
  std::string text = value.dump();
  return text.size() > 60 ? text.substr(0, 57) + "..." : text;
}

// "options.epochs 250 -> 100" for each leaf in which two definitions differ.
void differences(const Json& old_value, const Json& new_value, const std::string& path,
                 std::vector<std::string>& found) {
  if (old_value == new_value) return;
  if (old_value.is_object() && new_value.is_object()) {
    std::set<std::string> keys;
    for (const auto& [key, unused] : old_value.items()) keys.insert(key);
    for (const auto& [key, unused] : new_value.items()) keys.insert(key);
    for (const std::string& key : keys) {
      differences(old_value.value(key, Json()), new_value.value(key, Json()),
                  path.empty() ? key : path + "." + key, found);
    }
    return;
  }
  if (path.starts_with("inputs.")) {
    found.push_back("another input: " + path.substr(7));
  } else if (path == "plugins") {
    found.push_back("another plugin version or file");
  } else {
    found.push_back(path + " " + short_text(old_value) + " -> " + short_text(new_value));
  }
}

// Waiting for another process: short at first, since many steps take no time, then easy on the file system.
constexpr auto kFirstNap = std::chrono::milliseconds(100);
constexpr auto kLongestNap = std::chrono::milliseconds(1000);

// Waiting that Ctrl-C ends.
void nap(std::chrono::milliseconds length) {
  constexpr auto kSlice = std::chrono::milliseconds(100);
  for (auto left = length; left.count() > 0; left -= kSlice) {
    throw_if_interrupted();
    std::this_thread::sleep_for(std::min(left, std::chrono::milliseconds(kSlice)));
  }
}

// Waits for other processes, longer each time, and says for whom where that is news.
class Patience {
 public:
  void wait_for(const std::string& whom) {
    if (whom != said_) spdlog::info("waiting for {}", whom);
    said_ = whom;
    nap(length_);
    length_ = std::min(2 * length_, kLongestNap);
  }
  void renew() { length_ = kFirstNap; }

 private:
  std::string said_;
  std::chrono::milliseconds length_ = kFirstNap;
};

void warn_of_another_plugin_file(const Step& step, const Store& store) {
  for (const StepRecord& record : store.others(step)) {
    for (const Json& plugin : step.plugins) {
      for (const Json& other : record.definition.value("plugins", Json::array())) {
        if (other.value("name", "") == plugin.value("name", "") &&
            other.value("version", "") == plugin.value("version", "") &&
            other.value("sha256", "") != plugin.value("sha256", "")) {
          spdlog::warn(
              "{}: the plugin {} {} is not the same file as the one that made {}, although its version is "
              "the same; the step runs again",
              step.title(), plugin.value("name", ""), plugin.value("version", ""),
              record.folder.filename().string());
          return;
        }
      }
    }
  }
}

bool is_whole(const StepRecord& record) {
  std::error_code error;
  return std::all_of(record.result.outputs.begin(), record.result.outputs.end(), [&](const auto& output) {
    return fs::exists(record.folder / output.second.file, error);
  });
}

// Said where it is long enough to go away for.
void say_time_left(std::optional<double> seconds) {
  constexpr double kMinSecondsToReport = 60;
  if (seconds && *seconds >= kMinSecondsToReport) {
    spdlog::info("about {} left, if this process does all the rest", readable_seconds(*seconds));
  }
}

// A step was made again and came out differently: the identities of what follows from it are others.
struct OtherInputs : std::exception {};

bool same_digests(const StepRecord& left, const StepRecord& right) {
  return left.result.outputs.size() == right.result.outputs.size() &&
         std::all_of(left.result.outputs.begin(), left.result.outputs.end(), [&](const auto& entry) {
           const auto found = right.result.outputs.find(entry.first);
           return found != right.result.outputs.end() && found->second.digest == entry.second.digest;
         });
}

}  // namespace

bool Runner::look_up(Step& step) const {
  if (!step.record && step.ready()) step.record = store_.find(step);
  return step.record.has_value();
}

void Runner::clear_claim(const Step& step) const {
  const std::filesystem::path file = store_.claim_file(step);
  std::error_code none;
  ClaimOwner owner;
  if (std::filesystem::exists(file, none)) Claim::try_take(file, owner);  // and given back at once
}

std::string Runner::reason_to_run(const Step& step) const {
  if (store_.has_partial(step)) return "started before; resumes where it stopped";
  const std::vector<StepRecord> others = store_.others(step);
  if (others.empty()) return "new";
  std::vector<std::string> found;
  differences(others.front().definition, exact(step.definition()), "", found);
  return found.empty() ? "new" : joined(found, ", ");
}

void Runner::work(Step& step, const Claim& claim, const std::string& progress) {
  throw_if_interrupted();
  if ((step.record = store_.publish_finished_work(step))) {
    spdlog::info("{}{} was finished by a run that was killed", progress, step.title());
    return;
  }
  warn_of_another_plugin_file(step, store_);
  spdlog::info("{}{} ...", progress, step.title());
  const auto start = std::chrono::steady_clock::now();
  const bool from_the_start = !store_.has_partial(step);
  const fs::path folder = store_.partial_folder(step);
  StepContext context(step, folder, [this](Step& again) { make_again(again); });
  StepResult result;
  try {
    result = step.work(context);
  } catch (const Interrupted&) {
    throw;
  } catch (const OtherInputs&) {
    store_.drop_partial(folder);  // of a step that will not be
    throw;
  } catch (const std::exception& error) {
    clear_live_line();
    throw RunError(step.title() + ": " + error.what());
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  claim.check();
  step.record = store_.publish(step, result, seconds);
  if (from_the_start) remaining_.add(step, seconds);
  spdlog::info("{}{} done in {}", progress, step.title(), readable_seconds(seconds));
}

void Runner::tell(const Step& step) const {
  if (told_) told_(step);
}

void Runner::make_again(Step& step) {
  spdlog::info("{}: its weights were not kept and are needed now, so it runs again", step.title());
  const StepRecord before = *step.record;
  bool waiting_said = false;
  while (true) {
    ClaimOwner owner;
    if (const auto claim = Claim::try_take(store_.claim_file(step), owner)) {
      if (is_whole(before)) return;  // another process has made it again meanwhile
      work(step, *claim, "");
      if (same_digests(before, *step.record)) return;
      spdlog::warn(
          "{}: its output differs from before (another number of threads, another build?), so the steps that "
          "use it are checked again",
          step.title());
      throw OtherInputs();
    }
    if (!waiting_said) spdlog::info("waiting for {}, which {} works on", step.title(), owner.text());
    waiting_said = true;
    nap(kLongestNap);
  }
}

RunCounts Runner::run() {
  std::vector<Step*> all;
  for (const auto& step : steps_) all.push_back(step.get());
  return run_these(all);
}

RunCounts Runner::run_only(const std::string& wanted) {
  std::vector<std::string> names;
  std::set<const Step*> needed;
  for (const auto& step : steps_) {
    names.push_back(step->label);
    const bool named = step->label == wanted || step->title() == wanted ||
                       step->kind + "-" + step->label == wanted ||
                       (look_up(*step) && step->record->folder.filename() == wanted);
    if (named) needed.insert(step.get());
  }
  if (needed.empty()) {
    throw RequestError("--step " + wanted + ": there is no such step." + did_you_mean(wanted, names) +
                       " --dry-run lists them.");
  }
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    if (!needed.contains(step->get())) continue;
    for (const StepInput& input : (*step)->inputs) needed.insert(input.step);
  }
  std::vector<Step*> chosen;
  for (const auto& step : steps_) {
    if (needed.contains(step.get())) chosen.push_back(step.get());
  }
  return run_these(chosen);
}

RunCounts Runner::run_these(const std::vector<Step*>& wanted) {
  std::set<const Step*> ran;
  Patience patience;
  while (true) {
    const Round round = run_round(wanted, ran);
    if (round.finished == wanted.size()) {
      return {static_cast<int>(wanted.size() - ran.size()), static_cast<int>(ran.size())};
    }
    if (round.moved) {
      patience.renew();
    } else if (!round.waiting_for.empty()) {
      patience.wait_for(round.waiting_for);
    } else {
      throw RunError("no step can run and none is waited for: this is a bug in the program");
    }
  }
}

Runner::Round Runner::run_round(const std::vector<Step*>& wanted, std::set<const Step*>& ran) {
  Round round;
  try {
    for (Step* step : wanted) {
      if (!step->record) {
        if (!step->ready() || !finish(*step, wanted, round, ran)) continue;
        tell(*step);
        round.moved = true;
      }
      ++round.finished;
    }
    return round;
  } catch (const OtherInputs&) {
    for (Step* known : wanted) known->record.reset();
    return {.finished = 0, .moved = true, .waiting_for = ""};
  }
}

bool Runner::finish(Step& step, const std::vector<Step*>& wanted, Round& round, std::set<const Step*>& ran) {
  if (look_up(step)) {
    clear_claim(step);
    return true;
  }
  ClaimOwner owner;
  const std::optional<Claim> claim = Claim::try_take(store_.claim_file(step), owner);
  if (!claim) {
    if (round.waiting_for.empty()) round.waiting_for = step.title() + ", which " + owner.text() + " works on";
    return false;
  }
  // Another process may have finished it between the look-up and the claim, or before, under another label.
  store_.refresh();
  if (look_up(step)) return true;
  const std::string progress =
      "[" + std::to_string(round.finished + 1) + "/" + std::to_string(wanted.size()) + "] ";
  set_live_prefix(progress);
  if (step.workload) say_time_left(remaining_.seconds(wanted));
  work(step, *claim, progress);
  ran.insert(&step);
  return true;
}

std::vector<StepForecast> Runner::forecast() {
  std::vector<StepForecast> forecasts;
  for (const auto& step : steps_) {
    StepForecast forecast{step.get(), look_up(*step), ""};
    if (!forecast.finished) {
      if (step->ready()) {
        forecast.reason = reason_to_run(*step);
      } else {
        for (const StepInput& input : step->inputs) {
          if (input.step->record) continue;
          forecast.reason = "after " + input.step->title();
          break;
        }
      }
    }
    forecasts.push_back(std::move(forecast));
  }
  return forecasts;
}

}  // namespace histokt
