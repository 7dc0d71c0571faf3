// SPDX-License-Identifier: MIT
/*
 * The build fingerprint of a model or optimizer plugin, as text: "key=value;key=value". libtorch's C++ ABI is
 * not stable, so every field must equal the host's; the host prints the fields that differ.
 * Include after <torch/version.h> (any libtorch header does).
 */
#ifndef HISTOKT_FINGERPRINT_H
#define HISTOKT_FINGERPRINT_H

#include <histokt/plugin.h>

#ifndef TORCH_VERSION
#include <torch/version.h>
#endif

/* Raised whenever the C++ interfaces of <histokt/model.hpp> or <histokt/optimizer.hpp> change. */
#define HISTOKT_CXX_REVISION 1

#if defined(__clang__)
#define HISTOKT_COMPILER_ "clang-" HISTOKT_STRINGIFY(__clang_major__)
#elif defined(__GNUC__)
#define HISTOKT_COMPILER_ "gcc-" HISTOKT_STRINGIFY(__GNUC__)
#else
#define HISTOKT_COMPILER_ "other"
#endif

#if defined(_LIBCPP_VERSION)
#define HISTOKT_STDLIB_ "libc++-" HISTOKT_STRINGIFY(_LIBCPP_VERSION)
#elif defined(_GLIBCXX_RELEASE)
#define HISTOKT_STDLIB_ "libstdc++-" HISTOKT_STRINGIFY(_GLIBCXX_RELEASE)
#else
#define HISTOKT_STDLIB_ "other"
#endif

#if defined(_GLIBCXX_USE_CXX11_ABI)
#define HISTOKT_CXX11_ABI_ HISTOKT_STRINGIFY(_GLIBCXX_USE_CXX11_ABI)
#else
#define HISTOKT_CXX11_ABI_ "none"
#endif

#if defined(__SANITIZE_ADDRESS__)
#define HISTOKT_SANITIZER_ "address"
#elif defined(__SANITIZE_THREAD__)
#define HISTOKT_SANITIZER_ "thread"
#else
#define HISTOKT_SANITIZER_ "none"
#endif

#define HISTOKT_FINGERPRINT                                                                                  \
  "sdk=" HISTOKT_STRINGIFY(HISTOKT_CXX_REVISION) ";libtorch=" TORCH_VERSION ";cxx11_abi=" HISTOKT_CXX11_ABI_ \
                                                 ";compiler=" HISTOKT_COMPILER_ ";stdlib=" HISTOKT_STDLIB_   \
                                                 ";sanitizer=" HISTOKT_SANITIZER_

#endif /* HISTOKT_FINGERPRINT_H */
