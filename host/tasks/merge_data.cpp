// SPDX-License-Identifier: MIT
#include "tasks/merge_data.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/errors.hpp"
#include "base/progress.hpp"
#include "patches/split_set.hpp"
#include "plugins/plugin_call.hpp"
#include "tasks/network.hpp"
#include "training/fisher.hpp"
#include "training/inference.hpp"
#include "training/input_grams.hpp"

namespace histokt {
namespace {

// Runs a service call of a plugin and turns whatever it throws into a status and a reason.
template <typename Body>
histokt_status status_of(Body&& body) noexcept {
  try {
    body();
    return HISTOKT_OK;
  } catch (const Interrupted&) {
    return HISTOKT_INTERRUPTED;
  } catch (const RequestError& error) {
    set_plugin_error(error.what());
    return HISTOKT_BAD_REQUEST;
  } catch (const std::exception& error) {
    set_plugin_error(error.what());
    return HISTOKT_FAILED;
  }
}

// Tensors as the boundary has them.
class Lent {
 public:
  explicit Lent(std::vector<NamedTensor> tensors) : tensors_(std::move(tensors)) {
    for (const NamedTensor& entry : tensors_) {
      histokt_tensor view{};
      view.struct_size = sizeof view;
      view.dtype = HISTOKT_FLOAT32;
      view.name = entry.name.c_str();
      view.rank = static_cast<std::int32_t>(entry.tensor.dim());
      view.shape = entry.tensor.sizes().data();
      view.data = entry.tensor.data_ptr<float>();
      views_.push_back(view);
    }
  }

  // The views point into the tensors' list, which moves along, but has another place in a copy.
  Lent(Lent&&) = default;
  Lent& operator=(Lent&&) = default;

  void all(const histokt_tensor** tensors, std::size_t* count) const {
    *tensors = views_.data();
    *count = views_.size();
  }
  const histokt_tensor* find(const std::string& name) const {
    const auto found = std::ranges::find_if(views_, [&](const auto& view) { return view.name == name; });
    return found == views_.end() ? nullptr : &*found;
  }

 private:
  std::vector<NamedTensor> tensors_;
  std::vector<histokt_tensor> views_;
};

// The Gram matrices of neighbouring weights.
struct GramWindow {
  std::uint64_t samples;
  std::vector<std::string> weights;
  Lent lent;
};

void check_request(const Plugin& distiller, std::size_t sources, bool has_model, std::size_t files) {
  if (!distiller.needs_data()) {
    if (files == 0) return;
    throw RequestError(distiller.title() + " does not learn from patches; leave out --data");
  }
  if (files == 0) {
    throw RequestError(distiller.title() +
                       " learns from the training patches of the sources, and none are given: add --data "
                       "FILE.h5, a patch set with a split, once for each source in the same order");
  }
  if (files != sources) {
    throw RequestError("there are " + std::to_string(files) + " --data for " + std::to_string(sources) +
                       " sources; give one for each, in the same order");
  }
  if (has_model) return;
  throw RequestError(distiller.title() +
                     " runs the sources on patches, and none of them says which model plugin it needs: name "
                     "it with --model");
}

}  // namespace

struct MergeData::State {
  // What the plugin sees, with the way back from it.
  struct Gradients : histokt_gradients_service {
    State* state;
  };
  struct Activations : histokt_activations_service {
    State* state;
  };

  const Plugin& distiller;
  const std::vector<MergeInput>& sources;
  const ConfiguredPlugin* model;
  MergePatches patches;
  Gradients gradients{};
  Activations activations{};
  std::map<std::pair<std::size_t, std::uint64_t>, Lent> fishers, grams;  // by source and samples
  std::map<std::size_t, GramWindow> windows;                             // by source

  static State& behind_gradients(const histokt_host* host) {
    return *static_cast<const Gradients*>(static_cast<const histokt_gradients_service*>(
                                              host->get_service(host, HISTOKT_GRADIENTS_SERVICE)))
                ->state;
  }
  static State& behind_activations(const histokt_host* host) {
    return *static_cast<const Activations*>(static_cast<const histokt_activations_service*>(
                                                host->get_service(host, HISTOKT_ACTIVATIONS_SERVICE)))
                ->state;
  }

  static histokt_status squared(const histokt_host* host, std::size_t source, std::uint64_t samples,
                                const histokt_tensor** tensors, std::size_t* count) {
    return status_of([&] { behind_gradients(host).fisher(source, samples).all(tensors, count); });
  }
  static histokt_status input_gram(const histokt_host* host, std::size_t source, std::uint64_t samples,
                                   const histokt_tensor** tensors, std::size_t* count) {
    return status_of([&] { behind_activations(host).all_grams(source, samples).all(tensors, count); });
  }
  static histokt_status input_gram_of(const histokt_host* host, std::size_t source, std::uint64_t samples,
                                      const char* weight, const histokt_tensor** gram) {
    return status_of([&] { *gram = behind_activations(host).gram(source, samples, weight); });
  }

  void check(std::size_t source) const {
    if (!distiller.needs_data()) {
      throw RunError(
          "it asks for data, which its descriptor does not say (HISTOKT_PLUGIN_NEEDS_DATA, or kNeedsData in "
          "C++); this is a bug in the plugin: report it to its authors");
    }
    if (source < patches.files.size()) return;
    throw RunError("it asks for data of source " + std::to_string(source) + ", counted from 0, of " +
                   std::to_string(patches.files.size()) +
                   "; this is a bug in the plugin: report it to its authors");
  }

