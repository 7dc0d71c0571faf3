// Files that were packed with gzip and cannot be read as they are. Link HistoKT::adapters_gzip.
#pragma once

#include <histokt/host.hpp>

#include <filesystem>

namespace histokt::adapters {

// The unpacked copy of `packed` (NAME.gz) in the host's scratch folder, made where it is not there yet: it is
// known by the name, size and time of change of the packed file, so a new download is unpacked anew. It is
// written under a name of its own, made sure of on disk and then renamed, so a run that was killed leaves no
// half copy, and two runs at once do no harm. Several members are unpacked one behind the other.
//
// Throws PluginError where the file is no gzip file, is damaged or cut off, or where the scratch folder has
// too little room (checked before the first byte is written); Stopped where the host asks to stop. The packed
// file is never touched. Safe from any thread.
std::filesystem::path unpacked(const std::filesystem::path& packed, const Host& host);

}  // namespace histokt::adapters
