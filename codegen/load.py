"""Spec files to located nodes."""

from __future__ import annotations

from pathlib import Path

from runtime.core.diagnostic import Diagnostic
from runtime.core.located import Node, load


def sources(root: Path) -> dict[str, str]:
    """The text of every spec file, by its path from the project's top."""
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in sorted((root / "specs").rglob("*.yaml"))}


def nodes(texts: dict[str, str]) -> tuple[dict[str, Node], list[Diagnostic]]:
    """Each file's root node, and what is wrong with the YAML."""
    found, diagnostics = {}, []
    for file, text in texts.items():
        root, problems = load(text, file)
        diagnostics += problems
        if root is not None:
            found[file] = root
    return found, diagnostics
