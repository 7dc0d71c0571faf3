// SPDX-License-Identifier: MIT
#include "tasks/named_model.hpp"

#include "tensors/weights.hpp"

namespace histokt {

std::optional<std::string> model_named_by(const TensorFile& file) {
  const auto model = file.metadata.find("model");
  return model == file.metadata.end() ? std::nullopt : std::optional(model->second);
}

std::optional<std::string> model_named_by(const std::filesystem::path& checkpoint) {
  return model_named_by(read_weights(checkpoint));
}

}  // namespace histokt
