// SPDX-License-Identifier: MIT
#include <algorithm>

#include "config/toml_tables/declared_names.hpp"
#include "config/toml_tables/toml_tables.hpp"

namespace histokt {
namespace {

using Distill = DistillConfig;
using Sets = std::vector<std::vector<std::string>>;

constexpr std::size_t kMostSourcesInAllOrders = 5;  // 120 orders

struct SourceSets {
  static std::string says() {
    return "a list of datasets, or a list of such lists: [[\"a\", \"b\"], [\"a\", \"c\"]]";
  }
  static void read(const KeyPlace& place, Sets& value) {
    const toml::node* node = place.table.node(place.key);
    const toml::array* list = node ? node->as_array() : nullptr;
    const auto is_list = [](const toml::node& item) { return item.is_array(); };
    if (!list || std::none_of(list->begin(), list->end(), is_list)) {
      value = {place.table.strings(place.key)};
    } else {
      value = read_lists(place, *list);
    }
    for (const auto& sources : value) check_datasets(sources, place);
  }
  static void write(const Sets& value, const std::string& key, toml::table& into, const Writing&) {
    toml::array sets;
    for (const auto& sources : value) sets.push_back(array_of(sources));
    into.insert(key, sets);
  }

 private:
  static Sets read_lists(const KeyPlace& place, const toml::array& list) {
    Sets sets;
    for (const toml::node& item : list) {
      const toml::array* names = item.as_array();
      if (!names || names->empty()) place.fail(says());
      auto& set = sets.emplace_back();
      for (const toml::node& name : *names) {
        if (!name.is_string()) place.fail(says());
        set.push_back(**name.as_string());
      }
    }
    return sets;
  }
};

struct Distillers {
  static constexpr PluginValue kOne = {HISTOKT_DISTILLER};

