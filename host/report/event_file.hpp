// SPDX-License-Identifier: MIT
// TensorBoard event files of scalars. Records are framed as in TFRecord (length, its checksum, content, its
// checksum) and hold Event messages of Protocol Buffers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace histokt {

// All scalars of one step, an epoch here.
struct ScalarPoint {
  std::int64_t step = 0;
  double wall_time = 0;  // seconds since 1970
  std::vector<std::pair<std::string, double>>
      values;  // tag and value; values that are not finite are omitted
};

// The bytes of a whole event file.
std::string event_file(const std::vector<ScalarPoint>& points);

// CRC-32C (Castagnoli), and the same masked as in TFRecord.
std::uint32_t crc32c(std::string_view bytes);
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace histokt
