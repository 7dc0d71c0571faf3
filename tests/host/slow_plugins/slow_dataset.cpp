// SPDX-License-Identifier: MIT
// Images of two colours, which hang on request.
#include <histokt/dataset.hpp>

#include "hang.hpp"

namespace {

class Slow : public histokt::Dataset {
 public:
  static constexpr histokt_option kOptions[] = {
      histokt::integer_option("images", "12", 1, 1000, "Images, of as many patients."),
  };

  explicit Slow(const histokt::DatasetRequest& request) {
    hang_if_asked("open");
    info.classes = {"pale", "dark"};
    info.microns_per_pixel = 1;
    info.group_level = HISTOKT_GROUP_PATIENT;
    for (int i = 0; i < request.settings.integer("images"); ++i) {
      add({.id = "p" + std::to_string(i), .group = "patient " + std::to_string(i / 2), .label = i % 2});
    }
  }

  void read(Reader&, std::size_t index, const histokt::Sink& sink) const override {
    if (index == 5) hang_if_asked("read");
    constexpr std::uint32_t kSide = 48;
    std::uint8_t* const pixels = sink.allocate(kSide, kSide, 3);
    for (std::size_t i = 0; i < kSide * kSide * 3; ++i) {
      pixels[i] = static_cast<std::uint8_t>((i * 7919 + index * 104729) % 128 + (index % 2 ? 0 : 127));
    }
  }
};

}  // namespace

HISTOKT_DATASET_PLUGIN(Slow, "slow", "1.0.0", "Images that hang", "MIT", "");
