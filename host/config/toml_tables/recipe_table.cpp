// SPDX-License-Identifier: MIT
#include "config/key_types.hpp"
#include "config/toml_tables/toml_tables.hpp"
#include "config/toml_tables/validation_words.hpp"
#include "training/metrics.hpp"

namespace histokt {
namespace {

constexpr std::int64_t kLargestCount = 1'000'000;

constexpr Named<bool> kFrozenBatchNorm[] = {{true, "running"}, {false, "batch"}};
constexpr Named<bool> kNormalizations[] = {{true, "weights"}, {false, "training"}};

std::vector<std::string> selections() {
  std::vector<std::string> words = selection_words();
  words.insert(words.begin(), "auto");
  return words;
}

bool trains(const Recipe& recipe) {
  return recipe.layers != Layers::kNone;
}

bool has_weights(const Recipe& recipe) {
  return !recipe.weights.empty();
}

bool has_schedule(const Recipe& recipe) {
  return recipe.schedule_every > 0;
}

bool has_views(const Recipe& recipe) {
  return recipe.views > 0;
}

// Its own default, where a PluginChoice has none.
void use_resnet18(const KeyPlace& place, Recipe& recipe) {
  recipe.model = {"resnet18", {}, place.table.path_of(place.key), recipe.where};
}

struct Augmentation : Table<AugmentationOptions> {
  Augmentation() : Table{&augmentation_keys()} {}
  void read(const KeyPlace& place, AugmentationOptions& options) const {
    Table::read(place, options);
    TableReader table(*place.table.table(place.key), place.table.source(), place.table.path_of(place.key));
    check_augmentation(options, table);
  }
};

void check_normalization(const Recipe& recipe, TableReader& table) {
  if (table.has("normalization") && !has_weights(recipe)) {
    table.fail("normalization",
               "weights as well: it chooses between their normalisation and that of the training patches");
  }
}

// Features can be kept only of an encoder that gives the same ones every epoch.
void check_views(const Recipe& recipe, const TableReader& table) {
  if (!has_views(recipe)) return;
  if (recipe.layers != Layers::kHead)
    table.fail("views", "layers = \"head\" as well: the encoder must stay fixed");
  if (!recipe.frozen_batch_norm_running) {
    table.fail("views", "frozen_batch_norm = \"running\" as well: batch statistics change the features");
  }
  if (!recipe.clean_validation) {
    table.fail("views", "validation = \"clean\" as well: augmented validation is drawn anew every epoch");
  }
}

}  // namespace

const Keys<Recipe>& optimizer_keys() {
  using Row = Key<Recipe>;
  static const Keys<Recipe> keys = {
      Row("use", &Recipe::optimizer, PluginName{}, "The optimizer plugin.").required(),
      Row("learning_rate", &Recipe::learning_rates, Numbers{0},
          "With a list, each is tried, and the one with the best mean validation score over trials is "
          "chosen.")
          .required(),
      Row("options", &Recipe::optimizer, PluginOptions{HISTOKT_OPTIMIZER},
          "The plugin's own options; each may be a list, which is searched in the same way.")
          .otherwise("none"),
  };
  return keys;
}

const Keys<Recipe>& schedule_keys() {
  using Row = Key<Recipe>;
  static const Keys<Recipe> keys = {
      Row("every", &Recipe::schedule_every, Integer{1, kLargestCount}, "Epochs from one change to the next.")
          .required(),
      Row("factor", &Recipe::schedule_factor, Number{1e-12, 1}, "Factor on the learning rate at each change.")
          .required(),
  };
  return keys;
}

const Keys<Recipe>& recipe_keys() {
  using Row = Key<Recipe>;
  static const Keys<Recipe> keys =
      Keys<Recipe>{
          Row("model", &Recipe::model, PluginValue{HISTOKT_MODEL}, "The model plugin.")
              .otherwise("`\"resnet18\"`", use_resnet18),
          {"layers", &Recipe::layers, Word(kLayers),
           "Which layers are trained: `\"head\"` is only the last one; `\"none\"` evaluates the model as it "
           "is, which requires the same classes."},
          Row("selection", &Recipe::selection, OneOf{selections()},
              "The validation score that selects the epoch, the learning rate, the trial and a probe's "
              "settings; `\"auto\"` is accuracy, or mean average precision where a patch has several labels; "
              "`\"balanced-accuracy\"` requires one label per patch.")
              .paper("\"accuracy\""),
      }  // What training needs may stay in the file, unused: only `layers` was changed to look at the
         // encoder as it is.
          .only_if(
              trains,
              {
                  Row("optimizer", kWhole,
                      Table<Recipe>{&optimizer_keys(),
                                    "a table { use = NAME, learning_rate = NUMBER, options = {...} }"},
                      "A table, below.")
                      .required(),
                  Row("epochs", &Recipe::epochs, Integer{1, kLargestCount},
                      "Passes over the training patches.")
                      .required(),
                  {"batch_size", &Recipe::batch_size, Integer{2, kLargestCount},
                   "Patches per optimizer step."},
                  Row("schedule", kWhole, Table<Recipe>{&schedule_keys()},
                      "How the learning rate changes with the epochs: a table, below.")
                      .otherwise("none")
                      .written_if(has_schedule),
                  Row("frozen_batch_norm", &Recipe::frozen_batch_norm_running, Word(kFrozenBatchNorm),
                      "Which batch-norm statistics a frozen encoder uses.")
                      .paper("\"batch\""),
                  Row("validation", &Recipe::clean_validation, Word(kValidations),
                      "`\"augmented\"` validates with the training augmentation, as the published code does.")
                      .paper("\"augmented\""),
                  {"class_weights", &Recipe::class_weights, OneOf{{"auto", "none", "balanced"}},
                   "Class weights of the loss, from the training patches; `\"auto\"` is as published: "
                   "balanced where a patch has several labels, none where it has one."},
                  {"weights", &Recipe::weights,
                   File{"expected what training starts from, such as torchvision's resnet18-f37072fd.pth"},
                   "The checkpoint that training starts from, instead of random weights: "
                   "[weights.md](weights.md)."},
                  Row("normalization", &Recipe::normalize_as_weights, Word(kNormalizations),
                      "With `weights`: normalise patches as those weights expect, or by the training "
                      "patches' own statistics.")
                      .written_if(has_weights),
                  Row("augmentation", &Recipe::augmentation, Augmentation(),
                      "Augmentation of training patches: a table, below.")
                      .otherwise("flips, rotation and shift"),
                  Row("views", &Recipe::views, Integer{1, 1000},
                      "With `layers = \"head\"`: augment each patch this many times, compute the features of "
                      "these views once, and train the head on them, one view per epoch in turn. Many times "
                      "faster, since the encoder runs `views` times and not `epochs` times; but the "
                      "augmentation is not drawn anew in each epoch. Requires `frozen_batch_norm = "
                      "\"running\"` and `validation = \"clean\"`.")
                      .otherwise("none")
                      .written_if(has_views),
                  Row("log_layers", &Recipe::log_layers, Boolean{},
                      "Write the optimizer's layer statistics to `layers.csv` next to `metrics.csv`; only "
                      "`rmsgd` has any.")
                      .written_if(&Recipe::log_layers),
              });
  return keys;
}

Recipe read_recipe(const std::string& name, const toml::table& table, const Experiment& experiment) {
  TableReader reader(table, experiment.source, "recipes." + name);
  Recipe recipe;
  recipe.name = name;
  recipe.where = located(experiment.source, table);
  recipe_keys().read(reader, recipe, experiment);
  if (!trains(recipe)) return recipe;
  check_normalization(recipe, reader);
  check_views(recipe, reader);
  return recipe;
}

}  // namespace histokt