  // A source's network on its training patches, as `use` wants it; with_head: the head, too, must fit them.
  template <typename Use>
  auto on_patches(std::size_t source, std::uint64_t samples, bool with_head, const std::string& what,
                  Use&& make_use) {
    check(source);
    const MergeInput& input = sources[source];
    const SplitSet split(patches.files[source], TestPart::kClosed);
    const PatchSet& set = *split.patches();
    require_patches(split, Split::kTrain, set.info().dataset, ": " + distiller.title() + " learns from them");
    const CheckpointInfo info = info_of(input.content, input.name);
    check_fits(info, model->plugin->name(), set, input.name);
    if (with_head) check_classes(info, set, input.name);

    Runtime runtime = *patches.compute->runtime;
    runtime.precision = Precision::kFloat32;
    histokt::use(runtime);
    Network network(*model, set.class_count(), 0);
    load(network, input.content, input.name, {.allow_other_head = !with_head});
    place(network.model(), runtime);
    DrawnPatches drawn;
    drawn.normalization =
        info.normalization.value_or(Normalization{split.mean(), split.standard_deviation()});
    drawn.count = static_cast<std::size_t>(samples);
    drawn.seed = patches.seed;
    drawn.loader_threads = patches.compute->loader_threads;
    drawn.on_progress = [&](std::size_t done, std::size_t total) {
      note_plugin_progress();
      show_live_line(what + " of " + input.name + ": " + std::to_string(done) + " of " +
                     std::to_string(total) + " patches");
      if (done == total) clear_live_line();
    };
    const SplitView train = split.train();
    const std::size_t count = samples == 0 ? train.size() : std::min<std::size_t>(train.size(), samples);
    spdlog::info("{} of {} on {} of the {} training patches of {}", what, input.name, count, train.size(),
                 set.info().dataset);
    return make_use(network.model(), train, drawn, runtime);
  }

  const Lent& fisher(std::size_t source, std::uint64_t samples) {
    const auto found = fishers.find({source, samples});
    if (found != fishers.end()) return found->second;
    const auto make = [](Model& network, const SplitView& train, const DrawnPatches& drawn,
                         const Runtime& runtime) { return diagonal_fisher(network, train, drawn, runtime); };
    Lent lent(on_patches(source, samples, /*with_head=*/true, "Fisher information", make));
    return fishers.emplace(std::pair{source, samples}, std::move(lent)).first->second;
  }

  const Lent& all_grams(std::size_t source, std::uint64_t samples) {
    const auto found = grams.find({source, samples});
    if (found != grams.end()) return found->second;
    const auto make = [&](Model& network, const SplitView& train, const DrawnPatches& drawn,
                          const Runtime& runtime) {
      std::vector<MultipliedWeight> all = multiplied_weights(network);
      std::erase_if(all, [&](const MultipliedWeight& weight) {
        return gram_bytes(weight, sources.size()) > kMostGramBytes;
      });
      return input_grams(network, all, train, drawn, runtime);
    };
    Lent lent(on_patches(source, samples, /*with_head=*/false, "inputs of all layers", make));
    return grams.emplace(std::pair{source, samples}, std::move(lent)).first->second;
  }

  const histokt_tensor* gram(std::size_t source, std::uint64_t samples, const std::string& weight) {
    const auto found = windows.find(source);
    if (found != windows.end() && found->second.samples == samples &&
        std::ranges::find(found->second.weights, weight) != found->second.weights.end()) {
      return found->second.lent.find(weight);
    }
    if (found != windows.end()) windows.erase(found);  // before the next is made
    std::vector<std::string> covered = {weight};
    const auto make = [&](Model& network, const SplitView& train, const DrawnPatches& drawn,
                          const Runtime& runtime) {
      const std::vector<MultipliedWeight> some =
          gram_window(multiplied_weights(network), weight, sources.size());
      if (some.empty()) return std::vector<NamedTensor>{};
      covered.clear();
      for (const MultipliedWeight& each : some) covered.push_back(each.name);
      return input_grams(network, some, train, drawn, runtime);
    };
    Lent lent(
        on_patches(source, samples, /*with_head=*/false, "inputs of " + weight + " and what follows", make));
    const auto at = windows.emplace(source, GramWindow{samples, std::move(covered), std::move(lent)}).first;
    return at->second.lent.find(weight);
  }
};

MergeData::MergeData(const Plugin& distiller, const std::vector<MergeInput>& sources,
                     const ConfiguredPlugin* model, const MergePatches& patches)
    : state_(new State{.distiller = distiller, .sources = sources, .model = model, .patches = patches}) {
  check_request(distiller, sources.size(), model != nullptr, patches.files.size());
  State& state = *state_;
  static_cast<histokt_gradients_service&>(state.gradients) = {sizeof(histokt_gradients_service),
                                                              sizeof(histokt_tensor), State::squared};
  state.gradients.state = &state;
  static_cast<histokt_activations_service&>(state.activations) = {
      sizeof(histokt_activations_service), sizeof(histokt_tensor), State::input_gram, State::input_gram_of};
  state.activations.state = &state;
}

MergeData::~MergeData() = default;

void MergeData::offer_to(PluginHost& host) {
  host.add_service(HISTOKT_GRADIENTS_SERVICE,
                   static_cast<const histokt_gradients_service*>(&state_->gradients));
  host.add_service(HISTOKT_ACTIVATIONS_SERVICE,
                   static_cast<const histokt_activations_service*>(&state_->activations));
}

}  // namespace histokt
