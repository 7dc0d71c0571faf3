// SPDX-License-Identifier: MIT
// Weight distillation by a truncated singular value decomposition of the stacked sources; README.md has the
// formula and its consequences.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <histokt/distiller.hpp>

#include "svd/projection.hpp"

namespace histokt {

class SvdDistiller : public Distiller {
 public:
  static constexpr const char* kReferences[] = {"first", "mean", nullptr};
  static constexpr const char* kRescales[] = {"none", "norm", nullptr};
  static constexpr const char* kDirections[] = {"joint", "random", nullptr};
  static constexpr std::array<histokt_option, 5> kOptions = {
      integer_option("rank", "0", 0, 1e9,
                     "Directions kept in each weight, at most its output channels; 0: as many as those."),
      string_option("reference", "\"first\"", kReferences,
                    "What to project: the first source, or the mean of all."),
      string_option("rescale", "\"none\"", kRescales,
                    "\"norm\" brings each weight back to the Frobenius norm it had before the projection."),
      string_option(
          "directions", "\"joint\"", kDirections,
          "What to project on: the leading directions of all sources, or, as a control, random ones."),
      integer_option("seed", "0", 0, 9e15, "Seed for drawing random directions.")};

  static constexpr histokt_pair kControlOptions[] = {{"directions", "\"random\""}};
  static constexpr auto kControl =
      control("random directions",
              "Random directions are drawn once (by the distiller's option seed) for all trials and folds: "
              "the deviation does not include that between draws.",
              kControlOptions);

  explicit SvdDistiller(const DistillerRequest& request);

  // Weights of two or more dimensions are projected, the others become the mean of the sources.
  void merge(const Merge& merge) override;
  bool order_matters() const override { return reference_ == Reference::kFirst; }

 private:
  void merge_weight(const StackedWeights& weights, std::string_view name, std::span<float> result);

  std::size_t rank_;
  Reference reference_;
  bool random_;
  std::uint64_t seed_;
  bool rescale_;
  Host host_;
  SubspaceProjection projection_;
};

}  // namespace histokt
