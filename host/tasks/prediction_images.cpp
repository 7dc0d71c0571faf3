// SPDX-License-Identifier: MIT
#include "tasks/prediction_images.hpp"

#include <spdlog/spdlog.h>

#include <cmath>
#include <cstdint>
#include <string>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace histokt {
namespace {

bool is(const toml::node& given, double wanted) {
  const auto number = given.value<double>();
  return number && std::abs(*number - wanted) <= 1e-9;
}
bool is(const toml::node& given, std::int64_t wanted) {
  return is(given, static_cast<double>(wanted));
}
bool is(const toml::node& given, const std::string& wanted) {
  return given.value<std::string>() == wanted;
}

// Lays what the checkpoint says over [standardize]; what the user says against it is refused. `text` is
// `wanted` as it is written.
template <typename Value>
void require_setting(toml::table& table, const char* key, const Value& wanted, const std::string& text,
                     const PredictionNetwork& network) {
  if (const toml::node* given = table.get(key); given && !is(*given, wanted)) {
    throw RequestError(std::string("--set standardize.") + key + ": " + network.name + " was trained with " +
                       text + ", and new images must be prepared in the same way; leave it out");
  }
  table.insert_or_assign(key, wanted);
}

}  // namespace

toml::table standardize_settings_for(toml::table given, const PredictionNetwork& network) {
  require_setting(given, "patch_side", std::int64_t{network.patch_side}, std::to_string(network.patch_side),
                  network);
  require_setting(given, "microns_per_pixel", network.microns_per_pixel,
                  number_text(network.microns_per_pixel), network);
  if (network.rounding) {
    require_setting(given, "rounding", *network.rounding, *network.rounding, network);
  } else if (!given.contains("rounding")) {
    spdlog::warn(
        "{} does not say how rescaled values were rounded in training, so \"nearest\" is used; --set "
        "standardize.rounding changes it",
        network.name);
  }
  return given;
}

void check_dataset(const ImageDatasetInfo& info, const PredictionNetwork& network) {
  if (info.classes != network.classes || info.multi_label != network.multi_label) {
    throw RequestError(network.name + " was trained for the classes " + joined(network.classes) + ", but " +
                       info.name + " has " + joined(info.classes) +
                       "; leave out --dataset and give --microns-per-pixel to predict from the images alone");
  }
  if (info.as_is && std::abs(info.microns_per_pixel - network.microns_per_pixel) > 1e-9) {
    throw RequestError(network.name + " was trained at " + number_text(network.microns_per_pixel) +
                       " microns per pixel, but " + info.name + " is read as it is, at " +
                       number_text(info.microns_per_pixel) + "; use another checkpoint");
  }
}

}  // namespace histokt
