// SPDX-License-Identifier: MIT
#include "report/event_file.hpp"

#include <array>
#include <bit>
#include <cmath>

namespace histokt {
namespace {

// Kinds of fields, as the wire format of Protocol Buffers numbers them.
enum Wire { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

// Field numbers of Event, Summary and Summary.Value.
constexpr int kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5;
constexpr int kValue = 1;
constexpr int kTag = 1, kSimpleValue = 2;

template <typename Unsigned>
void append_little_endian(std::string& text, Unsigned number) {
  for (std::size_t i = 0; i < sizeof number; ++i) text += static_cast<char>(number >> (8 * i) & 0xFF);
}

void append_varint(std::string& text, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) text += static_cast<char>((number & 0x7F) | 0x80);
  text += static_cast<char>(number);
}

void append_key(std::string& text, int field, Wire wire) {
  append_varint(text, static_cast<std::uint64_t>(field) << 3 | wire);
}

void append_bytes(std::string& text, int field, std::string_view bytes) {
  append_key(text, field, kBytes);
  append_varint(text, bytes.size());
  text += bytes;
}

std::string event_at(double wall_time) {
  std::string event;
  append_key(event, kWallTime, kFixed64);
  append_little_endian(event, std::bit_cast<std::uint64_t>(wall_time));
  return event;
}

std::string scalar_value(const std::string& tag, double number) {
  std::string value;
  append_bytes(value, kTag, tag);
  append_key(value, kSimpleValue, kFixed32);
  append_little_endian(value, std::bit_cast<std::uint32_t>(static_cast<float>(number)));
  return value;
}

std::string scalars_event(const ScalarPoint& point) {
  std::string event = event_at(point.wall_time), summary;
  append_key(event, kStep, kVarint);
  append_varint(event, static_cast<std::uint64_t>(point.step));
  for (const auto& [tag, number] : point.values) {
    if (std::isfinite(number)) append_bytes(summary, kValue, scalar_value(tag, number));
  }
  append_bytes(event, kSummary, summary);
  return event;
}

void append_record(std::string& file, const std::string& content) {
  std::string length;
  append_little_endian(length, static_cast<std::uint64_t>(content.size()));
  file += length;
  append_little_endian(file, masked_crc32c(length));
  file += content;
  append_little_endian(file, masked_crc32c(content));
}

constexpr std::array<std::uint32_t, 256> crc_table() {
  constexpr std::uint32_t kReversedPolynomial = 0x82F63B78;
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t rest = i;
    for (int bit = 0; bit < 8; ++bit) rest = rest >> 1 ^ (rest & 1 ? kReversedPolynomial : 0);
    table[i] = rest;
  }
  return table;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  static constexpr auto kTable = crc_table();
  std::uint32_t rest = 0xFFFFFFFF;
  for (const char byte : bytes) rest = rest >> 8 ^ kTable[(rest ^ static_cast<unsigned char>(byte)) & 0xFF];
  return ~rest;
}

std::uint32_t masked_crc32c(std::string_view bytes) {
  return std::rotr(crc32c(bytes), 15) + 0xA282EAD8;
}

std::string event_file(const std::vector<ScalarPoint>& points) {
  std::string first = event_at(points.empty() ? 0 : points.front().wall_time), file;
  append_bytes(first, kFileVersion, "brain.Event:2");
  append_record(file, first);
  for (const ScalarPoint& point : points) append_record(file, scalars_event(point));
  return file;
}

}  // namespace histokt
