#include "experiment/version.hpp"

#include <hdf5.h>
#include <torch/version.h>

#include <opencv2/core/version.hpp>

namespace histokt {

std::string program_version() {
  return std::string("histokt ") + HISTOKT_VERSION + " (libtorch " + TORCH_VERSION + ", OpenCV " + CV_VERSION +
         ", HDF5 " + H5_VERS_INFO + ", compiler " + __VERSION__ + ")";
}

}  // namespace histokt
