// SPDX-License-Identifier: MIT
// Malformed torch files, and files that try to run code: each is refused with one sentence that names the
// file and the defect, and nothing in them is run.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/errors.hpp"
#include "support/temp_folder.hpp"
#include "tensors/pickle.hpp"
#include "tensors/refusal.hpp"
#include "tensors/torch_file.hpp"
#include "tensors/torch_writer.hpp"
#include "tensors/weights.hpp"

namespace histokt {
namespace {

using test::expect_contains;

using namespace pickled;

std::string refusal(const std::string& bytes) {
  return test::refusal("lie.pth", bytes, read_weights);
}

const Entries kStorage = {{"0", std::string(24, '\1')}};

std::string refusal_of(const std::string& top) {
  return refusal(torch_file(top, kStorage));
}

// The bytes with `lie` written over what stands `behind` bytes after the last occurrence of `mark`.
std::string with_lie(std::string bytes, const std::string& mark, std::size_t behind, const std::string& lie) {
  bytes.replace(bytes.rfind(mark) + behind, lie.size(), lie);
  return bytes;
}

const std::string kHonest = torch_file(dict({{"a", floats("0", 6)}}), kStorage);

TEST(TorchFileLies, AnHonestFileIsRead) {
  EXPECT_EQ(refusal(kHonest), "");
}

TEST(TorchFileLies, TruncationIsSeenWhereverItFalls) {
  for (std::size_t kept = 0; kept < kHonest.size(); ++kept)
    EXPECT_NE(refusal(kHonest.substr(0, kept)), "") << kept;
  expect_contains(refusal(kHonest.substr(0, kHonest.size() / 2)), "truncated");
}

TEST(TorchFileLies, NothingIsRun) {
  const test::TempFolder folder;
  const std::string trace = (folder / "ran").string();
  for (const std::string module : {"os", "posix", "nt", "builtins"}) {
    const std::string run =
        call(global(module, module == "builtins" ? "exec" : "system"), text("touch " + trace));
    expect_contains(refusal_of(run), module);
    expect_contains(refusal_of(dict({{"a", floats("0", 6)}, {"b", run}})), "\"b\"");
  }
  // Beside the weights it is passed over, as any object of a class that is not known.
  EXPECT_EQ(refusal_of(plain_dict({{"state_dict", dict({{"a", floats("0", 6)}})},
                                   {"settings", call(global("os", "system"), text("touch " + trace))}})),
            "");
  EXPECT_FALSE(std::filesystem::exists(trace));
}

TEST(TorchFileLies, AClassThatIsNotKnownIsNamedWithAWayOut) {
  const std::string text = refusal_of(dict({{"a", call(global("numpy", "ndarray"), "")}}));
  expect_contains(text, "no state dict");
  const std::string beside =
      refusal_of(dict({{"a", floats("0", 6)}, {"b", call(global("numpy", "ndarray"), "")}}));
  expect_contains(beside, "\"numpy.ndarray\"");
  expect_contains(beside, "torch.save");
  expect_contains(refusal_of(call(global("__torch__.torchvision", "ResNet"), "")),
                  "__torch__.torchvision.ResNet");
}

TEST(TorchFileLies, ATensorBeyondItsStorageIsRefused) {
  const auto reaches = [](std::int64_t offset, const std::vector<std::int64_t>& shape,
                          const std::vector<std::int64_t>& strides) {
    return refusal_of(dict({{"a", tensor(storage("FloatStorage", "0", 6), offset, shape, strides)}}));
  };
  EXPECT_EQ(reaches(0, {2, 3}, {3, 1}), "");
  expect_contains(reaches(1, {2, 3}, {3, 1}), "entry 6 of a storage of 6");
  expect_contains(reaches(0, {3}, {3}), "entry 6");
  expect_contains(reaches(6, {}, {}), "entry 6");
  expect_contains(reaches(-1, {2}, {1}), "negative");
  expect_contains(reaches(0, {2}, {-1}), "negative");
  expect_contains(reaches(0, {2}, {INT64_MAX}), "entry");
  expect_contains(reaches(2, {2}, {INT64_MAX}), "too large");
  expect_contains(reaches(0, {-2}, {1}), "impossible shape");
  expect_contains(reaches(0, {INT64_MAX, 2}, {0, 0}), "impossible shape");
  expect_contains(reaches(0, {2}, {}), "strides");
}

TEST(TorchFileLies, AStorageThatIsSmallerThanSaidIsRefused) {
  expect_contains(refusal_of(dict({{"a", floats("0", 7)}})), "only 6 of them");
  expect_contains(refusal_of(dict({{"a", tensor(storage("DoubleStorage", "0", 6), 0, {6}, {1})}})),
                  "only 3 of them");
  expect_contains(refusal_of(dict({{"a", floats("1", 6)}})), "archive/data/1");
  expect_contains(refusal_of(dict({{"a", tensor(storage("FloatStorage", "0", -1), 0, {0}, {1})}})),
                  "-1 entries");
}

TEST(TorchFileLies, MuchMadeOfLittleIsRefused) {
  const std::string one = storage("FloatStorage", "0", 6);
  expect_contains(refusal_of(dict({{"a", tensor(one, 0, {1 << 30, 1 << 20}, {0, 0})}})),
                  "repeat one storage");
  Entries names;
  for (int i = 0; i < 2000; ++i) names.emplace_back(std::to_string(i), "h\x01");
  const std::string shared = tensor(storage("FloatStorage", "0", 6), 0, {6000}, {0}) + "q\x01" + "0";
  expect_contains(refusal_of(shared + dict(names)), "repeat one storage");
}

TEST(TorchFileLies, FewBytesDoNotBecomeManyTensorsOrLongKeys) {
  std::string many =
      tensor(storage("FloatStorage", "0", 0), 0, {0}, {1}) + "q\x01" + "0" + empty_dict() + "(";
  for (int i = 0; i < 100'001; ++i) many += text(std::to_string(i)) + "h\x01";
  expect_contains(refusal(torch_file(many + "u", {{"0", ""}})), "100001 entries");
  expect_contains(refusal_of(dict({{"a", floats(std::string(1000, '0'), 6)}})), "without a key");
}

TEST(TorchFileLies, BillionLaughsStayFew) {
  std::string laughs = "]q" + std::string(1, '\0');
  for (char level = 1; level < 100; ++level) {
    const std::string before = {'h', static_cast<char>(level - 1)};
    laughs += "](" + before + before + before + before + before + before + before + before + before + before +
              "eq" + level;
  }
  expect_contains(refusal_of(laughs), "a list or tuple");
}

TEST(TorchFileLies, DeepNestingIsRefusedInsteadOfFollowed) {
  expect_contains(refusal_of(std::string(1'000'000, ']') + std::string(999'999, 'a')), "a list or tuple");
  expect_contains(refusal_of(std::string(3'000'000, ']')), "values allowed");
  expect_contains(refusal_of(std::string(3'000'000, '(')), "values allowed");
  std::string around = "}";  // a dict within itself
  around = around + "q\x01(" + text("state_dict") + "h\x01u";
  expect_contains(refusal_of(around), "a dict without tensors");
}

TEST(TorchFileLies, ParametersAroundThemselvesEnd) {
  const std::string circle =
      global("torch._utils", "_rebuild_parameter") + "]q\x01" + "R" + "q\x02" + "0h\x01h\x02" + "a0h\x02";
  expect_contains(refusal_of(circle), "_rebuild_parameter");
  expect_contains(refusal_of(circle + "q\x03" + "0" + dict({{"a", floats("0", 6)}, {"b", "h\x02"}})),
                  "\"b\"");
}

TEST(TorchFileLies, APickleThatMisusesItsStackIsRefused) {
  expect_contains(refusal_of("0"), "pops more");
  expect_contains(refusal_of("t"), "did not begin");
  expect_contains(refusal_of("(0"), "pops more");
  expect_contains(refusal_of("}(Nu"), "without a value");
  expect_contains(refusal_of("h\x07"), "never stored");
  expect_contains(refusal_of("(o"), "an object without a class");
  expect_contains(refusal_of("\x82\x01"), "0x82");
  expect_contains(refusal_of("X\xff\xff\xff\xff"
                             "abc"),
                  "cut off");
  expect_contains(refusal_of("\x8d" + std::string(8, '\xff')), "cut off");
}

TEST(TorchFileLies, TypesThatHaveNoPlaceHereAreNamed) {
  expect_contains(refusal_of(dict({{"a", tensor(storage("ComplexFloatStorage", "0", 3), 0, {3}, {1})}})),
                  "torch.ComplexFloatStorage");
}

TEST(TorchFileLies, NamesThatStandThereTwiceAreRefused) {
  expect_contains(refusal_of(dict({{"a", floats("0", 6)}, {"a", floats("0", 6)}})), "\"a\" twice");
}

TEST(TorchFileLies, AZipDirectoryThatLiesIsRefused) {
  // The last record in the directory is the version: its size, its place, its name.
  expect_contains(refusal(with_lie(kHonest, "PK\1\2", 20, bytes_of<std::uint32_t>(1'000'000))), "damaged");
  expect_contains(refusal(with_lie(kHonest, "PK\1\2", 42, bytes_of<std::uint32_t>(1'000'000))), "damaged");
  expect_contains(refusal(with_lie(kHonest, "PK\1\2", 42, bytes_of<std::uint32_t>(0))), "overlaps");
  expect_contains(refusal(with_lie(kHonest, "PK\1\2", 28, bytes_of<std::uint16_t>(60'000))),
                  "beyond the archive's directory");
  expect_contains(refusal(with_lie(kHonest, "PK\1\2", 20, std::string(4, '\xff'))), "64-bit sizes");
  // What ends the archive: number of records, size and place of the directory.
  expect_contains(refusal(with_lie(kHonest, "PK\5\6", 10, bytes_of<std::uint16_t>(60'000))), "60000 records");
  expect_contains(refusal(with_lie(kHonest, "PK\5\6", 10, bytes_of<std::uint16_t>(4))), "4 records");
  expect_contains(refusal(with_lie(kHonest, "PK\5\6", 12, bytes_of<std::uint32_t>(1'000'000))),
                  "beyond the archive's end");
  expect_contains(refusal(with_lie(kHonest, "PK\5\6", 16, bytes_of<std::uint32_t>(1'000'000))),
                  "beyond the archive's end");
  expect_contains(refusal(with_lie(kHonest, "PK\5\6", 16, bytes_of<std::uint32_t>(0))), "fewer records");
}

TEST(TorchFileLies, ADirectoryIn64BitsThatLiesIsRefused) {
  const std::string large = torch_file(dict({{"a", floats("0", 6)}}), kStorage, true);
  EXPECT_EQ(refusal(large), "");
  expect_contains(refusal(with_lie(large, "PK\6\7", 8, std::string(8, '\xff'))), "zip64");
  expect_contains(refusal(with_lie(large, "PK\6\7", 8, bytes_of<std::uint64_t>(0))), "zip64");
  expect_contains(refusal(with_lie(large, "PK\6\6", 32, std::string(8, '\xff'))), "records");
  expect_contains(refusal(with_lie(large, "PK\6\6", 40, std::string(8, '\xff'))), "beyond the archive's end");
  expect_contains(refusal(with_lie(large, "PK\6\6", 48, std::string(8, '\xff'))), "beyond the archive's end");
  const std::size_t name = std::string("archive/version").size();
  for (const std::size_t number : {8, 16}) {  // of the last record: size, place
    EXPECT_NE(refusal(with_lie(large, "PK\1\2", 46 + name + 4 + number, std::string(8, '\xff'))), "")
        << number;
  }
}

TEST(TorchFileLies, RecordsThatAreNotAsSaidAreRefused) {
  const std::string pickle_entry = "PK\1\2";
  const auto first_entry = [&](std::size_t behind, const std::string& lie) {
    std::string bytes = kHonest;
    bytes.replace(bytes.find(pickle_entry) + behind, lie.size(), lie);
    return refusal(bytes);
  };
  expect_contains(first_entry(8, bytes_of<std::uint16_t>(1)), "encrypted");
  expect_contains(first_entry(10, bytes_of<std::uint16_t>(8)), "compressed (method 8)");
  expect_contains(first_entry(16, bytes_of<std::uint32_t>(7)), "checksum");
  std::string renamed = kHonest;
  renamed.replace(renamed.find("archive/data.pkl"), 7, "another");
  expect_contains(refusal(renamed), "another name");
  expect_contains(refusal(zip({{"a/data.pkl", pickle("N")}, {"a/data.pkl", pickle("N")}})),
                  "two of its records");
  expect_contains(refusal(zip({{"readme.txt", "hello"}})), "data.pkl");
  expect_contains(refusal(zip({{"a/data.pkl", pickle("N")}, {"a/byteorder", "big"}})), "\"big\"");
}

TEST(TorchFileLies, DamageWithinTheNumbersIsSeen) {
  std::string bytes = kHonest;
  bytes[bytes.find(kStorage[0].second) + 3] ^= 1;
  expect_contains(refusal(bytes), "checksum");
}

TEST(TorchFileLies, WhatIsNoWeightsAtAllIsSaidToBeThat) {
  expect_contains(refusal(pickle("N")), "before torch 1.6");
  expect_contains(refusal(std::string(100, 'x')), "neither safetensors nor");
  expect_contains(refusal(std::string(257, '\0') + "ustar" + std::string(250, '\0')), "tar archive");
  expect_contains(refusal(""), "shorter than the 8 bytes");
  expect_contains(refusal_of("N"), "None");
  expect_contains(refusal_of(plain_dict({{"epoch", integer(3)}})), "\"epoch\"");
  const test::TempFolder folder;
  EXPECT_THROW(read_weights(folder.path()), RunError);
  EXPECT_THROW(read_weights(folder / "missing.pth"), RunError);
}

}  // namespace
}  // namespace histokt
