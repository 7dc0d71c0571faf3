// SPDX-License-Identifier: MIT
#include "base/digest.hpp"

#include <openssl/evp.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "base/errors.hpp"

namespace histokt {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  if (EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) != 1) {
    throw RunError("OpenSSL offers no SHA-256 on this machine");
  }
}

Sha256::~Sha256() = default;

Sha256& Sha256::add(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
  return *this;
}

Sha256& Sha256::add(std::string_view text) {
  return add(std::as_bytes(std::span(text)));
}

std::string Sha256::hex() {
  unsigned char bytes[32];
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context, bytes, &size);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string sha256_of_text(std::string_view text) {
  return Sha256().add(text).hex();
}

std::string sha256_of_file(const std::filesystem::path& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> input(std::fopen(file.c_str(), "rb"), &std::fclose);
  if (!input) throw RunError(file.string() + ": cannot be opened for reading: " + std::strerror(errno));
  Sha256 hash;
  std::vector<std::byte> block(1 << 20);
  while (const std::size_t n = std::fread(block.data(), 1, block.size(), input.get())) {
    hash.add(std::span(block).first(n));
  }
  if (std::ferror(input.get())) throw RunError(file.string() + ": reading failed: " + std::strerror(errno));
  return hash.hex();
}

}  // namespace histokt
