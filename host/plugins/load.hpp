// SPDX-License-Identifier: MIT
// Opening one plugin file. Its code then stays in the process until it ends.
#pragma once

#include <histokt/plugin.h>

#include <filesystem>
#include <string>

#include "plugins/note.hpp"

namespace histokt {

// Opens the library with everything resolved now, its symbols kept to itself, never to be closed. Throws
// RequestError with the file, what is wrong with it and what to do: unresolved symbols, no descriptor. Code
// of the plugin runs (static constructors); owner names it if it misbehaves: `dataset "crc"`.
const histokt_descriptor& load_plugin(const std::filesystem::path& file, const std::string& owner);

// The problem of a descriptor, in itself or against the note, and what to do; empty if there is none. Follows
// no pointer that leads outside the libraries' memory.
std::string descriptor_problem(const histokt_descriptor& descriptor, const PluginNote& note);

}  // namespace histokt
