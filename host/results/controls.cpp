// SPDX-License-Identifier: MIT
#include "results/controls.hpp"

#include <algorithm>

namespace histokt {

using Kind = ResultKind;

bool is_control_of(const ResultRow& control, const ResultRow& merge) {
  if (control.target != merge.target || (control.kind != Kind::kWeights && control.train != merge.train))
    return false;
  switch (control.kind) {
    case Kind::kBaseline:
    case Kind::kWeights:
      return true;
    case Kind::kTransfer:
      return control.recipe == merge.recipe &&
             std::ranges::find(merge.sources, control.sources.front()) != merge.sources.end();
    case Kind::kFirstAlone:
      return control.recipe == merge.recipe && method_of(control) == method_of(merge) &&
             control.sources.front() == merge.sources.front();
    case Kind::kDeclaredControl:
      return control.recipe == merge.recipe && control.sources == merge.sources &&
             control.merge_settings.recalibration == merge.merge_settings.recalibration &&
             (control.merge_settings.base.empty() ||
              control.merge_settings.base == merge.merge_settings.base);
    default:
      return false;
  }
}

std::string control_name(const ResultRow& control) {
  switch (control.kind) {
    case Kind::kBaseline:
      return "the baseline";
    case Kind::kTransfer:
    case Kind::kWeights:
      return sources_text(control) + " tuned";
    case Kind::kDeclaredControl: {
      const std::string more = control.merge_settings.text();
      const bool is_plain = method_of(control).ends_with("(" + control.merge_settings.control_options +
                                                         (more.empty() ? "" : " " + more) + ")");
      return control.merge_settings.control + (is_plain ? "" : " (" + method_of(control) + ")");
    }
    default:
      return network_name(control);
  }
}

}  // namespace histokt
