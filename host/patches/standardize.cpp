// SPDX-License-Identifier: MIT
#include "patches/standardize.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <opencv2/core/utility.hpp>
#include <thread>
#include <unordered_set>
#include <utility>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "patches/image_scale.hpp"
#include "patches/image_worker.hpp"
#include "patches/patch_set_writer.hpp"
#include "patches/split_set.hpp"

namespace histokt {
namespace {

// Finished images that wait for an earlier one: at most so many a thread, and so many bytes in all.
constexpr std::uint64_t kWaitingPerThread = 4;
constexpr std::size_t kWaitingBytes = std::size_t{1} << 27;

std::string patch_id(std::string id, Corner corner) {
  id += '@';
  id += std::to_string(corner.left);
  id += ',';
  id += std::to_string(corner.top);
  return id;
}

// Hands out images in order and puts what comes back into order again.
class Pipeline {
 public:
  Pipeline(const ImageDataset& dataset, const StandardizeRequest& request, const StandardizeOptions& options,
           PatchSetWriter& writer, int threads, Progress& progress)
      : dataset_(dataset),
        request_(request),
        options_(options),
        writer_(writer),
        progress_(progress),
        threads_(static_cast<std::uint64_t>(std::max(threads, 1))),
        window_(threads_ * kWaitingPerThread) {}

  void run() {
    {
      std::vector<std::jthread> workers;
      for (std::uint64_t i = 1; i < threads_; ++i) workers.emplace_back([this] { work(); });
      work();
    }
    if (failure_) std::rethrow_exception(failure_);
    throw_if_interrupted();
  }

  // Of images whose tags state another scale, once for all.
  void warn_of_scales() {
    if (scale_count_ == 0) return;
    summary_.warnings.push_back(
        "the tags of " + counted(scale_count_, "image") + " of " + std::to_string(summary_.images) +
        " state another scale than `microns_per_pixel`, which is " + number_text(options_.microns_per_pixel) +
        ": " + first_scale_ + "; set `microns_per_pixel` if the tags are right");
  }

  PatchTable& table() { return table_; }
  StandardizeSummary& summary() { return summary_; }

 private:
  void work() {
    std::uint64_t index = 0;
    try {
      ImageWorker worker(dataset_, options_);
      while (take_next(index)) deliver(index, make(worker, index));
    } catch (...) {
      fail(index, std::current_exception());
    }
  }

  MadeImage make(ImageWorker& worker, std::uint64_t index) {
    const auto said = [&](const std::string& what) {
      return "image `" + dataset_.sample(index).id + "` of " + dataset_.info().name + ": " + what;
    };
    try {
      return worker.make(index);
    } catch (const BadImage& error) {
      const std::string what = said(error.what());
      if (request_.on_bad_image == OnBadImage::kFail) throw BadImage(what);
      return {.sample = {.id = dataset_.sample(index).id}, .bad = what};
    } catch (const RunError& error) {
      throw RunError(said(error.what()));
    } catch (const std::bad_alloc&) {
      throw RunError(
          said("there is not enough memory for it; use fewer threads, or lower `standardize.max_pixels`"));
    }
  }

  // The next image, once there is room for what comes of it. False: there is none, or the work is to stop.
  bool take_next(std::uint64_t& index) {
    std::unique_lock lock(mutex_);
    if (failure_ || interrupt_requested() || next_ == dataset_.info().size) return false;
    index = next_++;
    room_.wait(lock, [&] {
      return failure_ || index == due_ || (index < due_ + window_ && waiting_bytes_ < kWaitingBytes);
    });
    // What comes before a failure is still made, so that the failure reported is the first one in order.
    return !failure_ || index < failed_;
  }

  void fail(std::uint64_t index, std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_ || index < failed_) {
      failure_ = std::move(failure);
      failed_ = index;
    }
    room_.notify_all();
  }

