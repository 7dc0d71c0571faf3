// SPDX-License-Identifier: MIT
// JSON files for other programs: numbers that every reader represents exactly, and paths that stay valid when
// the files are moved together.
#pragma once

#include <filesystem>
#include <string>

#include "base/json.hpp"

namespace histokt {

// The value with integers beyond 2^53 as strings, at any depth: many readers store numbers as doubles.
Json exact(Json value);

// The text of a file: exact, indented, with a line end.
std::string json_file_text(const Json& value);

// A path as written into a file of `folder`: relative to it. A path below it is kept as named, so that links
// within move along; any other goes by real paths ("../../store/steps/..."). "." is the folder itself.
std::string path_in_file(const std::filesystem::path& path, const std::filesystem::path& folder);

}  // namespace histokt
