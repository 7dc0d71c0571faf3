// SPDX-License-Identifier: MIT
#include "base/version.hpp"

namespace histokt {

// The versions are those that CMake found.
std::string program_version() {
  return "histokt " HISTOKT_VERSION " (libtorch " HISTOKT_TORCH_VERSION ", OpenCV " HISTOKT_OPENCV_VERSION
         ", HDF5 " HISTOKT_HDF5_VERSION ", compiler " __VERSION__ ")";
}

}  // namespace histokt
