// SPDX-License-Identifier: MIT
// Decodes and standardises images and prints the milliseconds an image of each stage and of the whole.
//
//   standardize_bench [--microns 0.42] [--threads 2] [--passes 3] [--truncate] FILE...
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "imaging/background.hpp"
#include "imaging/decode.hpp"
#include "imaging/standardize_image.hpp"

namespace {

using namespace histokt;

struct Request {
  StandardizeOptions options{.microns_per_pixel = 0.42};
  int threads = 2;
  int passes = 3;
  std::vector<std::filesystem::path> files;
};

Request parse(int count, char** words) {
  Request request;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const bool has_value = i + 1 < count;
    if (word == "--microns" && has_value) {
      request.options.microns_per_pixel = std::atof(words[++i]);
    } else if (word == "--threads" && has_value) {
      request.threads = std::atoi(words[++i]);
    } else if (word == "--passes" && has_value) {
      request.passes = std::atoi(words[++i]);
    } else if (word == "--truncate") {
      request.options.rounding = Rounding::kTruncate;
    } else {
      request.files.emplace_back(word);
    }
  }
  return request;
}

template <typename Work>
double milliseconds_of(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

// One thread, each stage by itself, the mean over all files but the first, which warms the caches.
void print_stages(const Request& request) {
  double decoding = 0, rescaling = 0, standardizing = 0, filtering = 0;
  std::size_t patches = 0;
  Image image, rescaled;
  WorkBuffers buffers;
  const auto& options = request.options;
  BackgroundFilter filter(options.min_contrast);
  const double scale = options.microns_per_pixel / options.target_microns_per_pixel;
  const int stride = crop_stride(options.patch_side, options.overlap);
  const std::size_t patch_bytes = static_cast<std::size_t>(options.patch_side) * options.patch_side * 3;
  for (std::size_t i = 0; i < request.files.size(); ++i) {
    const auto& file = request.files[i];
    StandardizedImage made;
    const double decode = milliseconds_of([&] { decode_image_into(file, {}, image); });
    const Size full = rescaled_size({image.height, image.width}, scale);
    Size wanted = covered_part(full, options.patch_side, stride);
    if (wanted.height == 0 || wanted.width == 0) wanted = full;
    const double rescale =
        milliseconds_of([&] { rescale_part(image, full, wanted, options.rounding, rescaled); });
    const double whole =
        milliseconds_of([&] { made = standardize_image(image, options, file.string(), buffers); });
    const double background = milliseconds_of([&] {
      for (std::size_t p = 0; p < made.count(); ++p) {
        filter.is_background({made.patches.data() + p * patch_bytes, patch_bytes});
      }
    });
    if (i == 0 && request.files.size() > 1) continue;
    decoding += decode;
    rescaling += rescale;
    standardizing += whole;
    filtering += background;
    patches += made.count();
  }
  const double images = static_cast<double>(std::max<std::size_t>(1, request.files.size() - 1));
  std::printf(
      "one thread, ms an image: decode %.2f, rescale %.2f, filter %.2f, crop %.2f (all three %.2f); %.1f "
      "patches\n",
      decoding / images, rescaling / images, filtering / images,
      (standardizing - rescaling - filtering) / images, standardizing / images,
      static_cast<double>(patches) / images);
}

void print_throughput(const Request& request) {
  std::atomic<std::size_t> next{0};
  const std::size_t total = request.files.size() * static_cast<std::size_t>(request.passes);
  const auto work = [&] {
    Image image;
    WorkBuffers buffers;
    for (std::size_t i = next++; i < total; i = next++) {
      const auto& file = request.files[i % request.files.size()];
      decode_image_into(file, {}, image);
      standardize_image(image, request.options, file.string(), buffers);
    }
  };
  const double elapsed = milliseconds_of([&] {
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<std::size_t>(request.threads));
    for (int i = 0; i < request.threads; ++i) threads.emplace_back(work);
  });
  std::printf("%d threads: %.2f ms an image (%zu images, no patches written)\n", request.threads,
              elapsed / static_cast<double>(total), total);
}

}  // namespace

int main(int count, char** words) {
  try {
    const Request request = parse(count, words);
    if (request.files.empty()) {
      std::fprintf(
          stderr,
          "usage: standardize_bench [--microns 0.42] [--threads 2] [--passes 3] [--truncate] FILE...\n");
      return 2;
    }
    check_options(request.options);
    print_stages(request);
    print_throughput(request);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
