// SPDX-License-Identifier: MIT
#include "training/resume.hpp"

#include <torch/utils.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "training/checkpoint.hpp"

namespace histokt {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "1";

// JSON has no NaN; null stands for it.
double number(const Json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

Json to_json(const EpochRecord& r) {
  Json measures = Json::array();
  for (const LayerMeasure& m : r.measures)
    measures.push_back({{"parameter", m.parameter}, {"values", m.values}});
  return {{"epoch", r.epoch},
          {"train", {r.train_loss, r.train_accuracy}},
          {"valid", {r.valid_loss, r.valid_accuracy, r.selection_score}},
          {"learning_rate", r.learning_rate},
          {"speed", {r.seconds, r.patches_per_second, r.waiting_share}},
          {"measures", measures}};
}

EpochRecord record_from(const Json& json) {
  EpochRecord r;
  r.epoch = json.at("epoch").get<int>();
  r.train_loss = number(json.at("train").at(0));
  r.train_accuracy = number(json.at("train").at(1));
  r.valid_loss = number(json.at("valid").at(0));
  r.valid_accuracy = number(json.at("valid").at(1));
  r.selection_score = number(json.at("valid").at(2));
  r.learning_rate = number(json.at("learning_rate"));
  r.seconds = number(json.at("speed").at(0));
  r.patches_per_second = number(json.at("speed").at(1));
  r.waiting_share = number(json.at("speed").at(2));
  for (const Json& measure : json.at("measures")) {
    LayerMeasure m{measure.at("parameter").get<std::string>(), {}};
    for (const auto& [name, value] : measure.at("values").items()) m.values[name] = number(value);
    r.measures.push_back(std::move(m));
  }
  return r;
}

bool colours_together(const torch::Tensor& tensor) {
  return tensor.dim() == 4 && !tensor.is_contiguous() &&
         tensor.is_contiguous(torch::MemoryFormat::ChannelsLast);
}

// Appends a section's tensors as "section/name". Files hold rows first; which tensors were channels-last is
// noted, since an optimizer that sums over its state in memory order would otherwise round differently.
void add_section(const std::string& section, const NamedTensors& tensors, TensorFile& file, Json& formats) {
  for (const auto& [name, tensor] : tensors) {
    const std::string full_name = section + "/" + name;
    file.tensors.push_back(stored(full_name, tensor));
    if (colours_together(tensor)) formats.push_back(full_name);
  }
}

NamedTensors take_section(const std::string& section, const TensorFile& file,
                          const std::set<std::string>& formats) {
  NamedTensors tensors;
  for (const StoredTensor& t : file.tensors) {
    if (!t.name.starts_with(section + "/")) continue;
    torch::Tensor tensor = to_torch(t);
    if (formats.contains(t.name)) tensor = tensor.contiguous(torch::MemoryFormat::ChannelsLast);
    tensors.emplace_back(t.name.substr(section.size() + 1), tensor);
  }
  return tensors;
}

ResumePoint point_from(const TensorFile& file) {
  ResumePoint point;
  point.fingerprint = file.metadata.at("fingerprint");
  point.best_epoch = std::stoi(file.metadata.at("best_epoch"));
  for (const Json& record : Json::parse(file.metadata.at("records")))
    point.records.push_back(record_from(record));
  const auto formats = Json::parse(file.metadata.at("channels_last")).get<std::set<std::string>>();
  point.model = take_section("model", file, formats);
  point.optimizer = take_section("optimizer", file, formats);
  point.best = take_section("best", file, formats);
  return point;
}

}  // namespace

std::string training_fingerprint(const TrainRequest& r, const NamedTensors& start) {
  std::string text = r.identity;
  const auto add = [&text](const std::string& name, double value) {
    text += "\n" + name + " " + number_text(value);
  };
  add("epochs", r.epochs);
  add("batch", static_cast<double>(r.batch_size));
  add("every", r.schedule.every);
  add("factor", r.schedule.factor);
  add("layers", static_cast<int>(r.layers));
  add("frozen_batch_norm", static_cast<int>(r.frozen_batch_norm));
  add("horizontal_flip", r.augmentation.horizontal_flip);
  add("vertical_flip", r.augmentation.vertical_flip);
  add("rotation", r.augmentation.rotation_degrees);
  add("shift", r.augmentation.shift);
  add("colour", static_cast<int>(r.augmentation.colour));
  add("colour_strength", r.augmentation.colour_strength);
  add("blur_sigma", r.augmentation.blur_sigma);
  add("blur_size", r.augmentation.blur_size);
  add("cutout_holes", r.augmentation.cutout_holes);
  add("cutout_side", r.augmentation.cutout_side);
  if (r.views > 0) add("views", r.views);
  add("validate_clean", r.validate_clean);
  text += "\nselection " + r.selection;
  add("class_weights", static_cast<int>(r.class_weights));
  add("precision", static_cast<int>(r.runtime.precision));
  add("channels_last", r.runtime.channels_last);
  add("cuda", r.runtime.device.is_cuda());
  add("train", static_cast<double>(r.train->size()));
  add("valid", static_cast<double>(r.valid->size()));
  for (double value : r.normalization.mean) add("mean", value);
  for (double value : r.normalization.deviation) add("std", value);
  text += "\nseed " + std::to_string(r.seed);
  Sha256 digest;
  digest.add(text);
  for (const auto& [name, tensor] : start) {
    const StoredTensor rows = stored(name, tensor);
    digest.add(name).add(rows.bytes);
  }
  return digest.hex();
}

void remember(const NamedTensors& now, NamedTensors& copy, const std::vector<bool>& changing) {
  const torch::NoGradGuard no_gradient;
  copy.resize(now.size());
  for (std::size_t i = 0; i < now.size(); ++i) {
    auto& [name, tensor] = copy[i];
    const torch::Tensor& source = now[i].second;
    name = now[i].first;
    const bool fits = tensor.defined() && tensor.sizes() == source.sizes() &&
                      tensor.strides() == source.strides() && tensor.dtype() == source.dtype() &&
                      tensor.device() == source.device();
    if (fits) {
      if (changing.empty() || changing[i]) tensor.copy_(source);
    } else {
      tensor = source.detach().clone();
    }
  }
}

void write_resume_point(const std::filesystem::path& file, const ResumePoint& point) {
  TensorFile content;
  Json formats = Json::array(), records = Json::array();
  add_section("model", point.model, content, formats);
  add_section("optimizer", point.optimizer, content, formats);
  add_section("best", point.best, content, formats);
  for (const EpochRecord& record : point.records) records.push_back(to_json(record));
  content.metadata = {{"histokt_resume_point", kFormat},
                      {"fingerprint", point.fingerprint},
                      {"best_epoch", std::to_string(point.best_epoch)},
                      {"records", records.dump()},
                      {"channels_last", formats.dump()}};
  write_safetensors(file, content);
}

std::optional<ResumePoint> read_resume_point(const std::filesystem::path& file,
                                             const std::string& fingerprint,
                                             const std::function<void(const std::string&)>& warn) {
  if (file.empty() || !std::filesystem::exists(file)) return std::nullopt;
  const auto refuse = [&](const std::string& why) {
    if (warn) warn("The resume point " + file.string() + " is not used: " + why + " Training starts over.");
    return std::nullopt;
  };
  try {
    const TensorFile content = read_safetensors(file);
    const auto format = content.metadata.find("histokt_resume_point");
    if (format == content.metadata.end() || format->second != kFormat) {
      return refuse("it is not a resume point of this version.");
    }
    ResumePoint point = point_from(content);
    if (point.fingerprint != fingerprint) {
      return refuse("it was made with other settings, patches or starting weights.");
    }
    return point;
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
}

}  // namespace histokt
