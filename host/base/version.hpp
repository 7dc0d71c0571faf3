// SPDX-License-Identifier: MIT
// The program's version and the libraries it was built with, for logs and results.
#pragma once

#include <string>

namespace histokt {

// "histokt 0.1.0 (libtorch 1.13.1, OpenCV 4.6.0, HDF5 1.10.8, gcc 12.2.0)".
std::string program_version();

}  // namespace histokt
