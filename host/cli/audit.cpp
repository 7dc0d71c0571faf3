// SPDX-License-Identifier: MIT
// histokt-host audit FILE.h5 [--json]
#include "patches/audit.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/errors.hpp"
#include "base/json.hpp"
#include "base/json_file.hpp"
#include "base/program_output.hpp"
#include "base/text.hpp"
#include "base/thread_count.hpp"
#include "cli/compute_options.hpp"
#include "cli/run_subcommands.hpp"
#include "patches/perceptual_hash.hpp"
#include "patches/split_set.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNamedImages = 5;

double share_of(std::uint64_t part, std::uint64_t whole) {
  return SeenShare{part, whole}.share();
}

Json json_of(const AuditCount& count) {
  return {{"patches", count.patches}, {"groups", count.groups}, {"images", count.images}};
}

Json json_of(const SeenShare& share) {
  return {{"seen", share.seen}, {"of", share.of}, {"share", share.share()}};
}

Json json_of(const std::vector<DuplicatePair>& pairs) {
  Json list = Json::array();
  for (const DuplicatePair& pair : pairs) list.push_back({pair.later, pair.earlier});
  return list;
}

Json json_of(const Duplicates& found) {
  return {{"split", split_word(found.later)},
          {"also_in", split_word(found.earlier)},
          {"exact", found.exact},
          {"near", found.near},
          {"exact_pairs", json_of(found.exact_pairs)},
          {"near_pairs", json_of(found.near_pairs)}};
}

Json json_of(const AuditSplit& split, const PatchSetInfo& info) {
  Json json = json_of(split.all);
  if (info.multi_label) json["unlabelled"] = split.unlabelled;
  json["classes"] = Json::object();
  for (std::size_t c = 0; c < info.classes.size(); ++c) {
    Json one = json_of(split.classes[c]);
    one["share"] = share_of(split.classes[c].patches, split.all.patches);
    json["classes"][info.classes[c]] = std::move(one);
  }
  return json;
}

Json json_of(const SplitSet& set, const Audit& found) {
  const PatchSetInfo& info = set.patches()->info();
  Json json = {{"format_version", 1},  // docs/schemas/audit.schema.json
               {"dataset", info.dataset},
               {"patches", set.patches()->size()},
               {"patch_side", info.patch_side},
               {"overlap", info.overlap},
               {"classes", info.classes},
               {"multi_label", info.multi_label},
               {"split_protocol", protocol_name(set.protocol())},
               {"split_seed", exact(set.seed())},
               {"split_digest", set.digest()},
               {"split_warnings", set.warnings()},
               {"group_level", info.group_level},
               {"group_level_in_words", group_level_in_words(info.group_level)},
               {"left_out", found.left_out},
               {"splits", Json::object()},
               {"test_patches_with_group_in_training", json_of(found.test_group)},
               {"test_patches_with_image_in_training", json_of(found.test_image)},
               {"test_pixels_seen_in_training", json_of(found.test_pixels)},
               {"near_duplicate_bits", kNearDuplicateBits},
               {"duplicates", Json::array()},
               {"flat_patches", found.flat},
               {"skipped_images", info.skipped_images},
               {"leakage_warning", found.leakage_warning}};
  for (std::size_t s = 0; s < 3; ++s) json["splits"][split_word(kSplits[s])] = json_of(found.splits[s], info);
  for (const Duplicates& duplicates : found.duplicates) json["duplicates"].push_back(json_of(duplicates));
  for (std::size_t t = 0; t < found.positives_at.size(); ++t) {
    Json positives = {{"threshold", std::round(1e6 * double{kShareThresholds[t]}) / 1e6}};
    for (std::size_t c = 0; c < info.classes.size(); ++c) {
      positives["classes"][info.classes[c]] = found.positives_at[t][c];
    }
    json["positives_at"].push_back(std::move(positives));
  }
  return json;
}

// Rows of cells as columns: the first to the left, the others to the right.
std::string table_text(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> width;
  for (const auto& row : rows) {
    width.resize(std::max(width.size(), row.size()));
    for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = "  ";
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string blanks(width[c] - row[c].size(), ' ');
      line += c == 0 ? row[c] + blanks : "  " + blanks + row[c];
    }
    text += line + "\n";
  }
  return text;
}

std::string counts_text(const PatchSetInfo& info, const Audit& found) {
  std::vector<std::vector<std::string>> rows = {{"patches (share), groups"}};
  for (const Split split : kSplits) rows[0].push_back(split_name(split));
  const auto cell = [](const AuditCount& count, const AuditCount& all) {
    return std::to_string(count.patches) + " (" + percent_text(share_of(count.patches, all.patches)) + "), " +
           std::to_string(count.groups);
  };
  for (std::size_t c = 0; c < info.classes.size(); ++c) {
    rows.push_back({info.classes[c]});
    for (const AuditSplit& split : found.splits) rows.back().push_back(cell(split.classes[c], split.all));
  }
  rows.push_back({"all"});
  for (const AuditSplit& split : found.splits) {
    rows.back().push_back(std::to_string(split.all.patches) + ", " + std::to_string(split.all.groups));
  }
  if (info.multi_label) {
    rows.push_back({"no label"});
    for (const AuditSplit& split : found.splits) rows.back().push_back(std::to_string(split.unlabelled));
  }
  return table_text(rows);
}

