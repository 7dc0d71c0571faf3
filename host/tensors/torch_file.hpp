// Weights as Python's torch.save writes them since torch 1.6: a zip archive of a pickle and the bytes of each
// storage. The pickle is read, never run (tensors/pickle.hpp); of the classes in it, those that tensors are
// made of are known.
//
// Read are a state dict (names and tensors), and a dict with one in it under a usual name, such as the
// checkpoints that the published HistoKT code wrote ("state_dict_network"). What lies beside the tensors
// (settings, optimizers, objects of any class) is passed over. Needs no libtorch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "tensors/safetensors.hpp"

namespace histokt {

// The tensors of a state dict, in its order, rows first. float32, float64, float16, bfloat16, int64, int32,
// uint8 and bool are kept as they are; other types are refused, as is a tensor that reaches beyond its
// storage. Throws RunError that names the file, what was found and what to do.
TensorFile read_torch_file(const std::filesystem::path& file);

// The bytes of a storage by its key. Throws where there is none.
using StorageBytes = std::function<std::vector<std::byte>(const std::string& key)>;

// The same from the pickle alone. most_bytes: of all tensors together; names that share a storage would else
// make much of little. Throws RunError that gives the reason alone.
TensorFile tensors_of_pickle(std::span<const std::byte> pickle, const StorageBytes& storage,
                             std::uint64_t most_bytes);

// What to do with a file that torch can read and this program cannot: a command of one line.
std::string way_to_plain_weights();

}  // namespace histokt
