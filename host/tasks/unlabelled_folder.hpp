// A folder of pictures of which nothing is known but where they are: what a network is asked about.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "patches/picture_dataset.hpp"

namespace histokt {

// Every picture at any depth below `root`, sorted by name; each is a group of its own. The classes are those
// that the answers will name; as labels all pictures have the first class, or none where there are several
// labels a picture.
class UnlabelledFolder : public PictureDataset {
 public:
  // Throws RequestError where there are no pictures, RunError where the folder cannot be read.
  UnlabelledFolder(const std::filesystem::path& root, double microns_per_pixel,
                   std::vector<std::string> classes, bool multi_label);

  const PictureDatasetInfo& info() const override { return info_; }
  PictureSample sample(std::uint64_t index) const override;
  std::unique_ptr<PictureReader> make_reader() const override;

 private:
  struct File {
    std::string name;  // below the root
    std::filesystem::path path;
  };
  class Reader;

  PictureDatasetInfo info_;
  std::vector<File> files_;
};

}  // namespace histokt
