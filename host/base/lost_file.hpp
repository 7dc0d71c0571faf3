// A mapped file that vanishes: cut short by another program, or its network share gone.
#pragma once

namespace histokt {

// Reading such a file ends the process by SIGBUS, which no code can catch where it reads. From now on it ends
// with a sentence that names the file, and exit code 1. Any other bus error ends as before.
void explain_lost_files();

}  // namespace histokt
