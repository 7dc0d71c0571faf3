// SPDX-License-Identifier: MIT
// A reader of weights as Python's torch.save writes them since torch 1.6: a zip archive of a pickle and the
// bytes of each storage. The pickle is read, never run (tensors/pickle.hpp); of the classes in it, only those
// that tensors consist of are known.
//
// Reads a state dict (names and tensors), or a dict that contains one under a usual name, such as the
// checkpoints that the published HistoKT code wrote ("state_dict_network"). Everything but the tensors
// (settings, optimizers, objects of any class) is ignored. Needs no libtorch.
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

// The bytes of a storage by its key. Throws if there is none.
using StorageBytes = std::function<std::vector<std::byte>(const std::string& key)>;

// The same from the pickle alone. most_bytes: a limit for all tensors together, since names that share a
// storage could expand a small file. Throws RunError that gives only the reason.
TensorFile tensors_of_pickle(std::span<const std::byte> pickle, const StorageBytes& storage,
                             std::uint64_t most_bytes);

// Advice for a file that torch can read and this program cannot: a one-line command.
std::string way_to_plain_weights();

}  // namespace histokt
