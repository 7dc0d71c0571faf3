# SPDX-License-Identifier: MIT
"""Weights go to torchvision and come back. Argument: the program weights_exchange."""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torchvision

torch.set_num_threads(1)


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    types = {"F32": np.float32, "I64": np.int64}
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[8 + size + begin:8 + size + end], types[entry["dtype"]])
        tensors[name] = torch.from_numpy(values.copy()).reshape(entry["shape"])
    return tensors


class Metrics:
    """Something of a class that the other side has never heard of."""

    def __init__(self):
        self.history = [1.0, 2.0]


class Hostile:
    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.system, (f"touch {self.trace}",)


with tempfile.TemporaryDirectory() as folder:
    program = sys.argv[1]
    path = lambda name: os.path.join(folder, name)
    subprocess.run([program, "write", folder], check=True)
    sample = read_safetensors(path("sample.safetensors"))

    model = torchvision.models.resnet18(num_classes=5)
    model.load_state_dict(read_safetensors(path("ours.safetensors")), strict=True)
    model.eval()
    with torch.no_grad():
        logits = model(sample["images"])
    difference = (logits - sample["logits"]).abs().max().item()
    assert difference < 1e-4 * sample["logits"].abs().max().item(), difference
    print(f"torchvision loads ours strictly; logits differ by {difference:.1e}")

    state = model.state_dict()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    saved = {
        "plain.pth": state,
        "parallel.pth": {"module." + name: value for name, value in state.items()},
        "checkpoint.pth.tar": {"state_dict_network": state, "state_dict_optimizer": optimizer.state_dict(), "epoch": 3,
                               "best_acc1": np.float64(0.5), "array": np.arange(5), "performance": Metrics()},
        "channels_last.pth": {name: value.to(memory_format=torch.channels_last) if value.dim() == 4 else value
                              for name, value in state.items()},
        "transposed.pth": {name: value.t().contiguous().t() if value.dim() == 2 else value
                           for name, value in state.items()},
        "parameters.pth": {**dict(model.named_parameters()), **dict(model.named_buffers())},
        "double.pth": {name: value.double() if value.is_floating_point() else value for name, value in state.items()},
        "no_counters.pth": {name: value for name, value in state.items() if "num_batches_tracked" not in name},
    }
    for name, content in saved.items():
        torch.save(content, path(name))
    subprocess.run([program, "read", folder] + [path(name) for name in saved], check=True)
    for name in saved:
        answer = read_safetensors(path(name) + ".answer")["logits"]
        assert torch.equal(answer, sample["logits"]), name
    print(f"{len(saved)} kinds of files of torch.save give the same logits")

    torch.save({name: value.half() if value.is_floating_point() else value for name, value in state.items()},
               path("half.pth"))
    subprocess.run([program, "read", folder, path("half.pth")], check=True)
    answer = read_safetensors(path("half.pth") + ".answer")["logits"]
    assert (answer - sample["logits"]).abs().max() < 0.02 * sample["logits"].abs().max()

    torch.save(state, path("old.pth"), _use_new_zipfile_serialization=False)
    torch.save(Hostile(path("ran")), path("hostile.pth"))
    torch.save({**state, "fc.bias": Hostile(path("ran"))}, path("hidden.pth"))
    for name, expected in (("old.pth", "before torch 1.6"), ("hostile.pth", "system"), ("hidden.pth", "system")):
        run = subprocess.run([program, "read", folder, path(name)], capture_output=True, text=True)
        assert run.returncode == 1 and expected in run.stderr, (name, run.stderr)
    assert not os.path.exists(path("ran"))

    # The command that a refusal gives leads to a file that is read.
    torch.save(model, path("whole.pth"))
    for name in ("old.pth", "whole.pth"):
        said = subprocess.run([program, "read", folder, path(name)], capture_output=True, text=True).stderr
        command = said.split('python3 -c "')[1].split('" writes')[0]
        command = command.replace("IN.pth", path(name)).replace("OUT.pth", path("plain_" + name))
        subprocess.run([sys.executable, "-c", command], check=True)
        subprocess.run([program, "read", folder, path("plain_" + name)], check=True)
    print("what asks to be run is refused")
