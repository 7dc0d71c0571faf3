#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails where a source file does not begin with the line that names its licence: licence_lines_test.py SOURCE_FOLDER.

`// SPDX-License-Identifier: MIT` in C and C++, `# ...` in Python, shell and CMake: the first line, or the second one
after a `#!`. Looks at the files that git tracks, or where there is no git, at all but those of build trees.
"""
import pathlib
import subprocess
import sys

LICENCE = "SPDX-License-Identifier: MIT"
SLASHES = {".c", ".cpp", ".h", ".hpp"}
HASHES = {".py", ".sh", ".cmake", ".zsh", ".bash"}


def mark(file: pathlib.PurePath):
    """What begins a comment in it; None for a file that needs no line."""
    if file.suffix in SLASHES:
        return "//"
    is_script = file.parent.name == "scripts" and not file.suffix
    return "#" if file.suffix in HASHES or file.name == "CMakeLists.txt" or is_script else None


def has_line(text: str, comment: str):
    lines = text.split("\n", 2)
    return lines[1 if lines[0].startswith("#!") and len(lines) > 1 else 0] == f"{comment} {LICENCE}"


def sources(root: pathlib.Path):
    """The files, relative to the root."""
    names = [path.relative_to(root).as_posix() for path in root.rglob("*")]
    if (root / ".git").exists():
        listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True)
        names = listed.stdout.split("\0") if listed.returncode == 0 else names
    for name in sorted(names):
        file = pathlib.PurePath(name)
        hidden = any(part == "build" or part == "__pycache__" or part.startswith(".") for part in file.parts)
        if name and not hidden and mark(file) and (root / file).is_file():
            yield file


def main():
    root = pathlib.Path(sys.argv[1])
    files = list(sources(root))
    without = [file for file in files if not has_line((root / file).read_text(encoding="utf-8"), mark(file))]
    for file in without:
        print(f"{file} does not begin with {mark(file)} {LICENCE}")
    print(f"{len(files)} source files, {len(without)} without the line")
    sys.exit(1 if without or not files else 0)


if __name__ == "__main__":
    main()
