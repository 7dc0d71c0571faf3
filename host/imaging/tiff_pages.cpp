// SPDX-License-Identifier: MIT
#include "imaging/tiff_pages.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace histokt {
namespace {

constexpr std::size_t kMostPages = 4096;  // more are a film or a hostile file

TiffPage page_at(const TiffReader& reader) {
  constexpr std::uint32_t kScannersView = 8;  // Aperio's mark of the photograph of the glass
  const std::uint32_t kind = reader.number(TIFFTAG_SUBFILETYPE, 0);
  const auto colours = reader.stored_number(TIFFTAG_PHOTOMETRIC).value_or(PHOTOMETRIC_MINISBLACK);
  TiffPage page{.offset = TIFFCurrentDirOffset(reader.get()),
                .height = reader.number(TIFFTAG_IMAGELENGTH, 0),
                .width = reader.number(TIFFTAG_IMAGEWIDTH, 0),
                .bits = reader.small_number(TIFFTAG_BITSPERSAMPLE),
                .samples = reader.small_number(TIFFTAG_SAMPLESPERPIXEL)};
  page.is_grey =
      page.samples == 1 && (colours == PHOTOMETRIC_MINISBLACK || colours == PHOTOMETRIC_MINISWHITE);
  page.is_reduced = (kind & (FILETYPE_REDUCEDIMAGE | kScannersView)) != 0;
  return page;
}

std::vector<std::uint64_t> pages_below(const TiffReader& reader) {
  std::uint16_t count = 0;
  const std::uint64_t* offsets = nullptr;
  if (!TIFFGetField(reader.get(), TIFFTAG_SUBIFD, &count, &offsets) || !offsets) return {};
  return {offsets, offsets + count};
}

// Every page, also those that hang below another one. The usual file has one, and nothing more is read.
std::vector<TiffPage> pages_of(TiffReader& reader) {
  std::vector<TiffPage> pages;
  std::vector<std::uint64_t> below;
  const auto take = [&] {
    if (pages.size() == kMostPages) {
      reader.fail("has more than " + std::to_string(kMostPages) +
                  " pages; expected one image. Save its image as a file of its own");
    }
    pages.push_back(page_at(reader));
  };
  while (true) {
    take();
    const auto more = pages_below(reader);
    if (below.size() < kMostPages) below.insert(below.end(), more.begin(), more.end());
    if (TIFFLastDirectory(reader.get())) break;
    if (!TIFFReadDirectory(reader.get())) reader.fail_damaged();
  }
  for (const std::uint64_t offset : below) {
    if (offset != 0 && reader.move_to(offset)) take();
  }
  return pages;
}

std::uint64_t area(const TiffPage& page) {
  return std::uint64_t{page.height} * page.width;
}

bool same_size(const TiffPage& a, const TiffPage& b) {
  return a.height == b.height && a.width == b.width;
}

std::string size_text(const TiffPage& page) {
  return std::to_string(page.width) + " x " + std::to_string(page.height);
}

std::string kind_text(const std::vector<TiffPage>& pages) {
  const auto all = [&](const auto& is) { return std::all_of(pages.begin(), pages.end(), is); };
  if (all([](const TiffPage& page) { return page.is_grey; })) return " grey pages";
  return all([](const TiffPage& page) { return page.samples >= 3; }) ? " colour pages" : " pages";
}

[[noreturn]] void fail_ambiguous(const TiffReader& reader, const std::vector<TiffPage>& pages,
                                 const std::string& why) {
  reader.fail("has " + std::to_string(pages.size()) + kind_text(pages) + " of " + size_text(pages.front()) +
              " pixels" + why +
              "; expected one page, or three grey ones that are red, green and blue. Save the image as one "
              "RGB page");
}

// The pages of the largest size, in the file's order.
std::vector<TiffPage> largest(const TiffReader& reader, const std::vector<TiffPage>& pages) {
  const TiffPage& first = *std::max_element(pages.begin(), pages.end(), [](const auto& a, const auto& b) {
    // Of two of one area the one that is not marked as reduced, whatever their order.
    return area(a) != area(b) ? area(a) < area(b) : a.is_reduced && !b.is_reduced;
  });
  std::vector<TiffPage> same;
  for (const TiffPage& page : pages) {
    if (same_size(page, first) && page.is_reduced == first.is_reduced) {
      same.push_back(page);
    } else if (!page.is_reduced && area(page) > area(first) / 2) {
      reader.fail("has pages of " + size_text(first) + " and of " + size_text(page) +
                  " pixels, too alike for one to be an overview of the other; expected one image. Save each "
                  "as a file of its own");
    }
  }
  return same;
}

// Whether three grey pages are one image's colours.
bool are_colours(const std::vector<TiffPage>& pages, const TiffDescription& said) {
  if (pages.size() != 3) return false;
  for (const TiffPage& page : pages) {
    if (!page.is_grey || page.bits != pages.front().bits) return false;
  }
  const bool told = said.channels == 3 && said.other_planes <= 1;
  const bool told_otherwise = said.channels > 0 || said.other_planes > 1;
  return told || (!told_otherwise && pages.front().bits == 8);
}

std::string told_by(const TiffDescription& said) {
  if (said.other_planes <= 1 && said.channels <= 0) return "";
  return ", " + std::to_string(std::max(said.channels, 1)) + " channels of " +
         std::to_string(std::max(said.other_planes, 1)) + " depths or times by its description";
}

std::optional<StatedScale> scale_of(const TiffReader& reader, const TiffDescription& said) {
  if (said.scale) return said.scale;
  const double across = reader.real_number(TIFFTAG_XRESOLUTION),
               down = reader.real_number(TIFFTAG_YRESOLUTION);
  const auto usable = [](double value) { return std::isfinite(value) && value > 0; };
  if (!usable(across) && !usable(down)) return std::nullopt;
  const std::uint16_t unit = reader.small_number(TIFFTAG_RESOLUTIONUNIT);
  const double microns = said.unit_in_microns > 0     ? said.unit_in_microns
                         : unit == RESUNIT_INCH       ? 25400
                         : unit == RESUNIT_CENTIMETER ? 10000
                                                      : 0;
  if (microns <= 0) return std::nullopt;
  return resolution_scale(microns / (usable(across) ? across : down),
                          microns / (usable(down) ? down : across), "TIFF resolution");
}

}  // namespace

