#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What `views = 8` saves and costs: tuning a head for 250 epochs on fixed augmented views of its patches, against
augmenting and encoding anew in each epoch. Both in one experiment's store, from the same encoder.

    views.py BUILD_FOLDER [--epochs N] [--trials N] [--side PIXELS]

Prints seconds of a training (with the start of the program), their ratio, and the test accuracies (mean and deviation
over the trials).
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

EXPERIMENT = """
name = "views"
seed = 1
trials = {trials}
store = "store"
[standardize]
patch_side = {side}
[datasets.lab-a]
use = "synthetic"
options = {{ laboratory = "a", seed = 1, patients = 10, images_per_patient = 2, image_side = {image} }}
shares = [0.6, 0.2, 0.2]
[datasets.lab-b]
use = "synthetic"
options = {{ laboratory = "b", seed = 2, patients = 20, images_per_patient = 2, image_side = {image} }}
shares = [0.3, 0.2, 0.5]
[recipes.baseline]
optimizer = {{ use = "rmsgd", learning_rate = 0.03, options = {{ momentum = 0.9, weight_decay = 5e-4 }} }}
epochs = 8
batch_size = 32
[recipes.head]
layers = "head"
optimizer = {{ use = "adamp", learning_rate = 1e-3, options = {{ weight_decay = 5e-4 }} }}
epochs = {epochs}
batch_size = 32
{views}
[matrix]
sources = ["lab-a"]
targets = ["lab-b"]
train = "baseline"
tune = "head"
"""


def run(host, file, *more):
    start = time.perf_counter()
    done = subprocess.run([host, file, "--quiet", *more], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return time.perf_counter() - start


def tuned(host, folder, name, views, arguments):
    file = os.path.join(folder, f"{name}.toml")
    with open(file, "w") as toml:
        toml.write(EXPERIMENT.format(trials=arguments.trials, side=arguments.side, image=arguments.side * 7 // 4,
                                     epochs=arguments.epochs, views=views))
    trials = [f"lab-a-to-lab-b-head-trial{trial}" for trial in range(1, arguments.trials + 1)]
    run(host, file, "--step", "choose-trial lab-a-baseline")
    seconds = [run(host, file, "--step", f"train {trial}") for trial in trials]
    run(host, file)
    with open(os.path.join(folder, "runs", "views", "result.json")) as result:
        steps = json.load(result)["steps"]
    accuracies = [step["summary"]["accuracy"] for step in steps if step["kind"] == "evaluate" and step["label"] in trials]
    return seconds, accuracies


def measure(arguments):
    """Prints both sides; returns how many times as fast views are, and the difference in test accuracy, in points."""
    host = os.path.join(arguments.build, "bin/histokt-host")
    with tempfile.TemporaryDirectory() as folder:
        found = {name: tuned(host, folder, name, views, arguments)
                 for name, views in (("anew", ""), ("views", "views = 8"))}
    for name, (seconds, accuracies) in found.items():
        deviation = f" +- {100 * statistics.stdev(accuracies):.2f}" if len(accuracies) > 1 else ""
        print(f"{name:<6}{statistics.mean(seconds):9.2f} s a training   "
              f"test accuracy {100 * statistics.mean(accuracies):.2f} %{deviation}", flush=True)
    ratio = statistics.mean(found["anew"][0]) / statistics.mean(found["views"][0])
    difference = 100 * (statistics.mean(found["views"][1]) - statistics.mean(found["anew"][1]))
    print(f"ratio {ratio:.1f}, difference {difference:+.2f} points", flush=True)
    return ratio, difference


def parse(words=None):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build")
    parser.add_argument("--epochs", type=int, default=250)
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--side", type=int, default=64)
    return parser.parse_args(words)


if __name__ == "__main__":
    measure(parse())
