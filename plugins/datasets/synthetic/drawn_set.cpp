// SPDX-License-Identifier: MIT
#include "drawn_set.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <mutex>
#include <random>
#include <thread>

#include "png_file.hpp"
#include "scanner.hpp"
#include "tissue.hpp"

namespace histokt::synthetic {
namespace {

namespace fs = std::filesystem;

struct Image {
  const std::string* tissue;
  int patient, index;
};

std::vector<Image> all_images(const SetPlan& plan) {
  std::vector<Image> images;
  for (const std::string& tissue : plan.classes) {
    for (int patient = 0; patient < plan.patients; ++patient) {
      for (int index = 0; index < plan.images_per_patient; ++index)
        images.push_back({&tissue, patient, index});
    }
  }
  return images;
}

PatientTraits constitution(std::uint64_t patient_key) {
  Draw draw(key_of({patient_key, word_of("constitution")}));
  return {.nucleus_size = 1 + 0.06f * draw.bell(),
          .cellularity = 1 + 0.12f * draw.bell(),
          .collagen = draw.uniform(0.2f, 0.8f)};
}

// Of one patient, with what varies from section to section.
Staining staining(std::uint64_t patient_key, std::uint64_t image_key) {
  Draw patient(key_of({patient_key, word_of("staining")})), section(key_of({image_key, word_of("staining")}));
  const float fading = patient.uniform();
  return {.haematoxylin = std::exp(0.20f * patient.bell() + 0.10f * section.bell()),
          .eosin = std::exp(0.22f * patient.bell() + 0.12f * section.bell()),
          .fading = fading * fading};
}

void draw_image(const SetPlan& plan, const Image& image, const fs::path& file) {
  const Laboratory& lab = laboratory(plan.laboratory);
  const std::uint64_t patient_key =
      key_of({plan.seed, word_of(plan.laboratory), static_cast<std::uint64_t>(image.patient)});
  const std::uint64_t key =
      key_of({patient_key, word_of(*image.tissue), static_cast<std::uint64_t>(image.index)});
  const int side = static_cast<int>(std::lround(plan.image_side / lab.microns_per_pixel));
  Canvas canvas(side, static_cast<float>(lab.microns_per_pixel));
  draw_tissue(canvas, *image.tissue, constitution(patient_key), key);
  write_png(file, scan(canvas, lab, staining(patient_key, key), key), side);
}

// Hands out images to threads; the first error stops all.
class DrawingJob {
 public:
  DrawingJob(const SetPlan& plan, const fs::path& folder, const Host& host)
      : plan_(plan), folder_(folder), host_(host), images_(all_images(plan)) {}

  void draw_all() {
    const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1u, 16u);
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < cores; ++i) threads.emplace_back([this] { work(); });
    work();
    threads.clear();  // joins
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void work() noexcept {
    try {
      for (std::size_t i = next_++; i < images_.size() && !stop_; i = next_++) {
        const Image& image = images_[i];
        draw_image(plan_, image, folder_ / image_name(plan_, *image.tissue, image.patient, image.index));
        host_.progress("drawing images", ++done_, images_.size());
      }
    } catch (...) {
      std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      stop_ = true;
    }
  }

  const SetPlan& plan_;
  const fs::path& folder_;
  const Host& host_;
  const std::vector<Image> images_;
  std::atomic<std::size_t> next_ = 0, done_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::exception_ptr error_;
};

// "synthetic-a-1f2e3d4c5b6a7988". The order of the classes changes no image.
std::string folder_name(const SetPlan& plan) {
  std::vector<std::string> classes = plan.classes;
  std::sort(classes.begin(), classes.end());
  std::uint64_t digest =
      key_of({word_of(HISTOKT_SYNTHETIC_VERSION), word_of(plan.laboratory), plan.seed,
              static_cast<std::uint64_t>(plan.patients), static_cast<std::uint64_t>(plan.images_per_patient),
              static_cast<std::uint64_t>(plan.image_side)});
  for (const std::string& name : classes) digest = key_of({digest, word_of(name)});
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(digest));
  return "synthetic-" + plan.laboratory + "-" + text;
}

bool is_complete(const SetPlan& plan, const fs::path& folder) {
  const std::vector<Image> images = all_images(plan);
  return fs::is_directory(folder) && std::all_of(images.begin(), images.end(), [&](const Image& image) {
           return fs::is_regular_file(folder / image_name(plan, *image.tissue, image.patient, image.index));
         });
}

