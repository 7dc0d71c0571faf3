// SPDX-License-Identifier: MIT
#include <histokt/adapters/choices.hpp>
#include <histokt/adapters/text.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>

namespace histokt::adapters {
namespace {

std::string number_text(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

// A number that looks random, the same on every machine: FNV-1a over the id, then the finisher of SplitMix64.
std::uint64_t rank_of(const std::string& id, std::uint64_t seed) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  hash += (seed + 1) * 0x9E3779B97F4A7C15u;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
  return hash ^ (hash >> 31);
}

}  // namespace

double microns_per_pixel(const DatasetRequest& request, double published) {
  const double scale = request.settings.number("microns_per_pixel");
  if (scale != published) {
    request.host.log_warning("microns_per_pixel is set to " + number_text(scale) + "; published is " +
                             number_text(published));
  }
  return scale;
}

ClassChoice::ClassChoice(std::vector<std::string> usual, const Settings& settings,
                         std::vector<std::string> known)
    : chosen_(settings.strings("classes")), known_(known.empty() ? usual : std::move(known)) {
  std::set<std::string> seen;
  for (const std::string& name : chosen_) {
    if (!knows(name)) {
      throw BadRequest("the option classes names \"" + name + "\"" + did_you_mean(name, known_) +
                       " This dataset has " + this->known());
    }
    if (!seen.insert(name).second) throw BadRequest("the option classes names \"" + name + "\" twice");
  }
  if (chosen_.empty()) chosen_ = std::move(usual);
}

bool ClassChoice::knows(std::string_view name) const {
  return std::find(known_.begin(), known_.end(), name) != known_.end();
}

std::optional<int> ClassChoice::label(std::string_view name) const {
  const auto found = std::find(chosen_.begin(), chosen_.end(), name);
  if (found == chosen_.end()) return std::nullopt;
  return static_cast<int>(found - chosen_.begin());
}

std::string ClassChoice::known() const {
  return listed(known_, known_.size());
}

std::vector<Sample> drawn(std::vector<Sample> samples, std::uint64_t per_class, std::uint64_t seed) {
  if (per_class == 0) return samples;
  using Part = std::pair<int, histokt_split>;
  std::map<Part, std::vector<std::pair<std::uint64_t, std::size_t>>> parts;  // rank, index
  for (std::size_t i = 0; i < samples.size(); ++i) {
    parts[{samples[i].label, samples[i].official_split}].emplace_back(rank_of(samples[i].id, seed), i);
  }
  std::vector<std::size_t> taken;
  for (auto& [part, ranked] : parts) {
    std::sort(ranked.begin(), ranked.end());
    if (ranked.size() > per_class) ranked.resize(per_class);
    for (const auto& [rank, index] : ranked) taken.push_back(index);
  }
  std::sort(taken.begin(), taken.end());
  std::vector<Sample> chosen;
  for (const std::size_t index : taken) chosen.push_back(std::move(samples[index]));
  return chosen;
}

std::vector<Sample> drawn(std::vector<Sample> samples, const Settings& settings, const char* option) {
  return drawn(std::move(samples), static_cast<std::uint64_t>(settings.integer(option)),
               static_cast<std::uint64_t>(settings.integer("draw_seed")));
}

}  // namespace histokt::adapters
