// SPDX-License-Identifier: MIT
#include "base/installation.hpp"

namespace histokt {

std::vector<std::filesystem::path> installed_folders() {
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  if (folder.filename() == "histokt") return {folder};
  const std::filesystem::path prefix = folder.parent_path();
  return {prefix / HISTOKT_LIBDIR / "histokt", prefix / "lib" / "histokt"};
}

}  // namespace histokt
