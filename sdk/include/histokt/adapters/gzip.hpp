// SPDX-License-Identifier: MIT
// Unpacking of gzip files that cannot be read in place. Link HistoKT::adapters_gzip.
#pragma once

#include <histokt/host.hpp>

#include <filesystem>

namespace histokt::adapters {

// The unpacked copy of `packed` (NAME.gz) in the host's scratch folder, made if missing: it is identified by
// the name, size and modification time of the packed file, so a new download is unpacked again. It is written
// to a temporary file, synced to disk and then renamed, so a killed run leaves no partial copy, and two runs
// at once do no harm. Several members are unpacked one after the other.
//
// Throws PluginError if the file is not a gzip file, is damaged or truncated, or if the scratch folder has
// too little space (checked before the first byte is written); Stopped if the host asks to stop. The packed
// file is never touched. Safe from any thread.
std::filesystem::path unpacked(const std::filesystem::path& packed, const Host& host);

}  // namespace histokt::adapters
