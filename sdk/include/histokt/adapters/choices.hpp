// SPDX-License-Identifier: MIT
// Options that most published sets share, and their use: the scale of the images, which classes in which
// order, and how many images of each.
//
//   static constexpr histokt_option kOptions[] = {adapters::microns_per_pixel_option("0.42"),
//                                                 adapters::classes_option(), adapters::per_class_option(),
//                                                 adapters::draw_seed_option()};
//   ...
//   info.microns_per_pixel = adapters::microns_per_pixel(request, 0.42);
//   const adapters::ClassChoice choice(kClasses, request.settings);
//   info.classes = choice.classes();
//   std::vector<Sample> samples;  // of the chosen classes
//   for (Sample& sample : adapters::drawn(std::move(samples), request.settings)) add(std::move(sample));
//
// Safe from any thread.
#pragma once

#include <histokt/dataset.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace histokt::adapters {

// published: as written in TOML.
constexpr histokt_option microns_per_pixel_option(const char* published) {
  return number_option("microns_per_pixel", published, 1e-3, 100,
                       "Scale of the images on disk; the default is the published one.");
}
constexpr histokt_option classes_option() {
  return list_of(string_option("classes", "[]", nullptr,
                               "Classes to take, in this order; []: all, in the published order."));
}
constexpr histokt_option per_class_option() {
  return integer_option("per_class", "0", 0, 1e9,
                        "Maximum number of images of each class and official part, drawn by draw_seed before "
                        "anything else; 0: all.");
}
// For multi-label datasets.
constexpr histokt_option images_option() {
  return integer_option(
      "images", "0", 0, 1e9,
      "Maximum number of images of each official part, drawn by draw_seed before anything else; 0: all.");
}
constexpr histokt_option draw_seed_option() {
  return integer_option("draw_seed", "0", 0, 9e15, "Seed for drawing images.");
}

// The option microns_per_pixel; a value other than the published one is logged.
double microns_per_pixel(const DatasetRequest& request, double published);

// The classes of a set and the option `classes`.
class ClassChoice {
 public:
  // usual: taken if the option is empty. known: all classes of the set; empty: the usual ones. Throws
  // BadRequest for a class that is not known, or named twice.
  ClassChoice(std::vector<std::string> usual, const Settings& settings, std::vector<std::string> known = {});

  const std::vector<std::string>& classes() const { return chosen_; }
  bool knows(std::string_view name) const;
  // The index of a class; nullopt if it is not chosen.
  std::optional<int> label(std::string_view name) const;
  // The known names, for errors: "HP and SSA".
  std::string known() const;

 private:
  std::vector<std::string> chosen_, known_;
};

// At most `per_class` samples of each label and official split, in their order. The choice depends only on
// `seed` and the ids, so that other samples do not change it. 0: all.
std::vector<Sample> drawn(std::vector<Sample> samples, std::uint64_t per_class, std::uint64_t seed);
// By the options draw_seed and `option`: "per_class", or "images" if labels are ignored.
std::vector<Sample> drawn(std::vector<Sample> samples, const Settings& settings,
                          const char* option = "per_class");

}  // namespace histokt::adapters
