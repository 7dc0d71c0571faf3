// SPDX-License-Identifier: MIT
// The tables of an experiment's file: for each kind its keys, a row each, and how one is read. For config/
// alone; experiment.hpp has the structs they fill. All throw RequestError with the location, what was found
// and what was expected.
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

// The table form of `diagnose` in [[distill]]: diagnose = { barrier = true }.
struct Diagnosis {
  bool barrier = false;
  int points = 11;
};
const Keys<Diagnosis>& diagnosis_keys();

// Each reads one table by its keys and checks that they agree. It uses what `experiment` holds already: its
// source and top-level keys for all of them, every dataset and recipe for a matrix, and every matrix for the
// next one and for a [[distill]].

DatasetConfig read_dataset(const std::string& name, const toml::table& table, const Experiment& experiment);
Recipe read_recipe(const std::string& name, const toml::table& table, const Experiment& experiment);
// where: "matrix", "matrix[0]" or "distill[0]".
MatrixConfig read_matrix(const toml::table& table, const std::string& where, const Experiment& experiment);
DistillConfig read_distill(const toml::table& table, const std::string& where, const Experiment& experiment);

// Checks the options of an augmentation table together.
void check_augmentation(const AugmentationOptions& options, TableReader& table);

}  // namespace histokt
