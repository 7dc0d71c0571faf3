#!/bin/sh
# SPDX-License-Identifier: MIT
# Compares the published standardisation (Python, scikit-image, 2 processes) with ours on made-up images of BACH's
# size: run.sh [IMAGES] [HISTOKT_HOST]. Without a host given, the one in build/release/bin is taken; where there is
# none, only standardize_bench runs. Needs python3 with numpy, scipy, scikit-image and Pillow.
set -e
here=$(cd "$(dirname "$0")" && pwd)
build=$here/../../build/release
count=${1:-100}
host=${2:-$build/bin/histokt-host}
python=${PYTHON:-/usr/bin/python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$python" "$here/make_images.py" "$scratch/data/tissue" "$count"
# Read once, so that both sides find the files in the page cache.
cat "$scratch"/data/tissue/* > /dev/null

OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 "$python" "$here/published_steps.py" "$scratch/data" "$scratch/patches" 0.42 2 |
  tee "$scratch/published.txt"
if [ -x "$build/bin/standardize_bench" ]; then
  "$build/bin/standardize_bench" --threads 2 "$scratch"/data/tissue/*.tif
  echo "the same under protocol = \"paper\", which truncates:"
  "$build/bin/standardize_bench" --threads 2 --truncate "$scratch"/data/tissue/*.tif
fi
if [ -x "$host" ]; then
  "$python" - "$host" "$scratch" "$count" <<'PYTHON'
import re, subprocess, sys, time
host, scratch, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
published = float(re.search(r"processes: ([0-9.]+) ms", open(scratch + "/published.txt").read()).group(1))
for attempt in "first", "second":
    start = time.perf_counter()
    subprocess.run([host, "standardize", "--dataset", "folder", "--root", scratch + "/data", "--output",
                    scratch + "/patches.h5", "--set", "dataset.microns_per_pixel=0.42"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ours = (time.perf_counter() - start) * 1000 / count
    print(f"histokt-host standardize, start and writing included, {attempt} run: {ours:.2f} ms an image, "
          f"{published / ours:.1f} times the published steps")
PYTHON
fi
