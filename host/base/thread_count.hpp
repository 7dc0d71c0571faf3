#pragma once

namespace histokt {

// How many threads a user asks for: 0 means all cores. Throws RequestError for less.
int thread_count(int asked);

}  // namespace histokt
