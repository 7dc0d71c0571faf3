#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the fuzzing programs and their seeds: build.sh BUILD_FOLDER. Does nothing where all is there already.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
[ -f "$build/build.ninja" ] || cmake -S "$root" -B "$build" -G Ninja -DHISTOKT_FUZZ=ON -DCMAKE_BUILD_TYPE=None \
  -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang
cmake --build "$build"
rm -rf "$build/seeds"
# Leaks of the libraries it encodes with are of no interest.
ASAN_OPTIONS=detect_leaks=0 "$build/bin/make_seeds" "$build/seeds"
