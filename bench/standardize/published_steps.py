#!/usr/bin/python3
"""The published standardisation with scikit-image, timed: read, rescale, truncate, crop, drop background, store each
patch as PNG. published_steps.py PICTURES OUTPUT MICRONS_PER_PIXEL [PROCESSES]"""
import glob
import multiprocessing
import os
import sys
import time
from functools import partial

import numpy as np
from PIL import Image
from skimage.exposure import is_low_contrast
from skimage.transform import rescale

SIDE, OVERLAP = 272, 0.25


def standardize(path, output, microns_per_pixel):
    times = [time.perf_counter()]
    picture = np.asarray(Image.open(path).convert("RGB"))
    times.append(time.perf_counter())
    picture = rescale(picture, microns_per_pixel, clip=True, preserve_range=True, anti_aliasing=True,
                      channel_axis=-1).astype(np.uint8)
    times.append(time.perf_counter())
    missing = [max(0, SIDE - side) for side in picture.shape[:2]]
    picture = np.pad(picture, [(0, missing[0]), (0, missing[1]), (0, 0)], mode="reflect")
    stride = int(SIDE * (1 - OVERLAP))
    patches = [picture[top:top + SIDE, left:left + SIDE]
               for top in range(0, picture.shape[0] - SIDE + 1, stride)
               for left in range(0, picture.shape[1] - SIDE + 1, stride)]
    patches = [p for p in patches if not is_low_contrast(p, lower_percentile=5, upper_percentile=99)]
    times.append(time.perf_counter())
    name = os.path.splitext(os.path.basename(path))[0]
    for i, patch in enumerate(patches):
        Image.fromarray(patch).save(os.path.join(output, f"{name}_{i}.png"))
    times.append(time.perf_counter())
    return np.append(np.diff(times) * 1000, len(patches))


if __name__ == "__main__":
    folder, output, microns_per_pixel = sys.argv[1], sys.argv[2], float(sys.argv[3])
    processes = int(sys.argv[4]) if len(sys.argv) > 4 else 2
    files = sorted(f for f in glob.glob(folder + "/**/*", recursive=True) if os.path.isfile(f))
    os.makedirs(output, exist_ok=True)
    with multiprocessing.Pool(processes) as pool:
        pool.map(abs, range(processes))  # the processes stand before the clock starts
        start = time.perf_counter()
        stages = np.mean(pool.map(partial(standardize, output=output, microns_per_pixel=microns_per_pixel), files,
                                  chunksize=1), axis=0)
        elapsed = (time.perf_counter() - start) * 1000
    print("published steps, ms a picture in a process: read %.1f, rescale %.1f, crop and filter %.1f, store %.1f; "
          "%.1f patches" % tuple(stages))
    print(f"published steps, {processes} processes: {elapsed / len(files):.2f} ms a picture")