// This machine, as it stands in names: process numbers mean something only within one space of them, of which
// a container has its own.
std::string machine() {
  char host[256] = "host";
  ::gethostname(host, sizeof host - 1);
  std::error_code none;
  const std::string space = fs::read_symlink("/proc/self/ns/pid", none).string();
  std::string digits;
  std::copy_if(space.begin(), space.end(), std::back_inserter(digits),
               [](char c) { return c >= '0' && c <= '9'; });
  return std::string(host) + "-" + digits;
}

// A process that was killed but not waited for (Z) still has its number.
bool lives(int process) {
  if (::kill(process, 0) != 0 && errno == ESRCH) return false;
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string stat;
  std::getline(file, stat);
  const std::size_t after_name = stat.rfind(") ");
  return after_name == std::string::npos || (stat[after_name + 2] != 'Z' && stat[after_name + 2] != 'X');
}

// True for "MACHINE-PROCESS-NUMBER.partial" of a process of this machine that is dead.
bool began_by_the_dead(const std::string& rest) {
  const std::string begin = machine() + "-";
  if (!rest.starts_with(begin)) return false;
  const int process = std::atoi(rest.c_str() + begin.size());
  return process > 0 && !lives(process);
}

// Removes what killed runs have left of this set; of other machines, what is a day old: far longer than
// drawing takes.
void remove_leftovers(const fs::path& target) {
  const std::string prefix = target.filename().string() + ".";
  for (const fs::directory_entry& entry : fs::directory_iterator(target.parent_path())) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix) || !name.ends_with(".partial")) continue;
    std::error_code gone;
    const auto age = fs::file_time_type::clock::now() - entry.last_write_time(gone);
    if (began_by_the_dead(name.substr(prefix.size())) || (!gone && age > std::chrono::hours(24))) {
      fs::remove_all(entry.path(), gone);
    }
  }
}

// A sibling of the target, `TARGET.MACHINE-PROCESS-NUMBER.partial`, that is removed again unless it was
// renamed.
class PartialFolder {
 public:
  PartialFolder(const fs::path& target, const std::vector<std::string>& classes) {
    std::random_device number;  // another process, perhaps on another machine, may be drawing the same set
    path_ = target.string() + "." + machine() + "-" + std::to_string(::getpid()) + "-" +
            std::to_string(number()) + ".partial";
    for (const std::string& name : classes) fs::create_directories(path_ / name);
    remove_leftovers(target);
  }
  ~PartialFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  PartialFolder(const PartialFolder&) = delete;
  PartialFolder& operator=(const PartialFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Removes an incomplete set. It gets another name and is looked at once more first, so that a set which
// another process has finished meanwhile is not emptied under its readers' hands: that one goes back.
void remove_incomplete(const SetPlan& plan, const fs::path& target, const fs::path& partial) {
  const fs::path aside = partial.string() + ".partial";
  std::error_code none_there;
  fs::rename(target, aside, none_there);
  if (none_there) return;
  if (is_complete(plan, aside)) {
    fs::rename(aside, target);
  } else {
    fs::remove_all(aside);
  }
}

}  // namespace

std::string patient_name(const SetPlan& plan, int patient) {
  const std::string number = std::to_string(patient + 1);
  return plan.laboratory + "-patient-" + (number.size() < 2 ? "0" : "") + number;
}

std::string image_name(const SetPlan& plan, const std::string& tissue, int patient, int index) {
  return tissue + "/" + patient_name(plan, patient) + "-image-" + std::to_string(index + 1) + ".png";
}

fs::path drawn_folder(const SetPlan& plan, const fs::path& base, const Host& host) try {
  fs::path target = base / folder_name(plan);
  if (is_complete(plan, target)) return target;
  const PartialFolder partial(target, plan.classes);
  remove_incomplete(plan, target, partial.path());  // a user may have taken images away
  if (is_complete(plan, target)) return target;
  DrawingJob(plan, partial.path(), host).draw_all();
  std::error_code error;
  fs::rename(partial.path(), target, error);
  // Another process may have been faster: its images are the same.
  if (error && !is_complete(plan, target)) {
    throw PluginError(partial.path().string() + " cannot be renamed to " + target.string() + ": " +
                      error.message() +
                      "; get write permission there, or use another folder for the host's output");
  }
  return target;
} catch (const fs::filesystem_error& error) {
  throw PluginError("images cannot be drawn in " + base.string() + ": " + error.code().message() +
                    "; free some space there, or get write permission");
}

}  // namespace histokt::synthetic
