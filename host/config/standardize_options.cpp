// SPDX-License-Identifier: MIT
#include "config/standardize_options.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <histokt/options.hpp>

#include "base/errors.hpp"
#include "base/progress.hpp"
#include "base/version.hpp"
#include "patches/contact_sheet.hpp"

namespace histokt {
namespace {

constexpr const char* kRoundings[] = {"nearest", "truncate", nullptr};
constexpr const char* kScaleChecks[] = {"fail", "warn", nullptr};
constexpr const char* kOnBad[] = {"fail", "skip", nullptr};

constexpr std::array kOptions = {
    number_option("microns_per_pixel", "1.0", 0.01, 1000, "Scale of the patches."),
    integer_option("patch_side", "272", 8, 8192, "Side of the patches in pixels."),
    number_option("overlap", "-1", -1, 0.99,
                  "Share of a patch's side that overlaps its neighbour; below 0: as published for the "
                  "dataset, or 0.25 if that is not known."),
    number_option("min_contrast", "0.05", 0, 1,
                  "Background filter: drops a patch whose luma range, from the 5th to the 99th percentile as "
                  "a share of a full range of 2, is below this; 0 keeps all."),
    string_option("rounding", "\"nearest\"", kRoundings,
                  "How rescaled values become integers; the published code truncates, which is the default "
                  "under `protocol = \"paper\"`."),
    integer_option("max_pixels", "200000000", 1, 1e12,
                   "Largest image, in pixels, before and after rescaling."),
    integer_option("bits", "0", 0, 16,
                   "How many bits of a 16-bit sample count: 12 for a camera that writes 0 to 4095; 0: as the "
                   "file says, all 16 where it says nothing."),
    string_option("scale_check", "\"fail\"", kScaleChecks,
                  "What to do with an image whose name or metadata states a scale more than 5% off "
                  "microns_per_pixel of the dataset."),
    string_option("on_bad_image", "\"fail\"", kOnBad, "What to do with an image that cannot be read."),
};

}  // namespace

std::span<const histokt_option> standardize_options() {
  return kOptions;
}

OptionSet resolve_standardize(GivenOptions given, const TomlSource& source, Protocol protocol) {
  const toml::value<std::string> truncate("truncate");
  if (protocol == Protocol::kPaper && !given.find("rounding")) given.set("rounding", truncate);
  return OptionSet::resolve(kOptions, given, source, "[standardize]");
}

std::int64_t max_pixels(const OptionSet& options) {
  return Settings(options.settings()).integer("max_pixels");
}

StandardizeRequest standardize_request(const OptionSet& options, Protocol protocol,
                                       std::optional<double> dataset_overlap) {
  const Settings settings(options.settings());
  StandardizeRequest request;
  StandardizeOptions& image = request.image;
  image.target_microns_per_pixel = settings.number("microns_per_pixel");
  image.patch_side = static_cast<int>(settings.integer("patch_side"));
  const double overlap = settings.number("overlap");
  image.overlap = overlap >= 0 ? overlap : dataset_overlap.value_or(0.25);
  image.min_contrast = settings.number("min_contrast");
  image.rounding = settings.string("rounding") == "truncate" ? Rounding::kTruncate : Rounding::kNearest;
  image.bits = static_cast<int>(settings.integer("bits"));
  image.require_scale = settings.string("scale_check") == "fail";
  image.max_pixels = max_pixels(options);
  request.protocol = protocol_name(protocol);
  request.on_bad_image = settings.string("on_bad_image") == "skip" ? OnBadImage::kSkip : OnBadImage::kFail;
  request.versions = nlohmann::json{{"program", program_version()}}.dump();
  return request;
}

StandardizeRequest standardize_request(const OptionSet& options, Protocol protocol,
                                       std::optional<double> dataset_overlap, const Plugin& plugin) {
  StandardizeRequest request = standardize_request(options, protocol, dataset_overlap);
  request.versions =
      nlohmann::json{{"program", program_version()}, {"dataset", plugin.name() + " " + plugin.version()}}
          .dump();
  return request;
}

StandardizeSummary standardize_with_progress(const ImageDataset& dataset, const StandardizeRequest& request,
                                             const std::filesystem::path& output,
                                             const std::filesystem::path& contact_sheet, int threads) {
  Progress progress("standardising " + dataset.info().name, "images", dataset.info().size);
  StandardizeSummary made = standardize(dataset, request, output, threads, progress);
  for (const std::string& warning : made.warnings) spdlog::warn("{}: {}", dataset.info().name, warning);
  try {
    write_contact_sheet(contact_sheet, PatchSet(output));
  } catch (const RunError& error) {
    spdlog::warn("{}; the patch set {} is complete without it", error.what(), output.string());
  }
  return made;
}

}  // namespace histokt
