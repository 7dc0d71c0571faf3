// SPDX-License-Identifier: MIT
// A dataset of one image, written straight against the C table, with one fault: the macro HOSTILE_... that is
// defined. Without any it is correct. HOSTILE_NAME is its name. It uses nothing of the SDK's C++ interface,
// which would catch the exceptions thrown here.
#include <histokt/plugin.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

#include <unistd.h>

#if defined(HOSTILE_ABI_MAJOR)
#undef HISTOKT_ABI_MAJOR
#define HISTOKT_ABI_MAJOR HOSTILE_ABI_MAJOR
#endif
#if defined(HOSTILE_ABI_MINOR)
#undef HISTOKT_ABI_MINOR
#define HISTOKT_ABI_MINOR HOSTILE_ABI_MINOR
#endif

struct histokt_dataset {
  const histokt_host* host;
  std::string root;
};
struct histokt_reader {
  const histokt_dataset* dataset;
};

#if defined(HOSTILE_MISSING_SYMBOL)
extern "C" void a_function_of_no_library();
#endif

namespace {

#if defined(HOSTILE_CRASH_AT_LOAD)
[[maybe_unused]] const int crashed = [] {
  std::raise(SIGSEGV);
  return 0;
}();
#elif defined(HOSTILE_HANG_AT_LOAD)
[[maybe_unused]] const int hung = [] {
  for (;;) pause();
  return 0;
}();
#endif

[[maybe_unused]] int endless(int depth) {
  volatile char block[4096];
  block[0] = static_cast<char>(depth);
  return endless(depth + 1) + block[0];
}

histokt_status refuse(const histokt_host* host, const std::string& reason) {
  host->set_error(host, reason.c_str());
  return HISTOKT_FAILED;
}

histokt_status create(const histokt_host* host, const char* root, const histokt_settings*,
                      histokt_dataset** out) {
#if defined(HOSTILE_SEGV_IN_CREATE)
  *const_cast<volatile int*>(reinterpret_cast<const int*>(8)) = 1;
#elif defined(HOSTILE_ABORT_IN_CREATE)
  std::abort();
#elif defined(HOSTILE_EXIT_IN_CREATE)
  std::exit(0);
#elif defined(HOSTILE_OVERFLOW_IN_CREATE)
  return endless(0);
#elif defined(HOSTILE_HANG_IN_CREATE)
  for (;;) pause();
#elif defined(HOSTILE_CRASH_IN_THREAD)
  std::thread([] { std::raise(SIGSEGV); }).join();
#elif defined(HOSTILE_PRINTS)
  std::printf("printed by printf\n");
  std::fflush(stdout);
  std::cout << "printed by std::cout" << std::endl;
#elif defined(HOSTILE_SILENT_FAILURE)
  return HISTOKT_FAILED;
#elif defined(HOSTILE_NOTHING_MADE)
  return HISTOKT_OK;
#elif defined(HOSTILE_MISSING_SYMBOL)
  a_function_of_no_library();
#endif
#if !defined(HOSTILE_FORGIVING)
  if (access(root, F_OK) != 0) {
    host->set_error(host, (std::string(root) + ": there is no such folder").c_str());
    return HISTOKT_BAD_REQUEST;
  }
#endif
  *out = new histokt_dataset{host, root};
  return HISTOKT_OK;
}

void destroy(histokt_dataset* dataset) {
  delete dataset;
}

histokt_status get_info(const histokt_dataset*, histokt_dataset_info* info) {
  static const char* const classes[] = {"benign", "malignant"};
  info->classes = classes;
  info->class_count = 2;
#if defined(HOSTILE_UNNAMED_CLASSES)
  info->classes = nullptr;
#endif
  info->microns_per_pixel = 0.5;
  info->group_level = HISTOKT_GROUP_PATIENT;
  info->sample_count = 2;
  info->paper_shares[0] = 0.8;
  info->paper_shares[1] = info->paper_shares[2] = 0.1;
  return HISTOKT_OK;
}

histokt_status get_sample(const histokt_dataset* dataset, uint64_t index, histokt_sample* sample) {
#if defined(HOSTILE_THROWS_IN_LISTING)
  throw std::runtime_error("thrown in listing");
#elif defined(HOSTILE_THROWS_AN_INT)
  throw 42;
#endif
  static const char* const ids[] = {"first", "second"};
#if defined(HOSTILE_FORGIVING)
  index %= 2;
#endif
  if (index >= 2) return refuse(dataset->host, "there are two images");
  sample->official_split = sample->paper_split = HISTOKT_SPLIT_NONE;
  sample->label = static_cast<int32_t>(index);
#if defined(HOSTILE_LABEL_OUTSIDE)
  sample->label = 2;
#endif
  sample->id = sample->group = ids[index];
  return HISTOKT_OK;
}

histokt_status open_reader(const histokt_dataset* dataset, histokt_reader** out) {
  *out = new histokt_reader{dataset};
  return HISTOKT_OK;
}
void close_reader(histokt_reader* reader) {
  delete reader;
}

histokt_status read_image(histokt_reader* reader, uint64_t index, const histokt_sink* sink) {
#if defined(HOSTILE_SAYS_INTERRUPTED)
  return HISTOKT_INTERRUPTED;
#elif defined(HOSTILE_UNKNOWN_STATUS)
  return 77;
#endif
#if defined(HOSTILE_CRASH_IN_READ)
  std::raise(SIGSEGV);
#endif
  if (index >= 2) return refuse(reader->dataset->host, "there are two images");
  uint8_t* pixels = sink->allocate(sink, 300, 300, 3);
  if (!pixels) return HISTOKT_FAILED;
  for (int i = 0; i < 300 * 300 * 3; ++i) pixels[i] = static_cast<uint8_t>(i * (index + 7) >> 3);
#if defined(HOSTILE_OTHER_BYTES)
  static int times = 0;
  pixels[0] = static_cast<uint8_t>(++times);
#endif
  return HISTOKT_OK;
}

#if defined(HOSTILE_NULL_FUNCTION)
constexpr auto kDestroy = static_cast<void (*)(histokt_dataset*)>(nullptr);
#else
constexpr auto kDestroy = destroy;
#endif
constexpr histokt_dataset_api kApi = {sizeof(histokt_dataset_api),
                                      0,
                                      create,
                                      kDestroy,
                                      get_info,
                                      get_sample,
                                      open_reader,
                                      close_reader,
                                      read_image,
                                      nullptr};

constexpr const char* kOneChoice[] = {"one", nullptr};
constexpr histokt_option kOptions[] = {
    {"size", HISTOKT_INTEGER, 0, "3", 1, 10, nullptr, "A size."},
#if defined(HOSTILE_DUPLICATE_OPTIONS)
    {"size", HISTOKT_INTEGER, 0, "4", 1, 10, nullptr, "The size again."},
#elif defined(HOSTILE_DEFAULT_OUTSIDE)
    {"way", HISTOKT_STRING, 0, "\"two\"", 0, 0, kOneChoice, "A default that is no choice."},
#else
    {"way", HISTOKT_STRING, 0, "\"one\"", 0, 0, kOneChoice, "A way."},
#endif
};
constexpr size_t kOptionCount = sizeof kOptions / sizeof kOptions[0];

#if defined(HOSTILE_OPTION_COUNT)
constexpr size_t kToldCount = HOSTILE_OPTION_COUNT;
#else
constexpr size_t kToldCount = kOptionCount;
#endif
#if defined(HOSTILE_OPTION_SIZE)
constexpr uint32_t kToldSize = HOSTILE_OPTION_SIZE;
#else
constexpr uint32_t kToldSize = sizeof(histokt_option);
#endif
#if defined(HOSTILE_STRUCT_SIZE)
constexpr uint32_t kStructSize = HOSTILE_STRUCT_SIZE;
#else
constexpr uint32_t kStructSize = sizeof(histokt_descriptor);
#endif
#if defined(HOSTILE_OTHER_DESCRIPTOR)
constexpr const char* kName = "somebody-else";
#elif defined(HOSTILE_NULL_NAMES)
constexpr const char* kName = nullptr;
#else
constexpr const char* kName = HOSTILE_NAME;
#endif
#if defined(HOSTILE_WRONG_KIND)
constexpr histokt_kind kKind = HISTOKT_MODEL;
#else
constexpr histokt_kind kKind = HISTOKT_DATASET;
#endif

}  // namespace

#if defined(HOSTILE_OTHER_LIBTORCH)
HISTOKT_NOTE("model", HOSTILE_NAME, "1.0.0", "sdk=1;libtorch=0.4.1");
#elif !defined(HOSTILE_NO_NOTE)
HISTOKT_NOTE("dataset", HOSTILE_NAME, "1.0.0", "");
#endif

#if !defined(HOSTILE_NO_DESCRIPTOR)
extern "C" HISTOKT_EXPORT const histokt_descriptor histokt_plugin = {HISTOKT_MAGIC,
                                                                     kStructSize,
                                                                     HISTOKT_ABI_MAJOR,
                                                                     HISTOKT_ABI_MINOR,
                                                                     kKind,
                                                                     0,
                                                                     kToldSize,
                                                                     kName,
                                                                     "1.0.0",
#if defined(HOSTILE_NULL_SUMMARY)
                                                                     nullptr,
#else
                                                                     "A plugin for tests",
#endif
                                                                     "MIT",
                                                                     "",
                                                                     "",
                                                                     kOptions,
                                                                     kToldCount,
                                                                     &kApi,
                                                                     nullptr};
#endif
