// SPDX-License-Identifier: MIT
// The model plugin that a checkpoint names. Needs no libtorch.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tensors/safetensors.hpp"

namespace histokt {

// nullopt if its metadata names none.
std::optional<std::string> model_named_by(const TensorFile& file);
// The same for a file. Throws RunError as read_weights() does.
std::optional<std::string> model_named_by(const std::filesystem::path& checkpoint);

}  // namespace histokt