// How uneven the training classes are, in words.
std::string balance_text(const PatchSetInfo& info, const AuditSplit& train) {
  if (train.classes.empty() || train.all.patches == 0) return "";
  const auto [rarest, commonest] = std::ranges::minmax_element(train.classes, {}, &AuditCount::patches);
  const auto name = [&](auto at) {
    return info.classes[static_cast<std::size_t>(at - train.classes.begin())];
  };
  if (rarest->patches == commonest->patches)
    return "Class balance in training: all classes are equally common\n";
  std::string text = "Class balance in training: " + name(commonest) + " is the most common (" +
                     percent_text(share_of(commonest->patches, train.all.patches)) + "), " + name(rarest) +
                     " the rarest (" + percent_text(share_of(rarest->patches, train.all.patches)) + ")";
  if (rarest->patches == 0) return text + ", with no patches\n";
  char times[32];
  std::snprintf(times, sizeof times, ", %.1f times less common\n",
                static_cast<double>(commonest->patches) / static_cast<double>(rarest->patches));
  return text + times;
}

std::string seen_text(const Audit& found) {
  std::vector<std::vector<std::string>> rows;
  const auto add = [&](const std::string& what, const SeenShare& share) {
    rows.push_back(
        {what, percent_text(share.share()), std::to_string(share.seen) + " of " + std::to_string(share.of)});
  };
  add("test patches whose group also has training patches", found.test_group);
  add("test patches whose image also has training patches", found.test_image);
  add("test pixels that lie in training patches", found.test_pixels);
  return table_text(rows);
}

std::string duplicates_text(const Audit& found) {
  std::string text;
  for (const Duplicates& one : found.duplicates) {
    text += std::string("  ") + split_name(one.later) + " patches also in " + split_name(one.earlier) + ": " +
            std::to_string(one.exact) + " exact, " + std::to_string(one.near) + " near\n";
    for (const DuplicatePair& pair : one.exact_pairs)
      text += "    " + pair.later + " = " + pair.earlier + "\n";
    for (const DuplicatePair& pair : one.near_pairs)
      text += "    " + pair.later + " ~ " + pair.earlier + "\n";
  }
  return text;
}

std::string positives_text(const PatchSetInfo& info, const Audit& found) {
  std::vector<std::vector<std::string>> rows = {{"patches with a share above"}};
  for (const float threshold : kShareThresholds) {
    char text[16];
    std::snprintf(text, sizeof text, "%g", double{threshold});
    rows[0].push_back(text);
  }
  for (std::size_t c = 0; c < info.classes.size(); ++c) {
    rows.push_back({info.classes[c]});
    for (const auto& counts : found.positives_at) rows.back().push_back(std::to_string(counts[c]));
  }
  return table_text(rows);
}

std::string skipped_text(const std::vector<std::string>& skipped) {
  if (skipped.empty()) return "Skipped images: none\n";
  const auto named = std::span(skipped).first(std::min(kNamedImages, skipped.size()));
  return "Skipped images: " + std::to_string(skipped.size()) + ", which could not be read (" +
         joined(named, ", ") + (named.size() < skipped.size() ? ", ..." : "") + ")\n";
}

std::string text_of(const SplitSet& set, const Audit& found, const std::string& file) {
  const PatchSetInfo& info = set.patches()->info();
  std::string text = file + ": " + counted(set.patches()->size(), "patch") + " of " + info.dataset +
                     ", split " + protocol_name(set.protocol()) + ", seed " + std::to_string(set.seed()) +
                     "\n";
  if (found.left_out) text += counted(found.left_out, "patch") + " left out of the split\n";
  text += "Group level: " + group_level_in_words(info.group_level) + "\n\n" + counts_text(info, found) +
          balance_text(info, found.splits[0]) + "\nSeen in training:\n" + seen_text(found) +
          "\nDuplicates (near: perceptual hashes that differ in at most " +
          std::to_string(kNearDuplicateBits) + " of 63 bits, flips and rotations included):\n" +
          duplicates_text(found);
  if (found.flat)
    text += "  " + std::to_string(found.flat) + " flat patches were compared for exact equality only\n";
  if (!found.positives_at.empty()) text += "\n" + positives_text(info, found);
  text += "\n" + skipped_text(info.skipped_images);
  for (const std::string& warning : set.warnings()) text += "Warning: " + warning + "\n";
  return text + (found.leakage_warning.empty() ? "Nothing was found that would bias accuracy on this split."
                                               : found.leakage_warning);
}

}  // namespace

int run_audit(const CommandValues& values) {
  const std::string& file = values.text("file");
  if (!fs::is_regular_file(file))
    throw RequestError(file + ": there is no such file; give a patch set with a split");
  const SplitSet set(file);
  Audit found;
  {
    Progress progress("auditing " + set.patches()->info().dataset, "patches", set.patches()->size());
    found = audit(*set.patches(), set.split(), thread_count(threads_of(values)), progress);
  }
  if (values.has("json")) {
    program_output() << json_of(set, found).dump(2, ' ', false, Json::error_handler_t::replace) << std::endl;
  } else {
    program_output() << text_of(set, found, file) << std::endl;
  }
  return 0;
}

}  // namespace histokt
