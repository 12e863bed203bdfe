"""Spec files to located nodes."""

from __future__ import annotations

import ast
from pathlib import Path

from runtime.core.diagnostic import Diagnostic
from runtime.core.located import Node, load

IMPLEMENTED = "runtime/core/primitives.py"


def sources(root: Path) -> dict[str, str]:
    """The text of every spec file, by its path from the project's top. A folder of specs/dialects is one by its mapping."""
    found = sorted((root / "specs").rglob("*.yaml"))
    folders = {path.parent for path in found if path.name == "mapping.yaml"}
    dialects = root / "specs" / "dialects"
    files = [path for path in found if dialects not in path.parents or folders & {*path.parents}] + [root / IMPLEMENTED]
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in files}


def nodes(texts: dict[str, str]) -> tuple[dict[str, Node], list[Diagnostic]]:
    """Each file's root node, and what is wrong with the YAML."""
    found, diagnostics = {}, []
    for file, text in texts.items():
        root, problems = (implemented(text, file), []) if file == IMPLEMENTED else load(text, file)
        diagnostics += problems
        if root is not None:
            found[file] = root
    return found, diagnostics


def implemented(text: str, file: str) -> Node:
    """The classes of a Python module that have a lift and a lower, as the keys of a mapping."""
    found, keys = {}, {}
    for one in ast.parse(text).body:
        if isinstance(one, ast.ClassDef) and {"lift", "lower"} <= {
            f.name for f in one.body if isinstance(f, ast.FunctionDef)
        }:
            keys[one.name] = Node(one.name, file, one.lineno, one.col_offset + len("class ") + 1, len(one.name))
            found[one.name] = Node(None, file, one.lineno, one.col_offset + 1, len("class"))
    return Node(found, file, 1, 1, 1, keys)
