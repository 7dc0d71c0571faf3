// JSON files that other programs read: numbers that every reader holds exactly, and paths that hold where the
// files are moved together.
#pragma once

#include <filesystem>
#include <string>

#include "base/json.hpp"

namespace histokt {

// The value with integers beyond 2^53 as strings, wherever they stand: many readers hold numbers as doubles.
Json exact(Json value);

// The text of a file: exact, indented, with a line end.
std::string json_file_text(const Json& value);

// A path as it stands in a file of `folder`: relative to that. What lies below it as it is named, so that
// links within move along; what does not, by real paths ("../../store/steps/..."). "." is the folder itself.
std::string path_in_file(const std::filesystem::path& path, const std::filesystem::path& folder);

}  // namespace histokt
