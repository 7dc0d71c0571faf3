// SPDX-License-Identifier: MIT
// An independent reader of TensorBoard event files, with its own arithmetic.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace histokt::test {

struct ReadEvent {
  double wall_time = 0;
  std::int64_t step = 0;
  std::string file_version;
  std::map<std::string, float> scalars;
};

// Bit by bit: slow, but independent of a table that might be wrong.
inline std::uint32_t slow_masked_crc32c(std::string_view bytes) {
  std::uint32_t rest = ~0u;
  for (const char byte : bytes) {
    rest ^= static_cast<unsigned char>(byte);
    for (int i = 0; i < 8; ++i) rest = (rest >> 1) ^ (0x82F63B78u & (0u - (rest & 1u)));
  }
  rest = ~rest;
  return ((rest >> 15) | (rest << 17)) + 0xA282EAD8u;
}

// Takes fields off the front of a message.
class MessageReader {
 public:
  explicit MessageReader(std::string_view rest) : rest_(rest) {}

  bool done() const { return rest_.empty(); }
  std::uint64_t varint() {
    std::uint64_t number = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return number;
    }
  }
  std::string_view bytes() { return take(varint()); }
  template <typename T>
  T fixed() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view take(std::size_t count) {
    if (count > rest_.size()) throw std::runtime_error("cut off");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

 private:
  std::string_view rest_;
};

inline void read_value(MessageReader value, ReadEvent& event) {
  std::string tag;
  float number = 0;
  while (!value.done()) {
    const std::uint64_t key = value.varint();
    if (key == (1 << 3 | 2))
      tag = value.bytes();
    else if (key == (2 << 3 | 5))
      number = value.fixed<float>();
    else
      throw std::runtime_error("an unknown field of a value");
  }
  event.scalars[tag] = number;
}

inline ReadEvent read_event(MessageReader message) {
  ReadEvent event;
  while (!message.done()) {
    const std::uint64_t key = message.varint();
    if (key == (1 << 3 | 1))
      event.wall_time = message.fixed<double>();
    else if (key == (2 << 3 | 0))
      event.step = static_cast<std::int64_t>(message.varint());
    else if (key == (3 << 3 | 2))
      event.file_version = message.bytes();
    else if (key == (5 << 3 | 2)) {
      MessageReader summary(message.bytes());
      while (!summary.done()) {
        if (summary.varint() != (1 << 3 | 2)) throw std::runtime_error("an unknown field of a summary");
        read_value(MessageReader(summary.bytes()), event);
      }
    } else
      throw std::runtime_error("an unknown field of an event");
  }
  return event;
}

// Throws std::runtime_error for anything malformed.
inline std::vector<ReadEvent> read_events(const std::string& file) {
  std::vector<ReadEvent> events;
  MessageReader records(file);
  while (!records.done()) {
    const std::string_view length_bytes = records.take(8);
    const auto length = MessageReader(length_bytes).fixed<std::uint64_t>();
    if (records.fixed<std::uint32_t>() != slow_masked_crc32c(length_bytes))
      throw std::runtime_error("length");
    const std::string_view content = records.take(length);
    if (records.fixed<std::uint32_t>() != slow_masked_crc32c(content)) throw std::runtime_error("content");
    events.push_back(read_event(MessageReader(content)));
  }
  return events;
}

}  // namespace histokt::test
