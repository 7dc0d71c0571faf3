// SPDX-License-Identifier: MIT
#include "plugins/mapped_memory.hpp"

#include <link.h>

#include <algorithm>
#include <cstring>

namespace histokt {

MappedMemory::MappedMemory() {
  const auto add_library = [](dl_phdr_info* library, std::size_t, void* to) {
    for (int i = 0; i < library->dlpi_phnum; ++i) {
      const ElfW(Phdr)& segment = library->dlpi_phdr[i];
      if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_R)) continue;
      const std::uintptr_t begin = library->dlpi_addr + segment.p_vaddr;
      static_cast<std::vector<Segment>*>(to)->push_back({begin, begin + segment.p_memsz});
    }
    return 0;
  };
  dl_iterate_phdr(add_library, &segments_);
}

const MappedMemory::Segment* MappedMemory::find(const void* address) const {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  const auto found = std::find_if(segments_.begin(), segments_.end(), [&](const Segment& segment) {
    return segment.begin <= at && at < segment.end;
  });
  return found == segments_.end() ? nullptr : &*found;
}

bool MappedMemory::holds(const void* begin, std::size_t size) const {
  const Segment* segment = find(begin);
  return segment && segment->end - reinterpret_cast<std::uintptr_t>(begin) >= size;
}

bool MappedMemory::holds_text(const char* text) const {
  const Segment* segment = find(text);
  return segment && std::memchr(text, '\0', segment->end - reinterpret_cast<std::uintptr_t>(text));
}

}  // namespace histokt