TiffImage choose_tiff_pages(TiffReader& reader) {
  const std::string text(reader.text(TIFFTAG_IMAGEDESCRIPTION));
  const std::uint64_t front = TIFFCurrentDirOffset(reader.get());
  const std::vector<TiffPage> pages = largest(reader, pages_of(reader));
  const TiffPage& first = pages.front();
  constexpr std::uint32_t kMost = std::numeric_limits<int>::max();
  const Size size{static_cast<int>(std::min(first.height, kMost)),
                  static_cast<int>(std::min(first.width, kMost))};
  TiffImage image;
  image.description = read_tiff_description(text, size);
  TiffDescription& said = image.description;
  if (first.offset != front && text.starts_with("Aperio")) said.scale.reset();
  if (are_colours(pages, said)) {
    for (const int plane : said.plane_of)
      image.pages.push_back(pages[static_cast<std::size_t>(plane)].offset);
  } else if (pages.size() > 1) {
    fail_ambiguous(reader, pages, told_by(said));
  } else {
    if (first.samples == 1 && (said.channels > 1 || said.images > 1)) {
      reader.fail("has one grey page, but its description tells of " +
                  std::to_string(std::max(said.channels, said.images)) +
                  " channels or images; the others are not in this file. Save the image as one RGB page");
    }
    image.pages.push_back(first.offset);
  }
  if (!reader.move_to(image.pages.front())) reader.fail_damaged();
  image.scale = scale_of(reader, said);
  return image;
}

}  // namespace histokt
