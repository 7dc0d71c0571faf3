// SPDX-License-Identifier: MIT
#include "tasks/feature_file.hpp"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <span>

#include "base/errors.hpp"

namespace histokt {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormatVersion = "1";

StoredTensor numbers(const std::string& name, std::span<const std::int64_t> values) {
  StoredTensor tensor{name, DType::kInt64, {static_cast<std::int64_t>(values.size())}, {}};
  const auto bytes = std::as_bytes(values);
  tensor.bytes.assign(bytes.begin(), bytes.end());
  return tensor;
}

void add_texts(const std::string& name, const std::vector<std::string>& texts, TensorFile& file) {
  std::string all;
  std::vector<std::int64_t> offsets = {0};
  for (const std::string& text : texts) {
    all += text;
    offsets.push_back(static_cast<std::int64_t>(all.size()));
  }
  StoredTensor bytes{name, DType::kUint8, {static_cast<std::int64_t>(all.size())}, {}};
  const auto begin = std::as_bytes(std::span(all));
  bytes.bytes.assign(begin.begin(), begin.end());
  file.tensors.push_back(std::move(bytes));
  file.tensors.push_back(numbers(name + "_offsets", offsets));
}

// Reads one file, and names it where something is wrong.
class FeatureReader {
 public:
  explicit FeatureReader(const std::filesystem::path& path) : path_(path), file_(read_safetensors(path)) {}

  FeatureTable read() const {
    if (const std::string version = text("format_version"); version != kFormatVersion) {
      fail("its format_version is \"" + version + "\", expected \"" + kFormatVersion + "\"");
    }
    FeatureTable table;
    table.info = info();
    table.features = tensor("features", DType::kFloat32, 2);
    table.label =
        table.info.multi_label ? tensor("label", DType::kUint8, 2) : tensor("label", DType::kInt64, 1);
    if (file_.find("logits")) table.logits = tensor("logits", DType::kFloat32, 2);
    table.row = numbers_of("row");
    table.id = texts("id");
    table.group = texts("group");
    check(table);
    return table;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw RunError(path_.string() + ": this is not a valid feature file: " + what +
                   "; remove the step's folder, and run the experiment again");
  }

  std::string text(const std::string& name) const {
    const auto found = file_.metadata.find(name);
    if (found == file_.metadata.end()) fail("its metadata has no `" + name + "`");
    return found->second;
  }

  template <typename T>
  T value(const std::string& name) const {
    const std::string found = text(name);
    try {
      return Json::parse(found).get<T>();
    } catch (const Json::exception&) {
      fail("its metadata's `" + name + "` is \"" + found + "\"");
    }
  }

  FeatureInfo info() const {
    FeatureInfo info;
    info.dataset = text("dataset");
    info.part = text("part");
    info.model = text("model");
    info.checkpoint = text("checkpoint");
    info.split = text("split");
    info.normalization = {value<std::array<double, 3>>("mean"), value<std::array<double, 3>>("std")};
    info.classes = value<std::vector<std::string>>("classes");
    if (file_.find("logits")) info.source_classes = value<std::vector<std::string>>("source_classes");
    info.multi_label = value<bool>("multi_label");
    info.group_level = text("group_level");
    return info;
  }

  const StoredTensor& tensor(const std::string& name, DType dtype, std::size_t dimensions) const {
    const StoredTensor* found = file_.find(name);
    if (!found) fail("it has no tensor `" + name + "`");
    if (found->dtype != dtype || found->shape.size() != dimensions) {
      fail("`" + name + "` is " + std::string(dtype_name(found->dtype)) + " of " +
           std::to_string(found->shape.size()) + " dimensions, expected " + std::string(dtype_name(dtype)) +
           " of " + std::to_string(dimensions));
    }
    return *found;
  }

  std::vector<std::int64_t> numbers_of(const std::string& name) const {
    const StoredTensor& found = tensor(name, DType::kInt64, 1);
    std::vector<std::int64_t> values(found.entry_count());
    if (!values.empty()) std::memcpy(values.data(), found.bytes.data(), found.bytes.size());
    return values;
  }

  std::vector<std::string> texts(const std::string& name) const {
    const StoredTensor& bytes = tensor(name, DType::kUint8, 1);
    const std::vector<std::int64_t> offsets = numbers_of(name + "_offsets");
    const auto size = static_cast<std::int64_t>(bytes.bytes.size());
    if (offsets.empty() || offsets.front() != 0 || offsets.back() != size || !std::ranges::is_sorted(offsets))
      fail("`" + name + "_offsets` do not divide the " + std::to_string(size) + " bytes of `" + name + "`");
    const std::string all(reinterpret_cast<const char*>(bytes.bytes.data()), bytes.bytes.size());
    std::vector<std::string> texts;
    for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
      texts.push_back(all.substr(static_cast<std::size_t>(offsets[i]),
                                 static_cast<std::size_t>(offsets[i + 1] - offsets[i])));
    }
    return texts;
  }

  void check(const FeatureTable& table) const {
    const auto rows = static_cast<std::size_t>(table.size());
    const bool logits = !table.logits || table.logits->shape.at(0) == table.size();
    if (!logits || table.label.shape.at(0) != table.size() || table.row.size() != rows ||
        table.id.size() != rows || table.group.size() != rows) {
      fail("its columns do not all have " + std::to_string(rows) + " rows, as `features` has");
    }
    const auto classes = static_cast<std::int64_t>(table.info.classes.size());
    if (table.info.multi_label && table.label.shape.at(1) != classes)
      fail("`label` does not have the " + std::to_string(classes) + " columns of its classes");
    if (table.logits &&
        table.logits->shape.at(1) != static_cast<std::int64_t>(table.info.source_classes.size()))
      fail("`logits` does not have a column for each of source_classes");
    if (table.info.multi_label) return;
    std::vector<std::int64_t> labels = numbers_of("label");
    if (std::ranges::any_of(labels, [&](std::int64_t label) { return label < 0 || label >= classes; }))
      fail("`label` has a class that is not one of the " + std::to_string(classes));
  }

  const std::filesystem::path& path_;
  const TensorFile file_;
};

}  // namespace

void write_features(const std::filesystem::path& path, const FeatureTable& table) {
  TensorFile file;
  file.tensors.push_back(table.features);
  file.tensors.back().name = "features";
  if (table.logits) {
    file.tensors.push_back(*table.logits);
    file.tensors.back().name = "logits";
  }
  file.tensors.push_back(table.label);
  file.tensors.back().name = "label";
  file.tensors.push_back(numbers("row", table.row));
  add_texts("id", table.id, file);
  add_texts("group", table.group, file);
  const FeatureInfo& info = table.info;
  file.metadata = {{"format_version", kFormatVersion},
                   {"dataset", info.dataset},
                   {"part", info.part},
                   {"model", info.model},
                   {"checkpoint", info.checkpoint},
                   {"split", info.split},
                   {"mean", Json(info.normalization.mean).dump()},
                   {"std", Json(info.normalization.deviation).dump()},
                   {"classes", Json(info.classes).dump()},
                   {"multi_label", info.multi_label ? "true" : "false"},
                   {"group_level", info.group_level}};
  if (table.logits) file.metadata["source_classes"] = Json(info.source_classes).dump();
  write_safetensors(path, file);
}

FeatureTable read_features(const std::filesystem::path& path) {
  return FeatureReader(path).read();
}

}  // namespace histokt
