# SPDX-License-Identifier: MIT
"""Runs what docs/python.md shows: its experiment, then its Python blocks in order, in one namespace.

Arguments: the file, and histokt-host. The blocks assert for themselves that Python and the program agree.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import torch

page, program = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
text = page.read_text()


def blocks(language):
    """Line numbers and texts of the page's fenced blocks in that language."""
    for found in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, found.start()) + 1, found[1]


[(_, experiment)] = blocks("toml")
snippets = list(blocks("python"))
subjects = ["class Patches(", "class PatchesByH5py(", "torchvision", "timm", "own.safetensors", "bare.safetensors", "onnx"]
for subject in subjects:
    assert any(subject in snippet for _, snippet in snippets), f"{page} has no snippet about {subject} any more"
assert sum(snippet.count("assert ") for _, snippet in snippets) >= len(subjects), f"{page} asserts too little"

torch.set_num_threads(2)
os.environ["PATH"] = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    pathlib.Path("python.toml").write_text(experiment)
    subprocess.run([program, "--quiet", "python.toml"], check=True)
    namespace = {"__name__": "python_md"}
    for line, snippet in snippets:
        # Blank lines before it, so that a traceback names lines of the page.
        exec(compile("\n" * line + snippet, str(page), "exec"), namespace)
    os.chdir("/")
print(f"{len(snippets)} snippets agree with the program")
