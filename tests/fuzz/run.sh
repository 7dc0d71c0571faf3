#!/bin/sh
# SPDX-License-Identifier: MIT
# Fuzzes one reader: run.sh BUILD_FOLDER TARGET SECONDS [CORPUS_FOLDER]
#
# Fails where a fault of ours is found, and keeps the input that shows it in BUILD_FOLDER/faults. A fault that
# happens within a library that is not ours, on memory that is not ours (or on more than 512 MB that it takes), is
# counted and reported, and the work goes on with another seed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1 target=$2 seconds=$3
program=$build/bin/${target}_fuzz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
corpus=${4:-$work/corpus}
mkdir -p "$corpus" "$build/faults"
regressions=$here/regressions/$target
[ -d "$regressions" ] || regressions=

symbolizer=$(command -v llvm-symbolizer || command -v addr2line || true)
# Leaks are looked for in long runs: it needs rights that a container may lack, and OpenCV's own dependencies keep
# memory to the end, as HDF5 does.
leaks=0
[ $# -gt 3 ] && [ "$target" != image ] && [ "$target" != patch_set ] && leaks=1
# Each frame names its file, which addr2line leaves out and by which we tell whose fault it is. A malloc of more than
# there can be gives null, as it does in earnest: HDF5 takes such sizes from its file and looks at what it gets.
frames="external_symbolizer_path=$symbolizer:stack_trace_format='    #%n %p in %f %S (%m)'"
export ASAN_OPTIONS="$frames:detect_leaks=$leaks:quarantine_size_mb=64:allocator_may_return_null=1"
export UBSAN_OPTIONS="$frames:print_stacktrace=1"

# The first frame of a stack, behind the line that matches $2, that is no runtime's.
frame_of() {
  awk -v begin="$2" '
    !on && $0 ~ begin { on = 1; next }
    on && /^ *#[0-9]+ / {
      if ($0 ~ / in (__asan|__interceptor|__sanitizer|__ubsan|__lsan|fuzzer::|operator new|operator delete|malloc|calloc|realloc|free|mem[a-z]+|str[a-z]+|raise|abort|gsignal|pthread_kill|__pthread|std::terminate|__cxa)/ ||
          $0 ~ /libc\.so|libstdc\+\+|libFuzzer/) next
      print; exit
    }' "$1"
}

# Whether the fault is a library's: it happened there, and not on memory that our code had taken.
is_library_fault() {
  others='lib(hdf5|tiff|jpeg|png|webp|opencv|gdal|z|lzma|zstd|sz|aec)[^/]*\.so'
  frame_of "$1" 'ERROR: |SUMMARY: ' | grep -Eq "$others" || return 1
  taken=$(frame_of "$1" 'allocated by thread')
  [ -z "$taken" ] || echo "$taken" | grep -Eq "$others"
}

end=$(($(date +%s) + seconds))
runs=0 faults=0 first=1
while left=$((end - $(date +%s))); [ "$left" -gt 0 ] || [ "$first" = 1 ]; do
  first=0
  [ "$left" -gt 0 ] || left=1
  status=0
  "$program" -max_total_time="$left" -timeout=15 -rss_limit_mb=3000 -malloc_limit_mb=512 -max_len=131072 -print_final_stats=1 \
    -artifact_prefix="$work/" "$corpus" "$build/seeds/$target" $regressions >"$work/log" 2>&1 || status=$?
  more=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log")
  runs=$((runs + ${more:-0}))
  [ "$status" = 0 ] && break
  if is_library_fault "$work/log"; then
    faults=$((faults + 1))
    frame_of "$work/log" 'ERROR: |SUMMARY: ' >>"$work/library"
    continue
  fi
  tail -n 80 "$work/log" >&2
  for input in "$work"/crash-* "$work"/timeout-* "$work"/oom-* "$work"/leak-*; do
    [ -f "$input" ] || continue
    cp "$input" "$build/faults/$target-$(basename "$input")"
    echo "$target: a fault of ours; the input that shows it is $build/faults/$target-$(basename "$input")" >&2
  done
  exit 1
done

if [ "$runs" -eq 0 ]; then
  tail -n 40 "$work/log" >&2
  echo "$target: not one input was run" >&2
  exit 1
fi
coverage=$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\) .*/\1 edges, \2 features/p' "$work/log" | tail -n 1)
echo "$target: $runs runs in $seconds s, $((runs / seconds)) a second; $coverage"
if [ "$faults" -gt 0 ]; then
  echo "$target: $faults times a library that is not ours failed, in:"
  sed 's/^ *#[0-9]* 0x[0-9a-f]* in /  /' "$work/library" | sort | uniq -c | sort -rn | head -n 8
fi
