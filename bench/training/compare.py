"""ResNet18 training and evaluation, ours beside a plain PyTorch loop (NCHW, float32, default allocator).

usage: compare.py TRAIN_BENCH [--rounds N] [--threads N] [--batch N] [--side N]
Needs torch and torchvision. PyTorch's side runs in a process of its own, and the two take turns.
"""
import argparse
import statistics
import subprocess
import sys
import time


def serve(threads, side, batch):
    import torch
    import torchvision

    torch.set_num_threads(threads)
    model = torchvision.models.resnet18(num_classes=9)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    images = torch.randn(2 * batch, 3, side, side)
    labels = torch.arange(2 * batch) % 9

    def train():
        model.train()
        for i in range(0, len(images), batch):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(images[i:i + batch]), labels[i:i + batch])
            loss.backward()
            optimizer.step()
            loss.item()

    def evaluate():
        model.eval()
        with torch.no_grad():
            for i in range(0, len(images), batch):
                model(images[i:i + batch])

    for line in sys.stdin:
        start, processor = time.perf_counter(), time.process_time()
        {"train": train, "evaluate": evaluate}[line.strip()]()
        print(len(images) / (time.perf_counter() - start), len(images) / (time.process_time() - processor), flush=True)


class Side:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def speed(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return [float(word) for word in self.process.stdout.readline().split()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--side", type=int, default=272)
    arguments = parser.parse_args()
    settings = [str(arguments.threads), str(arguments.side), str(arguments.batch)]
    if arguments.program == "serve":
        return serve(*map(int, settings))

    ours = Side([arguments.program] + settings)
    theirs = Side([sys.executable, __file__, "serve", "--threads", settings[0], "--side", settings[1],
                   "--batch", settings[2]])
    for what in ("augment", "normalize"):
        ours.speed(what)
        print(f"{what}: {1e6 / max(ours.speed(what)[1] for _ in range(3)):.0f} us of one core a patch")
    for what in ("train", "evaluate"):
        ours.speed(what), theirs.speed(what)  # the first turn warms up
        turns = [(ours.speed(what), theirs.speed(what)) for _ in range(arguments.rounds)]
        for index, unit in enumerate(("images/s", "images a second of processor time")):
            pairs = [(mine[index], plain[index]) for mine, plain in turns]
            print(f"{what}: ours {statistics.median(p[0] for p in pairs):.1f} {unit}, "
                  f"PyTorch {statistics.median(p[1] for p in pairs):.1f}, median ratio "
                  f"{statistics.median(p[0] / p[1] for p in pairs):.2f} "
                  f"({', '.join(f'{p[0] / p[1]:.2f}' for p in pairs)})", flush=True)


main()
