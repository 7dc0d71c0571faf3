// A network's weights from a file, whatever wrote it: the one way in for checkpoints that users name.
#pragma once

#include <filesystem>

#include "tensors/safetensors.hpp"

namespace histokt {

// Reads safetensors or what torch.save wrote, told apart by the first bytes, never by the name. Where every
// tensor's name begins with "module." (torch's DataParallel), that is taken off. A name such as
// resnet18-f37072fd.pth holds the first eight digits of the file's SHA-256, as torchvision's downloads do,
// and must be right. Throws RunError that names the file, what was found and what to do.
TensorFile read_weights(const std::filesystem::path& file);

}  // namespace histokt