  static std::string says() { return "a distiller's name or a list of them"; }
  static void read(const KeyPlace& place, std::vector<PluginChoice>& value) {
    const toml::node* node = place.table.node(place.key);
    const toml::array* list = node ? node->as_array() : nullptr;
    if (!node || (list && list->empty())) place.fail("a distiller's name or a list of them");
    if (!list) return kOne.read(place, *node, value.emplace_back());
    for (const toml::node& item : *list) kOne.read(place, item, value.emplace_back());
  }
  static void write(const std::vector<PluginChoice>& value, const std::string& key, toml::table& into,
                    const Writing& writing) {
    toml::array distillers;
    for (const PluginChoice& choice : value) distillers.push_back(kOne.written(choice, writing));
    into.insert(key, distillers);
  }
};

// The words "none" and "target", unless a dataset is called so.
struct Recalibration {
  static std::string says() { return "a dataset, \"target\" or \"none\""; }
  static void read(const KeyPlace& place, Distill& distill) {
    std::string name = place.table.string(place.key);
    if (!has_dataset(place.experiment, name)) {
      if (name == "none") return;
      if (name == "target") name = distill.target;
    }
    check_datasets({name}, place);
    distill.recalibrate = name;
  }
  static void write(const Distill& distill, const std::string& key, toml::table& into, const Writing&) {
    if (!distill.recalibrate.empty()) into.insert(key, distill.recalibrate);
  }
};

bool recalibrates(const Distill& distill) {
  return !distill.recalibrate.empty();
}

// A boolean, or a table of what else is looked at.
struct DiagnosisValue {
  static std::string says() { return "true or false, or a table { barrier = true, points = 11 }"; }
  static void read(const KeyPlace& place, Distill& distill) {
    if (!place.table.node(place.key)->is_table()) {
      distill.diagnose = place.table.boolean(place.key);
      return;
    }
    Diagnosis diagnosis;
    Table<Diagnosis>{&diagnosis_keys()}.read(place, diagnosis);
    distill.diagnose = true;
    distill.barrier_points = diagnosis.barrier ? diagnosis.points : 0;
    TableReader table(*place.table.table(place.key), place.table.source(), place.table.path_of(place.key));
    if (!diagnosis.barrier && table.has("points")) {
      table.fail("points", "barrier = true as well: points is the number of points on the line");
    }
  }
  static void write(const Distill& distill, const std::string& key, toml::table& into,
                    const Writing& writing) {
    if (distill.barrier_points > 0) {
      Table<Diagnosis>{&diagnosis_keys()}.write({true, distill.barrier_points}, key, into, writing);
    } else if (distill.diagnose) {
      into.insert(key, true);
    }
  }
};

// The matrix that stands for what is not said: of several no one is more than the others.
const MatrixConfig* only_matrix(const KeyPlace& place) {
  const auto& matrices = place.experiment.matrices;
  return matrices.size() == 1 ? &matrices.front() : nullptr;
}

void train_as_matrix(const KeyPlace& place, Distill& distill) {
  const MatrixConfig* matrix = only_matrix(place);
  if (!matrix) {
    const bool none = place.experiment.matrices.empty();
    place.fail("the recipe of the sources' baselines (there is " +
               std::string(none ? "no [matrix]" : "more than one [[matrix]]") + " to take it from)");
  }
  distill.train = matrix->train;
}

void probe_as_matrix(const KeyPlace& place, Distill& distill) {
  if (const MatrixConfig* matrix = only_matrix(place)) distill.probe = matrix->probe;
}

void take_weights_of_matrix(const KeyPlace& place, Distill& distill) {
  if (const MatrixConfig* matrix = only_matrix(place)) distill.from_weights = matrix->from_weights;
}

void check_recalibration(const Distill& distill, TableReader& table) {
  if (!table.has("recalibration_patches")) return;
  if (!recalibrates(distill)) {
    table.fail("recalibration_patches", "recalibrate as well: this is the number of patches of that dataset");
  }
  if (distill.recalibration_patches == 1) {
    table.fail("recalibration_patches", "at least 2, since one patch has no variance, or 0 for all");
  }
}

void check_orders(const Distill& distill, const TableReader& table) {
  if (distill.orders != "all") return;
  for (const auto& sources : distill.source_sets) {
    if (sources.size() <= kMostSourcesInAllOrders) continue;
    table.fail("orders", "\"as-written\" with " + std::to_string(sources.size()) +
                             " sources: all orders are merged of at most " +
                             std::to_string(kMostSourcesInAllOrders));
  }
}

void check_first(const Distill& distill, const TableReader& table) {
  if (distill.first.empty()) return;
  if (distill.orders != "all") {
    table.fail("first", "orders = \"all\" as well: first selects which of them are merged");
  }
  for (const auto& sources : distill.source_sets) {
    if (std::ranges::find_first_of(sources, distill.first) == sources.end())
      table.fail("first", "at least one source of each list");
  }
}

}  // namespace

const Keys<Diagnosis>& diagnosis_keys() {
  static const Keys<Diagnosis> keys = {
      {"barrier", &Diagnosis::barrier, Boolean{},
       "Also evaluate the loss along the line between each pair of sources, on the target's validation "
       "patches."},
      {"points", &Diagnosis::points, Integer{2, 1001}, "Number of points on the line; requires `barrier`."},
  };
  return keys;
}

const Keys<Distill>& distill_keys() {
  using Row = Key<Distill>;
  static const Keys<Distill> keys = {
      Row("sources", &Distill::source_sets, SourceSets{},
          "Datasets whose models are merged, in order (which matters for `svd`); with a list of lists, each "
          "list is merged by each distiller.")
          .required(),
      Row("distiller", &Distill::distillers, Distillers{},
          "The distiller, which is the merge method; with a list, each is used separately.")
          .required(),
      Row("target", &Distill::target, DatasetName{}, "The dataset to tune and test on.").required(),
      Row("tune", &Distill::tune, TuningRecipe{}, "The recipe for tuning.").required(),
      Row("train", &Distill::train, BaselineRecipe{}, "The recipe of the sources' baselines.")
          .otherwise("the only matrix's", train_as_matrix),
      {"base", &Distill::base, File{"expected the checkpoint that the sources were tuned from"},
       "The checkpoint that the sources were tuned from: required by `task-arithmetic`, `ties` and `dare`, "
       "ignored by the other distillers of a list."},
      Row("recalibrate", kWhole, Recalibration{},
          "Recompute batch-norm's running statistics after merging, on the training patches of this dataset.")
          .otherwise("`\"none\"`"),
      Row("recalibration_patches", &Distill::recalibration_patches, Integer{0, 1'000'000'000},
          "Number of these patches; 0: all.")
          .written_if(recalibrates),
      {"orders", &Distill::orders, OneOf{{"auto", "all", "as-written"}},
       "`\"all\"` merges the sources in every order (up to 5 sources), `\"as-written\"` in the given one; "
       "`\"auto\"` is `\"all\"` for pairs, else `\"as-written\"`."},
      Row("first", &Distill::first, DatasetNames{},
          "Merge only the orders that begin with one of these sources, since `svd` projects the first one. "
          "Requires `orders = \"all\"`.")
          .otherwise("each source"),
      {"controls", &Distill::controls, Boolean{},
       "Also train the controls that merges are compared with, below."},
      Row("from_weights", &Distill::from_weights, WeightsRecipes{},
          "Recipes with `weights`, each tuned on the target: a control.")
          .otherwise("the only matrix's", take_weights_of_matrix),
      Row("diagnose", kWhole, DiagnosisValue{},
          "Write what each merge kept of its sources, layer by layer; a table, below, can ask for more: "
          "[distillers.md](distillers.md#looking-at-a-merge-diagnose).")
          .otherwise("`false`"),
      Row("probe", &Distill::probe, Boolean{},
          "Evaluate each model before tuning: linear probe, nearest neighbours, and its own head.")
          .otherwise("the only matrix's, else `true`", probe_as_matrix),
  };
  return keys;
}

Distill read_distill(const toml::table& table, const std::string& where, const Experiment& experiment) {
  TableReader reader(table, experiment.source, where);
  Distill distill;
  distill.where = located(experiment.source, table);
  distill_keys().read(reader, distill, experiment);
  if (!distill.base.empty()) distill.base_where = reader.location("base") + reader.path_of("base");
  check_recalibration(distill, reader);
  check_orders(distill, reader);
  check_first(distill, reader);
  return distill;
}

}  // namespace histokt
