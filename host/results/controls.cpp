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
      return control.recipe == merge.recipe && strategy_of(control) == strategy_of(merge) &&
             control.sources.front() == merge.sources.front();
    case Kind::kDeclaredControl:
      return control.recipe == merge.recipe && control.sources == merge.sources &&
             control.made_with.recalibration == merge.made_with.recalibration &&
             (control.made_with.base.empty() || control.made_with.base == merge.made_with.base);
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
      const std::string more = control.made_with.text();
      const bool is_plain = strategy_of(control).ends_with("(" + control.made_with.control_options +
                                                           (more.empty() ? "" : " " + more) + ")");
      return control.made_with.control + (is_plain ? "" : " (" + strategy_of(control) + ")");
    }
    default:
      return network_name(control);
  }
}

}  // namespace histokt
