// SPDX-License-Identifier: MIT
#include "planning/estimates.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <vector>

#include "base/errors.hpp"
#include "base/progress.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "engine/remaining_time.hpp"
#include "patches/split_set.hpp"
#include "planning/patch_forecast.hpp"
#include "planning/search_grid.hpp"
#include "steps/steps.hpp"
#include "steps/training_request.hpp"
#include "steps/training_workload.hpp"
#include "tasks/guarded_network.hpp"
#include "tasks/network.hpp"
#include "training/trainer.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr double kSecondsOfMeasuring = 10;  // shared by all that is measured
constexpr double kSecondsOfOne = 5;         // enough for one recipe and shape of patches
// Warming up: what the first batches make, all others use again.
constexpr std::size_t kFirstBatch = 8;
// Of an epoch that is measured; it is validated by one.
constexpr std::size_t kTrainBatches = 2;
constexpr int kMostEpochs = 20;
// Forward alone, of forward and backward. Where the head alone is trained both go forward only.
constexpr double kValidationShare = 1.0 / 3;
constexpr int kAnyClasses = 10;

// What is trained on: the shape of patches, of which none is looked at.
struct Shape {
  int side = 0, classes = 0;
  bool multi_label = false;
  auto operator<=>(const Shape&) const = default;
};

class RandomPatches : public PatchSource {
 public:
  RandomPatches(const Shape& shape, std::size_t count)
      : shape_(shape), count_(count), pixels_(static_cast<std::size_t>(shape.side) * shape.side * 3) {
    Random random{0, random_word("estimate")};
    for (std::uint8_t& pixel : pixels_) pixel = static_cast<std::uint8_t>(random.bits());
    labels_.assign(static_cast<std::size_t>(shape.classes), 1);
  }

  std::size_t size() const override { return count_; }
  int patch_side() const override { return shape_.side; }
  int class_count() const override { return shape_.classes; }
  bool multi_label() const override { return shape_.multi_label; }
  std::span<const std::uint8_t> pixels(std::size_t) const override { return pixels_; }
  std::int64_t label(std::size_t index) const override {
    return static_cast<std::int64_t>(index) % shape_.classes;
  }
  std::span<const std::uint8_t> labels(std::size_t) const override { return labels_; }

 private:
  Shape shape_;
  std::size_t count_;
  std::vector<std::uint8_t> pixels_, labels_;
};

struct Speed {
  double seconds_a_patch = 0, seconds_a_valid_patch = 0;
  double seconds_an_epoch = 0;  // whatever its patches: the optimizer's end of an epoch
  std::size_t batch_size = 0;   // by which it was measured
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Enough is measured: ends train().
struct Enough {};

// The last epoch of a training that takes about `budget` seconds, and one epoch at least.
EpochRecord last_epoch(TrainRequest request, const Shape& shape, std::size_t batch_size, double budget) {
  const RandomPatches train_patches(shape, kTrainBatches * batch_size), valid_patches(shape, batch_size);
  request.batch_size = batch_size;
  request.train = &train_patches;
  request.valid = &valid_patches;
  request.epochs = kMostEpochs;
  EpochRecord last;
  const Clock::time_point start = Clock::now();
  request.on_epoch = [&](const EpochRecord& record) {
    last = record;
    if (seconds_since(start) + record.seconds > budget) throw Enough();
  };
  try {
    train(request);
  } catch (const Enough&) {
    // as it should be
  }
  return last;
}

Speed measure(const Experiment& experiment, const Recipe& recipe, const Shape& shape,
              const ComputeContext& compute, double budget) {
  const Clock::time_point start = Clock::now();
  const OptimizerSetting setting = optimizer_settings(experiment, recipe).front();
  const Plugin& plugin = *setting.optimizer.plugin;
  const PluginHost optimizer_host(plugin.title(), plugin.file(), fs::path());
  Network network(configure(experiment, HISTOKT_MODEL, recipe.model), shape.classes, 0);
  TrainRequest request = training_request(recipe, compute);
  request.model = &network.model();
  request.schedule = {};
  request.views = 0;  // what it takes to make one view of a patch is measured
  // Random patches teach nothing; a rate at which they do not end in infinities measures as well as any.
  request.optimizer = [&](std::vector<NamedParameter> parameters) {
    return make_optimizer(setting.optimizer, optimizer_host, std::move(parameters), 1e-6);
  };

  const auto asked = static_cast<std::size_t>(recipe.batch_size);
  const double first_rate = last_epoch(request, shape, std::min(asked, kFirstBatch), 0).patches_per_second;
  // As large as the recipe's where there is time for it: smaller ones pay more often for the optimizer's
  // steps.
  const double left = std::max(0.0, budget - seconds_since(start));
  const auto fits = static_cast<std::size_t>(left * first_rate / (kTrainBatches + kValidationShare));
  Speed speed;
  speed.batch_size = std::clamp(fits, std::min(asked, kFirstBatch), asked);
  const EpochRecord last = last_epoch(request, shape, speed.batch_size, left);
  speed.seconds_a_patch = 1 / last.patches_per_second;
  speed.seconds_a_valid_patch =
      speed.seconds_a_patch * (recipe.layers == Layers::kHead ? 1 : kValidationShare);
  const double of_patches = static_cast<double>(speed.batch_size) *
                            (kTrainBatches * speed.seconds_a_patch + speed.seconds_a_valid_patch);
  speed.seconds_an_epoch = std::max(0.0, last.seconds - of_patches);
  return speed;
}

// Some of the trainings that one measurement serves.
struct Work {
  int trainings = 0;
  double epochs = 0, patches = 0, valid_patches = 0;  // sums over trainings, patches times epochs