  void deliver(std::uint64_t index, MadeImage made) {
    std::vector<std::pair<std::size_t, PixelBuffer<std::uint8_t>>> ready;  // first patch, pixels
    {
      const std::lock_guard lock(mutex_);
      waiting_bytes_ += made.image.patches.size();
      waiting_.emplace(index, std::move(made));
      for (auto it = waiting_.begin(); it != waiting_.end() && it->first == due_; it = waiting_.begin()) {
        waiting_bytes_ -= it->second.image.patches.size();
        const std::size_t first = table_.size();
        list(it->second);
        ready.emplace_back(first, std::move(it->second.image.patches));
        waiting_.erase(it);
        ++due_;
      }
      room_.notify_all();
    }
    for (const auto& [first, pixels] : ready) writer_.write_pixels(first, pixels);
    progress_.add();
  }

  // Adds the image's patches to the table.
  void list(const MadeImage& made) {
    if (made.bad) {
      summary_.skipped_images.push_back(made.sample.id);
      summary_.warnings.push_back("skipped: " + *made.bad);
      return;
    }
    if (made.other_scale && scale_count_++ == 0) {
      first_scale_ = "`" + made.sample.id + "` states " + scale_text(*made.other_scale) + " in its " +
                     made.other_scale->where;
    }
    ++summary_.images;
    summary_.dropped_background += static_cast<std::uint64_t>(made.image.dropped);
    summary_.dropped_uncovered += made.uncovered;
    for (const Corner corner : made.image.corners) {
      table_.id.push_back(options_.as_is ? made.sample.id : patch_id(made.sample.id, corner));
      table_.group.push_back(made.sample.group);
      table_.source.push_back(made.sample.id);
      table_.left.push_back(corner.left);
      table_.top.push_back(corner.top);
      table_.official_split.push_back(made.sample.official_split);
      table_.paper_split.push_back(made.sample.paper_split);
      if (!dataset_.info().multi_label) table_.label.push_back(made.sample.label);
    }
    table_.labels.insert(table_.labels.end(), made.labels.begin(), made.labels.end());
    table_.shares.insert(table_.shares.end(), made.shares.begin(), made.shares.end());
  }

  const ImageDataset& dataset_;
  const StandardizeRequest& request_;
  const StandardizeOptions& options_;
  PatchSetWriter& writer_;
  Progress& progress_;
  const std::uint64_t threads_, window_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable room_;
  std::uint64_t next_ = 0;  // image to hand out
  std::uint64_t due_ = 0;   // image whose patches are listed next
  std::map<std::uint64_t, MadeImage> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::exception_ptr failure_;
  std::uint64_t failed_ = 0;
  PatchTable table_;
  StandardizeSummary summary_;
  std::uint64_t scale_count_ = 0;  // images whose tags state another scale
  std::string first_scale_;
};

void check_samples(const ImageDataset& dataset) {
  const ImageDatasetInfo& info = dataset.info();
  if (info.size == 0) throw RunError("the dataset " + info.name + " has no images");
  if (info.labels_from_masks && !info.multi_label) {
    throw RunError("the dataset " + info.name + " takes labels from masks, so it must be multi-label");
  }
  std::unordered_set<std::string> ids;
  for (std::uint64_t i = 0; i < info.size; ++i) {
    const ImageSample sample = dataset.sample(i);
    const auto fail = [&](const std::string& what) {
      throw RunError("image `" + sample.id + "` of " + info.name + ": " + what);
    };
    if (!ids.insert(sample.id).second) fail("its id occurs twice; ids must be unique");
    if (sample.group.empty()) fail("it has no group; the group of a lone image is the image itself");
    if (info.labels_from_masks) continue;
    if (info.multi_label && sample.labels.size() != info.classes.size()) {
      fail("it has " + std::to_string(sample.labels.size()) + " labels, but there are " +
           std::to_string(info.classes.size()) + " classes");
    }
    if (!info.multi_label &&
        (sample.label < 0 || sample.label >= static_cast<std::int64_t>(info.classes.size()))) {
      fail("its label is " + std::to_string(sample.label) + ", but there are " +
           std::to_string(info.classes.size()) + " classes, counted from 0");
    }
  }
}

// Splits the images as their patches will be split, so that what cannot be split is refused before hours of
// work. Labels from masks are not known yet, so groups alone count there.
void check_split(const ImageDataset& dataset, const SplitOptions& options) {
  if (options.protocol != SplitProtocol::kByGroup) return;
  const ImageDatasetInfo& info = dataset.info();
  PatchTable table;
  for (std::uint64_t i = 0; i < info.size; ++i) {
    ImageSample sample = dataset.sample(i);
    table.group.push_back(std::move(sample.group));
    table.official_split.push_back(sample.official_split);
    if (!info.multi_label) table.label.push_back(sample.label);
    if (info.multi_label) sample.labels.resize(info.classes.size(), 0);
    table.labels.insert(table.labels.end(), sample.labels.begin(), sample.labels.end());
  }
  assign_split({.options = options,
                .classes = info.classes,
                .label = table.label,
                .labels = table.labels,
                .group = table.group,
                .official = table.official_split,
                .group_level = info.group_level});
}

PatchSetInfo patch_set_info(const ImageDatasetInfo& dataset, const StandardizeRequest& request,
                            const StandardizeOptions& options, const StandardizeSummary& summary) {
  return {.dataset = dataset.name,
          .classes = dataset.classes,
          .multi_label = dataset.multi_label,
          .microns_per_pixel = options.as_is ? dataset.microns_per_pixel : options.target_microns_per_pixel,
          .image_microns_per_pixel = dataset.microns_per_pixel,
          .group_level = dataset.group_level,
          .patch_side = options.patch_side,
          .overlap = options.as_is ? 0 : options.overlap,
          .min_contrast = options.as_is ? 0 : options.min_contrast,
          .protocol = request.protocol,
          .versions = request.versions,
          .paper_shares = dataset.paper_shares,
          .paper_per_class = dataset.paper_per_class,
          .images = summary.images,
          .dropped_background = summary.dropped_background,
          .dropped_uncovered = summary.dropped_uncovered,
          .skipped_images = summary.skipped_images};
}

}  // namespace

