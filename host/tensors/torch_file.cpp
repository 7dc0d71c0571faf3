// SPDX-License-Identifier: MIT
#include "tensors/torch_file.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "tensors/input_file.hpp"
#include "tensors/layout.hpp"
#include "tensors/pickle.hpp"
#include "tensors/zip_archive.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using Kind = PickleValue::Kind;

constexpr int kMostWrappings = 4;  // of a parameter around a tensor
constexpr std::size_t kMostTensors = 100'000;
constexpr std::size_t kLongestKey = 64;    // of a storage; they are numbers
constexpr std::size_t kMostAxes = 64;      // as libtorch has it
constexpr std::uint64_t kMostRepeats = 8;  // a storage's bytes, in tensors that share it
constexpr std::size_t kShownKeys = 6;

// Where state dicts stand in the checkpoints of training programs; the first one that is there is taken.
constexpr const char* kUsualKeys[] = {
    "state_dict_network", "state_dict", "model_state_dict", "model", "network", "net"};

constexpr std::pair<const char*, DType> kStorages[] = {
    {"FloatStorage", DType::kFloat32}, {"DoubleStorage", DType::kFloat64},
    {"HalfStorage", DType::kFloat16},  {"BFloat16Storage", DType::kBFloat16},
    {"LongStorage", DType::kInt64},    {"IntStorage", DType::kInt32},
    {"ByteStorage", DType::kUint8},    {"BoolStorage", DType::kBool}};

// A tensor as the pickle describes it: a view of a storage.
struct View {
  std::string name;
  std::string key;  // of the storage
  DType dtype = DType::kFloat32;
  std::int64_t storage_entries = 0;
  std::int64_t offset = 0;  // in entries, as the strides
  std::vector<std::int64_t> shape, strides;
};

// Knows the few classes that tensors are made of, and what they mean.
class Interpreter {
 public:
  explicit Interpreter(const Pickle& pickle) : pickle_(pickle) {}

  std::vector<View> views() const {
    const Entries entries = state_dict();
    if (entries.size() > kMostTensors) {
      throw RunError("its state dict holds " + std::to_string(entries.size()) + " entries, more than the " +
                     std::to_string(kMostTensors) + " allowed");
    }
    std::vector<View> views;
    std::set<std::string> names;
    for (const auto& [key, value] : entries) {
      const PickleValue& name = pickle_.at(key);
      if (name.kind != Kind::kText)
        throw RunError("a name in its state dict is " + what(key) + " where a text is expected");
      views.push_back(view(std::string(name.text), value));
      if (!names.insert(views.back().name).second) {
        throw RunError("its state dict holds \"" + views.back().name + "\" twice");
      }
    }
    return views;
  }

 private:
  using Entries = std::vector<std::pair<PickleId, PickleId>>;

  // Arguments of a call of `name`; nullptr where the value is none.
  const std::vector<PickleId>* arguments(PickleId id, std::string_view name) const {
    const PickleValue& value = pickle_.at(id);
    if (value.kind != Kind::kCall || pickle_.name_of(value.items[0]) != name) return nullptr;
    const PickleValue& given = pickle_.at(value.items[1]);
    return given.kind == Kind::kSequence ? &given.items : nullptr;
  }

  // A dict, or nothing.
  std::optional<Entries> mapping(PickleId id) const {
    const PickleValue& value = pickle_.at(id);
    Entries entries;
    if (value.kind == Kind::kCall) {
      const auto* ordered = arguments(id, "collections.OrderedDict");
      if (!ordered) return std::nullopt;
      // Python 2 hands the content over as a list of pairs.
      for (const PickleId pair :
           ordered->empty() ? std::vector<PickleId>() : pickle_.at(ordered->front()).items) {
        const PickleValue& both = pickle_.at(pair);
        if (both.kind != Kind::kSequence || both.items.size() != 2) return std::nullopt;
        entries.emplace_back(both.items[0], both.items[1]);
      }
    } else if (value.kind != Kind::kMapping) {
      return std::nullopt;
    }
    for (std::size_t i = 0; i + 1 < value.entries.size(); i += 2) {
      entries.emplace_back(value.entries[i], value.entries[i + 1]);
    }
    return entries;
  }

