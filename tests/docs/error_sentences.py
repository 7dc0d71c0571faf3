#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every sentence that the sources throw stands in docs/errors.md.

Reads the string literals of each `throw ...Error(...)` and of calls of the fail() kind, and looks for one of their
parts in docs/errors.md, which may put several sentences in one. Prints those that have none there, with file and line;
exit 1 then.

    error_sentences.py PROJECT
"""

import pathlib
import re
import sys

SOURCES = ["host", "plugins", "sdk/adapters"]
STARTS = re.compile(r"\b(?:RequestError|RunError|Diverged|BadImage|PluginError|BadRequest)\(|\bfail\w*\(")
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
SHORTEST = 12  # characters; what is shorter says nothing by itself


def arguments(text, begin):
    """The text between the parenthesis that opens before `begin` and the one that closes it."""
    depth, at = 1, begin
    while at < len(text) and depth:
        literal = LITERAL.match(text, at)
        if literal:
            at = literal.end()
            continue
        if text[at] == "'":  # a character
            at = text.index("'", at + 2) + 1
            continue
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return text[begin:at - 1]


def plain(text):
    """Without what documentation may set differently: quotes, ends of lines, stops."""
    return re.sub(r"\s+", " ", re.sub(r"[\"`|\\]", "", text)).strip(" .;:,")


def sentences(path):
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"//[^\n]*", lambda comment: " " * len(comment.group()) if '"' not in comment.group() else comment.group(), text)
    for start in STARTS.finditer(text):
        inside = re.sub(r'"\s*\n\s*"', "", arguments(text, start.end()))  # neighbours are one literal
        literals = [literal.replace('\\"', '"') for literal in LITERAL.findall(inside)]
        parts = [plain(part) for literal in literals for part in re.split(r"[;.:?(]", literal)]
        parts = [part for part in parts if len(part) >= SHORTEST and " " in part]
        if parts:
            yield text.count("\n", 0, start.start()) + 1, parts


def main(project):
    documented = plain((project / "docs/errors.md").read_text(encoding="utf-8"))
    missing = [
        f"{path.relative_to(project)}:{line}: {' ... '.join(parts)}"
        for folder in SOURCES
        for path in sorted((project / folder).rglob("*.cpp"))
        for line, parts in sentences(path)
        if not any(part in documented for part in parts)
    ]
    print("\n".join(missing + [f"{len(missing)} sentences are missing in docs/errors.md"]))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
