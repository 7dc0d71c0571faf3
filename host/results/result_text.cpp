// SPDX-License-Identifier: MIT
#include "results/result_text.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "results/columns.hpp"
#include "results/controls.hpp"
#include "results/tables.hpp"

namespace histokt {
namespace {

using Kind = ResultKind;

// The rows of one target, in the order in which they come.
using Rows = std::vector<const ComparedRow*>;

// ", each patient left out once (4 folds)".
std::string folds_text(const ResultRow& row) {
  if (!row.has_folds()) return "";
  const std::string count = counted(row.accuracies.size(), "fold");
  return row.folds == "leave-one-group-out" ? ", each " + row.group_level + " left out once (" + count + ")"
                                            : ", " + count;
}

std::string guesses_text(const ResultRow& row) {
  if (!row.all_negative)
    return "chance " + percent_text(row.chance) + ", majority class " + percent_text(row.majority);
  return "accuracy of entries; chance " + percent_text(row.chance) + ", all negative " +
         percent_text(*row.all_negative) + ", more common value of each class " + percent_text(row.majority);
}

std::string target_text(const ResultRow& row) {
  return "\nTarget " + row.target + ": " + counted(row.test_patches, "test patch") + " of " +
         counted(row.test_groups, row.group_level) + ", split " + row.split_protocol + folds_text(row) +
         "; " + guesses_text(row) + "\n";
}

// "  from crc, deep  81.2 % +- 1.1 % (95 %: 76.0 to 86.1)   +2.0 points (...)": what each column says.
std::string row_text(const ComparedRow& row, std::size_t width) {
  const std::string name = row_name(*row.row);
  std::string text = "  " + name + std::string(width - name.size(), ' ');
  const char* between = "  ";
  for (const Column& column : columns()) {
    const std::string says = column.terminal ? column.terminal(row) : "";
    if (says.empty()) continue;
    text += between + says;
    between = "   ";
  }
  return text + "\n";
}

// The rows under the heading, but for those that another row stands for.
std::string rows_text(const std::string& heading, const Rows& rows, std::size_t width, const auto& is_here) {
  std::string text;
  for (const ComparedRow* row : rows) {
    if (row->row->same_as.empty() && is_here(*row->row)) text += row_text(*row, width);
  }
  return text.empty() || heading.empty() ? text : "  " + heading + ":\n" + text;
}

// Where there are several matrices, each by itself.
std::string rows_by_matrix(const Rows& rows, std::size_t width, const std::vector<std::string>& names) {
  if (names.size() < 2) return rows_text("", rows, width, [](const ResultRow&) { return true; });
  std::string text;
  for (const std::string& name : names) {
    text += rows_text("Matrix " + name, rows, width,
                      [&](const ResultRow& row) { return is_in_matrix(row, name, names); });
  }
  return text + rows_text("Merges and controls", rows, width,
                          [](const ResultRow& row) { return row.is_merge() || row.matrices.empty(); });
}

// Rows that another row stands for.
std::string same_note(const Rows& rows) {
  std::string text;
  for (const ComparedRow* row : rows) {
    if (row->row->same_as.empty()) continue;
    const auto other = std::ranges::find_if(
        rows, [&](const ComparedRow* known) { return row_key(*known->row) == row->row->same_as; });
    text += "  " + row_name(*row->row) + ": the same model as " +
            (other == rows.end() ? row->row->same_as : row_name(*(*other)->row)) + ".\n";
  }
  return text;
}

std::string interval_note(const ResultRow& row) {
  const std::string why = why_no_interval(static_cast<std::size_t>(row.test_groups), row.group_level);
  return why.empty() ? "" : "  " + why + ".\n";
}

// "better than A; within noise of B and C"; whether any control but the baseline was there.
std::string comparisons_text(const ResultRow& merge, const Rows& rows, bool& any_control) {
  std::vector<std::string> above, level, below;
  for (const ComparedRow* other : rows) {
    const ResultRow& control = *other->row;
    if (!is_control_of(control, merge) || !control.same_as.empty()) continue;
    any_control = any_control || control.kind != Kind::kBaseline;
    const Verdict verdict = compare(merge, control).verdict;
    (verdict == Verdict::kBetter  ? above
     : verdict == Verdict::kWorse ? below
                                  : level)
        .push_back(control_name(control));
  }
  std::string says;
  const auto add = [&](const char* how, const std::vector<std::string>& names) {
    if (!names.empty()) says += (says.empty() ? "" : "; ") + std::string(how) + joined(names);
  };
  add("better than ", above);
  add("within noise of ", level);
  add("worse than ", below);
  return says;
}

// What each merge of a target is better and worse than, of what it is to be told from.
std::string merges_note(const Rows& rows) {
  std::string text;
  bool any_control = false;
  for (const ComparedRow* row : rows) {
    if (row->row->kind != Kind::kDistilled) continue;
    const std::string says = comparisons_text(*row->row, rows, any_control);
    if (!says.empty()) text += "    " + row_name(*row->row) + ": " + says + "\n";
  }
  if (text.empty()) return "";
  text = "  Merges and what they are compared with:\n" + text;
  if (!any_control) {
    text +=
        "    Without controls (controls = false), a merge cannot be distinguished from its first source plus "
        "noise.\n";
  }
  return text;
}

// How close the choices of rates were.
std::string rates_note(const Rows& rows) {
  std::string text;
  for (const ComparedRow* compared : rows) {
    const ResultRow& row = *compared->row;
    if (!row.same_as.empty()) continue;
    for (std::size_t fold = 0; fold < row.rate_notes.size(); ++fold) {
      text += "    " + row_name(row) + (row.has_folds() ? ", fold " + std::to_string(fold + 1) : "") + ": " +
              row.rate_notes[fold] + "\n";
    }
  }
  return text.empty() ? "" : "  Learning rates chosen by validation:\n" + text;
}

std::string level_note(const Rows& rows) {
  const bool image =
      std::ranges::any_of(rows, [](const ComparedRow* row) { return row->row->group_level == "image"; });
  return image ? "  No group above the image is known: patients may be shared between the splits.\n" : "";
}

// Of what the rows of a target lack, since it could not be read.
std::string skipped_note(const Rows& rows) {
  std::string text;
  std::vector<std::string> said;
  for (const ComparedRow* compared : rows) {
    const ResultRow& row = *compared->row;
    if (row.skipped_images == 0) continue;
    const std::string what = counted(row.skipped_images, "image") + " of " + joined(row.skipped_of);
    if (std::ranges::find(said, what) != said.end()) continue;
    said.push_back(what);
    text += "  " + row_name(row) + ": made without " + what +
            ", which could not be read (on_bad_image = \"skip\").\n";
  }
  return text;
}

std::string missing_note(const Rows& rows) {
  std::string text;
  for (const ComparedRow* row : rows) {
    for (const MissingFile& missing : row->row->missing)
      text += "  " + row_name(*row->row) + ": " + missing.sentence + "\n";
  }
  return text;
}

std::string lost_note(const Rows& rows) {
  const bool lost = std::ranges::any_of(rows, [](const ComparedRow* row) {
    return row->row->same_as.empty() && row->over_baseline && row->over_baseline->difference < 0;
  });
  if (!lost) return "";
  return "  Transfer did not help rows below the baseline: knowledge does not always transfer.\n";
}

// What the numbers are, told of the target where they are least sure.
std::string last_note(const std::vector<ResultRow>& rows) {
  const auto smallest = std::ranges::min_element(rows, {}, &ResultRow::test_patches);
  if (smallest == rows.end()) return "";
  const bool folds = std::ranges::any_of(rows, &ResultRow::has_folds);
  return formatted(
      "\nTest accuracy is the mean over %s. On %s one patch is %.1f points, and patches of one %s are not "
      "independent.\n",
      folds ? "folds and trials, +- the deviation between folds (between trials where there are none)"
            : "trials, +- the deviation between them",
      smallest->target.c_str(), 100.0 / static_cast<double>(smallest->test_patches),
      smallest->group_level.c_str());
}

}  // namespace

std::string result_text(const std::vector<ResultRow>& rows) {
  const std::vector<ComparedRow> compared = compared_rows(rows);
  const std::vector<std::string> names = matrix_names(rows);
  std::size_t width = 0;
  std::vector<std::string> targets;
  for (const ResultRow& row : rows) {
    width = std::max(width, row_name(row).size());
    if (std::ranges::find(targets, row.target) == targets.end()) targets.push_back(row.target);
  }
  std::string text;
  for (const std::string& target : targets) {
    Rows here;
    for (const ComparedRow& row : compared) {
      if (row.row->target == target) here.push_back(&row);
    }
    const ResultRow& first = *here.front()->row;
    text += target_text(first) + rows_by_matrix(here, width, names) + same_note(here) + interval_note(first) +
            merges_note(here) + rates_note(here) + level_note(here) + skipped_note(here) +
            missing_note(here) + lost_note(here);
  }
  return text + last_note(rows);
}

}  // namespace histokt
