// SPDX-License-Identifier: MIT
#include "engine/store.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/json_file.hpp"
#include "base/text.hpp"
#include "base/version.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecordFile = "step.json";
constexpr int kFormatVersion = 1;  // of that file: docs/schemas/step.schema.json
constexpr const char* kPartial = ".partial";
constexpr std::size_t kHashDigits = 12;

std::string hash_key(const std::string& kind, const std::string& hash) {
  return kind + "/" + hash;
}

Json to_json(const StepResult& result) {
  Json outputs = Json::object();
  for (const auto& [name, output] : result.outputs) {
    outputs[name] = {{"digest", output.digest}, {"file", output.file}};
  }
  return {{"outputs", outputs}, {"summary", result.summary}};
}

[[noreturn]] void throw_of_a_later_version(const fs::path& folder, const Json& json) {
  throw RunError((folder / kRecordFile).string() + ": format_version " + json.at("format_version").dump() +
                 " was written by a later version (" + json.value("program", "") + "), expected at most " +
                 std::to_string(kFormatVersion) + "; run that version, or use another store");
}

}  // namespace

Store::Store(const fs::path& root) : steps_(root / "steps") {
  refresh();
}

void Store::refresh() const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(steps_, error)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(kPartial) || name.size() < kHashDigits + 2 || !entry.is_directory(error)) continue;
    // KIND may hold a '-' itself, so every prefix that ends before one is a candidate.
    const std::string hash = name.substr(name.size() - kHashDigits);
    for (std::size_t dash = name.find('-'); dash < name.size() - kHashDigits;
         dash = name.find('-', dash + 1)) {
      by_hash_.insert_or_assign(hash_key(name.substr(0, dash), hash), entry.path());
    }
  }
}

StepRecord Store::read(const fs::path& folder) const {
  const std::string text = read_file(folder / kRecordFile);
  try {
    const Json json = Json::parse(text);
    if (json.value("format_version", 0) > kFormatVersion) throw_of_a_later_version(folder, json);
    StepRecord record{folder, json.at("identity").get<std::string>(), {}, exact(json.at("definition"))};
    record.result.summary = json.at("result").at("summary");
    for (const auto& [name, output] : json.at("result").at("outputs").items()) {
      record.result.outputs[name] = {output.at("digest").get<std::string>(),
                                     output.at("file").get<std::string>()};
    }
    return record;
  } catch (const Json::exception&) {
    throw RunError((folder / kRecordFile).string() +
                   ": this is not the record of a finished step; remove the folder and run again");
  }
}

std::optional<StepRecord> Store::find(const Step& step) const {
  const std::string identity = step.identity();
  fs::path folder = steps_ / step.folder_name();
  std::error_code error;
  if (!fs::exists(folder / kRecordFile, error)) {
    const auto known = by_hash_.find(hash_key(step.kind, identity.substr(0, kHashDigits)));
    if (known == by_hash_.end() || !fs::exists(known->second / kRecordFile, error)) return std::nullopt;
    folder = known->second;
  }
  StepRecord record = read(folder);
  if (record.identity != identity) return std::nullopt;
  return record;
}

std::vector<StepRecord> Store::others(const Step& step) const {
  std::vector<std::pair<fs::file_time_type, fs::path>> found;
  const std::string prefix = step.kind + "-" + step.file_label() + "-";
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(steps_, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.size() == prefix.size() + kHashDigits &&
        fs::exists(entry.path() / kRecordFile, error)) {
      found.emplace_back(entry.last_write_time(error), entry.path());
    }
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<StepRecord> records;
  records.reserve(found.size());
  for (const auto& [time, folder] : found) records.push_back(read(folder));
  return records;
}

void Store::hold() const {
  if (held_) return held_->check();
  held_ = std::make_unique<FolderHandle>(steps_);
  clear_leftovers(steps_);
}

fs::path Store::partial_folder(const Step& step) const {
  hold();
  fs::path folder = steps_ / (step.folder_name() + kPartial);
  make_folders(folder);
  // Whoever wrote here is dead, or its claim would not be ours.
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->path().extension() == kPartial) fs::remove_all(at->path(), ignored);
  }
  return folder;
}

fs::path Store::claim_file(const Step& step) const {
  hold();
  return steps_ / (step.folder_name() + ".claim");
}

void Store::drop_partial(const fs::path& folder) const {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

bool Store::has_partial(const Step& step) const {
  std::error_code error;
  return fs::exists(steps_ / (step.folder_name() + kPartial), error);
}

StepRecord Store::publish(const Step& step, const StepResult& result, double seconds) const {
  hold();
  const fs::path folder = steps_ / step.folder_name();
  StepRecord record{folder, step.identity(), result, exact(step.definition())};
  const Json json = {{"format_version", kFormatVersion}, {"label", step.label},
                     {"identity", record.identity},      {"definition", record.definition},
                     {"result", to_json(result)},        {"seconds", seconds},
                     {"program", program_version()}};
  write_file_atomically(steps_ / (step.folder_name() + kPartial) / kRecordFile, json_file_text(json));
  put_in_place(step);
  return record;
}

// A step that is made again replaces what was pruned, which first gets a name that is cleared away should
// this process be killed here.
void Store::put_in_place(const Step& step) const {
  const fs::path folder = steps_ / step.folder_name();
  const fs::path before = temporary_beside(folder);
  std::error_code error;
  fs::rename(folder, before, error);  // most often there is none
  publish_file(steps_ / (step.folder_name() + kPartial), folder);
  fs::remove_all(before, error);
  by_hash_[hash_key(step.kind, step.identity().substr(0, kHashDigits))] =
      folder;  // another label may ask for it
}

std::optional<StepRecord> Store::publish_finished_work(const Step& step) const {
  const fs::path partial = steps_ / (step.folder_name() + kPartial);
  std::error_code error;
  if (!fs::exists(partial / kRecordFile, error)) return std::nullopt;
  StepRecord record;
  try {
    record = read(partial);
  } catch (const RunError&) {  // not worth more than making it again
    return std::nullopt;
  }
  const auto& outputs = record.result.outputs;
  const bool whole = record.identity == step.identity() &&
                     std::all_of(outputs.begin(), outputs.end(), [&](const auto& output) {
                       return fs::exists(partial / output.second.file, error);
                     });
  if (!whole) return std::nullopt;
  put_in_place(step);
  record.folder = steps_ / step.folder_name();
  return record;
}

}  // namespace histokt
