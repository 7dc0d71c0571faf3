// What a row of a table is: how its network came to be, and what it is compared with.
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
  kDeclaredControl,  // control: a merge with what its distiller declares as such (MadeWith::control)
};

// What merges are made with beside the options of their distiller, in the words of their labels; "" for none.
struct MadeWith {
  std::string base;           // "base=imagenet@1a2b3c4d": what the distiller builds on
  std::string recalibration;  // "recalibrate=crc recalibration_patches=64": what comes after it
  // Of a control that a distiller declares, "" for other rows: "random directions", a sentence for notes of
  // tables, and what makes it that, "directions=random", which no text() repeats: the options say it already.
  std::string control, control_summary, control_options;
  std::string text() const {
    return base + (base.empty() || recalibration.empty() ? "" : " ") + recalibration;
  }
};

// What a row is compared with: the target's own training by the recipe that is behind the row, or else the
// first of the target; nullptr where it has none. Row: a Cell, or a row that was made of one.
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
