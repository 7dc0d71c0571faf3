// Which model plugin a checkpoint names. Needs no libtorch.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tensors/safetensors.hpp"

namespace histokt {

// Nothing where its metadata does not say.
std::optional<std::string> model_named_by(const TensorFile& file);
// The same of a file. Throws RunError as read_weights() does.
std::optional<std::string> model_named_by(const std::filesystem::path& checkpoint);

}  // namespace histokt
