// SPDX-License-Identifier: MIT
#include "results/result_row.hpp"

#include "base/text.hpp"

namespace histokt {
namespace {

using Kind = ResultKind;

}  // namespace

std::string kind_word(const ResultRow& row) {
  switch (row.kind) {
    case Kind::kBaseline:
      return "baseline";
    case Kind::kTransfer:
      return "source";
    case Kind::kWeights:
      return "weights";
    case Kind::kFirstAlone:
      return "first-alone";
    case Kind::kDeclaredControl:
      return file_safe(row.merge_settings.control);
    default:
      return "merge";
  }
}

const std::string& method_of(const ResultRow& row) {
  return row.method.empty() ? row.distiller : row.method;
}

std::string sources_text(const ResultRow& row, const char* between) {
  std::string text;
  for (const std::string& source : row.sources) text += (text.empty() ? "" : between) + source;
  return text;
}

std::string network_name(const ResultRow& row) {
  switch (row.kind) {
    case Kind::kBaseline:
      return "baseline (" + (row.weights.empty() ? std::string("random start") : "from " + row.weights) + ")";
    case Kind::kTransfer:
    case Kind::kWeights:
      return "from " + sources_text(row);
    case Kind::kFirstAlone:
      return method_of(row) + " of " + sources_text(row) + " alone";
    default:
      return method_of(row) + " of " + sources_text(row);
  }
}

std::string row_name(const ResultRow& row) {
  return row.kind == Kind::kBaseline ? network_name(row) : network_name(row) + ", " + row.recipe;
}

std::string row_key(const ResultRow& row) {
  std::string key = row.target + "/" + kind_word(row) + "/";
  if (row.is_merge()) key += method_of(row) + "/";
  if (row.kind != Kind::kBaseline) key += sources_text(row) + "/";
  if (row.kind != Kind::kBaseline && row.kind != Kind::kWeights) key += row.train + "/";
  return key + row.recipe;
}

}  // namespace histokt
