// SPDX-License-Identifier: MIT
// Logging to standard error and to the log file of a run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace histokt {

// From now on shows no progress, only warnings and errors; the log file still has everything.
void set_quiet();

// Logs to standard error and, if given, appends everything with time stamps to `file`. Throws RunError if it
// cannot be written.
void set_up_logging(const std::optional<std::filesystem::path>& file = std::nullopt);
// Why the log file is incomplete, or "": reported at the end of a run that succeeded nevertheless.
std::string log_problem();

}  // namespace histokt
