// SPDX-License-Identifier: MIT
// A reader of one-dimensional integer arrays as NumPy saves them (.npy). Standard C++ only; safe from any
// thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace histokt::adapters {

// The numbers of a .npy file of shape (N,), of 8 to 64 bits, signed or unsigned, in either byte order, format
// versions 1 to 3. Throws PluginError naming the file, what was found and what was expected: another type or
// shape, a file that is truncated or longer than its header says.
std::vector<std::int64_t> read_npy_integers(const std::filesystem::path& file);

}  // namespace histokt::adapters
