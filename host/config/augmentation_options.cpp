// SPDX-License-Identifier: MIT
#include "config/augmentation_options.hpp"

#include <algorithm>

#include "config/key_types.hpp"
#include "config/toml_tables/toml_tables.hpp"

namespace histokt {
namespace {

// How a way to change colours is called, and how strongly it does where nothing is said and at most.
struct Colour {
  ColourJitter value;
  const char* name;
  double usual, most;
};

// The usual strengths are those that the published configurations name, the lighter one where there are two.
// Beyond 2.5 a distortion would turn hues by more than half a turn.
constexpr Colour kColours[] = {{ColourJitter::kNone, "none", 0, 0},
                               {ColourJitter::kYcbcr, "ycbcr", 0.1, 10},
                               {ColourJitter::kHsv, "hsv", 0.1, 10},
                               {ColourJitter::kRgb, "rgb", 1, 10},
                               {ColourJitter::kDistortion, "distortion", 0.3, 2.5}};

constexpr double kMostStrength = 10;
constexpr int kMostPixels = 10'000;

const Colour& colour_of(const AugmentationOptions& options) {
  return *std::ranges::find(kColours, options.colour, &Colour::value);
}

void use_usual_strength(const KeyPlace&, AugmentationOptions& options) {
  options.colour_strength = colour_of(options).usual;
}

bool changes_colour(const AugmentationOptions& options) {
  return options.colour != ColourJitter::kNone;
}

bool blurs(const AugmentationOptions& options) {
  return options.blur_sigma > 0;
}

bool cuts_out(const AugmentationOptions& options) {
  return options.cutout_holes > 0;
}

}  // namespace

// Colour, blur and cutout are written only where they do something, so that a recipe without them is the one
// it was before they were there.
const Keys<AugmentationOptions>& augmentation_keys() {
  using A = AugmentationOptions;
  using Row = Key<A>;
  static const Keys<A> keys = {
      {"horizontal_flip", &A::horizontal_flip, Number{0, 1}, "Probability."},
      {"vertical_flip", &A::vertical_flip, Number{0, 1}, "Probability."},
      {"rotation_degrees", &A::rotation_degrees, Number{0, 180},
       "Largest angle in either direction, drawn uniformly; nearest neighbour, black beyond the edge."},
      {"shift", &A::shift, Number{0, 1},
       "Largest shift along each axis, as a share of the side, drawn uniformly; whole pixels."},
      Row("colour", &A::colour, Word(kColours), "How colours change: see below.").written_if(changes_colour),
      Row("colour_strength", &A::colour_strength, Number{0, kMostStrength},
          "The published code's `distortion`; at most 2.5 with `colour = \"distortion\"`.")
          .otherwise("`0.1`; `1` for `\"rgb\"`, `0.3` for `\"distortion\"`", use_usual_strength)
          .written_if(changes_colour),
      Row("blur_sigma", &A::blur_sigma, Number{0, 100}, "Sigma of the Gaussian blur, in pixels; 0: no blur.")
          .written_if(blurs),
      Row("blur_size", &A::blur_size, Integer{1, 101}, "Side of the blur kernel in pixels, odd.")
          .written_if(blurs),
      Row("cutout_holes", &A::cutout_holes, Integer{0, 1000},
          "Number of squares of the mean colour, anywhere in the patch.")
          .written_if(cuts_out),
      Row("cutout_side", &A::cutout_side, Integer{2, kMostPixels}, "Side of the squares in pixels, even.")
          .written_if(cuts_out),
  };
  return keys;
}

void check_augmentation(const AugmentationOptions& options, TableReader& table) {
  if (!changes_colour(options) && table.has("colour_strength"))
    table.fail("colour_strength", "a colour as well, such as colour = \"hsv\"");
  if (options.colour_strength > colour_of(options).most)
    table.fail("colour_strength", number_says(0, colour_of(options).most));
  if (options.blur_size % 2 == 0) table.fail("blur_size", "an odd integer from 1 to 101");
  if (options.cutout_side % 2 != 0)
    table.fail("cutout_side", "an even integer from 2 to " + std::to_string(kMostPixels));
}

toml::table augmentation_table(const AugmentationOptions& options) {
  return augmentation_keys().written(options, Writing());
}

}  // namespace histokt
