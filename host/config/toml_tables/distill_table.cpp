#include <algorithm>

#include "config/toml_tables/toml_tables.hpp"

namespace histokt {
namespace {

constexpr std::size_t kMostSourcesInAllOrders = 5;  // 120 orders
constexpr const char* kSourceSets =
    "a list of datasets, or a list of such lists: [[\"a\", \"b\"], [\"a\", \"c\"]]";

// The words "none" and "target", unless a dataset is called so.
void read_recalibration(TableReader& reader, const DeclaredNames& declared, DistillConfig& distill) {
  std::string name = reader.string("recalibrate", "none");
  const bool asked = declared.has_dataset(name) || name != "none";
  if (name == "target" && !declared.has_dataset(name)) name = distill.target;
  if (!asked) {
    if (reader.has("recalibration_patches")) {
      reader.fail("recalibration_patches",
                  "recalibrate beside it: it says how many patches of that dataset are taken");
    }
    return;
  }
  declared.check_datasets({name}, reader, "recalibrate");
  distill.recalibrate = name;
  distill.recalibration_patches =
      static_cast<int>(reader.integer("recalibration_patches", 0, 1'000'000'000, kRecalibrationPatches));
  if (distill.recalibration_patches == 1) {
    reader.fail("recalibration_patches", "two at least: one patch has no variance; 0 takes all");
  }
}

// A boolean, or a table of what else is looked at.
void read_diagnosis(TableReader& reader, DistillConfig& distill) {
  const toml::node* node = reader.node("diagnose");
  const toml::table* table = node ? node->as_table() : nullptr;
  if (!table) {
    distill.diagnose = reader.boolean("diagnose", false);
    return;
  }
  TableReader of_table(*table, reader.source(), reader.path_of("diagnose"));
  distill.diagnose = true;
  if (of_table.boolean("barrier", false)) {
    distill.barrier_points = static_cast<int>(of_table.integer("points", 2, 1001, 11));
  } else if (of_table.has("points")) {
    of_table.fail("points",
                  "barrier = true beside it: it says at how many points of the line the loss is made");
  }
  of_table.finish();
}

// One list of datasets, or a list of such lists.
std::vector<std::vector<std::string>> read_source_sets(TableReader& reader) {
  const toml::node* node = reader.node("sources");
  const toml::array* list = node ? node->as_array() : nullptr;
  const auto is_list = [](const toml::node& item) { return item.is_array(); };
  if (!list || std::none_of(list->begin(), list->end(), is_list)) return {reader.strings("sources")};
  std::vector<std::vector<std::string>> sets;
  for (const toml::node& item : *list) {
    const toml::array* names = item.as_array();
    if (!names || names->empty()) reader.fail("sources", kSourceSets);
    auto& set = sets.emplace_back();
    for (const toml::node& name : *names) {
      if (!name.is_string()) reader.fail("sources", kSourceSets);
      set.push_back(**name.as_string());
    }
  }
  return sets;
}

// One distiller or a list of them.
std::vector<PluginChoice> read_distillers(TableReader& reader) {
  const toml::node* node = reader.node("distiller");
  const toml::array* list = node ? node->as_array() : nullptr;
  if (!node || (list && list->empty())) reader.fail("distiller", "a distiller's name or a list of them");
  const std::string where = reader.path_of("distiller");
  if (!list) return {read_choice(*node, reader.source(), where)};
  std::vector<PluginChoice> distillers;
  for (const toml::node& item : *list) distillers.push_back(read_choice(item, reader.source(), where));
  return distillers;
}

}  // namespace

DistillConfig read_distill(const toml::table& table, const std::string& where, const Experiment& experiment) {
  TableReader reader(table, experiment.source, where);
  const DeclaredNames declared(experiment);
  DistillConfig distill;
  distill.where = located(experiment.source, table);
  distill.source_sets = read_source_sets(reader);
  distill.target = reader.string("target");
  distill.tune = reader.string("tune");
  // Of several no one is more than the others.
  const MatrixConfig* matrix = experiment.matrices.size() == 1 ? &experiment.matrices.front() : nullptr;
  if (!reader.has("train") && !matrix) {
    reader.fail("train",
                "the recipe of the sources' baselines (there is " +
                    std::string(experiment.matrices.empty() ? "no [matrix]" : "more than one [[matrix]]") +
                    " to take it from)");
  }
  distill.train = reader.string("train", matrix ? matrix->train : "");
  distill.distillers = read_distillers(reader);
  if (reader.has("base")) {
    distill.base = existing_file(reader, "base", "expected the checkpoint that the sources were tuned from");
    distill.base_where = reader.location("base") + reader.path_of("base");
  }
  distill.probe = reader.boolean("probe", !matrix || matrix->probe);
  distill.orders = reader.choice("orders", {"auto", "all", "as-written"}, "auto");
  distill.controls = reader.boolean("controls", true);
  if (reader.has("from_weights")) {
    distill.from_weights = reader.strings("from_weights");
  } else if (matrix) {
    distill.from_weights = matrix->from_weights;
  }
  read_recalibration(reader, declared, distill);
  read_diagnosis(reader, distill);
  reader.finish();
  for (const auto& sources : distill.source_sets) {
    declared.check_datasets(sources, reader, "sources");
    if (distill.orders == "all" && sources.size() > kMostSourcesInAllOrders) {
      reader.fail("orders", "\"as-written\" beside " + std::to_string(sources.size()) +
                                " sources: all orders are tried of " +
                                std::to_string(kMostSourcesInAllOrders) + " at most");
    }
  }
  declared.check_datasets({distill.target}, reader, "target");
  declared.check_from_weights(distill.from_weights, reader, "from_weights");
  declared.check_baseline(distill.train, reader, "train");
  declared.check_tuning(distill.tune, reader, "tune");
  return distill;
}

}  // namespace histokt
