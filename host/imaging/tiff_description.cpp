// SPDX-License-Identifier: MIT
#include "imaging/tiff_description.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace histokt {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string lower(std::string_view text) {
  std::string low(text);
  for (char& c : low) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return low;
}

// The number that the text is, or begins with; 0 where it is none.
template <typename Number>
Number number_in(std::string_view text) {
  text = trimmed(text);
  Number value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() ? value : Number{0};
}

double positive_number(std::string_view text) {
  const auto value = number_in<double>(text);
  return std::isfinite(value) && value > 0 ? value : 0;
}

// The length of a unit in microns; 0 for what is no length (pixel, reference frame) or not known.
double microns_in(std::string_view unit) {
  static constexpr std::pair<std::string_view, double> kUnits[] = {
      {"\xC2\xB5m", 1},      {"\xCE\xBCm", 1}, {"\xB5m", 1},      {"&#181;m", 1},     {"&#xb5;m", 1},
      {"&#956;m", 1},        {"&#x3bc;m", 1},  {"\\u00b5m", 1},   {"\\u03bcm", 1},    {"um", 1},
      {"micron", 1},         {"microns", 1},   {"micrometer", 1}, {"micrometers", 1}, {"micrometre", 1},
      {"micrometres", 1},    {"nm", 1e-3},     {"pm", 1e-6},      {"mm", 1e3},        {"cm", 1e4},
      {"dm", 1e5},           {"m", 1e6},       {"inch", 25400},   {"in", 25400},      {"\xC3\x85", 1e-4},
      {"\xE2\x84\xAB", 1e-4}};
  const std::string low = lower(trimmed(unit));
  for (const auto& [name, microns] : kUnits) {
    if (low == name) return microns;
  }
  return 0;
}

// A start tag of XML: its name without a prefix, and what stands behind the name.
struct Tag {
  std::string_view name;
  std::string_view attributes;
};

// Calls use(Tag) for each start tag, in their order. Comments, end tags and declarations are passed over.
template <typename Use>
void for_each_tag(std::string_view xml, const Use& use) {
  for (std::size_t at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at)) {
    if (xml.substr(at).starts_with("<!--")) {
      at = xml.find("-->", at);
      if (at == std::string_view::npos) return;
      continue;
    }
    std::size_t end = at + 1;
    char quote = 0;
    for (; end < xml.size() && (quote || xml[end] != '>'); ++end) {
      if (quote ? xml[end] == quote : xml[end] == '"' || xml[end] == '\'') quote = quote ? '\0' : xml[end];
    }
    if (end >= xml.size()) return;
    const std::string_view inside = xml.substr(at + 1, end - at - 1);
    at = end;
    if (inside.empty() || inside[0] == '/' || inside[0] == '!' || inside[0] == '?') continue;
    const std::size_t length = std::min(inside.find_first_of(" \t\r\n/"), inside.size());
    std::string_view name = inside.substr(0, length);
    if (const std::size_t colon = name.find(':'); colon != std::string_view::npos)
      name.remove_prefix(colon + 1);
    use(Tag{name, inside.substr(length)});
  }
}

// The value of an attribute as it is written; empty where it is not there.
std::string_view attribute(const Tag& tag, std::string_view wanted) {
  std::string_view rest = tag.attributes;
  while (true) {
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return {};
    const std::string_view name = trimmed(rest.substr(0, equals));
    const std::size_t open = rest.find_first_of("\"'", equals);
    if (open == std::string_view::npos) return {};
    const std::size_t close = rest.find(rest[open], open + 1);
    if (close == std::string_view::npos) return {};
    if (name == wanted) return rest.substr(open + 1, close - open - 1);
    rest.remove_prefix(close + 1);
  }
}

struct Channel {
  int samples = 1;
  int colour = -1;  // 0 red, 1 green, 2 blue, where its name or colour tells
};

int colour_called(std::string_view name) {
  const std::string low = lower(trimmed(name));
  if (low == "red" || low == "r") return 0;
  if (low == "green" || low == "g") return 1;
  return low == "blue" || low == "b" ? 2 : -1;
}

// OME's number of a colour: red, green, blue and alpha in a byte each.
int colour_numbered(std::string_view number) {
  const auto value = static_cast<std::uint32_t>(number_in<std::int64_t>(number));
  switch (value >> 8) {
    case 0xFF0000:
      return 0;
    case 0x00FF00:
      return 1;
    case 0x0000FF:
      return 2;
    default:
      return -1;
  }
}

// One image that OME tells of.
struct OmePixels {
  Size size;
  int channels = 0, depths = 0, times = 0, bits = 0;
  std::optional<StatedScale> scale;
  std::vector<Channel> channel = {};
  std::array<int, 3> plane_of = {0, 1, 2};  // where TiffData tells
  bool has_planes = false;
};

std::optional<StatedScale> ome_scale(const Tag& tag) {
  const auto along = [&](const char* size, const char* unit) {
    const std::string_view name = attribute(tag, unit);
    return positive_number(attribute(tag, size)) * (name.empty() ? 1 : microns_in(name));
  };
  const double across = along("PhysicalSizeX", "PhysicalSizeXUnit");
  const double down = along("PhysicalSizeY", "PhysicalSizeYUnit");
  if (across <= 0 && down <= 0) return std::nullopt;
  return StatedScale{across > 0 ? across : down, down > 0 ? down : across,
                     "OME metadata (PhysicalSizeX and PhysicalSizeY)", true};
}

