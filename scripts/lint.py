#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clang-format and clang-tidy, both as errors, and the tests that read the sources alone (ctest's label docs).

    lint.py BUILD_FOLDER [--all]

Takes the files that have changed since the commit HISTOKT_CHECK_BASE, by default the one 20 commits back, or all that
the clone knows; work that is not committed counts, a file that was only renamed does not. clang-tidy takes 40 files at
most, begins none after 10 minutes, and names the rest; --all takes every file. A header is checked with a source that includes it. BUILD_FOLDER need
only be configured. Exit 1 where anything was found.
"""

import json
import math
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

COMMITS_BACK = 20
MOST_TIDIED = 40
TIDY_SECONDS = 600
SUFFIXES = (".c", ".cpp", ".h", ".hpp")

# The commands are gcc's: clang knows other warnings and has no omp.h.
CLANG_ARGUMENTS = ["-Wno-unknown-warning-option", "-fno-openmp"]
CXX_ARGUMENTS = ["-include", os.path.join(os.path.dirname(os.path.abspath(__file__)), "vector_for_clang.hpp")]



def git(*arguments):
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout


def known(commit):
    found = subprocess.run(["git", "rev-parse", "--quiet", "--verify", commit + "^{commit}"], capture_output=True)
    return found.returncode == 0


def base():
    """The commit, or the empty tree, that changes are counted from."""
    named = os.environ.get("HISTOKT_CHECK_BASE")
    if named:
        if not known(named):
            sys.exit(f"HISTOKT_CHECK_BASE is {named}, which is no commit of this clone")
        common = subprocess.run(["git", "merge-base", named, "HEAD"], capture_output=True, text=True)
        return common.stdout.strip() or named  # a shallow clone may not know where they parted
    commits = git("rev-list", "--first-parent", f"--max-count={COMMITS_BACK + 1}", "HEAD").split()
    shallow = git("rev-parse", "--is-shallow-repository").strip() == "true"
    if len(commits) > COMMITS_BACK or (shallow and len(commits) > 1):
        return commits[-1]
    return git("hash-object", "-t", "tree", "/dev/null").strip()


def changed_since(commit):
    files = set(git("ls-files", "--others", "--exclude-standard").split("\n"))
    for line in git("diff", "--name-status", "-M", "-l0", commit).splitlines():
        status, *names = line.split("\t")
        if status not in ("D", "R100"):
            files.add(names[-1])
    return files


def sources_of(files):
    return sorted(file for file in files if file.endswith(SUFFIXES) and os.path.exists(file))


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode == 0, done.stdout


def formatted(files):
    """Whether all are laid out as .clang-format says."""
    if not files:
        return True
    good, said = run(["clang-format-14", "--dry-run", "--Werror", *files])
    print(said, end="")
    return good


def includer_of(header, compiled):
    """A source that includes it: best the one of its own name."""
    twin = [source for source in compiled if Path(source).with_suffix("") == Path(header).with_suffix("")]
    if twin:
        return twin[0]
    line = re.compile(rf'#include ["<](?:.*/)?{re.escape(os.path.basename(header))}[">]')
    return next((source for source in compiled if line.search(Path(source).read_text())), None)


def to_tidy(files, commands):
    """The sources to look at, those without libtorch first since they take seconds, not a minute; and those of the
    files that none of them covers."""
    compiled = sorted(commands)
    sources, uncovered = set(), []
    for file in files:
        source = file if file in commands else includer_of(file, compiled) if file.endswith((".h", ".hpp")) else None
        if source:
            sources.add(source)
        else:
            uncovered.append(file)
    return sorted(sources, key=lambda source: ("torch" in commands[source], source)), uncovered


def tidied(sources, build, seconds):
    """Whether clang-tidy finds nothing in them, and those that it had no time to begin."""
    end = time.monotonic() + seconds
    late, found = [], []

    def look(source):
        if time.monotonic() > end:
            late.append(source)
            return
        arguments = CLANG_ARGUMENTS + ([] if source.endswith(".c") else CXX_ARGUMENTS)
        clean, said = run(["clang-tidy-14", "-p", build, "--quiet", "--warnings-as-errors=*",
                           *(f"--extra-arg={argument}" for argument in arguments), source])
        if not clean:
            found.append(source)
            print(f"{source}:\n{said}", flush=True)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(look, sources))
    return not found, late


def compile_commands(build, root):
    """Of each source of the project, how it is compiled."""
    entries = json.loads(Path(build, "compile_commands.json").read_text())
    commands = {os.path.relpath(entry["file"], root): entry["command"] for entry in entries}
    return {source: command for source, command in commands.items() if not source.startswith(("build/", "../"))}


def main(build, everything):
    root = git("rev-parse", "--show-toplevel").strip()
    os.chdir(root)
    files = sources_of(git("ls-files").split("\n") if everything else changed_since(base()))
    sources, uncovered = to_tidy(files, compile_commands(build, root))
    most, seconds = (len(sources), math.inf) if everything else (MOST_TIDIED, TIDY_SECONDS)

    laid_out = formatted(files)
    print(f"clang-format: {len(files)} files{'' if laid_out else ', not all laid out as .clang-format says'}", flush=True)
    clean, late = tidied(sources[:most], build, seconds)
    left = late + sources[most:]
    print(f"clang-tidy: {len(sources) - len(left)} sources{'' if clean else ', with findings'}")
    for why, names in ("more than it takes", left), ("not built here", uncovered):
        if names:
            print(f"clang-tidy did not look at {len(names)} files, {why}: {' '.join(names)}")
    sys.stdout.flush()
    docs = subprocess.run(["ctest", "--test-dir", build, "-L", "^docs$", "--output-on-failure", "--no-tests=error"])
    return 0 if laid_out and clean and docs.returncode == 0 else 1


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--all"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], len(sys.argv) == 3))
