// The tables of an experiment's file: for each kind its keys, a row each, and how one is read. For
// config/ alone; experiment.hpp has what comes of them. All throw RequestError, which says the place, what
// was found and what was expected.
#pragma once

#include <string>
#include <vector>

#include "config/experiment.hpp"
#include "config/keys.hpp"
#include "config/table_reader.hpp"

namespace histokt {

// The top of the file, and with it all of it.
const Keys<Experiment>& experiment_keys();
const Keys<DatasetConfig>& dataset_keys();
const Keys<Recipe>& recipe_keys();
const Keys<Recipe>& optimizer_keys();  // recipes.NAME.optimizer
const Keys<Recipe>& schedule_keys();   // recipes.NAME.schedule
const Keys<AugmentationOptions>& augmentation_keys();
const Keys<MatrixConfig>& matrix_keys();
const Keys<DistillConfig>& distill_keys();

// What stands in [[distill]] as a table, diagnose = { barrier = true }.
struct Diagnosis {
  bool barrier = false;
  int points = 11;
};
const Keys<Diagnosis>& diagnosis_keys();

// Each reads one table by its keys and checks what the keys say together. It goes by what is in `experiment`
// already: its source and top-level keys for all of them, every dataset and recipe for a matrix, and every
// matrix for the next one and for a [[distill]].

DatasetConfig read_dataset(const std::string& name, const toml::table& table, const Experiment& experiment);
Recipe read_recipe(const std::string& name, const toml::table& table, const Experiment& experiment);
// where: "matrix", "matrix[0]" or "distill[0]".
MatrixConfig read_matrix(const toml::table& table, const std::string& where, const Experiment& experiment);
DistillConfig read_distill(const toml::table& table, const std::string& where, const Experiment& experiment);

// Of a table of augmentation.
void check_augmentation(const AugmentationOptions& options, TableReader& table);

}  // namespace histokt