  Entries state_dict() const {
    const auto top = mapping(pickle_.top());
    if (!top) {
      throw RunError("it holds " + what(pickle_.top()) + " where a state dict is expected; " +
                     way_to_plain_weights());
    }
    const auto holds_tensors = [&](const Entries& entries) {
      return std::ranges::any_of(entries, [&](const auto& entry) { return is_tensor(entry.second); });
    };
    for (const char* usual : kUsualKeys) {
      for (const auto& [key, value] : *top) {
        if (pickle_.at(key).kind != Kind::kText || pickle_.at(key).text != usual) continue;
        const auto inner = mapping(value);
        if (inner && holds_tensors(*inner)) return *inner;
        throw RunError(std::string("its \"") + usual + "\" is " +
                       (inner ? "a dict without tensors" : what(value)) +
                       " where a state dict is expected; " + way_to_plain_weights());
      }
    }
    if (holds_tensors(*top)) return *top;
    throw RunError("it holds no state dict: " + keys_text(*top) +
                   " where tensors by name are expected, or one of \"" + kUsualKeys[0] + "\" and \"" +
                   kUsualKeys[1] + "\" with them in it");
  }

  std::string keys_text(const Entries& entries) const {
    std::vector<std::string> keys;
    for (const auto& [key, value] : entries) {
      if (keys.size() == kShownKeys) {
        keys.push_back(std::to_string(entries.size() - kShownKeys) + " more");
        break;
      }
      const PickleValue& name = pickle_.at(key);
      keys.push_back(name.kind == Kind::kText ? "\"" + std::string(name.text.substr(0, 60)) + "\""
                                              : what(key));
    }
    return keys.empty() ? "an empty dict" : "a dict of " + joined(keys);
  }

  bool is_tensor(PickleId id) const {
    const PickleId inner = without_parameter(id);
    return arguments(inner, kRebuild) || arguments(inner, kOldRebuild);
  }

  // A torch.nn.Parameter is a call around its tensor.
  PickleId without_parameter(PickleId id) const {
    for (int i = 0; i < kMostWrappings; ++i) {
      const auto* plain = arguments(id, "torch._utils._rebuild_parameter");
      const auto* given = plain ? plain : arguments(id, "torch._utils._rebuild_parameter_with_state");
      if (!given || given->empty()) break;
      id = given->front();
    }
    return id;
  }

  // "the class "numpy.ndarray"", "a number": for errors.
  std::string what(PickleId id) const {
    const PickleValue& value = pickle_.at(id);
    switch (value.kind) {
      case Kind::kNone:
        return "None";
      case Kind::kBoolean:
        return "a boolean";
      case Kind::kInteger:
      case Kind::kNumber:
        return "a number";
      case Kind::kText:
        return "a text";
      case Kind::kBytes:
        return "raw bytes";
      case Kind::kSequence:
        return "a list or tuple";
      case Kind::kMapping:
        return "a dict";
      case Kind::kPersistent:
        return "a bare storage";
      case Kind::kOther:
        return std::string(value.text);
      case Kind::kGlobal:
        return "the name " + quoted_name(id);
      case Kind::kCall:
        return "what " + quoted_name(value.items[0]) + " makes (not run, and not known here)";
    }
    return "something";
  }

  std::string quoted_name(PickleId id) const {
    const std::string name = pickle_.name_of(id);
    return name.empty() ? "another object" : "\"" + name + "\"";
  }

  [[noreturn]] static void fail(const std::string& tensor, const std::string& reason) {
    throw RunError("tensor \"" + tensor + "\" " + reason);
  }

  View view(const std::string& name, PickleId id) const {
    const PickleId inner = without_parameter(id);
    const auto* given = arguments(inner, kRebuild);
    if (!given) given = arguments(inner, kOldRebuild);
    if (!given) fail(name, "is " + what(inner) + "; " + way_to_plain_weights());
    if (given->size() < 4)
      fail(name,
           "is made from " + std::to_string(given->size()) + " arguments where 4 at least are expected");
    View view;
    view.name = name;
    read_storage((*given)[0], view);
    view.offset = integer((*given)[1], name);
    view.shape = integers((*given)[2], name);
    view.strides = integers((*given)[3], name);
    check_view(view);
    return view;
  }

