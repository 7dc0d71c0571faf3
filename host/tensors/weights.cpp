// SPDX-License-Identifier: MIT
#include "tensors/weights.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "tensors/input_file.hpp"
#include "tensors/torch_file.hpp"
#include "tensors/zip_archive.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDigits = 8;
constexpr std::string_view kWrapper = "module.";

int number_of(std::string_view digits) {
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

// 20240131: eight digits that say when a file was made, and nothing of what is in it.
bool is_date(std::string_view digits) {
  if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return false;
  const int year = number_of(digits.substr(0, 4)), month = number_of(digits.substr(4, 2)),
            day = number_of(digits.substr(6, 2));
  return year >= 1990 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

// The eight digits between the last '-' and .pth or .pt; "" where there are none.
std::string digits_of_name(const fs::path& file) {
  const std::string extension = file.extension().string(), stem = file.stem().string();
  if (extension != ".pth" && extension != ".pt") return "";
  const std::size_t dash = stem.rfind('-');
  if (dash == std::string::npos) return "";
  const std::string digits = stem.substr(dash + 1);
  const bool are_digits = digits.size() == kDigits && std::ranges::all_of(digits, [](char c) {
                            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                          });
  return are_digits && !is_date(digits) ? digits : "";
}

void check_name(const fs::path& file) {
  const std::string expected = digits_of_name(file);
  if (expected.empty()) return;
  const std::string found = sha256_of_file(file).substr(0, kDigits);
  if (found == expected) return;
  throw RunError(file.string() + ": its SHA-256 begins with " + found + " where its name says " + expected +
                 ": an incomplete download, or another file of that name; download it again, or remove the "
                 "digits from the name if the file is right");
}

enum class Format { kSafetensors, kTorch, kOldTorch, kTar, kNeither };

Format format_of(const fs::path& file) {
  std::string begin;
  try {
    const InputFile input(file);
    begin.resize(std::min<std::uint64_t>(input.size(), 512));
    input.read(0, begin.data(), begin.size());
  } catch (const RunError& error) {
    throw RunError(file.string() + " cannot be read: " + error.what());
  }
  if (ZipArchive::starts_zip(begin)) return Format::kTorch;
  if (begin.starts_with('\x80') && begin.size() > 1 && begin[1] <= 5) {
    // A header of safetensors may take 128 + 256 n bytes, but begins with a brace.
    if (begin.size() < 9 || begin[8] != '{') return Format::kOldTorch;
  }
  if (begin.size() > 262 && std::string_view(begin).substr(257, 5) == "ustar") return Format::kTar;
  return begin.size() < 9 || begin[8] == '{' ? Format::kSafetensors : Format::kNeither;
}

TensorFile read_any(const fs::path& file) {
  switch (format_of(file)) {
    case Format::kSafetensors:
      return read_safetensors(file);
    case Format::kTorch:
      return read_torch_file(file);
    case Format::kOldTorch:
      throw RunError(file.string() +
                     " is a bare pickle, as torch.save wrote before torch 1.6, which is not read; " +
                     way_to_plain_weights());
    case Format::kTar:
      throw RunError(file.string() +
                     " is a tar archive; unpack it and name the weights in it (safetensors or .pth)");
    default:
      throw RunError(
          file.string() +
          " is neither safetensors nor a zip archive of torch.save; name a file of weights, or convert it: " +
          way_to_plain_weights());
  }
}

}  // namespace

TensorFile read_weights(const fs::path& file) {
  check_name(file);
  TensorFile content = read_any(file);
  const bool wrapped =
      !content.tensors.empty() && std::ranges::all_of(content.tensors, [](const StoredTensor& tensor) {
        return tensor.name.starts_with(kWrapper);
      });
  if (wrapped) {
    for (StoredTensor& tensor : content.tensors) tensor.name.erase(0, kWrapper.size());
  }
  return content;
}

}  // namespace histokt
