# SPDX-License-Identifier: MIT
"""The table of ResNet18's speeds: ours beside a plain PyTorch loop (NCHW, float32, default allocator) that reads PNG
files through a DataLoader with two workers, as the published code does.

usage: compare.py TRAIN_BENCH [--rounds N] [--threads N] [--batch N] [--batches N] [--side N]
                  [--device cpu|cuda] [--epochs N]
Needs torch and torchvision. Each side runs in a process of its own, and they take turns.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time


def write_images(folder, count, side):
    """Smooth colours under some noise, so that PNG has about as much to do as with tissue."""
    import numpy
    from PIL import Image
    random = numpy.random.default_rng(1)
    for i in range(count):
        coarse = Image.fromarray(random.integers(90, 240, (side // 8, side // 8, 3), dtype=numpy.uint8))
        smooth = numpy.asarray(coarse.resize((side, side), Image.BICUBIC)).astype(int)
        pixels = numpy.clip(smooth + random.integers(-4, 5, smooth.shape), 0, 255).astype(numpy.uint8)
        os.makedirs(f"{folder}/{i % 9}", exist_ok=True)
        Image.fromarray(pixels).save(f"{folder}/{i % 9}/{i:04}.png")


def serve(arguments):
    import torch
    import torchvision
    from torchvision import transforms

    torch.set_num_threads(arguments.threads)
    on_gpu = arguments.device != "cpu"
    model = torchvision.models.resnet18(num_classes=9).to(arguments.device)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    last = [transforms.ToTensor(), transforms.Normalize((.5, .5, .5), (.25, .25, .25))]
    first = [transforms.RandomHorizontalFlip(), transforms.RandomVerticalFlip(),
             transforms.RandomAffine(45, translate=(.1, .1), scale=(.8, 1.2))]
    folder = tempfile.TemporaryDirectory()
    write_images(folder.name, arguments.batch * arguments.batches, arguments.side)

    def loader(steps, shuffle):
        images = torchvision.datasets.ImageFolder(folder.name, transforms.Compose(steps))
        return torch.utils.data.DataLoader(images, arguments.batch, shuffle, num_workers=2, persistent_workers=True,
                                           pin_memory=on_gpu)

    batches = {"train": loader(first + last, True), "evaluate": loader(last, False)}

    def here(tensor):
        return tensor.to(arguments.device, non_blocking=True)

    def train():
        model.train()
        for _ in range(arguments.epochs):
            for images, labels in batches["train"]:
                optimizer.zero_grad()
                loss = torch.nn.functional.cross_entropy(model(here(images)), here(labels))
                loss.backward()
                optimizer.step()
                loss.item()

    def evaluate():
        model.eval()
        with torch.no_grad():
            for images, _ in batches["evaluate"]:
                model(here(images))

    for line in sys.stdin:
        start = time.perf_counter()
        what = line.strip()
        {"train": train, "evaluate": evaluate}[what]()
        if on_gpu:
            torch.cuda.synchronize(arguments.device)
        passes = arguments.epochs if what == "train" else 1
        print(passes * arguments.batch * arguments.batches / (time.perf_counter() - start), flush=True)


class Side:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def measure(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return [float(word) for word in self.process.stdout.readline().split()]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def measure(arguments):
    """Prints the table; returns {(what, precision): (ratio to PyTorch, share of the time spent waiting)}."""
    names = ("threads", "side", "batch", "batches", "device", "epochs")
    threads, side, batch, batches, device, epochs = values = [str(getattr(arguments, name)) for name in names]
    sides = {precision: Side([arguments.program, threads, side, batch, batches, precision, device, epochs])
             for precision in ("float32", "bfloat16")}
    sides["PyTorch"] = Side([sys.executable, __file__, "serve"] +
                            [word for name, value in zip(names, values) for word in (f"--{name}", value)])
    for what in ("augment", "normalize"):
        best = max(sides["float32"].measure(what)[1] for _ in range(3))
        print(f"{what}: {1e6 / best:.0f} us of one core a patch", flush=True)
    print(f"{'':10} {'':9} {'patches/s':>9} {'PyTorch':>9} {'ratio':>6}  {'waiting':>7}  ratio of each round")
    found = {}
    for what in ("train", "evaluate"):
        for side in sides.values():
            side.measure(what)  # the first turn warms up
        rounds = [{name: side.measure(what) for name, side in sides.items()} for _ in range(arguments.rounds)]
        plain = [turn["PyTorch"][0] for turn in rounds]
        for name in ("float32", "bfloat16"):
            ours = [turn[name] for turn in rounds]
            ratios = [mine[0] / theirs for mine, theirs in zip(ours, plain)]
            waiting = statistics.median(mine[2] for mine in ours) if what == "train" else None
            shown = "" if waiting is None else f"{100 * waiting:6.2f}%"
            print(f"{what:10} {name:9} {statistics.median(mine[0] for mine in ours):9.1f} "
                  f"{statistics.median(plain):9.1f} {statistics.median(ratios):6.2f}  {shown:>7}  "
                  f"{' '.join(f'{ratio:.2f}' for ratio in ratios)}", flush=True)
            found[what, name] = statistics.median(ratios), waiting
    for side in sides.values():
        side.close()
    return found


def parse(words=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--batches", type=int, default=4)
    parser.add_argument("--side", type=int, default=272)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--epochs", type=int, default=1)
    return parser.parse_args(words)


if __name__ == "__main__":
    given = parse()
    serve(given) if given.program == "serve" else measure(given)
