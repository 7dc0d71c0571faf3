// SPDX-License-Identifier: MIT
// Keys that name datasets and recipes of the same file: a name that is not declared is refused, with the
// nearest that is, and so is a recipe of another kind than the key needs.
#pragma once

#include <string>
#include <vector>

#include "config/key_types.hpp"

namespace histokt {

bool has_dataset(const Experiment& experiment, const std::string& name);
void check_datasets(const std::vector<std::string>& names, const KeyPlace& place);

struct DatasetName : Text {
  static std::string says() { return "a dataset"; }
  static void read(const KeyPlace& place, std::string& value);
};

struct DatasetNames : Texts {
  static std::string says() { return "a dataset or a list of them"; }
  static void read(const KeyPlace& place, std::vector<std::string>& value);
};

// For baselines: it starts from random weights and trains all layers, or from given ones.
struct BaselineRecipe : Text {
  static std::string says() { return "a recipe"; }
  static void read(const KeyPlace& place, std::string& value);
};

// To tune with: it starts from its source's model, so it has no weights.
struct TuningRecipe : Text {
  static std::string says() { return "a recipe"; }
  static void read(const KeyPlace& place, std::string& value);
};

struct TuningRecipes : Texts {
  static std::string says() { return "a recipe or a list of them"; }
  static void read(const KeyPlace& place, std::vector<std::string>& value);
};

// For rows of their own beside the sources: each has weights.
struct WeightsRecipes : Texts {
  static std::string says() { return "a recipe or a list of them"; }
  static void read(const KeyPlace& place, std::vector<std::string>& value);
};

}  // namespace histokt
