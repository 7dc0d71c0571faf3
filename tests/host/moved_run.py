#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads an experiment's result.json as a stranger would: moved_run.py FOLDER.

Every folder and every output that it names must lie below FOLDER. Prints how many of each there are.
"""
import json
import pathlib
import sys

top = pathlib.Path(sys.argv[1]).resolve()
result = json.loads((top / "result.json").read_text(encoding="utf-8"))
steps = result["steps"]
folders, outputs = set(), 0
for step in steps:
    folder = (top / step["folder"]).resolve()
    if top not in folder.parents or not (folder / "step.json").is_file():
        sys.exit(f'{step["kind"]} {step["label"]}: no step in {folder}')
    folders.add(folder)
    for name, output in step["outputs"].items():
        outputs += 1
        if not (folder / output["file"]).is_file():
            sys.exit(f'{step["kind"]} {step["label"]}: no {name} in {folder / output["file"]}')
    for role, source in step["inputs"].items():
        digest = steps[source["step"]]["outputs"].get(source["output"], {}).get("digest")
        if digest not in (None, step["definition"]["inputs"][role]):
            sys.exit(f'{step["kind"]} {step["label"]}: its {role} is not that output of step {source["step"]}')
print(f"{len(folders)} folders, {outputs} outputs")
