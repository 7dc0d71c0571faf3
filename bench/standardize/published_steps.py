#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The published standardisation with scikit-image, timed: read, rescale, truncate, crop, drop background, store each
patch as PNG. published_steps.py IMAGES OUTPUT MICRONS_PER_PIXEL [PROCESSES]"""
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

SIDE = 272


def rescaled(image, microns_per_pixel, **options):
    if microns_per_pixel == 1:
        return image
    return rescale(image, microns_per_pixel, clip=True, preserve_range=True, anti_aliasing=True,
                   **options).astype(image.dtype)


def wrapped(image):
    missing = [(0, max(0, SIDE - side)) for side in image.shape[:2]]
    return np.pad(image, missing + [(0, 0)] * (image.ndim - 2), mode="reflect")


def standardize_pixels(image, name, output, microns_per_pixel, overlap=0.25, mask=None):
    """Milliseconds of rescaling, cropping with the filter, and storing; the number of patches."""
    times = [time.perf_counter()]
    if microns_per_pixel is not None:
        image = rescaled(image, microns_per_pixel, channel_axis=-1)
        if mask is not None:
            mask = rescaled(mask, microns_per_pixel)
    times.append(time.perf_counter())
    if microns_per_pixel is None:  # patches already
        patches, masks = [image], []
    else:
        image = wrapped(image)
        stride = int(SIDE * (1 - overlap))
        corners = [(top, left) for top in range(0, image.shape[0] - SIDE + 1, stride)
                   for left in range(0, image.shape[1] - SIDE + 1, stride)]
        patches = [image[top:top + SIDE, left:left + SIDE] for top, left in corners]
        kept = [not is_low_contrast(p, lower_percentile=5, upper_percentile=99) for p in patches]
        patches = [p for p, keep in zip(patches, kept) if keep]
        masks = []
        if mask is not None:
            mask = wrapped(mask)
            masks = [np.bincount(mask[top:top + SIDE, left:left + SIDE].ravel()) / SIDE**2
                     for (top, left), keep in zip(corners, kept) if keep]
    times.append(time.perf_counter())
    for i, patch in enumerate(patches):
        Image.fromarray(patch).save(os.path.join(output, f"{name}_{i}.png"))
    times.append(time.perf_counter())
    return np.append(np.diff(times) * 1000, len(patches))


def standardize(path, output, microns_per_pixel, overlap=0.25, mask=None):
    """Milliseconds of reading and of the above; the number of patches."""
    start = time.perf_counter()
    image = np.asarray(Image.open(path).convert("RGB"))
    mask = None if mask is None else np.asarray(Image.open(mask))
    name = os.path.splitext(os.path.basename(path))[0]
    read = (time.perf_counter() - start) * 1000
    return np.append(read, standardize_pixels(image, name, output, microns_per_pixel, overlap, mask))


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
    print("published steps, ms an image in a process: read %.1f, rescale %.1f, crop and filter %.1f, store %.1f; "
          "%.1f patches" % tuple(stages))
    print(f"published steps, {processes} processes: {elapsed / len(files):.2f} ms an image")
