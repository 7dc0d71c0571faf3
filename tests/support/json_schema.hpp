// SPDX-License-Identifier: MIT
// Validation of the program's JSON files against docs/schemas, by Debian's python3-jsonschema.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/folders.hpp"
#include "support/run_host.hpp"
#include "support/temp_folder.hpp"

namespace histokt::test {

// name: "evaluation" of docs/schemas/evaluation.schema.json.
inline void expect_schema(const std::string& name, const nlohmann::json& value) {
  const TempFolder folder;
  const std::string file = folder.write("value.json", value.dump()).string();
  const std::string source = source_folder().string();
  const HostRun run = run_shell("/usr/bin/python3 '" + source + "/tests/support/json_schema.py' '" + source +
                                "/docs/schemas/" + name + ".schema.json' '" + file + "'");
  EXPECT_EQ(0, run.exit_code) << name << ": " << run.output;
}

}  // namespace histokt::test
