// SPDX-License-Identifier: MIT
// Opcodes as documented in Python's Lib/pickletools.py.
#include "tensors/pickle.hpp"

#include <bit>
#include <charconv>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "base/errors.hpp"

namespace histokt {

namespace {

using Kind = PickleValue::Kind;

constexpr std::size_t kShownName = 120;  // of a global, in characters

std::string hexadecimal(unsigned char byte) {
  constexpr char kDigits[] = "0123456789abcdef";
  return {'0', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

}  // namespace

// The stack machine. A mark on the stack is a place in `marks_`.
class PickleReader {
 public:
  PickleReader(std::span<const std::byte> bytes, Pickle& pickle)
      : bytes_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), pickle_(pickle) {}

  void read() {
    if (bytes_.size() > Pickle::kLargest) {
      throw RunError("its pickle takes " + std::to_string(bytes_.size()) +
                     " bytes, more than the 64 MB allowed");
    }
    for (;;) {
      const auto opcode = static_cast<unsigned char>(take(1).front());
      if (opcode == '.') break;
      if (!(read_constant(opcode) || read_collection(opcode) || read_memo(opcode) || read_object(opcode))) {
        throw RunError("its pickle holds the byte " + hexadecimal(opcode) + " at " + std::to_string(at_ - 1) +
                       ", which is not an instruction that torch.save writes");
      }
      if (stack_.size() > Pickle::kMostValues || pickle_.values_.size() > Pickle::kMostValues ||
          memo_.size() > Pickle::kMostValues || marks_.size() > Pickle::kMostValues) {
        throw RunError("its pickle holds more than the " + std::to_string(Pickle::kMostValues) +
                       " values allowed");
      }
    }
    pickle_.top_ = pop();
  }

 private:
  // --- bytes ---
  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size() - at_)
      throw RunError("its pickle is cut off at byte " + std::to_string(bytes_.size()));
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }
  template <typename Number>
  Number take_number() {
    Number number = 0;
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    return number;
  }
  std::string_view take_line() {
    const std::size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos)
      throw RunError("its pickle is cut off at byte " + std::to_string(bytes_.size()));
    const std::string_view line = take(end - at_);
    take(1);
    return line;
  }

  // --- stack ---
  PickleId add(PickleValue value) {
    pickle_.values_.push_back(std::move(value));
    return static_cast<PickleId>(pickle_.values_.size() - 1);
  }
  bool push(PickleValue value) {
    stack_.push_back(add(std::move(value)));
    return true;
  }
  bool push_integer(std::int64_t integer, Kind kind = Kind::kInteger) {
    PickleValue value;
    value.kind = kind;
    value.integer = integer;
    return push(std::move(value));
  }
  bool push_number(double number) {
    PickleValue value;
    value.kind = Kind::kNumber;
    value.number = number;
    return push(std::move(value));
  }
  bool push_text(std::string_view text, Kind kind = Kind::kText) {
    PickleValue value;
    value.kind = kind;
    value.text = text;
    return push(std::move(value));
  }
  bool push_items(Kind kind, std::vector<PickleId> items) {
    PickleValue value;
    value.kind = kind;
    value.items = std::move(items);
    return push(std::move(value));
  }
  PickleId pop() {
    if (stack_.empty() || (!marks_.empty() && marks_.back() == stack_.size())) {
      throw RunError("its pickle pops more from its stack than it pushed");
    }
    const PickleId id = stack_.back();
    stack_.pop_back();
    return id;
  }
  PickleId peek() {
    const PickleId id = pop();
    stack_.push_back(id);
    return id;
  }
  // What was put there since the last mark.
  std::vector<PickleId> pop_to_mark() {
    if (marks_.empty()) throw RunError("its pickle ends a collection that it did not begin");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickleId> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }
  PickleValue& value(PickleId id) { return pickle_.values_[id]; }

  // --- instructions; each tells whether the opcode was its ---
  bool read_constant(unsigned char opcode) {
    switch (opcode) {
      case 0x80:
        take(1);
        return true;  // PROTO
      case 0x95:
        take(8);
        return true;  // FRAME
      case 'N':
        return push({});  // NONE
      case 0x88:
        return push_integer(1, Kind::kBoolean);  // NEWTRUE
      case 0x89:
        return push_integer(0, Kind::kBoolean);  // NEWFALSE
      case 'K':
        return push_integer(take_number<std::uint8_t>());  // BININT1
      case 'M':
        return push_integer(take_number<std::uint16_t>());  // BININT2
      case 'J':
        return push_integer(take_number<std::int32_t>());  // BININT
      case 'I':
      case 'L':
        return read_decimal(take_line());  // INT, LONG
      case 0x8a:
        return read_long(take(take_number<std::uint8_t>()));  // LONG1
      case 0x8b:
        return read_long(take(take_number<std::uint32_t>()));  // LONG4
      case 'G':
        return push_number(big_endian_number());  // BINFLOAT
      case 'F':
        return read_float(take_line());  // FLOAT
      case 'S':
        return read_quoted(take_line());  // STRING
      case 'V':
        return push_text(take_line());  // UNICODE
      case 'T':
        return push_text(take(take_number<std::uint32_t>()));  // BINSTRING
      case 'U':
        return push_text(take(take_number<std::uint8_t>()));  // SHORT_BINSTRING
      case 'X':
        return push_text(take(take_number<std::uint32_t>()));  // BINUNICODE
      case 0x8c:
        return push_text(take(take_number<std::uint8_t>()));  // SHORT_BINUNICODE
      case 0x8d:
        return push_text(take(take_number<std::uint64_t>()));  // BINUNICODE8
      case 'B':
        return push_text(take(take_number<std::uint32_t>()), Kind::kBytes);  // BINBYTES
      case 'C':
        return push_text(take(take_number<std::uint8_t>()), Kind::kBytes);  // SHORT_BINBYTES
      case 0x8e:
      case 0x96:
        return push_text(take(take_number<std::uint64_t>()), Kind::kBytes);  // BINBYTES8, BYTEARRAY8
      default:
        return false;
    }
  }

  bool read_collection(unsigned char opcode) {
    switch (opcode) {
      case '(':
        marks_.push_back(stack_.size());
        return true;  // MARK
      case '0':
        return drop();  // POP
      case '1':
        pop_to_mark();
        return true;  // POP_MARK
      case '2':
        stack_.push_back(peek());
        return true;  // DUP
      case ')':
      case ']':
      case 0x8f:
        return push_items(Kind::kSequence, {});  // EMPTY_TUPLE, EMPTY_LIST, EMPTY_SET
      case 't':
      case 'l':
      case 0x91:
        return push_items(Kind::kSequence, pop_to_mark());  // TUPLE, LIST, FROZENSET
      case 0x85:
        return read_tuple(1);
      case 0x86:
        return read_tuple(2);
      case 0x87:
        return read_tuple(3);
      case 'a':
        return append({pop()});  // APPEND
      case 'e':
      case 0x90:
        return append(pop_to_mark());  // APPENDS, ADDITEMS
      case '}':
        return push_items(Kind::kMapping, {});  // EMPTY_DICT
      case 'd': {                               // DICT
        const std::vector<PickleId> entries = pop_to_mark();
        push_items(Kind::kMapping, {});
        return set(entries);
      }
      case 's': {  // SETITEM
        const PickleId item = pop(), key = pop();
        return set({key, item});
      }
      case 'u':
        return set(pop_to_mark());  // SETITEMS
      default:
        return false;
    }
  }

  bool read_memo(unsigned char opcode) {
    switch (opcode) {
      case 'p':
        return remember(line_number());  // PUT
      case 'q':
        return remember(take_number<std::uint8_t>());  // BINPUT
      case 'r':
        return remember(take_number<std::uint32_t>());  // LONG_BINPUT
      case 0x94:
        return remember(memo_.size());  // MEMOIZE
      case 'g':
        return recall(line_number());  // GET
      case 'h':
        return recall(take_number<std::uint8_t>());  // BINGET
      case 'j':
        return recall(take_number<std::uint32_t>());  // LONG_BINGET
      default:
        return false;
    }
  }

  bool read_object(unsigned char opcode) {
    switch (opcode) {
      case 'c':
        return push_items(Kind::kGlobal, take_name());  // GLOBAL
      case 0x93: {                                      // STACK_GLOBAL
        const PickleId name = pop(), module = pop();
        return push_items(Kind::kGlobal, {module, name});
      }
      case 'R':
      case 0x81: {  // REDUCE, NEWOBJ
        const PickleId arguments = pop(), callable = pop();
        return push_items(Kind::kCall, {callable, arguments});
      }
      case 0x92: {  // NEWOBJ_EX
        const PickleId named = pop(), arguments = pop(), callable = pop();
        return push_items(Kind::kCall, {callable, arguments, named});
      }
      case 'i': {  // INST
        PickleValue global, arguments;
        global.kind = Kind::kGlobal;
        global.items = take_name();
        arguments.kind = Kind::kSequence;
        arguments.items = pop_to_mark();
        const PickleId callable = add(std::move(global));
        return push_items(Kind::kCall, {callable, add(std::move(arguments))});
      }
      case 'o': {  // OBJ
        PickleValue arguments;
        arguments.kind = Kind::kSequence;
        arguments.items = pop_to_mark();
        if (arguments.items.empty()) throw RunError("its pickle makes an object without a class");
        const PickleId callable = arguments.items.front();
        arguments.items.erase(arguments.items.begin());
        return push_items(Kind::kCall, {callable, add(std::move(arguments))});
      }
      case 'b':
        pop();
        peek();
        return true;  // BUILD: attributes are of no use here
      case 'Q':
        return push_items(Kind::kPersistent, {pop()});  // BINPERSID
      case 'P': {                                       // PERSID
        push_text(take_line());
        return push_items(Kind::kPersistent, {pop()});
      }
      default:
        return false;
    }
  }

  // POP takes the mark itself where that lies on top.
  bool drop() {
    if (!marks_.empty() && marks_.back() == stack_.size()) {
      marks_.pop_back();
    } else {
      pop();
    }
    return true;
  }

  bool read_tuple(std::size_t size) {
    std::vector<PickleId> items(size);
    for (std::size_t i = size; i > 0; --i) items[i - 1] = pop();
    return push_items(Kind::kSequence, std::move(items));
  }

  // To whatever is there: what a class makes of it is not known.
  bool append(const std::vector<PickleId>& items) {
    PickleValue& list = value(peek());
    if (list.kind == Kind::kSequence) list.items.insert(list.items.end(), items.begin(), items.end());
    return true;
  }

  bool set(const std::vector<PickleId>& entries) {
    if (entries.size() % 2 != 0) throw RunError("its pickle sets a key without a value");
    PickleValue& target = value(peek());
    if (target.kind == Kind::kMapping || target.kind == Kind::kCall) {
      target.entries.insert(target.entries.end(), entries.begin(), entries.end());
    }
    return true;
  }

  bool remember(std::uint64_t key) {
    memo_[key] = peek();
    return true;
  }

  bool recall(std::uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end())
      throw RunError("its pickle reads a memo entry that it never stored (" + std::to_string(key) + ")");
    stack_.push_back(found->second);
    return true;
  }

  std::uint64_t line_number() {
    const std::string_view line = take_line();
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (error != std::errc() || end != line.data() + line.size())
      throw RunError("its pickle's memo has an invalid key");
    return number;
  }

  // Module and name, a line each.
  std::vector<PickleId> take_name() {
    std::vector<PickleId> parts;
    for (int i = 0; i < 2; ++i) {
      PickleValue part;
      part.kind = Kind::kText;
      part.text = take_line();
      parts.push_back(add(std::move(part)));
    }
    return parts;
  }

  bool read_decimal(std::string_view line) {
    if (line == "00" || line == "01") return push_integer(line == "01", Kind::kBoolean);
    if (line.ends_with('L')) line.remove_suffix(1);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (error == std::errc::result_out_of_range) return push_text("an integer beyond 64 bits", Kind::kOther);
    if (error != std::errc() || end != line.data() + line.size())
      throw RunError("its pickle holds an invalid number");
    return push_integer(number);
  }

  // Two's complement, little-endian, as many bytes as are needed.
  bool read_long(std::string_view bytes) {
    if (bytes.size() > 8) return push_text("an integer beyond 64 bits", Kind::kOther);
    std::uint64_t bits = !bytes.empty() && (bytes.back() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    std::memcpy(&bits, bytes.data(), bytes.size());
    return push_integer(static_cast<std::int64_t>(bits));
  }

  double big_endian_number() {
    std::uint64_t bits = 0;
    for (const char byte : take(8)) bits = bits << 8 | static_cast<unsigned char>(byte);
    return std::bit_cast<double>(bits);
  }

  bool read_float(std::string_view line) {
    double number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (error != std::errc() || end != line.data() + line.size())
      throw RunError("its pickle holds an invalid number");
    return push_number(number);
  }

  // Escapes are left as they are: no name of a tensor has any.
  bool read_quoted(std::string_view line) {
    if (line.size() < 2 || (line.front() != '"' && line.front() != '\'') || line.back() != line.front()) {
      throw RunError("its pickle holds a string without quotes");
    }
    return push_text(line.substr(1, line.size() - 2));
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  Pickle& pickle_;
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, PickleId> memo_;
};

Pickle::Pickle(std::span<const std::byte> bytes) {
  PickleReader(bytes, *this).read();
}

std::string Pickle::name_of(PickleId id) const {
  const PickleValue& value = at(id);
  if (value.kind != Kind::kGlobal || at(value.items[0]).kind != Kind::kText ||
      at(value.items[1]).kind != Kind::kText) {
    return "";
  }
  std::string name(at(value.items[0]).text.substr(0, kShownName));
  return name.append(".").append(at(value.items[1]).text.substr(0, kShownName));
}

}  // namespace histokt
