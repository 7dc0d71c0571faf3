// SPDX-License-Identifier: MIT
#include "plugins/note.hpp"

#include <elf.h>
#include <sys/stat.h>

#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/errors.hpp"

namespace histokt {
namespace {

constexpr std::size_t kLargestNoteSegment = 1 << 20;
constexpr const char* kAgain = "; copy or build it again";

// A struct of the file at `offset`, if it lies within it. Copied: the file promises no alignment.
template <typename T>
std::optional<T> read_at(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

// The text of our note within one PT_NOTE segment.
std::optional<std::string> text_in_segment(std::string_view segment) {
  std::uint64_t at = 0;
  const auto padded = [](std::uint64_t size) { return (size + 3) / 4 * 4; };
  while (const auto header = read_at<Elf64_Nhdr>(segment, at)) {
    const std::uint64_t owner_at = at + sizeof(Elf64_Nhdr);
    const std::uint64_t text_at = owner_at + padded(header->n_namesz);
    const std::uint64_t end = text_at + header->n_descsz;
    if (end > segment.size()) return std::nullopt;
    const std::string_view owner = segment.substr(owner_at, header->n_namesz);
    if (header->n_type == HISTOKT_NOTE_TYPE && owner == std::string_view(HISTOKT_NOTE_OWNER, 8)) {
      std::string_view text = segment.substr(text_at, header->n_descsz);
      return std::string(text.substr(0, text.find('\0')));
    }
    at = text_at + padded(header->n_descsz);
    if (at >= segment.size()) return std::nullopt;
  }
  return std::nullopt;
}

std::map<std::string, std::string> key_values(const std::string& text, char separator) {
  std::map<std::string, std::string> fields;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line, separator);) {
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos) fields[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return fields;
}

PluginNote parse_text(const std::string& text) {
  auto fields = key_values(text, '\n');
  for (const char* key : {"kind", "name", "version", "abi", "fingerprint"}) {
    if (!fields.contains(key))
      throw RunError(std::string("its note has no \"") + key + "\"; write it with the SDK's macro");
  }
  PluginNote note;
  note.kind = kind_from_name(fields["kind"]);
  if (!note.kind)
    throw RunError("its note names the unknown kind \"" + fields["kind"] +
                   "\"; build it as a dataset, model, optimizer or distiller");
  note.name = fields["name"];
  note.version = fields["version"];
  note.fingerprint = fields["fingerprint"];
  std::istringstream extensions(fields["extensions"]);
  for (std::string name; extensions >> name;) note.extensions.push_back(name);
  const std::string& abi = fields["abi"];
  const char* end = abi.data() + abi.size();
  const auto [dot, error] = std::from_chars(abi.data(), end, note.abi_major);
  if (error != std::errc() || dot == end || *dot != '.' ||
      std::from_chars(dot + 1, end, note.abi_minor).ec != std::errc()) {
    throw RunError("its note has the ABI version \"" + abi +
                   "\", which is not MAJOR.MINOR; write it with the SDK's macro");
  }
  return note;
}

}  // namespace

std::string kind_name(histokt_kind kind) {
  switch (kind) {
    case HISTOKT_DATASET:
      return "dataset";
    case HISTOKT_MODEL:
      return "model";
    case HISTOKT_OPTIMIZER:
      return "optimizer";
    case HISTOKT_DISTILLER:
      return "distiller";
    default:
      return "?";
  }
}

histokt_kind kind_from_name(const std::string& name) {
  for (histokt_kind kind : {HISTOKT_DATASET, HISTOKT_MODEL, HISTOKT_OPTIMIZER, HISTOKT_DISTILLER}) {
    if (name == kind_name(kind)) return kind;
  }
  return 0;
}

std::map<std::string, std::string> fingerprint_fields(const std::string& fingerprint) {
  return key_values(fingerprint, ';');
}

PluginNote parse_plugin_note(std::string_view elf) {
  const auto header = read_at<Elf64_Ehdr>(elf, 0);
  if (elf.size() < SELFMAG || std::memcmp(elf.data(), ELFMAG, SELFMAG) != 0) {
    throw RunError(std::string("it is not a shared library (no ELF header)") + kAgain);
  }
  if (!header) throw RunError(std::string("it is truncated: the ELF header ends early") + kAgain);
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB) {
    throw RunError("it is not a 64-bit little-endian ELF file; build it for this machine");
  }
  for (std::uint64_t i = 0; i < header->e_phnum; ++i) {
    const auto segment = read_at<Elf64_Phdr>(elf, header->e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment) throw RunError(std::string("it is truncated: the program headers end early") + kAgain);
    if (segment->p_offset > elf.size() || elf.size() - segment->p_offset < segment->p_filesz) {
      throw RunError(std::string("it is truncated: a segment ends behind the end of the file") + kAgain);
    }
    if (segment->p_type != PT_NOTE || segment->p_filesz > kLargestNoteSegment) continue;
    if (const auto text = text_in_segment(elf.substr(segment->p_offset, segment->p_filesz))) {
      return parse_text(*text);
    }
  }
  throw RunError(
      "it has no HistoKT note, so it is not a HistoKT plugin; build it with the SDK's macro, or remove it "
      "from the folder");
}

PluginNote read_plugin_note(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    throw RunError("it is not a regular file; put the library itself there");
  std::ifstream input(file, std::ios::binary);
  if (!input) throw RunError("it cannot be opened for reading; give read permission");
  std::ostringstream bytes;
  bytes << input.rdbuf();
  return parse_plugin_note(bytes.view());
}

}  // namespace histokt
