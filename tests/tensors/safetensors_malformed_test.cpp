// SPDX-License-Identifier: MIT
// Malformed safetensors files: each is refused with a sentence that names the file and the defect.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "support/temp_folder.hpp"
#include "tensors/refusal.hpp"
#include "tensors/safetensors.hpp"

namespace histokt {
namespace {

using test::expect_contains;

std::string with_length(const std::string& header, std::uint64_t length) {
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header;
}

std::string refusal(const std::string& bytes) {
  return test::refusal("lie.safetensors", bytes, read_safetensors);
}

std::string refusal_of_header(const std::string& header, std::size_t data_bytes) {
  return refusal(with_length(header, header.size()) + std::string(data_bytes, 'x'));
}

TEST(SafetensorsLies, AnHonestFileIsRead) {
  EXPECT_EQ(refusal_of_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8), "");
}

TEST(SafetensorsLies, TruncationIsSeenWhereverItFalls) {
  const std::string header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  const std::string whole = with_length(header, header.size()) + std::string(8, 'x');
  for (std::size_t kept = 0; kept < whole.size(); ++kept)
    EXPECT_NE(refusal(whole.substr(0, kept)), "") << kept;
  expect_contains(refusal(whole.substr(0, 3)), "shorter than the 8 bytes");
  expect_contains(refusal(whole.substr(0, 30)), "truncated");
  expect_contains(refusal(whole.substr(0, whole.size() - 1)), "truncated");
}

TEST(SafetensorsLies, AHeaderLengthBeyondTheLimitIsRefusedBeforeMemoryIsTaken) {
  expect_contains(refusal(with_length("{}", ~std::uint64_t{0})), "100 MB");
  expect_contains(refusal(with_length("{}", 100'000'001)), "100 MB");
  expect_contains(refusal(with_length("{}", 99'000'000)), "truncated");
}

TEST(SafetensorsLies, AHeaderThatIsNoJsonObjectIsRefused) {
  expect_contains(refusal_of_header("[1, 2]", 0), "not a JSON object");
  expect_contains(refusal_of_header("{\"a\":", 0), "not JSON");
  expect_contains(refusal_of_header("", 0), "not JSON");
  expect_contains(refusal_of_header("{\"\xff\":1}", 0), "not JSON");
  expect_contains(refusal_of_header(R"({"a":[[[[[1]]]]]})", 0), "nested deeper");
  expect_contains(refusal_of_header(std::string(1'000'000, '['), 0), "nested deeper");
}

TEST(SafetensorsLies, ANameGivenTwiceIsRefused) {
  const std::string entry = R"({"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  expect_contains(refusal_of_header(R"({"a":)" + entry + R"(,"a":)" + entry + "}", 1), "\"a\" twice");
  expect_contains(
      refusal_of_header(R"({"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}})", 1),
      "\"shape\" twice");
}

TEST(SafetensorsLies, OverlapsHolesAndTrailingBytesAreRefused) {
  const auto two = [](int begin, int end, std::size_t data) {
    return refusal_of_header(
        R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[)" +
            std::to_string(end - begin) + R"(],"data_offsets":[)" + std::to_string(begin) + "," +
            std::to_string(end) + "]}}",
        data);
  };
  EXPECT_EQ(two(4, 8, 8), "");
  expect_contains(two(2, 8, 8), "overlaps");
  expect_contains(two(0, 8, 8), "overlaps");
  expect_contains(two(5, 8, 8), "a hole of 1 bytes");
  expect_contains(two(4, 8, 11), "3 bytes follow");
  expect_contains(two(4, 9, 8), "bytes 4 to 9 of 8");
}

TEST(SafetensorsLies, OffsetsThatAreNoRangeAreRefused) {
  const auto at = [](const std::string& offsets) {
    return refusal_of_header(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + offsets + "}}", 4);
  };
  for (const char* wrong : {"[4,0]", "[0,18446744073709551615]", "[-4,0]", "[0.0,4.0]", "[0]", "[0,4,4]", "4",
                            "[\"0\",4]", "[0,99999999999999999999]", "null"}) {
    EXPECT_NE(at(wrong), "") << wrong;
  }
}

TEST(SafetensorsLies, ShapesThatOverflowOrDoNotFitAreRefused) {
  const auto shaped = [](const std::string& shape) {
    return refusal_of_header(R"({"a":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":[0,8]}})", 8);
  };
  EXPECT_EQ(shaped("[1,2,1]"), "");
  expect_contains(shaped("[3]"), "needs 12");
  expect_contains(shaped("[]"), "needs 4");
  expect_contains(shaped("[4294967296,4294967296,2]"), "overflows");
  expect_contains(shaped("[4611686018427387904,4,2]"), "overflows");
  expect_contains(shaped("[9223372036854775808]"), "below 2^63");
  expect_contains(shaped("[-2]"), "below 2^63");
  expect_contains(shaped("2"), "not a list");
}

TEST(SafetensorsLies, MissingAndWrongMembersAreRefused) {
  expect_contains(refusal_of_header(R"({"a":{"shape":[1],"data_offsets":[0,1]}})", 1), "no \"dtype\"");
  expect_contains(refusal_of_header(R"({"a":{"dtype":"U8","data_offsets":[0,1]}})", 1), "no \"shape\"");
  expect_contains(refusal_of_header(R"({"a":{"dtype":"U8","shape":[1]}})", 1), "no \"data_offsets\"");
  expect_contains(refusal_of_header(R"({"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}})", 8),
                  "\"C64\"");
  expect_contains(refusal_of_header(R"({"a":{"dtype":4,"shape":[1],"data_offsets":[0,8]}})", 8), "dtype 4");
  expect_contains(refusal_of_header(R"({"a":7})", 0), "not described by a JSON object");
  expect_contains(refusal_of_header(R"({"__metadata__":{"a":1}})", 0), "not a text");
  expect_contains(refusal_of_header(R"({"__metadata__":[]})", 0), "not a JSON object");
}

TEST(SafetensorsLies, AFolderAndAMissingFileAreSaidToBeThat) {
  const test::TempFolder folder;
  EXPECT_THROW(read_safetensors(folder.path()), RunError);
  EXPECT_THROW(read_safetensors(folder / "missing"), RunError);
}

TEST(SafetensorsLies, APipeIsRefusedInsteadOfWaitedFor) {
  const test::TempFolder folder;
  ASSERT_EQ(0, ::mkfifo((folder / "pipe").c_str(), 0600));
  EXPECT_THROW(read_safetensors(folder / "pipe"), RunError);
}

}  // namespace
}  // namespace histokt
