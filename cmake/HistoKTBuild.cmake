# SPDX-License-Identifier: MIT
# What every target of the project shares.

find_program(HISTOKT_CCACHE ccache)
if(HISTOKT_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${HISTOKT_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${HISTOKT_CCACHE}")
endif()

add_library(histokt_warnings INTERFACE)
target_compile_options(histokt_warnings INTERFACE -Wall -Wextra -Wshadow -Wno-missing-field-initializers
  # GCC 12 and later see overlaps and overflows in "text" + std::string that cannot be (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>)
if(HISTOKT_WERROR)
  target_compile_options(histokt_warnings INTERFACE -Werror
    # GCC 13 and later also say it of calls that merely take a temporary: worth a look, no error.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_GREATER_EQUAL:$<CXX_COMPILER_VERSION>,13>>:-Wno-error=dangling-reference>)
endif()

# histokt_library(NAME [GLUE] SOURCES a.cpp ... LINK lib ... [PRIVATE_LINK lib ...])
# A static library of the host. Headers are included as "folder/header.hpp", seen from host/. GLUE: it has no loops
# over pixels or weights, so a release optimises it with -O1, which compiles JSON and TOML in two thirds of the time.
function(histokt_library name)
  cmake_parse_arguments(ARG "GLUE" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  if(ARG_GLUE)
    target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}/host")
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE histokt_warnings ${ARG_PRIVATE_LINK})
endfunction()

# libtorch's headers take most of a minute to precompile and a third of a gigabyte to keep, so it is done once.
function(histokt_precompile_torch_headers)
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/torch_headers.cpp" CONTENT "// Holds a precompiled header.\n")
  add_library(histokt_torch_headers OBJECT "${CMAKE_BINARY_DIR}/torch_headers.cpp")
  target_link_libraries(histokt_torch_headers PRIVATE HistoKT::torch OpenMP::OpenMP_CXX)
  target_precompile_headers(histokt_torch_headers PRIVATE <torch/types.h> <torch/utils.h> <torch/autograd.h>)
endfunction()

# histokt_use_torch_headers(TARGET): compiles it with the header above. Flags must be the same everywhere: OpenMP (without
# it at::parallel_for is serial) and -fPIC, which programs would else not have.
function(histokt_use_torch_headers target)
  target_link_libraries(${target} PRIVATE OpenMP::OpenMP_CXX)
  target_compile_options(${target} PRIVATE -fPIC)
  target_precompile_headers(${target} REUSE_FROM histokt_torch_headers)
endfunction()

# histokt_test(NAME [LONG] SOURCES a_test.cpp ... LINK lib ... [TIMEOUT seconds])
# One GoogleTest program, registered with ctest as one test; LONG puts it in the tier of scripts/test --long.
function(histokt_test name)
  cmake_parse_arguments(ARG "LONG" "TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=")  # several times slower
    math(EXPR ARG_TIMEOUT "4 * ${ARG_TIMEOUT}")
  endif()
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE ${ARG_LINK} histokt_test_folders histokt_warnings GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  if(ARG_LONG)
    set_tests_properties(${name} PROPERTIES LABELS long)
  endif()
endfunction()
