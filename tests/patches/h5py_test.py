# SPDX-License-Identifier: MIT
"""What h5py sees of patch sets and split files. Argument: the program that writes them."""
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np

with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.argv[1], folder], check=True)
    count, side = 40, 8
    index = np.arange(count * side * side * 3, dtype=np.uint64)
    pixels = ((index * 2654435761 & 0xFFFFFFFF) >> 24).astype(np.uint8).reshape(count, side, side, 3)

    with h5py.File(os.path.join(folder, "patches.h5")) as file:
        x = file["x"]
        assert x.dtype == np.uint8 and x.chunks is None and x.compression is None and np.array_equal(x[:], pixels)
        mapped = np.memmap(file.filename, np.uint8, "r", x.id.get_offset(), x.shape)
        assert np.array_equal(mapped, pixels)
        assert file["y"].dtype == np.int64 and file["y"][:].tolist() == [i // 4 % 2 for i in range(count)]
        assert file["id"].asstr()[3] == "a/1.png@6,0" and len(set(file["id"].asstr()[:])) == count
        assert file["group"].asstr()[5] == "patient 1" and file["left"][1] == 6
        assert list(file.attrs["classes"]) == ["be\u0308nign", "malignant"]
        assert file.attrs["dataset"] == "small" and file.attrs["overlap"] == 0.25 and not file.attrs["multi_label"]
        assert file.attrs["microns_per_pixel"] == 1.0 and file.attrs["protocol"] == "clean"

    for name in ("split/split.h5", "both.h5"):
        with h5py.File(os.path.join(folder, name)) as file:
            split = file["split"][:]
            assert split.dtype == np.uint8 and np.bincount(split).tolist() == [32, 4, 4]
            train = file["x"][:][split == 0] / 255
            assert np.allclose(file["mean"][:], train.mean((0, 1, 2)), atol=1e-12)
            assert np.allclose(file["std"][:], train.std((0, 1, 2)), atol=1e-12)
            groups = file["group"].asstr()[:]
            assert not set(groups[split == 0]) & set(groups[split != 0])
            assert file.attrs["split_protocol"] == "by-group"
print("h5py agrees")
