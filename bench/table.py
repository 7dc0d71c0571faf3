#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The table of training's figures, each beside Python on the same libraries in the same run: measured, wanted, reached.

    table.py BUILD_FOLDER [speed] [optimizers] [views] [accuracy]

Without a name all are measured, one after the other, which takes about 75 minutes on two cores; each prints its own table
before. `scripts/bench` builds what it needs, and installs numpy, scipy, h5py, torch and torchvision.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "training"), os.path.join(HERE, "optimizers")]

import accuracy  # noqa: E402
import against_published  # noqa: E402
import compare  # noqa: E402
import views  # noqa: E402

# As measured, as wanted, whether reached; all for one row.
rows = []


def at_least(what, ratio, wanted):
    rows.append((what, f"{ratio:.2f} x", f"{wanted:g} x", ratio >= wanted))


def speed(build):
    found = compare.measure(compare.parse([os.path.join(build, "bin/train_bench")]))
    at_least("tuning patches/s, float32", found["train", "float32"][0], 1.5)
    at_least("tuning patches/s, bfloat16", found["train", "bfloat16"][0], 2.6)
    at_least("evaluation patches/s, bfloat16", found["evaluate", "bfloat16"][0], 2.6)
    for precision in ("float32", "bfloat16"):
        share = found["train", precision][1]
        rows.append((f"share of an epoch waiting for data, {precision}", f"{100 * share:.2f} %", "below 3 %", share < .03))


def optimizers(build):
    published, ours = against_published.measure(os.path.join(build, "bin/optimizers_bench"), os.cpu_count())
    # Training keeps its weights channels-last.
    at_least("RMSGD's epoch step", published["rmsgd_epoch_end"] / ours["rmsgd_epoch_end_channels_last"], 15)
    at_least("AdamP's step", published["adamp_step"] / ours["adamp_step_channels_last"], 4)
    at_least("AdamP's step, PyTorch's AdamW over it", published["adamw_step"] / ours["adamp_step_channels_last"], 1)


def fixed_views(build):
    ratio, difference = views.measure(views.parse([build]))
    at_least("head-only tuning, 250 epochs, views = 8 against none", ratio, 25)
    rows.append(("  its difference in test accuracy", f"{difference:+.2f} points", "told", True))


def small_task(build):
    for precision, (difference, low, high) in accuracy.measure(accuracy.parse([build])).items():
        rows.append((f"test accuracy against PyTorch's loop, {precision}", f"{difference:+.2f} [{low:+.2f}, {high:+.2f}]",
                     "above -1.5 points", low > -1.5))


BENCHES = {"speed": speed, "optimizers": optimizers, "views": fixed_views, "accuracy": small_task}


def main():
    names = sys.argv[2:] or list(BENCHES)
    if len(sys.argv) < 2 or not set(names) <= set(BENCHES):
        sys.exit(__doc__)
    for name in names:
        print(f"--- {name}", flush=True)
        try:
            BENCHES[name](sys.argv[1])
        except Exception as error:  # what was measured before is still told
            rows.append((name, "failed", str(error), False))
    print(f"\n{'':<54}{'measured':>26}  wanted")
    for what, measured, wanted, reached in rows:
        print(f"{what:<54}{measured:>26}  {wanted}{'' if reached else '  NOT reached'}")


main()