  // ("storage", torch.FloatStorage, key, place, number of entries).
  void read_storage(PickleId id, View& view) const {
    const PickleValue& persistent = pickle_.at(id);
    if (persistent.kind != Kind::kPersistent)
      fail(view.name, "is made of " + what(id) + " where a storage is expected");
    const PickleValue& parts = pickle_.at(persistent.items[0]);
    if (parts.kind != Kind::kSequence || parts.items.size() < 5)
      fail(view.name, "has a storage that is not described by five parts");
    const std::string type = pickle_.name_of(parts.items[1]);
    const auto* known = std::ranges::find_if(
        kStorages, [&](const auto& storage) { return type == std::string("torch.") + storage.first; });
    if (known == std::end(kStorages)) {
      fail(view.name, "has a storage of the type \"" + type +
                          "\"; float32, float64, float16, bfloat16, int64, int32, uint8 and bool can be "
                          "read: convert it in "
                          "Python "
                          "(tensor.float()) and save again");
    }
    const PickleValue& key = pickle_.at(parts.items[2]);
    if (key.kind != Kind::kText || key.text.size() > kLongestKey)
      fail(view.name, "has a storage without a key");
    view.dtype = known->second;
    view.key = key.text;
    view.storage_entries = integer(parts.items[4], view.name);
    if (view.storage_entries < 0)
      fail(view.name, "has a storage of " + std::to_string(view.storage_entries) + " entries");
  }

  std::int64_t integer(PickleId id, const std::string& name) const {
    const PickleValue& value = pickle_.at(id);
    if (value.kind != Kind::kInteger) {
      fail(name, "is described by " + what(id) + " where a whole number is expected");
    }
    return value.integer;
  }

  // A tuple, or torch.Size around one.
  std::vector<std::int64_t> integers(PickleId id, const std::string& name) const {
    if (const auto* size = arguments(id, "torch.Size"); size && !size->empty()) id = size->front();
    const PickleValue& value = pickle_.at(id);
    if (value.kind != Kind::kSequence || value.items.size() > kMostAxes) {
      fail(name, "has " + what(id) + " for a shape or strides; at most " + std::to_string(kMostAxes) +
                     " whole numbers are expected");
    }
    std::vector<std::int64_t> numbers;
    for (const PickleId item : value.items) numbers.push_back(integer(item, name));
    return numbers;
  }

  // The tensor must lie within its storage, first entry to last.
  static void check_view(const View& view) {
    if (view.strides.size() != view.shape.size()) fail(view.name, "does not have as many strides as axes");
    const auto bytes = byte_count(view.dtype, view.shape);
    if (!bytes) fail(view.name, "has an impossible shape");
    std::int64_t last = view.offset;
    bool overflows = view.offset < 0;
    for (std::size_t axis = 0; axis < view.shape.size(); ++axis) {
      std::int64_t reach = 0;
      overflows = overflows || view.strides[axis] < 0 ||
                  __builtin_mul_overflow(std::max<std::int64_t>(view.shape[axis] - 1, 0), view.strides[axis],
                                         &reach) ||
                  __builtin_add_overflow(last, reach, &last);
    }
    if (overflows) fail(view.name, "has an offset or strides that are negative or too large");
    if (*bytes > 0 && last >= view.storage_entries) {
      fail(view.name, "reaches to entry " + std::to_string(last) + " of a storage of " +
                          std::to_string(view.storage_entries) + "; the file is damaged or forged");
    }
  }

  static constexpr std::string_view kRebuild = "torch._utils._rebuild_tensor_v2";
  static constexpr std::string_view kOldRebuild = "torch._utils._rebuild_tensor";
  const Pickle& pickle_;
};

bool is_contiguous(const View& view) {
  std::int64_t expected = 1;
  for (std::size_t axis = view.shape.size(); axis-- > 0;) {
    if (view.shape[axis] != 1 && view.strides[axis] != expected) return false;
    expected *= view.shape[axis];
  }
  return true;
}

// Copies the view's entries, rows first. The view lies within `storage`, and holds an entry at least.
void copy_entries(const View& view, std::span<const std::byte> storage, std::vector<std::byte>& target) {
  const std::size_t size = size_in_bytes(view.dtype);
  if (is_contiguous(view)) {
    std::memcpy(target.data(), storage.data() + static_cast<std::size_t>(view.offset) * size, target.size());
    return;
  }
  std::vector<std::int64_t> index(view.shape.size(), 0);
  std::int64_t at = view.offset;
  for (std::byte* to = target.data(); to != target.data() + target.size(); to += size) {
    std::memcpy(to, storage.data() + static_cast<std::size_t>(at) * size, size);
    for (std::size_t axis = index.size(); axis-- > 0;) {
      at += view.strides[axis];
      if (++index[axis] < view.shape[axis]) break;
      at -= view.strides[axis] * view.shape[axis];
      index[axis] = 0;
    }
  }
}

