// SPDX-License-Identifier: MIT
// Any bytes as a plugin's file: its note read, or refused with a RunError.
#include <cstdlib>

#include "base/errors.hpp"
#include "plugins/note.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace histokt;
  try {
    const PluginNote note = parse_plugin_note({reinterpret_cast<const char*>(data), size});
    if (kind_name(note.kind) == "?") std::abort();
    fingerprint_fields(note.fingerprint);
  } catch (const RunError&) {
  }
  return 0;
}
