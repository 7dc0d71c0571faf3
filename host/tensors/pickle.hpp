// SPDX-License-Identifier: MIT
// A reader of Python pickles that runs nothing. A pickle is a program for a stack machine whose "call" can
// call anything; here a call is only recorded, and the caller of this reader decides which ones it knows.
//
//   const Pickle pickle(bytes);
//   const PickleValue& top = pickle.at(pickle.top());   // say a call of "collections.OrderedDict"
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace histokt {

// The index of a value; values refer to each other by it, also in cycles.
using PickleId = std::uint32_t;

struct PickleValue {  // NOLINT(cppcoreguidelines-pro-type-member-init): one number of the union is set
  enum class Kind : std::uint8_t {
    kNone,
    kBoolean,   // integer: 0 or 1
    kInteger,   // integer
    kNumber,    // number
    kText,      // text
    kBytes,     // text
    kSequence,  // items: list, tuple or set
    kMapping,   // entries
    kGlobal,    // a name of Python's, see Pickle::name_of
    kCall,  // items: what is called, and a sequence of arguments; entries: what was set on the result by key
    kPersistent,  // items: what stands for something outside the pickle
    kOther        // text: its type; not used
  };
  Kind kind = Kind::kNone;
  union {
    std::int64_t integer = 0;
    double number;
  };
  std::string_view text;  // lies in the pickle's bytes
  std::vector<PickleId> items;
  std::vector<PickleId> entries;  // key, value, key, value ...
};

// Protocols 0 to 5. Nothing is looked up, imported or run, and nothing recurses. Memory is bounded by a
// constant times the bytes: repeated values (the memo) are referred to, not copied.
class Pickle {
 public:
  // `bytes` must outlive this. Throws RunError that gives only the reason: not a pickle, truncated, too
  // large.
  explicit Pickle(std::span<const std::byte> bytes);

  static constexpr std::size_t kLargest = 64u << 20;  // bytes
  static constexpr std::size_t kMostValues = 2'000'000;

  PickleId top() const { return top_; }
  const PickleValue& at(PickleId id) const { return values_[id]; }
  // "torch._utils._rebuild_tensor_v2" of a global, "" of anything else.
  std::string name_of(PickleId id) const;

 private:
  friend class PickleReader;
  std::vector<PickleValue> values_;
  PickleId top_ = 0;
};

}  // namespace histokt