void check_total(const std::vector<View>& views, std::uint64_t most_bytes) {
  std::uint64_t total = 0;
  for (const View& view : views) {
    const std::uint64_t bytes = *byte_count(view.dtype, view.shape);
    if (bytes <= most_bytes - total) {
      total += bytes;
      continue;
    }
    throw RunError("its tensors are said to take more than " + std::to_string(most_bytes) +
                   " bytes together, " + std::to_string(kMostRepeats) + " times what the file holds, and \"" +
                   view.name +
                   "\" is one too many: tensors that repeat one storage so often are not weights");
  }
}

// The folder that everything in the archive lies in, with '/': it is called as the file was when it was
// saved.
std::string archive_folder(const ZipArchive& archive) {
  for (const ZipRecord& record : archive.records()) {
    const std::size_t slash = record.name.find('/');
    if (record.name == "data.pkl") return "";
    if (slash != std::string::npos && record.name.substr(slash + 1) == "data.pkl")
      return record.name.substr(0, slash + 1);
  }
  throw RunError("it is a zip archive without the record data.pkl that torch.save writes; " +
                 way_to_plain_weights());
}

void check_byte_order(const ZipArchive& archive, const std::string& folder) {
  const ZipRecord* record = archive.find(folder + "byteorder");
  if (!record) return;
  const std::vector<std::byte> bytes = archive.read(*record);
  const std::string_view order(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (order != "little") {
    throw RunError("its numbers are in the byte order \"" + std::string(order.substr(0, 20)) +
                   "\", and only little-endian ones are read; " + way_to_plain_weights());
  }
}

}  // namespace

std::string way_to_plain_weights() {
  return "if you trust it (Python runs the code in such a file), python3 -c \"import torch; c = "
         "torch.load('IN.pth', map_location='cpu', weights_only=False); c = getattr(c, 'state_dict', lambda: "
         "c)(); torch.save({k: v for k, v in c.items() if torch.is_tensor(v)}, 'OUT.pth')\" writes only its "
         "tensors";
}

TensorFile tensors_of_pickle(std::span<const std::byte> bytes, const StorageBytes& storage,
                             std::uint64_t most_bytes) {
  const Pickle pickle(bytes);
  const std::vector<View> views = Interpreter(pickle).views();
  check_total(views, most_bytes);
  std::map<std::string, std::size_t> users;
  for (const View& view : views) ++users[view.key];
  std::map<std::string, std::vector<std::byte>>
      storages;  // each read once, and let go behind its last tensor
  TensorFile content;
  for (const View& view : views) {
    auto at = storages.find(view.key);
    if (at == storages.end()) at = storages.emplace(view.key, storage(view.key)).first;
    const std::uint64_t entries = at->second.size() / size_in_bytes(view.dtype);
    if (entries < static_cast<std::uint64_t>(view.storage_entries)) {
      throw RunError("tensor \"" + view.name + "\" lies in the storage \"" + view.key + "\" of " +
                     std::to_string(view.storage_entries) + " entries, but the file holds only " +
                     std::to_string(entries) + " of them; the file is damaged or forged");
    }
    StoredTensor tensor{view.name, view.dtype, view.shape,
                        std::vector<std::byte>(*byte_count(view.dtype, view.shape))};
    if (!tensor.bytes.empty()) copy_entries(view, at->second, tensor.bytes);
    content.tensors.push_back(std::move(tensor));
    if (--users[view.key] == 0) storages.erase(at);
  }
  return content;
}

TensorFile read_torch_file(const fs::path& file) {
  try {
    const InputFile input(file);
    const ZipArchive archive(input);
    const std::string folder = archive_folder(archive);
    check_byte_order(archive, folder);
    const ZipRecord& record = *archive.find(folder + "data.pkl");
    if (record.size > Pickle::kLargest) {
      throw RunError("its data.pkl takes " + std::to_string(record.size) +
                     " bytes, more than the 64 MB allowed");
    }
    const std::vector<std::byte> pickle = archive.read(record);
    return tensors_of_pickle(
        pickle,
        [&](const std::string& key) {
          const ZipRecord* storage = archive.find(folder + "data/" + key);
          if (!storage)
            throw RunError("it has no record \"" + folder + "data/" + key + "\", which its tensors need");
          return archive.read(*storage);
        },
        kMostRepeats * input.size());
  } catch (const RunError& error) {
    throw RunError(file.string() + " cannot be read as weights of torch: " + error.what() +
                   " (what is read: docs/weights.md)");
  }
}

}  // namespace histokt
