// SPDX-License-Identifier: MIT
// Refusals before a distiller is called, and faults of distillers detected afterwards.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/errors.hpp"
#include "distill/merge.hpp"
#include "distill/small_networks.hpp"

namespace histokt {
namespace {

void never(const histokt_merge&) {
  FAIL() << "the distiller was called";
}

std::string refusal(const std::vector<MergeInput>& sources, const MergeCall& call,
                    const MergeInput* base = nullptr) {
  try {
    merge_tensors(sources, base, {}, call, "svd");
    return "";
  } catch (const RunError& error) {
    return error.what();
  }
}

void expect_contains(const std::string& text, std::initializer_list<const char*> parts) {
  for (const char* part : parts) {
    EXPECT_NE(text.find(part), std::string::npos) << "\"" << text << "\" does not say \"" << part << "\"";
  }
}

TEST(MergeRefusals, NoSourceIsAWrongRequest) {
  EXPECT_THROW(merge_tensors({}, nullptr, {}, never), RequestError);
}

TEST(MergeRefusals, MissingAndExtraTensorsAreNamed) {
  MergeInput other = network("b", 1);
  other.content.tensors[1].name = "norm.weight";
  expect_contains(refusal({network("a", 1), other}, never),
                  {"b lacks \"bn1.weight\"", "a lacks \"norm.weight\""});
}

TEST(MergeRefusals, AnotherShapeIsNamedWithBothShapes) {
  MergeInput other = network("b", 1);
  tensor_of(other, "conv1.weight").shape = {2, 2, 1, 1};
  expect_contains(refusal({network("a", 1), other}, never),
                  {"b", "conv1.weight", "(2, 2, 1, 1)", "(2, 1, 1, 2)"});
}

TEST(MergeRefusals, ATensorOfAnotherKindIsRefused) {
  MergeInput other = network("b", 1);
  other.content.tensors[1] = {"bn1.weight", DType::kInt32, {2}, std::vector<std::byte>(8)};
  expect_contains(refusal({network("a", 1), other}, never), {"b", "bn1.weight", "I32"});
  expect_contains(refusal({other, network("a", 1)}, never), {"a", "bn1.weight", "I32"});
}

TEST(MergeRefusals, NaNAndInfinityInASourceAreNamed) {
  MergeInput other = network("b", 1);
  tensor_of(other, "bn1.running_var").floats()[1] = std::numeric_limits<float>::infinity();
  expect_contains(refusal({network("a", 1), other}, never), {"b", "bn1.running_var", "infinity", "entry 1"});
  tensor_of(other, "bn1.running_var").floats()[1] = NAN;
  expect_contains(refusal({other, network("a", 1)}, never), {"b", "bn1.running_var", "NaN"});
}

TEST(MergeRefusals, ABaseOfAnotherArchitectureIsRefused) {
  MergeInput base = network("imagenet", 1);
  base.content.tensors.erase(base.content.tensors.begin());
  expect_contains(refusal({network("a", 1)}, never, &base), {"imagenet", "conv1.weight"});
}

TEST(MergeRefusals, ABaseOfAnotherShapeOrWithNaNIsRefused) {
  MergeInput base = network("imagenet", 1);
  tensor_of(base, "conv1.weight").shape = {2, 2, 1, 1};
  expect_contains(refusal({network("a", 1)}, never, &base),
                  {"imagenet", "conv1.weight", "(2, 2, 1, 1)", "(2, 1, 1, 2)"});
  base = network("imagenet", 1);
  tensor_of(base, "bn1.weight").floats()[0] = NAN;
  expect_contains(refusal({network("a", 1)}, never, &base), {"imagenet", "bn1.weight", "NaN"});
}

TEST(MergeFaults, AnUnwrittenTensorIsNamed) {
  EXPECT_EQ(refusal({network("a", 1)}, add_up), "");
  const auto forgetful = [](const histokt_merge& merge) {
    histokt_merge shorter = merge;
    shorter.output_count = 2;
    add_up(shorter);
  };
  expect_contains(refusal({network("a", 1)}, forgetful),
                  {"distiller \"svd\"", "bn1.running_var", "unwritten"});
}

TEST(MergeFaults, OneUnwrittenEntryIsFound) {
  const auto sloppy = [](const histokt_merge& merge) {
    float* entries = static_cast<float*>(merge.outputs[0].data);
    const float before = entries[3];
    add_up(merge);
    entries[3] = before;
  };
  expect_contains(refusal({network("a", 1)}, sloppy), {"conv1.weight", "unwritten at entry 3 of 4"});
}

TEST(MergeFaults, WrittenNaNAndInfinityAreTold) {
  for (float wrong : {std::nanf(""), INFINITY}) {
    const auto broken = [wrong](const histokt_merge& merge) {
      add_up(merge);
      static_cast<float*>(merge.outputs[1].data)[0] = wrong;
    };
    expect_contains(refusal({network("a", 1)}, broken), {"svd", "bn1.weight", "NaN or infinity"});
  }
}

TEST(MergeFaults, WritingBesideTheBufferIsFoundOnBothSides) {
  for (const int offset : {-1, 4, -16, 4 + 15}) {
    const auto wild = [offset](const histokt_merge& merge) {
      add_up(merge);
      static_cast<float*>(merge.outputs[0].data)[offset] = 0.0f;
    };
    expect_contains(refusal({network("a", 1)}, wild), {"svd", "conv1.weight", "outside the buffer"});
  }
}

TEST(MergeFaults, WritingIntoASourceOrTheBaseIsFound) {
  const auto into = [](const histokt_source* input, std::size_t tensor, std::size_t entry) {
    static_cast<float*>(input->tensors[tensor].data)[entry] += 1;
  };
  const auto spoils_last_source = [&](const histokt_merge& merge) {
    add_up(merge);
    into(&merge.sources[merge.source_count - 1], 0, 3);
  };
  expect_contains(refusal({network("a", 1), network("b", 2)}, spoils_last_source),
                  {"distiller \"svd\" wrote into tensor \"conv1.weight\" of b", "bug in the plugin"});
  const auto spoils_base = [&](const histokt_merge& merge) {
    add_up(merge);
    into(merge.base, 2, 1);
  };
  const MergeInput base = network("imagenet", 1);
  expect_contains(refusal({network("a", 1)}, spoils_base, &base), {"\"bn1.running_var\" of imagenet"});
  // A bit is enough, also where a sum would not tell: two entries change places.
  MergeInput of_two = network("a", 1);
  tensor_of(of_two, "bn1.weight").floats()[1] = 2;
  const auto swaps = [](const histokt_merge& merge) {
    add_up(merge);
    float* entries = static_cast<float*>(merge.sources[0].tensors[1].data);
    std::swap(entries[0], entries[1]);
  };
  expect_contains(refusal({of_two}, swaps), {"\"bn1.weight\" of a"});
}

TEST(MergeFaults, WhatTheCallThrowsPasses) {
  const auto failing = [](const histokt_merge&) { throw RunError("plugin svd: no such option"); };
  EXPECT_EQ(refusal({network("a", 1)}, failing), "plugin svd: no such option");
}

}  // namespace
}  // namespace histokt
