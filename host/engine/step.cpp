// SPDX-License-Identifier: MIT
#include "engine/step.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace histokt {

bool Step::ready() const {
  return std::all_of(inputs.begin(), inputs.end(),
                     [](const StepInput& input) { return input.step->record.has_value(); });
}

Json Step::definition() const {
  Json digests = Json::object();
  for (const StepInput& input : inputs) {
    digests[input.role] = input.step->record->result.outputs.at(input.output).digest;
  }
  return {{"kind", kind},
          {"revision", revision},
          {"options", options},
          {"plugins", plugins},
          {"inputs", digests}};
}

std::string Step::identity() const {
  return sha256_of_text(definition().dump());
}

std::string Step::file_label() const {
  constexpr std::size_t kLongest = 160;  // with all that is added below the 255 a file name may have
  return file_safe(label).substr(0, kLongest);
}

std::string Step::folder_name() const {
  return kind + "-" + file_label() + "-" + identity().substr(0, 12);
}

std::vector<const Step*> Step::ancestry() const {
  std::vector<const Step*> found = {this};
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const StepInput& input : found[i]->inputs) {
      if (std::find(found.begin(), found.end(), input.step) == found.end()) found.push_back(input.step);
    }
  }
  return found;
}

const StepInput& StepContext::input(const std::string& role) const {
  for (const StepInput& candidate : step_.inputs) {
    if (candidate.role == role) return candidate;
  }
  throw std::logic_error(step_.title() + " has no input \"" + role + "\"");
}

const StepOutput& StepContext::output(const std::string& role) const {
  const StepInput& from = input(role);
  return from.step->record->result.outputs.at(from.output);
}

const Json& StepContext::summary(const std::string& role) const {
  return input(role).step->record->result.summary;
}

void StepContext::discard(const std::string& role) const {
  std::error_code ignored;  // of no harm where it stays
  std::filesystem::remove(input(role).step->record->folder / output(role).file, ignored);
}

std::filesystem::path StepContext::file(const std::string& role) const {
  const StepInput& from = input(role);
  std::filesystem::path file = from.step->record->folder / output(role).file;
  if (!std::filesystem::exists(file)) {
    make_again_(*from.step);
    file = from.step->record->folder / output(role).file;
  }
  return file;
}

}  // namespace histokt
