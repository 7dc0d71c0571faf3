#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails on an #include that runs against the arrows of the architecture: include_directions_test.py SOURCE_FOLDER.

A folder of host/ may include itself and those listed behind it. Plugins include the SDK alone, the SDK neither host
nor plugins, and the host no plugin. host/engine builds without libtorch, OpenCV and HDF5, host/training without
patch sets, and files of host/cli leave libtorch to host/tasks: neither they nor any header that they reach include it.
"""
import pathlib
import re
import sys

LOWEST = {"base"}
DATA = {"patches", "imaging", "tensors", "plugins"}
MAY_INCLUDE = {
    "base": set(),
    "imaging": LOWEST,
    "tensors": LOWEST,
    "plugins": LOWEST,
    "patches": LOWEST | {"imaging"},
    "report": LOWEST,
    "engine": LOWEST,
    "training": LOWEST | {"tensors"},
    "distill": LOWEST | {"tensors", "plugins"},
    "analysis": LOWEST | {"tensors", "training", "distill"},
}
MAY_INCLUDE["config"] = LOWEST | DATA | {"analysis", "training", "distill"}
MAY_INCLUDE["tasks"] = MAY_INCLUDE["config"] | {"config", "report"}
MAY_INCLUDE["steps"] = MAY_INCLUDE["tasks"] | {"tasks", "engine"}
MAY_INCLUDE["planning"] = MAY_INCLUDE["steps"] | {"steps"}
MAY_INCLUDE["results"] = MAY_INCLUDE["planning"] | {"planning"}
MAY_INCLUDE["cli"] = MAY_INCLUDE["results"] | {"results"}

# What a folder must do without, by the first word of an include in angle brackets.
WITHOUT = {
    "host/engine": {"torch", "ATen", "c10", "opencv2", "hdf5.h", "H5public.h"},
    "host/cli": {"torch", "ATen", "c10"},
    "host/config": {"torch", "ATen", "c10"},
    "host/report": {"torch", "ATen", "c10", "opencv2", "hdf5.h"},
    "plugins/datasets": {"torch", "ATen", "c10", "opencv2", "boost", "spdlog", "toml++"},
}
# The same through whatever headers of the project they include.
REACHES_WITHOUT = {"host/cli": {"torch", "ATen", "c10"}}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)


def faults(root: pathlib.Path):
    for file in sorted(root.glob("*/**/*")):
        where = file.relative_to(root)
        if file.suffix not in {".cpp", ".hpp", ".h", ".c"} or where.parts[0] not in {"host", "sdk", "plugins"}:
            continue
        for mark, name in INCLUDE.findall(file.read_text(encoding="utf-8")):
            reason = fault(root, where, mark, name)
            if reason:
                yield f'{where} includes {mark}{name}{">" if mark == "<" else mark}: {reason}'


def fault(root: pathlib.Path, where: pathlib.Path, mark: str, name: str):
    first = name.split("/")[0]
    if mark == "<":
        for folder, libraries in WITHOUT.items():
            if where.as_posix().startswith(folder + "/") and first in libraries:
                return f"{folder} does without it"
        return None
    part = where.parts[0]
    from_host = (root / "host" / name).is_file() and not (where.parent / name).is_file()
    if part == "host":
        if not (root / "host" / name).is_file():
            return "files of host/ are included as \"folder/header.hpp\""
        own = where.parts[1]
        if own not in MAY_INCLUDE:  # main.cpp and the like, above every folder
            return None
        if first != own and first not in MAY_INCLUDE[own]:
            allowed = ", ".join(sorted(MAY_INCLUDE[own])) or "no other folder"
            return f"host/{own} may include {allowed}"
    elif from_host:
        return f"{part}/ knows nothing of the host"
    elif ".." in name:
        return "a path upwards"
    return None


def header(root: pathlib.Path, name: str):
    """The project's file that is included by this name, from host/ or as an SDK header; None for any other."""
    for place in (root / "host" / name, root / "sdk" / "include" / name):
        if place.is_file():
            return place
    return None


def way_to(root: pathlib.Path, file: pathlib.Path, libraries: set, seen: set):
    """The includes that lead from a file to one of the libraries, [] where none does."""
    for _, name in INCLUDE.findall(file.read_text(encoding="utf-8")):
        if name.split("/")[0] in libraries:
            return [f"<{name}>"]
        next_file = header(root, name)
        if next_file is None or next_file in seen:
            continue
        seen.add(next_file)
        rest = way_to(root, next_file, libraries, seen)
        if rest:
            return [name] + rest
    return []


def reached(root: pathlib.Path):
    for folder, libraries in REACHES_WITHOUT.items():
        for file in sorted((root / folder).glob("**/*.[ch]pp")):
            way = way_to(root, file, libraries, set())
            if len(way) > 1:  # faults() tells of the direct ones
                yield f"{file.relative_to(root)} reaches {' -> '.join(way)}: {folder} does without it"


def main():
    root = pathlib.Path(sys.argv[1])
    folders = {path.name for path in (root / "host").iterdir() if path.is_dir()}
    found = [f"host/{name} has no row in {pathlib.Path(__file__).name}" for name in sorted(folders - set(MAY_INCLUDE))]
    found += list(faults(root)) + list(reached(root))
    for line in found:
        print(line)
    print(f"{len(found)} includes against the arrows")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
