// SPDX-License-Identifier: MIT
// A reader of a network's weights in any supported format: the only way in for checkpoints that users name.
#pragma once

#include <filesystem>

#include "tensors/safetensors.hpp"

namespace histokt {

// Reads safetensors or torch.save's format, told apart by the first bytes, never by the name. If every
// tensor's name begins with "module." (torch's DataParallel), that prefix is removed. A name such as
// resnet18-f37072fd.pth holds the first eight digits of the file's SHA-256, as torchvision's downloads do,
// and must match. Throws RunError that names the file, what was found and what to do.
TensorFile read_weights(const std::filesystem::path& file);

}  // namespace histokt
