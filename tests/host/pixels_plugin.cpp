// SPDX-License-Identifier: MIT
// A dataset that generates images of any requested size, and may name a class with bytes that are not UTF-8.
#include <algorithm>
#include <histokt/dataset.hpp>

namespace histokt {

class Pixels : public Dataset {
 public:
  static constexpr bool kRootOptional = true;
  static constexpr histokt_option kOptions[] = {
      integer_option("side", "40", 1, 1e9, "Side of an image."),
      boolean_option("latin", "false", "Whether a class has a name in Latin-1."),
  };

  explicit Pixels(const DatasetRequest& request)
      : side_(static_cast<std::uint32_t>(request.settings.integer("side"))) {
    info.classes = {"a", request.settings.boolean("latin") ? "\xE9" : "b"};
    info.microns_per_pixel = 1;
    for (int i = 0; i < 10; ++i) add({.id = std::to_string(i), .group = "", .label = i % 2});
  }

  void read(Reader&, std::size_t index, const Sink& sink) const override {
    std::uint8_t* pixels = sink.allocate(side_, side_, 3);
    for (std::size_t i = 0; i < std::size_t{side_} * side_ * 3; ++i) {
      pixels[i] = static_cast<std::uint8_t>((i + index) * 2654435761u >> 24);
    }
  }

 private:
  std::uint32_t side_;
};

}  // namespace histokt

HISTOKT_DATASET_PLUGIN(histokt::Pixels, "pixels", "1.0.0", "Pixels for tests", "", "");
