# SPDX-License-Identifier: MIT
# Every outside library, and what it is for. docs/dependencies.md says why each was chosen.
find_package(Threads REQUIRED)
find_package(Torch REQUIRED)                                    # networks and tensors
find_package(OpenMP REQUIRED COMPONENTS CXX)                    # at::parallel_for outside libtorch is serial without it
find_package(OpenCV REQUIRED COMPONENTS core imgproc imgcodecs) # BMP and WebP decoding, contact sheets
find_package(TIFF REQUIRED)                                     # TIFF decoding without a detour through RGBA
find_package(JPEG REQUIRED)                                     # JPEG decoding that reports truncated files
find_package(PkgConfig REQUIRED)
pkg_check_modules(SPNG REQUIRED IMPORTED_TARGET spng)            # PNG decoding, the rare kinds
pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)   # PNG decoding, the usual kinds
find_package(PNG REQUIRED)                                      # the synthetic dataset writes PNG files
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)                # SHA-256: step identities, content digests
find_package(HDF5 REQUIRED COMPONENTS C)                        # patch sets
find_package(LAPACK REQUIRED)                                   # singular values in plugins without libtorch
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)    # command line; Boost.DLL is headers only
find_package(tomlplusplus REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
if(HISTOKT_TESTS)
  find_package(GTest REQUIRED)
endif()
