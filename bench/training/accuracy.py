#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whether speed costs accuracy: ResNet18 on a small task, trained by histokt-host (float32, and bfloat16 where the
processor has it) and by a plain PyTorch loop with the same recipe, patches and split, in several seeds.

    accuracy.py BUILD_FOLDER [--seeds N] [--epochs N]

Prints each side's mean and deviation over the seeds, and the 95 % interval (Welch's t) of its difference from PyTorch.
Needs numpy, scipy, h5py, torch, torchvision, and histokt-host with its plugins in BUILD_FOLDER.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import h5py
import numpy
import scipy.stats
import torch
import torchvision
from torchvision import transforms

BATCH, RATE, MOMENTUM, DECAY = 32, 0.02, 0.9, 5e-4
EVERY, FACTOR = 4, 0.3  # the rate's schedule, in epochs: without it trials scatter too much to be compared
SIDE = 64  # of patches, in pixels of a micron: four in an image
DRAWN = {"laboratory": "b", "seed": 2, "patients": 40, "images_per_patient": 2, "image_side": 112}
SHARES = [0.3, 0.2, 0.5]

EXPERIMENT = """
name = "accuracy"
seed = 1
trials = {seeds}
precision = "{precision}"
[standardize]
patch_side = {side}
[datasets.small]
use = "synthetic"
options = {{ {options} }}
shares = {shares}
[recipes.plain]
optimizer = {{ use = "sgd", learning_rate = {rate}, options = {{ momentum = {momentum}, weight_decay = {decay} }} }}
epochs = {epochs}
schedule = {{ every = {every}, factor = {factor} }}
batch_size = {batch}
[matrix]
sources = ["small"]
targets = ["small"]
train = "plain"
tune = "plain"
"""


def ours(host, folder, precision, arguments):
    file = os.path.join(folder, f"{precision}.toml")
    options = ", ".join(f"{key} = {json.dumps(value)}" for key, value in DRAWN.items())
    with open(file, "w") as toml:
        toml.write(EXPERIMENT.format(seeds=arguments.seeds, precision=precision, options=options, shares=SHARES,
                                     rate=RATE, momentum=MOMENTUM, decay=DECAY, epochs=arguments.epochs, batch=BATCH,
                                     every=EVERY, factor=FACTOR, side=SIDE))
    output = os.path.join(folder, precision)
    done = subprocess.run([host, file, "--output", output], capture_output=True, text=True)
    if done.returncode != 0:
        return None, done.stderr.strip().splitlines()[-1], output
    with open(os.path.join(output, "result.json")) as result:
        steps = json.load(result)["steps"]
    return [step["summary"]["accuracy"] for step in steps if step["kind"] == "evaluate"], "", output


def split_file(output):
    with open(os.path.join(output, "result.json")) as result:
        steps = json.load(result)["steps"]
    return os.path.join(output, next(step["folder"] for step in steps if step["kind"] == "split"), "split.h5")


class Patches(torch.utils.data.Dataset):
    def __init__(self, file, part, steps):
        chosen = file["split"][:] == part
        self.x, self.y, self.steps = file["x"][:][chosen], file["y"][:][chosen], transforms.Compose(steps)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.steps(self.x[i]), int(self.y[i])


def share_right(model, batches):
    model.eval()
    right = total = 0
    with torch.no_grad():
        for images, labels in batches:
            right += (model(images).argmax(1) == labels).sum().item()
            total += len(labels)
    return right / total


def plain_loop(path, seed, epochs):
    torch.manual_seed(seed)
    with h5py.File(path, "r") as file:
        last = [transforms.ToTensor(), transforms.Normalize(tuple(file["mean"][:]), tuple(file["std"][:]))]
        first = [transforms.ToPILImage(), transforms.RandomHorizontalFlip(), transforms.RandomVerticalFlip(),
                 transforms.RandomAffine(45, translate=(.1, .1))]
        train, valid, test = (torch.utils.data.DataLoader(Patches(file, part, steps), BATCH, shuffle=part == 0)
                              for part, steps in enumerate([first + last, last, last]))
        classes = int(file["y"][:].max()) + 1
    model = torchvision.models.resnet18(num_classes=classes)
    optimizer = torch.optim.SGD(model.parameters(), RATE, MOMENTUM, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, EVERY, FACTOR)
    best, kept = -1, None
    for _ in range(epochs):
        model.train()
        for images, labels in train:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()
        schedule.step()
        score = share_right(model, valid)
        if score > best:
            best, kept = score, {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(kept)
    return share_right(model, test)


def compared(ours, theirs):
    """The difference of the means and how far its 95 % interval reaches to either side (Welch's t), in points."""
    a, b = numpy.var(ours, ddof=1) / len(ours), numpy.var(theirs, ddof=1) / len(theirs)
    freedom = (a + b) ** 2 / (a ** 2 / (len(ours) - 1) + b ** 2 / (len(theirs) - 1))
    return (100 * (numpy.mean(ours) - numpy.mean(theirs)),
            100 * numpy.sqrt(a + b) * scipy.stats.t.ppf(0.975, freedom))


def measure(arguments):
    """Prints the table; returns {precision: (difference from PyTorch, low, high)} in points."""
    torch.set_num_threads(os.cpu_count())
    host = os.path.join(arguments.build, "bin/histokt-host")
    intervals = {}
    with tempfile.TemporaryDirectory() as folder:
        plain = []
        for precision in ("float32", "bfloat16"):
            start = time.perf_counter()
            accuracies, problem, output = ours(host, folder, precision, arguments)
            if accuracies is None:
                print(f"{precision}: left out: {problem}", file=sys.stderr)
                continue
            seconds = time.perf_counter() - start
            if not plain:
                start = time.perf_counter()
                path = split_file(output)
                plain = [plain_loop(path, seed, arguments.epochs) for seed in range(arguments.seeds)]
                print(f"{'side':<10}{'seconds':>8}{'accuracy':>10}{'deviation':>11}   "
                      "difference from PyTorch, 95 % interval (points)")
                print(f"{'PyTorch':<10}{time.perf_counter() - start:>8.0f}{100 * numpy.mean(plain):>10.2f}"
                      f"{100 * numpy.std(plain, ddof=1):>11.2f}", flush=True)
            difference, reach = compared(accuracies, plain)
            print(f"{precision:<10}{seconds:>8.0f}{100 * numpy.mean(accuracies):>10.2f}"
                  f"{100 * numpy.std(accuracies, ddof=1):>11.2f}   {difference:+.2f}  "
                  f"[{difference - reach:+.2f}, {difference + reach:+.2f}]", flush=True)
            intervals[precision] = difference, difference - reach, difference + reach
    return intervals


def parse(words=None):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=12)
    return parser.parse_args(words)


if __name__ == "__main__":
    measure(parse())
