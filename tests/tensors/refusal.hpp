// SPDX-License-Identifier: MIT
// The error of reading a file of made-up bytes.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/errors.hpp"
#include "support/temp_folder.hpp"

namespace histokt::test {

// "" if `read` takes the file. A refusal must name it.
template <typename Read>
std::string refusal(const std::string& name, const std::string& bytes, const Read& read) {
  const TempFolder folder;
  const std::filesystem::path file = folder / name;
  std::ofstream(file, std::ios::binary) << bytes;
  try {
    read(file);
    return "";
  } catch (const RunError& error) {
    EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    return error.what();
  }
}

inline void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "\"" << text << "\" does not say \"" << part << "\"";
}

}  // namespace histokt::test
