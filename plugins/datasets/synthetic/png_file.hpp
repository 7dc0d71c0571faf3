// SPDX-License-Identifier: MIT
// A PNG writer whose bytes depend on the pixels alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace histokt::synthetic {

// RGB, side x side x 3. Filters, level and strategy are fixed, no time stamp is written. Throws PluginError
// naming the file and the reason; the partial file then stays.
void write_png(const std::filesystem::path& file, const std::vector<std::uint8_t>& pixels, int side);

}  // namespace histokt::synthetic