StandardizeSummary standardize(const ImageDataset& dataset, const StandardizeRequest& request,
                               const std::filesystem::path& output, int threads, Progress& progress) {
  const ImageDatasetInfo& info = dataset.info();
  StandardizeOptions options = request.image;
  options.microns_per_pixel = info.microns_per_pixel;
  options.as_is = info.as_is;
  check_options(options);
  check_samples(dataset);
  const std::string name_fault = fault_in_names(dataset);
  if (!name_fault.empty() && options.require_scale) throw RunError(info.name + ": " + name_fault);
  if (request.split) check_split(dataset, *request.split);
  cv::setNumThreads(1);  // the images share the cores already

  PatchSetWriter writer(output, options.patch_side);
  Pipeline pipeline(dataset, request, options, writer, threads, progress);
  pipeline.run();
  pipeline.warn_of_scales();
  StandardizeSummary summary = std::move(pipeline.summary());
  if (!name_fault.empty()) summary.warnings.push_back(name_fault);
  summary.patches = pipeline.table().size();
  if (summary.patches == 0) {
    throw RunError("no patch of " + info.name + " is left: of " + counted(summary.images, "image") + ", " +
                   counted(summary.dropped_background, "patch") + " dropped as background and " +
                   std::to_string(summary.dropped_uncovered) + " as not covered by their masks; lower " +
                   (summary.dropped_uncovered > summary.dropped_background
                        ? "the dataset's option `min_coverage`"
                        : "`standardize.min_contrast`"));
  }
  writer.finish(patch_set_info(info, request, options, summary), pipeline.table());
  const PatchSet patches(writer.temporary());
  summary.digest = patches.digest();
  if (request.split) {
    summary.split = assign_split(patches, *request.split);
    add_split(patches, *request.split, *summary.split, threads);
    summary.warnings.insert(summary.warnings.end(), summary.split->warnings.begin(),
                            summary.split->warnings.end());
  }
  writer.publish();
  return summary;
}

}  // namespace histokt
