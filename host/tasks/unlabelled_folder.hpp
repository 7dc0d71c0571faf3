// SPDX-License-Identifier: MIT
// A folder of unlabelled images, as a dataset to predict on.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "patches/image_dataset.hpp"

namespace histokt {

// Every image at any depth below `root`, sorted by name; each is a group of its own. The classes are those of
// the predictions; every image is labelled with the first class, or with none if multi-label.
class UnlabelledFolder : public ImageDataset {
 public:
  // Throws RequestError if there are no images, RunError if the folder cannot be read.
  UnlabelledFolder(const std::filesystem::path& root, double microns_per_pixel,
                   std::vector<std::string> classes, bool multi_label);

  const ImageDatasetInfo& info() const override { return info_; }
  ImageSample sample(std::uint64_t index) const override;
  // Images of formats that are not read (jp2, gif, svs and the like), sorted by name; no samples.
  const std::vector<std::string>& unread() const { return unread_; }
  // A sentence that counts them by extension; "" if there are none.
  const std::string& unread_warning() const { return unread_warning_; }
  std::unique_ptr<ImageReader> make_reader() const override;

 private:
  struct File {
    std::string name;  // relative to the root
    std::filesystem::path path;
  };
  class Reader;

  ImageDatasetInfo info_;
  std::vector<File> files_;
  std::vector<std::string> unread_;
  std::string unread_warning_;
};

}  // namespace histokt
