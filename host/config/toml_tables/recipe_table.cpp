#include "config/augmentation_options.hpp"
#include "config/toml_tables/toml_tables.hpp"
#include "training/metrics.hpp"

namespace histokt {
namespace {

constexpr std::int64_t kLargestCount = 1'000'000;

void read_weights_of(TableReader& reader, Recipe& recipe) {
  if (!reader.has("weights")) {
    if (reader.has("normalization")) {
      reader.fail("normalization", "weights beside it: it says whether patches are normalised as for those");
    }
    return;
  }
  recipe.weights = existing_file(
      reader, "weights", "expected what training starts from, such as torchvision's resnet18-f37072fd.pth");
  recipe.normalize_as_weights =
      reader.choice("normalization", {"weights", "training"}, "weights") == "weights";
}

// Features can be kept only of an encoder that gives the same ones every epoch.
void read_views(TableReader& reader, Recipe& recipe) {
  recipe.views = static_cast<int>(reader.integer("views", 1, 1000));
  if (recipe.layers != Layers::kHead)
    reader.fail("views", "layers = \"head\" beside it: the encoder must stay");
  if (!recipe.frozen_batch_norm_running) {
    reader.fail("views", "frozen_batch_norm = \"running\" beside it: batch statistics change the features");
  }
  if (!recipe.clean_validation) {
    reader.fail("views", "validation = \"clean\" beside it: augmented validation is drawn anew every epoch");
  }
}

void read_optimizer(TableReader& reader, Recipe& recipe) {
  const toml::table* optimizer = reader.table("optimizer");
  if (!optimizer) reader.fail("optimizer", "a table { use = NAME, learning_rate = NUMBER, options = {...} }");
  TableReader part(*optimizer, reader.source(), reader.path_of("optimizer"));
  recipe.optimizer = {part.string("use"), {}, reader.path_of("optimizer"), part.location("use")};
  recipe.learning_rates = part.numbers("learning_rate", 0);
  if (const toml::table* options = part.table("options")) recipe.optimizer.options.lay_over(*options);
  part.finish();
}

}  // namespace

Recipe read_recipe(const std::string& name, const toml::table& table, const Experiment& experiment) {
  TableReader reader(table, experiment.source, "recipes." + name);
  Recipe recipe;
  recipe.name = name;
  recipe.where = located(experiment.source, table);
  const std::string layers = reader.choice("layers", {"all", "head", "none"}, "all");
  recipe.layers = layers == "all" ? Layers::kAll : layers == "head" ? Layers::kHead : Layers::kNone;
  if (const toml::node* model = reader.node("model")) {
    recipe.model = read_choice(*model, experiment.source, reader.path_of("model"));
  } else {
    recipe.model = {"resnet18", {}, reader.path_of("model"), recipe.where};
  }
  std::vector<std::string> selections = selection_words();
  selections.insert(selections.begin(), "auto");
  recipe.selection = reader.choice("selection", selections, experiment.paper() ? "accuracy" : "auto");
  if (recipe.layers == Layers::kNone) {
    // What training needs may stay in the file, unused: only `layers` was changed to look at the encoder as
    // it is.
    for (const char* key :
         {"optimizer", "epochs", "batch_size", "frozen_batch_norm", "validation", "class_weights", "schedule",
          "augmentation", "log_layers", "weights", "normalization", "views"}) {
      reader.node(key);
    }
    reader.finish();
    return recipe;
  }
  read_weights_of(reader, recipe);
  read_optimizer(reader, recipe);
  recipe.epochs = static_cast<int>(reader.integer("epochs", 1, kLargestCount));
  recipe.batch_size = static_cast<int>(reader.integer("batch_size", 2, kLargestCount, 64));
  recipe.frozen_batch_norm_running = reader.choice("frozen_batch_norm", {"running", "batch"},
                                                   experiment.paper() ? "batch" : "running") == "running";
  recipe.clean_validation = reader.choice("validation", {"clean", "augmented"},
                                          experiment.paper() ? "augmented" : "clean") == "clean";
  recipe.class_weights = reader.choice("class_weights", {"auto", "none", "balanced"}, "auto");
  if (reader.has("views")) read_views(reader, recipe);
  if (const toml::table* schedule = reader.table("schedule")) {
    TableReader part(*schedule, experiment.source, reader.path_of("schedule"));
    recipe.schedule_every = static_cast<int>(part.integer("every", 1, kLargestCount));
    recipe.schedule_factor = part.number("factor", 1e-12, 1);
    part.finish();
  }
  recipe.augmentation = read_augmentation(reader);
  recipe.log_layers = reader.boolean("log_layers", false);
  reader.finish();
  return recipe;
}

}  // namespace histokt
