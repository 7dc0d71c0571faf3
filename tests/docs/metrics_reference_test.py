#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails where docs/experiment.md does not explain a metric of result.json: metrics_reference_test.py SOURCE_FOLDER.

The metrics are those of docs/schemas/evaluation.schema.json, which tests hold real outputs against.
"""
import json
import pathlib
import sys


def main():
    root = pathlib.Path(sys.argv[1])
    schema = json.loads((root / "docs/schemas/evaluation.schema.json").read_text(encoding="utf-8"))
    text = (root / "docs/experiment.md").read_text(encoding="utf-8")
    names = {name for kind in ("metrics_of_one_label", "metrics_of_several_labels")
             for name in schema["$defs"][kind]["properties"]}
    missing = sorted(name for name in names if f"`{name}`" not in text)
    for name in missing:
        print(f"docs/experiment.md does not explain the metric `{name}`")
    print(f"{len(names)} metrics, {len(missing)} without an explanation")
    sys.exit(1 if missing or len(names) < 15 else 0)


if __name__ == "__main__":
    main()
