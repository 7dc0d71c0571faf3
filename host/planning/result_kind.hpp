// SPDX-License-Identifier: MIT
// The kind of a table's row: how its network was made, and what it is compared with.
#pragma once

#include <string>
#include <vector>

namespace histokt {

enum class ResultKind {
  kBaseline,         // trained on the target alone
  kTransfer,         // a source's network, tuned
  kDistilled,        // a merge, tuned
  kWeights,          // weights of a file, tuned
  kFirstAlone,       // control: the first source of a merge alone, put through the distiller
  kDeclaredControl,  // control: a merge with what its distiller declares as such (MergeSettings::control)
};

// Settings of a merge besides the options of its distiller, as written in labels; "" for none.
struct MergeSettings {
  std::string base;           // "base=imagenet@1a2b3c4d": what the distiller builds on
  std::string recalibration;  // "recalibrate=crc recalibration_patches=64": what follows the merge
  // Of a control that a distiller declares, "" for other rows: "random directions", a sentence for notes of
  // tables, and the options that make it the control, "directions=random", which text() omits: the
  // distiller's options already show them.
  std::string control, control_summary, control_options;
  std::string text() const {
    return base + (base.empty() || recalibration.empty() ? "" : " ") + recalibration;
  }
};

// The baseline that a row is compared with: the target's own training by the recipe behind the row, otherwise
// the target's first; nullptr if it has none. Row: a Cell, or a row made from one.
template <typename Row>
const Row* baseline_of(const std::vector<Row>& rows, const Row& row) {
  const Row* first = nullptr;
  for (const Row& baseline : rows) {
    if (baseline.kind != ResultKind::kBaseline || baseline.target != row.target) continue;
    if (baseline.recipe == row.train) return &baseline;
    if (!first) first = &baseline;
  }
  return first;
}

}  // namespace histokt
