#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Files to stored patches for each published set at its real image size: the published steps (scikit-image, one
process a core, patches as PNG) against `histokt-host standardize`, in one run. Images are stand-ins in the real
formats.

    datasets.py BUILD_FOLDER [SET...]

Needs numpy, scikit-image, Pillow, h5py, and make-stand-in and histokt-host in BUILD_FOLDER (scripts/bench).
"""

import glob
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from functools import partial

import h5py
import numpy as np
from PIL import Image

import published_steps

PROCESSES = os.cpu_count()

# name: (share of the set, images' files, microns per pixel, overlap, wanted ratio)
SETS = {
    "bach": (0.2, "**/Photos/*/*.tif", 0.42, 0.25, 20),
    "aj-lymph": (0.3, "**/*.tif", 0.25, 0.25, 20),
    "os": (0.15, "**/*.jpg", 1.0, 0.25, 20),
    "glas": (1.0, "**/*[0-9].bmp", 0.62005, 0.25, 20),
    "bcss": (0.08, "**/rgbs_colorNormalized/*.png", 0.25, 0.75, 20),
    "adp": (0.12, "**/img_res_1um_bicubic/*.png", None, 0.25, 8),
    "mhist": (0.6, "**/images/*.png", 1.25, 0.25, 8),
    "crc": (0.02, "**/*.tif", 0.5, 0.25, 8),
    "pcam": (0.01, "**/*_x.h5", 0.972, 0.25, 8),
}


def of_array(place, **options):
    path, row = place
    with h5py.File(path, "r") as file:
        return published_steps.standardize_pixels(file["x"][row], f"{os.path.basename(path)}_{row}", **options)


def of_file(path, with_mask, **options):
    mask = path.replace("rgbs_colorNormalized", "masks") if with_mask else None
    return published_steps.standardize(path, mask=mask, **options)


def published(name, root, output):
    _, pattern, scale, overlap, _ = SETS[name]
    files = sorted(glob.glob(os.path.join(root, pattern), recursive=True))
    options = {"output": output, "microns_per_pixel": scale, "overlap": overlap}
    work = partial(of_file, with_mask=name == "bcss", **options)
    if name == "pcam":
        places = []
        for file in files:
            with h5py.File(file, "r") as opened:
                places += [(file, row) for row in range(len(opened["x"]))]
        files, work = places, partial(of_array, **options)
    os.makedirs(output)
    with multiprocessing.Pool(PROCESSES) as pool:
        pool.map(abs, range(PROCESSES))  # the processes stand before the clock starts
        start = time.perf_counter()
        pool.map(work, files, chunksize=1)
        return (time.perf_counter() - start) * 1000 / len(files), len(files)


def ours(name, root, output, host, images):
    options = ["--set", "split.allow_few_groups=true"]
    if name == "pcam":  # all of them, as the other side takes
        for part in "train", "valid", "test":
            options += ["--set", f"dataset.{part}_per_class=1000000"]
    if name == "crc":
        options += ["--set", 'dataset.classes=["ADI","LYM","MUC","MUS","NORM","STR","TUM","BACK","DEB"]']
    start = time.perf_counter()
    done = subprocess.run([host, "standardize", "--dataset", name, "--root", root, "--output", output] + options,
                          capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{name}: {done.stderr}")
    with h5py.File(output, "r") as file:
        read = file.attrs["images"]
    os.remove(output)
    if read != images:
        print(f"{name}: the sides read other numbers of images, {images} and {read}", file=sys.stderr)
    return seconds * 1000 / read


def main(build, names):
    print(f"{'set':<10}{'images':>9}{'published ms':>14}{'ours ms':>9}{'ratio':>8}{'wanted':>8}")
    for name in names or SETS:
        with tempfile.TemporaryDirectory() as scratch:
            root = os.path.join(scratch, "data")
            subprocess.run([os.path.join(build, "tests/make-stand-in"), name, root, "--share", str(SETS[name][0])],
                           check=True)
            os.environ["XDG_CACHE_HOME"] = scratch
            host = os.path.join(build, "bin/histokt-host")
            theirs, images = published(name, root, os.path.join(scratch, "published"))
            mine = min(ours(name, root, os.path.join(scratch, "ours.h5"), host, images) for _ in range(2))
        print(f"{name:<10}{images:>9}{theirs:>14.2f}{mine:>9.2f}{theirs / mine:>8.1f}{SETS[name][4]:>8}", flush=True)


if __name__ == "__main__":
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
