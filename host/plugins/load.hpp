// Opening one plugin file: from here on its code is in the process, for good.
#pragma once

#include <histokt/plugin.h>

#include <filesystem>
#include <string>

#include "plugins/note.hpp"

namespace histokt {

// Opens the library with everything resolved now, its symbols kept to itself, never to be closed. Throws
// RequestError with the file, what is wrong with it and what to do: unresolved symbols, no descriptor. Code
// of the plugin runs (static constructors); owner is for what it does wrong: `dataset "crc"`.
const histokt_descriptor& load_plugin(const std::filesystem::path& file, const std::string& owner);

// What is wrong with a descriptor, with itself or against the note, and what to do; empty: nothing. Follows
// no pointer that leads out of the libraries' memory.
std::string descriptor_problem(const histokt_descriptor& descriptor, const PluginNote& note);

}  // namespace histokt
