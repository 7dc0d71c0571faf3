// SPDX-License-Identifier: MIT
// Included before everything else where clang-tidy reads a source. libtorch 1.13 has vectors of incomplete
// types in inline functions, which clang 14 instantiates at once where they are constexpr, as those of
// libstdc++ 12 are in C++20.
#pragma once
#include <string>
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR
#define __fill_a1 fill_bits  // declared as constexpr by <string>; defined for std::vector<bool>
#include <vector>
#undef __fill_a1
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR constexpr