  double seconds(const Speed& speed) const {
    return patches * speed.seconds_a_patch + valid_patches * speed.seconds_a_valid_patch +
           epochs * speed.seconds_an_epoch;
  }
};

struct Group {
  Work sure, perhaps;  // perhaps: may_already_be_finished
};

// What the patches of a split are, or will be as far as is known.
struct Counts {
  Shape shape;
  double train = 0, valid = 0;
};

struct Open {
  std::map<std::pair<const Recipe*, Shape>, Group> groups;
  std::map<std::string, int> uncounted;    // trainings by the split of which nothing is known
  std::map<const Recipe*, int> by_recipe;  // all but those that may be another
  int trainings = 0, perhaps = 0;          // perhaps: these, and not among the others
  std::vector<std::string> expected;       // a sentence a dataset that is not standardised yet
  double patch_bytes = 0;                  // of the patch sets of those
};

const Step& input_of(const Step& step, const std::string& role) {
  return *std::ranges::find(step.inputs, role, &StepInput::role)->step;
}

// Of the splits that trainings need: as they were counted, or by a look at some images.
class PatchCounts {
 public:
  PatchCounts(const Experiment& experiment, const ComputeContext& compute, Open& open)
      : experiment_(experiment), forecast_(experiment, compute), open_(open) {}

  // Nothing where nothing is known.
  const std::optional<Counts>& of(const Step& split) {
    const auto [at, fresh] = known_.try_emplace(&split);
    if (fresh) at->second = split.record ? counts_of(*split.record) : expected(split);
    return at->second;
  }

 private:
  static Counts counts_of(const StepRecord& record) {
    const SplitSet set(record.folder / record.result.outputs.at("split").file);
    const Json& patches = record.result.summary.at("patches");
    return {
        {set.patches()->info().patch_side, set.patches()->class_count(), set.patches()->info().multi_label},
        patches.at(0).get<double>(),
        patches.at(1).get<double>()};
  }

  std::optional<Counts> expected(const Step& split) {
    const Step& patches = input_of(split, "patches");
    const DatasetConfig& dataset = experiment_.dataset(patches.label);
    try {
      const ExpectedPatches made = forecast_.of(dataset, split.options.value("fold", 1));
      if (told_.insert(dataset.name).second) tell(dataset.name, made, patches);
      return Counts{{made.side, made.classes, made.multi_label}, made.patches[0], made.patches[1]};
    } catch (const Interrupted&) {
      throw;
    } catch (const std::exception& error) {
      if (told_.insert(dataset.name).second) open_.expected.push_back(error.what());
      return std::nullopt;
    }
  }

  void tell(const std::string& name, const ExpectedPatches& made, const Step& patches) {
    char text[240];
    std::snprintf(text, sizeof text,
                  "%s: about %.0f patches of %d x %d, estimated from %llu of its %llu images; %.0f of them "
                  "for training",
                  name.c_str(), made.all, made.side, made.side,
                  static_cast<unsigned long long>(made.looked_at),
                  static_cast<unsigned long long>(made.images), made.patches[0]);
    open_.expected.push_back(text);
    if (!patches.record) open_.patch_bytes += made.all * made.side * made.side * 3;
  }

