// SPDX-License-Identifier: MIT
#include "patches/split_csv.hpp"

#include <histokt/adapters/csv.hpp>
#include <histokt/adapters/text.hpp>
#include <histokt/host.hpp>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "patches/split_set.hpp"

namespace histokt {
namespace {

const std::map<std::string, Split, std::less<>> kWords = {{"train", Split::kTrain},
                                                          {"valid", Split::kValid},
                                                          {"test", Split::kTest},
                                                          {"left-out", Split::kLeftOut}};

std::string word_of(Split split) {
  for (const auto& [word, value] : kWords) {
    if (value == split) return word;
  }
  return "";
}

std::string classes_of(const PatchSet& patches, std::size_t index) {
  const std::vector<std::string>& classes = patches.info().classes;
  if (!patches.info().multi_label) return classes.at(static_cast<std::size_t>(patches.table().label[index]));
  std::string text;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    if (patches.labels(index)[c]) text += (text.empty() ? "" : ";") + classes[c];
  }
  return text;
}

Split split_of(const adapters::Row& row) {
  const std::string word(adapters::trimmed(row["split"]));
  const auto found = kWords.find(word);
  if (found != kWords.end()) return found->second;
  throw RequestError(row.where() + ": the split is `" + word + "`, expected train, valid, test or left-out");
}

// The line of each patch in the table.
struct Placed {
  Split split;
  std::size_t row;
};

std::vector<Split> read_table(const PatchSet& patches, std::string_view text, const std::string& name) {
  const adapters::Table table = adapters::Table::parse(text, name);
  std::unordered_map<std::string_view, std::size_t> index_of;
  for (std::size_t i = 0; i < patches.size(); ++i) index_of.emplace(patches.table().id[i], i);
  std::vector<std::optional<Placed>> placed(patches.size());
  for (std::size_t r = 0; r < table.size(); ++r) {
    const adapters::Row row = table.row(r);
    const std::string& id = row["id"];
    const auto found = index_of.find(id);
    if (found == index_of.end()) {
      throw RequestError(row.where() + ": no patch of " + patches.file().string() + " has the id `" + id +
                         "`; --export writes the ids there are");
    }
    std::optional<Placed>& place = placed[found->second];
    if (place) {
      throw RequestError(row.where() + ": the patch `" + id + "` stands here again, first in " +
                         table.row(place->row).where() + "; keep one of the two");
    }
    place = Placed{split_of(row), r};
  }
  std::vector<Split> split;
  std::size_t missing = 0;
  for (const std::optional<Placed>& place : placed) missing += !place;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (!placed[i]) {
      throw RequestError(name + ": it has no line for the patch `" + patches.table().id[i] + "`, row " +
                         std::to_string(i + 1) + " of " + patches.file().string() +
                         (missing > 1 ? ", and " + std::to_string(missing - 1) + " others" : "") +
                         "; give what takes no part the split left-out");
    }
    split.push_back(placed[i]->split);
  }
  return split;
}

}  // namespace

std::string split_csv(const PatchSet& patches, const std::vector<Split>& split) {
  std::string text = "id,split,group,class\n";
  for (std::size_t i = 0; i < patches.size(); ++i) {
    text += csv_line(std::vector{patches.table().id[i], word_of(split.at(i)), patches.table().group[i],
                                 classes_of(patches, i)});
  }
  return text;
}

SplitAssignment read_split_csv(const PatchSet& patches, std::string_view text, const std::string& name) {
  try {
    return count_split(split_request(patches, {.protocol = SplitProtocol::kFile}),
                       read_table(patches, text, name));
  } catch (const PluginError& error) {  // what the table's reader throws
    throw RequestError(error.what());
  }
}

}  // namespace histokt
