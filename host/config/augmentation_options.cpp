#include "config/augmentation_options.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace histokt {
namespace {

// How a way to change colours is called, and how strongly it does where nothing is said and at most.
struct ColourName {
  const char* name;
  ColourJitter kind;
  double usual, most;
};

// The usual strengths are those that the published configurations name, the lighter one where there are two.
// Beyond 2.5 a distortion would turn hues by more than half a turn.
constexpr ColourName kColours[] = {{"none", ColourJitter::kNone, 0, 0},
                                   {"ycbcr", ColourJitter::kYcbcr, 0.1, 10},
                                   {"hsv", ColourJitter::kHsv, 0.1, 10},
                                   {"rgb", ColourJitter::kRgb, 1, 10},
                                   {"distortion", ColourJitter::kDistortion, 0.3, 2.5}};

constexpr int kMostPixels = 10'000;

const ColourName& find(const std::string& name) {
  return *std::ranges::find(kColours, name, &ColourName::name);
}

const ColourName& find(ColourJitter kind) {
  return *std::ranges::find(kColours, kind, &ColourName::kind);
}

void read_colour(TableReader& part, AugmentationOptions& options) {
  std::vector<std::string> names;
  for (const ColourName& colour : kColours) names.emplace_back(colour.name);
  const ColourName& colour = find(part.choice("colour", names, "none"));
  options.colour = colour.kind;
  if (colour.kind == ColourJitter::kNone) {
    if (part.has("colour_strength"))
      part.fail("colour_strength", "a colour beside it, such as colour = \"hsv\"");
    return;
  }
  options.colour_strength = part.number("colour_strength", 0, colour.most, colour.usual);
}

void read_blur(TableReader& part, AugmentationOptions& options) {
  options.blur_sigma = part.number("blur_sigma", 0, 100, options.blur_sigma);
  options.blur_size = static_cast<int>(part.integer("blur_size", 1, 101, options.blur_size));
  if (options.blur_size % 2 == 0) part.fail("blur_size", "an odd integer from 1 to 101");
}

void read_cutout(TableReader& part, AugmentationOptions& options) {
  options.cutout_holes = static_cast<int>(part.integer("cutout_holes", 0, 1000, options.cutout_holes));
  options.cutout_side = static_cast<int>(part.integer("cutout_side", 2, kMostPixels, options.cutout_side));
  if (options.cutout_side % 2 != 0)
    part.fail("cutout_side", "an even integer from 2 to " + std::to_string(kMostPixels));
}

}  // namespace

AugmentationOptions read_augmentation(TableReader& recipe) {
  AugmentationOptions options;
  const toml::table* table = recipe.table("augmentation");
  if (!table) return options;
  TableReader part(*table, recipe.source(), recipe.path_of("augmentation"));
  options.horizontal_flip = part.number("horizontal_flip", 0, 1, options.horizontal_flip);
  options.vertical_flip = part.number("vertical_flip", 0, 1, options.vertical_flip);
  options.rotation_degrees = part.number("rotation_degrees", 0, 180, options.rotation_degrees);
  options.shift = part.number("shift", 0, 1, options.shift);
  read_colour(part, options);
  read_blur(part, options);
  read_cutout(part, options);
  part.finish();
  return options;
}

toml::table augmentation_table(const AugmentationOptions& options) {
  toml::table table{{"horizontal_flip", options.horizontal_flip},
                    {"vertical_flip", options.vertical_flip},
                    {"rotation_degrees", options.rotation_degrees},
                    {"shift", options.shift}};
  if (options.colour != ColourJitter::kNone) {
    table.insert("colour", find(options.colour).name);
    table.insert("colour_strength", options.colour_strength);
  }
  if (options.blur_sigma > 0) {
    table.insert("blur_sigma", options.blur_sigma);
    table.insert("blur_size", options.blur_size);
  }
  if (options.cutout_holes > 0) {
    table.insert("cutout_holes", options.cutout_holes);
    table.insert("cutout_side", options.cutout_side);
  }
  return table;
}

}  // namespace histokt
