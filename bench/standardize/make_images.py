#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes images of BACH's size and file layout (2048 x 1536, uncompressed 8-bit RGB TIFF in strips) whose content
is as busy as stained tissue: nuclei, fibres and grain in eosin and haematoxylin colours. make_images.py FOLDER COUNT"""
import os
import struct
import sys

import numpy as np
from scipy import ndimage as ndi

WIDTH, HEIGHT, STRIP_ROWS = 2048, 1536, 10


def smooth_noise(random, coarse, sigma):
    small = random.standard_normal((HEIGHT // coarse + 2, WIDTH // coarse + 2)).astype(np.float32)
    noise = ndi.zoom(ndi.gaussian_filter(small, sigma), coarse, order=1)[:HEIGHT, :WIDTH]
    return noise / noise.std()


def tissue(seed):
    random = np.random.default_rng(seed)
    nuclei = np.clip(smooth_noise(random, 4, 1.5) - 0.8, 0, 1)
    fibres = np.clip(smooth_noise(random, 16, 1.0) * 0.5 + 0.5, 0, 1)
    glass = smooth_noise(random, 128, 1.0) > 1.2
    absorbed = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    absorbed += nuclei[..., None] * np.array([1.1, 1.3, 0.5], np.float32)
    absorbed += fibres[..., None] * np.array([0.1, 0.5, 0.2], np.float32)
    absorbed[glass] *= 0.05
    image = 243 * np.exp(-absorbed) + random.normal(0, 3, absorbed.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


def write_tiff(path, image):
    pixels = image.tobytes()
    strips = -(-HEIGHT // STRIP_ROWS)
    row = WIDTH * 3
    counts = [min(STRIP_ROWS, HEIGHT - s * STRIP_ROWS) * row for s in range(strips)]
    tags = 10
    directory = 8
    bits_at = directory + 2 + tags * 12 + 4
    offsets_at = bits_at + 6
    counts_at = offsets_at + 4 * strips
    data_at = counts_at + 4 * strips
    offsets = [data_at + s * STRIP_ROWS * row for s in range(strips)]
    short, long = 3, 4
    entries = [(256, short, 1, WIDTH), (257, short, 1, HEIGHT), (258, short, 3, bits_at), (259, short, 1, 1),
               (262, short, 1, 2), (273, long, strips, offsets_at), (277, short, 1, 3),
               (278, short, 1, STRIP_ROWS), (279, long, strips, counts_at), (284, short, 1, 1)]
    with open(path, "wb") as file:
        file.write(struct.pack("<2sHI", b"II", 42, directory) + struct.pack("<H", tags))
        for tag, kind, count, value in entries:
            file.write(struct.pack("<HHII", tag, kind, count, value))
        file.write(struct.pack("<I3H", 0, 8, 8, 8))
        file.write(struct.pack(f"<{strips}I", *offsets) + struct.pack(f"<{strips}I", *counts) + pixels)


if __name__ == "__main__":
    folder, count = sys.argv[1], int(sys.argv[2])
    os.makedirs(folder, exist_ok=True)
    for i in range(count):
        write_tiff(os.path.join(folder, f"b{i:03d}.tif"), tissue(i))
