"""Formatting, and writing only what changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

RUFF = [sys.executable, "-m", "ruff"]
WRITTEN = (".py", ".md")  # every such file below generated/ is ours
SETTINGS = ["--line-length", "120", "--target-version", "py311", "--isolated", "-q"]


def formatted(files: dict[str, str], scratch: Path) -> dict[str, str]:
    """The files as ruff formats them, unused imports gone. `scratch` is an empty folder."""
    for name, text in files.items():
        path = scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for command in (["check", "--select", "F401,I", "--fix", *SETTINGS], ["format", *SETTINGS]):
        done = subprocess.run([*RUFF, *command, str(scratch)], capture_output=True, text=True)
        if done.returncode:
            raise SyntaxError(f"the emitter wrote what is no Python:\n{done.stdout}{done.stderr}")
    return {name: (scratch / name).read_text(encoding="utf-8") for name in files}


def write(files: dict[str, str], folder: Path) -> list[str]:
    """Writes what differs, removes generated modules that no spec asks for; the names of both."""
    changed = stale(files, folder)
    for name in changed:
        path = folder / name
        if name in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def stale(files: dict[str, str], folder: Path) -> list[str]:
    """The names of files that are not as they should be."""
    there = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.suffix in WRITTEN
    }
    return sorted(name for name in files.keys() | there.keys() if files.get(name) != there.get(name))
