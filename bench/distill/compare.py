#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Distillers on full ResNet18s: the svd distiller beside numpy's linalg.svd doing the same with the same BLAS, and
every distiller as `histokt-host distill` runs it, with its peak memory.

    compare.py BUILD_FOLDER

Needs bench_svd_merge and histokt-host in BUILD_FOLDER (scripts/bench), and a numpy that uses the system's BLAS, as
Debian's python3-numpy does. OPENBLAS_NUM_THREADS sets the threads of both sides; all cores where it is not set.
"""
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass


@dataclass
class Case:
    sources: int = 3
    base: bool = False
    patches: int = 0  # of each source that the distiller learns from; networks then run, and libtorch is loaded
    seconds: int | None = None  # wanted


DISTILLERS = {
    "svd": Case(),
    "mean": Case(),
    "task-arithmetic": Case(base=True),
    "ties": Case(base=True),
    "dare": Case(base=True),
    "rebasin": Case(sources=2, seconds=60),
    "fisher": Case(sources=2, patches=8),
    "regmean": Case(sources=2, patches=32),
}
WANTED_RATIO, WANTED_DIFFERENCE, WANTED_MEMORY = 5, 1e-4, 3


def measured(command):
    """Seconds and peak resident bytes of one process."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            sys.exit(f"{' '.join(command)}: exit code {process.returncode}\n{said.read().decode()}")
    return time.perf_counter() - start, usage.ru_maxrss * 1024


def output(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def verdict(good):
    return "" if good else "  NOT reached"


def beside_numpy(build, folder):
    ours = [os.path.join(build, "bin/bench_svd_merge"), folder]
    seconds = float(output(ours)[0])
    reference = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.py")
    numpy_seconds, difference, blas = output(["/usr/bin/python3", reference, folder])
    seconds = min(seconds, float(output(ours)[0]))  # once on either side of numpy, as the machine may be busy
    ratio, difference = float(numpy_seconds) / seconds, float(difference)
    print(f"svd of three ResNet18s, the merge alone, {os.environ['OPENBLAS_NUM_THREADS']} threads, numpy with {blas}")
    print(f"  ours {seconds:.2f} s, numpy.linalg.svd(full_matrices=False) {float(numpy_seconds):.2f} s")
    print(f"  {ratio:.1f} times as fast (wanted: {WANTED_RATIO}){verdict(ratio >= WANTED_RATIO)}, "
          f"largest difference {difference:.1e} (wanted: {WANTED_DIFFERENCE:.0e}){verdict(difference < WANTED_DIFFERENCE)}",
          flush=True)


def drawn_patches(host, folder):
    """A patch set of 272 x 272 with its split, of five classes as bench_svd_merge's networks have."""
    file = os.path.join(folder, "patches.h5")
    settings = ["dataset.laboratory=c", "dataset.image_side=272", "dataset.patients=6", "standardize.patch_side=272"]
    measured([host, "standardize", "--dataset", "synthetic", "--output", file] + [word for s in settings for word in ("--set", s)])
    return file


def commands(build, folder):
    host = os.path.join(build, "bin/histokt-host")
    _, idle = measured([host, "distill", "--help"])
    size = os.path.getsize(os.path.join(folder, "source0.safetensors"))
    print(f"\nhistokt-host distill, reading and writing included; memory is the peak less the {idle / 2**20:.0f} MiB "
          f"of a command that does nothing")
    print(f"{'distiller':<17}{'sources':>8}{'patches':>9}{'seconds':>9}{'peak MiB':>10}{'/ models':>10}   "
          f"(wanted: below {WANTED_MEMORY}, but where networks run)")
    patches = drawn_patches(host, folder)
    for name, case in DISTILLERS.items():
        files = [os.path.join(folder, f"source{i}.safetensors") for i in range(case.sources)]
        command = [host, "distill", "--distiller", name, "--model", "resnet18", "--output",
                   os.path.join(folder, "out.safetensors"), *files]
        if case.base:
            command += ["--base", os.path.join(folder, "merged.safetensors")]
        if case.patches:
            command += ["--data", patches] * case.sources + ["--set", f"distiller.samples={case.patches}"]
        runs = [measured(command) for _ in range(2)]
        seconds, peak = min(run[0] for run in runs), max(run[1] for run in runs) - idle
        share = peak / (size * (case.sources + case.base))
        memory = "" if case.patches else verdict(share < WANTED_MEMORY)
        late = f"  wanted: below {case.seconds} s{verdict(seconds < case.seconds)}" if case.seconds else ""
        print(f"{name:<17}{case.sources:>8}{case.patches or '':>9}{seconds:>9.2f}{peak / 2**20:>10.0f}{share:>10.2f}"
              f"{memory}{late}", flush=True)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", str(os.cpu_count()))
    with tempfile.TemporaryDirectory() as folder:
        beside_numpy(sys.argv[1], folder)
        commands(sys.argv[1], folder)


if __name__ == "__main__":
    main()
