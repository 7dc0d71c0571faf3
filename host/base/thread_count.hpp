// SPDX-License-Identifier: MIT
// The number of threads for a user's request.
#pragma once

namespace histokt {

// `asked`, or all cores for 0. Throws RequestError for less.
int thread_count(int asked);

}  // namespace histokt
