// SPDX-License-Identifier: MIT
#include <torch/cuda.h>

#include "training/runtime.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include "base/errors.hpp"

namespace histokt {
namespace {

TEST(Runtime, SetsLibtorchsThreads) {
  EXPECT_EQ(make_runtime({.threads = 1, .device = "cpu"}).threads, 1);
  EXPECT_EQ(at::get_num_threads(), 1);
  EXPECT_EQ(make_runtime({.threads = 2, .device = "cpu"}).threads, 2);
  EXPECT_EQ(at::get_num_threads(), 2);
}

TEST(Runtime, SetsTheThreadsOfOpenBlas) {
  const auto count = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
  if (!count) GTEST_SKIP() << "libtorch brings another BLAS along";
  for (const int threads : {2, 1}) {
    use({.threads = threads});
    EXPECT_EQ(count(), threads);
  }
}

TEST(Runtime, RefusesNamesItDoesNotKnow) {
  EXPECT_THROW(make_runtime({.device = "tpu"}), RequestError);
  EXPECT_THROW(make_runtime({.device = "cuda:x"}), RequestError);
  EXPECT_THROW(make_runtime({.precision = "float8"}), RequestError);
  EXPECT_THROW(make_runtime({.threads = -1}), RequestError);
}

TEST(Runtime, RefusesCudaWhereThereIsNone) {
  if (torch::cuda::is_available()) GTEST_SKIP() << "there is a CUDA device";
  EXPECT_THROW(make_runtime({.device = "cuda"}), RequestError);
}

TEST(BFloat16, NeedsInstructionsForIt) {
  EXPECT_TRUE(bfloat16_refusal("processor : 0\nflags\t\t: fpu avx2 avx512f avx512_bf16x\n"));
  EXPECT_FALSE(bfloat16_refusal("processor : 0\nflags\t\t: fpu avx512_bf16 sse\n"));
  EXPECT_FALSE(bfloat16_refusal("processor : 0\nflags\t\t: fpu amx_tile amx_bf16\n"));
}

TEST(Runtime, DescribesItselfInOneLine) {
  EXPECT_EQ(describe({.threads = 2}), "2 threads on the CPU, float32, channels-last");
}

}  // namespace
}  // namespace histokt
