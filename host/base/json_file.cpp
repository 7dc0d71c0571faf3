// SPDX-License-Identifier: MIT
#include "base/json_file.hpp"

#include <cstdint>

namespace histokt {
namespace {

constexpr std::int64_t kExact = std::int64_t{1} << 53;

bool is_exact(const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(kExact);
  return !value.is_number_integer() ||
         (value.get<std::int64_t>() >= -kExact && value.get<std::int64_t>() <= kExact);
}

}  // namespace

Json exact(Json value) {
  if (value.is_structured()) {
    for (Json& item : value) item = exact(std::move(item));
  } else if (!is_exact(value)) {
    value = value.dump();
  }
  return value;
}

std::string json_file_text(const Json& value) {
  return exact(value).dump(2) + "\n";
}

std::string path_in_file(const std::filesystem::path& path, const std::filesystem::path& folder) {
  const std::filesystem::path below = path.lexically_normal().lexically_relative(folder.lexically_normal());
  if (!below.empty() && *below.begin() != "..") return below.string();
  std::error_code error;
  const std::filesystem::path relative = std::filesystem::relative(path, folder, error);
  return (error || relative.empty() ? path : relative).string();
}

}  // namespace histokt
