// SPDX-License-Identifier: MIT
// An error message for mapped files that vanish: truncated by another program, or on a lost network share.
#pragma once

namespace histokt {

// Reading such a file raises SIGBUS, which the reading code cannot catch. From now on the process then prints
// a sentence that names the file and exits with code 1. Any other bus error ends it as before.
void report_lost_files();

}  // namespace histokt
