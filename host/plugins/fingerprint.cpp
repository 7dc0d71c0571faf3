// SPDX-License-Identifier: MIT
// The one file of this folder that knows libtorch: its version.
#include <torch/version.h>

#include <string>  // names the standard library for the fingerprint

#include <histokt/fingerprint.h>

#include "plugins/registry.hpp"

namespace histokt {

std::string host_fingerprint() {
  return HISTOKT_FINGERPRINT;
}

}  // namespace histokt
