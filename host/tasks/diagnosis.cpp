// SPDX-License-Identifier: MIT
#include "tasks/diagnosis.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/layers.hpp"
#include "analysis/loss_line.hpp"
#include "base/errors.hpp"
#include "base/progress.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "patches/split_set.hpp"
#include "report/plot.hpp"
#include "tasks/distillation.hpp"
#include "tasks/network.hpp"
#include "tensors/weights.hpp"
#include "training/inference.hpp"
#include "training/loader.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

// A cell of CSV; empty for what is not defined.
std::string cell(double value) {
  return std::isfinite(value) ? number_text(value) : "";
}

// `text` and blanks up to `width`.
std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

// ---- Layers ----

std::string layers_csv(const std::vector<ReadNetwork>& networks, const std::vector<Layer>& layers) {
  std::string text =
      "layer,rows,columns,rank,random_share,merge_norm,source,energy_kept,distance,cosine,source_norm,norm_"
      "ratio\n";
  for (const Layer& layer : layers) {
    for (std::size_t s = 0; s < layer.sources.size(); ++s) {
      if (!layer.sources[s]) continue;
      const LayerOfSource& source = *layer.sources[s];
      text += csv_line(std::vector<std::string>{
          layer.name, std::to_string(layer.rows), std::to_string(layer.columns), std::to_string(layer.rank),
          cell(layer.random_share()), cell(layer.norm), networks[s + 1].label, cell(source.energy_kept),
          cell(source.distance), cell(source.cosine), cell(source.norm), cell(layer.norm / source.norm)});
    }
  }
  return text;
}

