#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A file of features as Python reads it, with the standard library alone: docs/formats.md shows the same.

    features_test.py PROGRAM_THAT_WRITES_ONE
"""

import json
import struct
import subprocess
import sys
import tempfile

FORMATS = {"F32": "f", "I64": "q", "U8": "B"}


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, tensor in header.items():
        begin, end = tensor["data_offsets"]
        code = FORMATS[tensor["dtype"]]
        piece = data[8 + length + begin:8 + length + end]
        tensors[name] = (tensor["shape"], list(struct.unpack(f"<{len(piece) // struct.calcsize(code)}{code}", piece)))
    return metadata, tensors


def texts(tensors, name):
    whole = bytes(tensors[name][1])
    offsets = tensors[name + "_offsets"][1]
    return [whole[a:b].decode() for a, b in zip(offsets, offsets[1:])]


with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
    subprocess.run([sys.argv[1], file.name], check=True)
    metadata, tensors = read(file.name)

assert tensors["features"] == ([3, 2], [0.5, -1, 2, 0.25, 0, 8]), tensors["features"]
assert tensors["logits"] == ([3, 2], [1, 0, 0, 2, 3, 0]), tensors["logits"]
assert tensors["label"] == ([3], [0, 1, 1]), tensors["label"]
assert tensors["row"] == ([3], [4, 7, 9]), tensors["row"]
assert texts(tensors, "id") == ["a.png@0,0", "ä.png@0,6", ""], texts(tensors, "id")
assert texts(tensors, "group") == ["patient 1", "patient 1", "patient 2"], texts(tensors, "group")
assert json.loads(metadata["classes"])[1] == "malignant", metadata
assert json.loads(metadata["source_classes"]) == json.loads(metadata["classes"]), metadata
assert json.loads(metadata["mean"]) == [0.5, 0.25, 0.125], metadata
assert (metadata["part"], metadata["checkpoint"], metadata["split"]) == ("test", "c0ffee", "5b117"), metadata
assert (metadata["multi_label"], metadata["format_version"]) == ("false", "1"), metadata
