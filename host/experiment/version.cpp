#include "experiment/version.hpp"

#include <hdf5.h>
#include <torch/version.h>

#include <opencv2/core/version.hpp>
#include <sstream>

namespace histokt {

std::string program_version() {
  std::ostringstream text;
  text << "histokt " << HISTOKT_VERSION << " (libtorch " << TORCH_VERSION << ", OpenCV " << CV_VERSION
       << ", HDF5 " << H5_VERS_INFO << ", compiler " << __VERSION__ << ")";
  return text.str();
}

}  // namespace histokt