template <typename Value>
Panel layer_panel(const std::string& title, const std::vector<ReadNetwork>& networks,
                  const std::vector<Layer>& layers, Value value) {
  Panel panel{.title = title, .series = {}};
  for (std::size_t s = 0; s + 1 < networks.size(); ++s) {
    Series series{networks[s + 1].label, {}};
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const auto& source = layers[i].sources[s];
      series.points.emplace_back(static_cast<double>(i), source ? value(layers[i], *source) : NAN);
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

std::string layers_svg(const std::vector<ReadNetwork>& networks, const std::vector<Layer>& layers) {
  Figure figure{.x_title = "layer of " + networks.front().label, .x_names = {}, .panels = {}};
  Series random{"random directions", {}, true};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    figure.x_names.push_back(layers[i].name);
    random.points.emplace_back(static_cast<double>(i), layers[i].random_share());
  }
  Panel energy =
      layer_panel("share of the source's spectral energy in the merge's row space", networks, layers,
                  [](const Layer&, const LayerOfSource& source) { return source.energy_kept; });
  energy.series.push_back(std::move(random));
  energy.low = 0, energy.high = 1;
  Panel distance = layer_panel("distance of the merge to the source / norm of the source", networks, layers,
                               [](const Layer&, const LayerOfSource& source) { return source.distance; });
  distance.low = 0;
  Panel cosine = layer_panel("cosine between merge and source", networks, layers,
                             [](const Layer&, const LayerOfSource& source) { return source.cosine; });
  Panel norm =
      layer_panel("norm of the merge / norm of the source", networks, layers,
                  [](const Layer& layer, const LayerOfSource& source) { return layer.norm / source.norm; });
  norm.low = 0;
  figure.panels = {std::move(energy), std::move(distance), std::move(cosine), std::move(norm)};
  return svg(figure);
}

std::size_t widest_label(const std::vector<ReadNetwork>& networks) {
  std::size_t width = 8;
  for (const ReadNetwork& network : networks) width = std::max(width, network.label.size());
  return width;
}

std::string layers_text(const std::vector<ReadNetwork>& networks, const std::vector<Layer>& layers) {
  const Layer whole = whole_network(layers);
  const std::size_t width = widest_label(networks) + 2;
  std::string text = networks.front().label + ": " + std::to_string(layers.size()) + " layers together\n" +
                     padded("source", width) + "energy kept   distance   cosine   norm ratio\n";
  for (std::size_t s = 0; s < whole.sources.size(); ++s) {
    const LayerOfSource& source = *whole.sources[s];
    text += padded(networks[s + 1].label, width) + formatted("%11.4f%11.4f%9.4f%13.4f\n", source.energy_kept,
                                                             source.distance, source.cosine,
                                                             whole.norm / source.norm);
  }
  return text;
}

// ---- The line between two sources ----

// All networks of one line: the two and the merge.
struct Pair {
  const ReadNetwork* first;
  const ReadNetwork* second;
  const ReadNetwork* merge;

  std::vector<const ReadNetwork*> all() const { return {first, second, merge}; }
  std::string label() const { return first->label + " to " + second->label; }
};

std::vector<Pair> pairs_of(const std::vector<ReadNetwork>& networks) {
  std::vector<Pair> pairs;
  for (std::size_t i = 1; i < networks.size(); ++i) {
    for (std::size_t j = i + 1; j < networks.size(); ++j)
      pairs.push_back({&networks[i], &networks[j], &networks[0]});
  }
  return pairs;
}

SplitView training_patches(const SplitSet& split, const BarrierSettings& settings) {
  const SplitView all = split.train();
  std::vector<std::size_t> drawn = shuffled_order(all.size(), settings.seed, random_word("diagnose"));
  if (settings.train_patches > 0) drawn.resize(std::min(drawn.size(), settings.train_patches));
  std::sort(drawn.begin(), drawn.end());
  for (std::size_t& index : drawn) index = all.index_in_set(index);
  return {split.patches(), std::move(drawn)};
}

// Whether the network has a head for these classes.
bool has_head(const ReadNetwork& network, Model& model, const PatchSet& patches) {
  const CheckpointInfo info = info_of(network.content.content, network.content.name);
  if (info.classes && *info.classes != patches.info().classes) return false;
  const std::vector<ModelTensor> tensors = model.tensors();
  return std::all_of(tensors.begin(), tensors.end(), [&](const ModelTensor& tensor) {
    if (tensor.role != HISTOKT_ROLE_HEAD) return true;
    const StoredTensor* same = network.content.content.find(tensor.name);
    return same && same->shape == tensor.tensor.sizes().vec();
  });
}

Normalization normalization_of(const Pair& pair, const SplitSet& split) {
  const auto first = info_of(pair.first->content.content, pair.first->content.name).normalization;
  for (const ReadNetwork* network : pair.all()) {
    if (info_of(network->content.content, network->content.name).normalization != first)
      return {split.mean(), split.standard_deviation()};
  }
  return first.value_or(Normalization{split.mean(), split.standard_deviation()});
}

// One patch set, and the network that its weights are looked at in.
class EvaluationSet {
 public:
  EvaluationSet(const fs::path& file, const ConfiguredPlugin& plugin, const BarrierSettings& settings,
                const ComputeContext& compute)
      : split_(file, settings.part == Split::kTest ? TestPart::kOpen : TestPart::kClosed),
        plugin_(plugin),
        settings_(settings),
        compute_(compute),
        network_(plugin, split_.patches()->class_count(), 0) {
    for (const Split part : {Split::kTrain, Split::kValid, settings.part}) {
      require_patches(split_, part, name(),
                      ": the line between models needs training patches, validation patches and those it is "
                      "evaluated on");
    }
    place(network_.model(), *compute.runtime);
  }

  const std::string& name() const { return split_.patches()->info().dataset; }
  std::size_t evaluated_patches() const { return split_.count(settings_.part); }
  std::size_t training_count() const { return training_patches(split_, settings_).size(); }

  LossLine line(const Pair& pair, Progress& progress) {
    Model& model = network_.model();
    bool fitted = settings_.fit_head;
    for (const ReadNetwork* network : pair.all()) {
      check_fits(info_of(network->content.content, network->content.name), plugin_.plugin->name(),
                 *split_.patches(), network->content.name);
      fitted = fitted || !has_head(*network, model, *split_.patches());
    }
    for (const ReadNetwork* network : pair.all()) {
      load(network_, network->content.content, network->content.name, {.allow_other_head = fitted});
    }
    const SplitView train = training_patches(split_, settings_), valid = split_.valid();
    const SplitView evaluated = split_.open(settings_.part);
    LineRequest request{.first = &pair.first->content.content,
                        .second = &pair.second->content.content,
                        .others = {&pair.merge->content.content}};
    request.train = &train;
    request.valid = &valid;
    request.evaluated = settings_.part == Split::kValid ? &valid : &evaluated;
    request.normalization = normalization_of(pair, split_);
    request.points = settings_.points;
    request.recalibrate = settings_.recalibrate;
    request.fit_head = fitted;
    request.loader_threads = compute_.loader_threads;
    request.seed = settings_.seed;
    request.on_network = [&] { progress.add(); };
    return loss_line(model, request, *compute_.runtime);
  }

 private:
  SplitSet split_;
  const ConfiguredPlugin& plugin_;
  const BarrierSettings& settings_;
  const ComputeContext& compute_;
  Network network_;
};

double straight(const LossLine& line, double t) {
  return (1 - t) * line.points.front().evaluation.loss + t * line.points.back().evaluation.loss;
}

std::string barrier_rows(const std::string& patches, const Pair& pair, const LossLine& line,
                         const BarrierSettings& settings) {
  std::string text;
  const auto row = [&](const std::string& network, const std::string& t, const LossAndAccuracy& evaluation,
                       const std::string& between) {
    text += csv_line(std::vector<std::string>{
        patches, split_word(settings.part), pair.first->label, pair.second->label, network, t,
        cell(evaluation.loss), cell(evaluation.accuracy), between, line.penalty ? "fitted" : "own",
        line.penalty ? cell(*line.penalty) : "", settings.recalibrate ? "train" : "none"});
  };
  for (const LinePoint& point : line.points)
    row("line", cell(point.t), point.evaluation, cell(straight(line, point.t)));
  row(pair.merge->label, "", line.others.front(), "");
  return text;
}

std::string barrier_line_text(const Pair& pair, const LossLine& line, std::size_t width) {
  const Barrier barrier = barrier_of(line.points);
  const auto &first = line.points.front().evaluation, &last = line.points.back().evaluation;
  const auto& merge = line.others.front();
  std::string text = padded(pair.label(), width);
  text += line.penalty ? "a head fitted for each model, penalty " + number_text(*line.penalty) + "; "
                       : std::string("the models' own heads; ");
  text +=
      barrier.height > 0 ? formatted("barrier %.4f at t = %.3g", barrier.height, barrier.t) : "no barrier";
  text += formatted("; loss %.4f and %.4f at the ends, accuracy %s and %s", first.loss, last.loss,
                    percent_text(first.accuracy).c_str(), percent_text(last.accuracy).c_str());
  return text +
         formatted("; merge: loss %.4f, accuracy %s\n", merge.loss, percent_text(merge.accuracy).c_str());
}

std::string evaluation_text(const EvaluationSet& set, const BarrierSettings& settings,
                            const std::vector<LossLine>& lines) {
  const bool fitted =
      std::ranges::any_of(lines, [](const LossLine& line) { return line.penalty.has_value(); });
  return "\n" + set.name() + ": " + std::to_string(set.evaluated_patches()) + " " +
         split_name(settings.part) + " patches; " +
         (settings.recalibrate ? "batch-norm statistics recomputed" : "batch-norm statistics interpolated") +
         (settings.recalibrate || fitted
              ? "; " + std::to_string(set.training_count()) + " training patches for statistics and heads"
              : std::string()) +
         "\n";
}

// Each pair by itself, since the merge beside it may have a head of its own, or other statistics.
void add_panels(Figure& figure, const std::string& patches, const Pair& pair, const LossLine& line) {
  const std::string of = ", " + patches + ": " + pair.label();
  Panel loss{.title = "loss" + of, .series = {}}, accuracy{.title = "accuracy" + of, .series = {}};
  Series losses{pair.label(), {}}, accuracies = losses;
  for (const LinePoint& point : line.points) {
    losses.points.emplace_back(point.t, point.evaluation.loss);
    accuracies.points.emplace_back(point.t, point.evaluation.accuracy);
  }
  const LossAndAccuracy& merge = line.others.front();
  const std::string name = "merge (" + pair.merge->label + ")";
  loss.series = {std::move(losses), {name, {{0, merge.loss}, {1, merge.loss}}, true}};
  accuracy.series = {std::move(accuracies), {name, {{0, merge.accuracy}, {1, merge.accuracy}}, true}};
  loss.low = 0;
  accuracy.low = 0, accuracy.high = 1;
  figure.panels.push_back(std::move(loss));
  figure.panels.push_back(std::move(accuracy));
}

}  // namespace