  const Experiment& experiment_;
  PatchForecast forecast_;
  Open& open_;
  std::map<const Step*, std::optional<Counts>> known_;
  std::set<std::string> told_;
};

void add(const Recipe& recipe, const Counts& counts, Work& work) {
  ++work.trainings;
  work.epochs += recipe.epochs;
  work.patches += passes_of(recipe) * counts.train;
  work.valid_patches += (recipe.views > 0 ? 1 : recipe.epochs) * counts.valid;
}

Open open_of(const Experiment& experiment, const Plan& plan, const ComputeContext& compute) {
  Open open;
  PatchCounts patches(experiment, compute, open);
  const auto take = [&](const Step& step, bool sure) {
    const Recipe* recipe = plan.trainings.at(&step);
    ++(sure ? open.trainings : open.perhaps);
    if (sure) ++open.by_recipe[recipe];
    const Step& split = input_of(step, "split");
    if (const auto& counts = patches.of(split)) {
      Group& group = open.groups[{recipe, counts->shape}];
      add(*recipe, *counts, sure ? group.sure : group.perhaps);
    } else if (sure) {
      ++open.uncounted[split.label];
    }
  };
  std::vector<Step*> steps;
  for (const auto& step : plan.steps) steps.push_back(step.get());
  const auto is_training = [&](const Step* step) { return plan.trainings.contains(step); };
  for (const Step* step : open_work(steps)) {
    if (is_training(step)) take(*step, true);
  }
  for (const Step* step : steps) {
    if (is_training(step) && !step->record && may_already_be_finished(*step)) take(*step, false);
  }
  return open;
}

double network_bytes(const Experiment& experiment, const Recipe& recipe) {
  Network network(configure(experiment, HISTOKT_MODEL, recipe.model), kAnyClasses, 0);
  double bytes = 0;
  for (const ModelTensor& tensor : network.model().tensors())
    bytes += static_cast<double>(tensor.tensor.nbytes());
  return bytes;
}

std::string readable_bytes(double bytes) {
  char text[32];
  if (bytes >= 1e9) {
    std::snprintf(text, sizeof text, "%.1f GB", bytes / 1e9);
  } else {
    std::snprintf(text, sizeof text, "%.1f MB", bytes / 1e6);
  }
  return text;
}

// Steps that are not finished, but for what a first source alone comes to.
int count_open(const Plan& plan, PlanPart part) {
  return static_cast<int>(std::ranges::count_if(plan.steps, [&](const auto& step) {
    const bool alone =
        step->may_pass_on_its_input || std::ranges::any_of(step->inputs, [](const auto& input) {
          return input.role.starts_with("training-") && may_already_be_finished(*input.step);
        });
    return is(*step, part) && !step->record && !alone;
  }));
}

std::string disk_text(const Experiment& experiment, const Plan& plan, const Open& open) {
  double most = 0, largest = 0;
  for (const auto& [recipe, trainings] : open.by_recipe) {
    const double bytes = network_bytes(experiment, *recipe);
    most += trainings * bytes;
    largest = std::max(largest, bytes);
  }
  const int kept =
      count_open(plan, PlanPart::kChooseRate) * experiment.trials + count_open(plan, PlanPart::kDistill);
  most += count_open(plan, PlanPart::kDistill) * largest;
  std::string text = "Disk: checkpoints take at most " + readable_bytes(most);
  if (!experiment.keep_all)
    text += ", of which " + readable_bytes(std::min(most, kept * largest)) + " are kept";
  text += "; a running training needs up to " + readable_bytes(4 * largest) + " more for its resume point.";
  if (const int sets = count_open(plan, PlanPart::kStandardize)) {
    text += " " + std::to_string(sets) + " patch sets are not made yet";
    text += open.patch_bytes > 0 ? ", of about " + readable_bytes(open.patch_bytes) + " in all."
                                 : " and come on top.";
  }
  fs::path folder = experiment.store;
  std::error_code error;
  while (!fs::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
  const fs::space_info space = fs::space(folder, error);
  if (!error) text += " Free: " + readable_bytes(static_cast<double>(space.available)) + ".";
  return text + "\n";
}

}  // namespace

std::string estimate_text(const Experiment& experiment, const Plan& plan, const ComputeContext& compute) {
  const Open open = open_of(experiment, plan, compute);
  std::ostringstream text;
  if (open.trainings + open.perhaps == 0) return "Estimate: no training would run.\n";
  text << "Estimate, on " << compute.description << ":\n";
  for (const std::string& sentence : open.expected) text << "  " << sentence << "\n";
  double total = 0, more = 0;
  int known = 0, known_more = 0;
  for (const auto& [what, group] : open.groups) {
    const auto& [recipe, shape] = what;
    const double budget =
        std::min(kSecondsOfOne, kSecondsOfMeasuring / static_cast<double>(open.groups.size()));
    const Speed speed = measure(experiment, *recipe, shape, compute, budget);
    const double seconds = group.sure.seconds(speed);
    char rate[32];
    std::snprintf(rate, sizeof rate, "%.0f", 1 / speed.seconds_a_patch);
    text << "  recipe " << recipe->name << ", patches of " << shape.side << " x " << shape.side << ": "
         << counted(group.sure.trainings, "training") << " of " << counted(recipe->epochs, "epoch") << " at "
         << rate << " patches/s, about " << readable_seconds(seconds) << "\n";
    total += seconds;
    more += group.perhaps.seconds(speed);
    known += group.sure.trainings;
    known_more += group.perhaps.trainings;
  }
  for (const auto& [split, trainings] : open.uncounted) {
    text << "  " << counted(trainings, "training") << " on " << split
         << ": not known before its patches are counted; --step split-" << split << " does only that\n";
  }
  if (known > 0) {
    text << "Time: about " << readable_seconds(total) << " for " << known << " of "
         << counted(open.trainings, "training") << ", one after the other.\n";
  }
  if (open.perhaps > 0) {
    text << (known_more > 0 ? "Up to " + readable_seconds(more) + " more" : std::string("Perhaps more"))
         << " for " << counted(open.perhaps, "training")
         << " from a first source alone: where its distiller leaves it unchanged, that is the source's own "
            "training and does not run again.\n";
  }
  text << disk_text(experiment, plan, open);
  if (known > 0) {
    text << "Assumptions: every training runs to its last epoch; validation takes a third of the training "
            "time per patch (the same time where only the head is trained); the machine is as busy as now; "
            "steps that do not train take no time.\n";
  }
  return text.str();
}

}  // namespace histokt
