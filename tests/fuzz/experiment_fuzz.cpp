// SPDX-License-Identifier: MIT
// Any bytes as an experiment file, the last line of them a --set: checked, or refused with a RequestError.
#include <cstring>

#include "base/errors.hpp"
#include "config/experiment.hpp"
#include "fuzz/bytes_as_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace histokt;
  static const fuzz::BytesAsFile file;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t at = text.rfind("#--set ");
  std::vector<std::string> settings;
  if (at != std::string_view::npos) settings.emplace_back(text.substr(at + 7));
  try {
    read_experiment(file.hold({data, at == std::string_view::npos ? size : at}), settings, "/no/such/output");
  } catch (const RequestError&) {
  }
  return 0;
}
