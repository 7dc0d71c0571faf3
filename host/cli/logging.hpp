// Where messages go: standard error, and the log file of a run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace histokt {

// From now on no progress, and warnings and errors only; the log file still has everything.
void set_quiet();

// Messages to standard error, everything with times behind what is in `file` where one is given. Throws
// RunError where it cannot be written.
void set_up_logging(const std::optional<std::filesystem::path>& file = std::nullopt);
// Why the log file lacks something, or "": for the end of a run that succeeded all the same.
std::string log_problem();

}  // namespace histokt
