// SPDX-License-Identifier: MIT
#include "tasks/unlabelled_folder.hpp"

#include <histokt/adapters/folders.hpp>
#include <histokt/host.hpp>
#include <stdexcept>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace histokt {

class UnlabelledFolder::Reader : public ImageReader {
 public:
  explicit Reader(const std::vector<File>& files) : files_(files) {}
  ImageSource read(std::uint64_t index) override { return files_.at(index).path; }
  MaskSource read_mask(std::uint64_t) override { throw std::logic_error("unlabelled images have no masks"); }

 private:
  const std::vector<File>& files_;
};

UnlabelledFolder::UnlabelledFolder(const std::filesystem::path& root, double microns_per_pixel,
                                   std::vector<std::string> classes, bool multi_label) {
  try {
    for (adapters::FoundFile& file : adapters::files_below(root, "")) {
      files_.push_back({std::move(file.name), std::move(file.path)});
    }
    for (adapters::FoundFile& file : adapters::files_below(root, "", adapters::unread_image_extensions()))
      unread_.push_back(std::move(file.name));
    adapters::LeftOut left_out;
    for (const std::string& name : unread_) left_out.add(name);
    unread_warning_ = left_out.text(root);
  } catch (const BadRequest& error) {
    throw RequestError(error.what());
  } catch (const PluginError& error) {
    throw RunError(error.what());
  }
  if (files_.empty()) {
    throw RequestError(root.string() + ": there is no image in it; expected files whose names end in " +
                       joined(adapters::image_extensions(), " or "));
  }
  info_.name = root.filename().empty() ? root.string() : root.filename().string();
  info_.classes = std::move(classes);
  info_.microns_per_pixel = microns_per_pixel;
  info_.multi_label = multi_label;
  info_.size = files_.size();
}

ImageSample UnlabelledFolder::sample(std::uint64_t index) const {
  ImageSample sample{.id = files_.at(index).name, .group = files_.at(index).name};
  if (info_.multi_label) {
    sample.labels.assign(info_.classes.size(), 0);
  } else {
    sample.label = 0;
  }
  return sample;
}

std::unique_ptr<ImageReader> UnlabelledFolder::make_reader() const {
  return std::make_unique<Reader>(files_);
}

}  // namespace histokt