std::vector<OmePixels> ome_images(std::string_view xml) {
  constexpr std::size_t kMostChannels = 64;
  std::vector<OmePixels> found;
  for_each_tag(xml, [&](const Tag& tag) {
    const auto whole = [&](const char* name) { return number_in<int>(attribute(tag, name)); };
    if (tag.name == "Pixels") {
      found.push_back({.size = {whole("SizeY"), whole("SizeX")},
                       .channels = whole("SizeC"),
                       .depths = whole("SizeZ"),
                       .times = whole("SizeT"),
                       .bits = whole("SignificantBits"),
                       .scale = ome_scale(tag)});
    } else if (tag.name == "Channel" && !found.empty() && found.back().channel.size() < kMostChannels) {
      Channel channel{.samples = whole("SamplesPerPixel"), .colour = colour_called(attribute(tag, "Name"))};
      if (channel.colour < 0) channel.colour = colour_numbered(attribute(tag, "Color"));
      found.back().channel.push_back(channel);
    } else if (tag.name == "TiffData" && !found.empty() && !attribute(tag, "FirstC").empty()) {
      const int plane = whole("IFD"), channel = whole("FirstC");
      const bool one = attribute(tag, "PlaneCount").empty() || whole("PlaneCount") == 1;
      if (one && channel >= 0 && channel < 3 && plane >= 0 && plane < 3)
        found.back().plane_of[static_cast<std::size_t>(channel)] = plane;
    }
  });
  return found;
}

bool is_permutation(const std::array<int, 3>& order) {
  return order[0] != order[1] && order[1] != order[2] && order[0] != order[2];
}

TiffDescription from_ome(std::string_view xml, Size size) {
  TiffDescription said;
  const std::vector<OmePixels> images = ome_images(xml);
  for (const OmePixels& image : images) {
    if (image.size != size) continue;
    said.channels = image.channels;
    said.other_planes = image.depths > 0 && image.times > 0 && image.depths < 1 << 15 && image.times < 1 << 15
                            ? image.depths * image.times
                            : 0;
    said.significant_bits = image.bits >= 1 && image.bits <= 16 ? image.bits : 0;
    said.scale = image.scale;
    std::array<int, 3> channel_of = {-1, -1, -1};  // of red, green and blue
    for (std::size_t c = 0; c < image.channel.size() && image.channel.size() == 3; ++c) {
      if (image.channel[c].colour >= 0)
        channel_of[static_cast<std::size_t>(image.channel[c].colour)] = static_cast<int>(c);
    }
    if (channel_of[0] < 0 || channel_of[1] < 0 || channel_of[2] < 0) channel_of = {0, 1, 2};
    const std::array<int, 3> plane_of = is_permutation(image.plane_of) ? image.plane_of : said.plane_of;
    for (std::size_t c = 0; c < 3; ++c) said.plane_of[c] = plane_of[static_cast<std::size_t>(channel_of[c])];
    return said;
  }
  return said;
}

// The value of "key=value" on a line of its own.
std::string_view line_value(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == '=')
      return line.substr(key.size() + 1);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

TiffDescription from_imagej(std::string_view text) {
  const auto count = [&](const char* key) { return number_in<int>(line_value(text, key)); };
  TiffDescription said;
  said.images = count("images");
  said.channels = count("channels");
  const int slices = std::max(count("slices"), 1), frames = std::max(count("frames"), 1);
  if (slices < 1 << 15 && frames < 1 << 15) said.other_planes = slices * frames;
  if (said.other_planes == 1 && said.channels == 0) said.other_planes = 0;
  said.unit_in_microns = microns_in(line_value(text, "unit"));
  return said;
}

// {"shape": [3, 64, 64], "axes": "CYX"}
TiffDescription from_tifffile(std::string_view json) {
  TiffDescription said;
  std::size_t at = json.find("\"axes\"");
  if (at == std::string_view::npos) return said;
  at = json.find('"', at + 6);
  if (at == std::string_view::npos) return said;
  const std::string_view axes = json.substr(at + 1, std::min(json.find('"', at + 1), json.size()) - at - 1);
  const std::size_t page = axes.find('Y');
  const std::string_view planes = axes.substr(0, page);
  if (page == std::string_view::npos || planes.empty()) return said;
  if (planes == "C" || planes == "S") {
    const std::size_t open = json.find('[');
    if (open != std::string_view::npos) said.channels = number_in<int>(json.substr(open + 1));
    said.other_planes = 1;
  } else if (planes.find_first_of("ZT") != std::string_view::npos) {
    said.other_planes = 2;  // some
  }
  return said;
}

// "Aperio ...|AppMag = 20|MPP = 0.4990|..."
TiffDescription from_aperio(std::string_view text) {
  TiffDescription said;
  for (std::size_t at = text.find('|'); at != std::string_view::npos; at = text.find('|', at + 1)) {
    const std::string_view field =
        trimmed(text.substr(at + 1, std::min(text.find('|', at + 1), text.size()) - at - 1));
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos || trimmed(field.substr(0, equals)) != "MPP") continue;
    const double scale = positive_number(field.substr(equals + 1));
    if (scale > 0) said.scale = StatedScale{scale, scale, "Aperio metadata (MPP)", true};
  }
  return said;
}

}  // namespace

TiffDescription read_tiff_description(std::string_view text, Size size) {
  text = trimmed(text);
  if (text.starts_with("ImageJ=")) return from_imagej(text);
  if (text.starts_with("Aperio")) return from_aperio(text);
  if (text.starts_with('{')) return from_tifffile(text);
  if (text.find("OME") < 4096 && text.starts_with('<')) return from_ome(text, size);
  return {};
}

}  // namespace histokt
