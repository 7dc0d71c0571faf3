// SPDX-License-Identifier: MIT
// The ELF note of a plugin: what it is, read from the file without running any of its code.
#pragma once

#include <histokt/plugin.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace histokt {

struct PluginNote {
  histokt_kind kind = 0;
  std::string name, version, fingerprint;
  int abi_major = -1, abi_minor = -1;
  std::vector<std::string> extensions;  // named here to be known before the plugin is opened
};

// "dataset", "model", "optimizer", "distiller"; "?" for another value.
std::string kind_name(histokt_kind kind);
// 0 for an unknown word.
histokt_kind kind_from_name(const std::string& name);

// Reads the note of an ELF64 shared library. Throws RunError whose text says what is wrong with the file (not
// an ELF file, truncated, no note, a note that does not parse) without naming it. Trusts nothing in the file.
PluginNote read_plugin_note(const std::filesystem::path& file);

// The same from bytes in memory: the whole file.
PluginNote parse_plugin_note(std::string_view elf);

// "sdk=1;libtorch=1.13.0" as {sdk: 1, libtorch: 1.13.0}.
std::map<std::string, std::string> fingerprint_fields(const std::string& fingerprint);

}  // namespace histokt