std::vector<ReadNetwork> read_networks(const std::vector<fs::path>& files) {
  std::set<std::string> stems;
  for (const fs::path& file : files) stems.insert(file.stem().string());
  std::vector<ReadNetwork> networks;
  for (const fs::path& file : files) {
    const std::string label = stems.size() == files.size() ? file.stem().string() : file.string();
    networks.push_back({label, {file.string(), read_weights(file)}});
  }
  return networks;
}

DiagnosisReport layer_report(const std::vector<ReadNetwork>& networks, const ConfiguredPlugin* model) {
  std::vector<MergeInput> sources;
  for (std::size_t i = 1; i < networks.size(); ++i) sources.push_back(networks[i].content);
  const std::vector<Layer> layers = diagnose_layers(networks.front().content, sources, roles_from(model));
  return {layers_csv(networks, layers), layers_svg(networks, layers), layers_text(networks, layers)};
}

DiagnosisReport barrier_report(const std::vector<ReadNetwork>& networks, const std::vector<fs::path>& patches,
                               const ConfiguredPlugin& model, const BarrierSettings& settings,
                               const ComputeContext& compute) {
  use(*compute.runtime);
  const std::vector<Pair> pairs = pairs_of(networks);
  DiagnosisReport report{
      "patches,part,first,second,network,t,loss,accuracy,interpolated_loss,head,penalty,recalibrated\n", "",
      ""};
  Figure figure{.x_title = "t: from the first model (0) to the second (1)", .x_names = {}, .panels = {}};
  Progress progress("evaluating models", "models",
                    patches.size() * pairs.size() * (static_cast<std::size_t>(settings.points) + 1));
  for (const fs::path& file : patches) {
    EvaluationSet set(file, model, settings, compute);
    std::vector<LossLine> lines;
    for (const Pair& pair : pairs) {
      lines.push_back(set.line(pair, progress));
      report.csv += barrier_rows(set.name(), pair, lines.back(), settings);
      add_panels(figure, set.name() + ", " + split_name(settings.part) + " patches", pair, lines.back());
    }
    report.text += evaluation_text(set, settings, lines);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      report.text += barrier_line_text(pairs[i], lines[i], 2 * widest_label(networks) + 6);
    }
  }
  report.svg = svg(figure);
  return report;
}

}  // namespace histokt
