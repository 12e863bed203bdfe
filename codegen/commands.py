"""`isogloss generate` and `isogloss check`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from difflib import unified_diff
from pathlib import Path
from typing import TextIO

from codegen import pipeline
from codegen.format import stale, write
from codegen.load import sources
from codegen.prove import prove
from runtime.core.diagnostic import render

ROOT = Path(__file__).parents[1]  # the project, or the place where it is installed
SHOWN = 60  # lines of a difference


def run(options: argparse.Namespace) -> int:
    """The command that the options name; 0 well, 1 failed."""
    if options.command == "check":
        return check(options.format)
    return generate(options.check, options.format)


def check(form: str = "text", root: Path = ROOT, out: TextIO | None = None) -> int:
    """Prints all that is wrong with the specs, or what each dialect maps, carries, drops and refuses."""
    texts = sources(root)
    checked = pipeline.check(texts)
    say = out or sys.stdout
    say.write(render(checked.diagnostics, texts, form))
    if not checked.good:
        if form == "text":
            count = len(checked.diagnostics)
            say.write(f"\n{count} error{'s' if count != 1 else ''}\n")
        return 1
    if form == "text":
        width = max(map(len, checked.leaves))
        for name, one in checked.leaves.items():
            counts = f"{one.mapped:5} mapped {one.carried:5} carried {one.dropped:5} dropped {one.refused:5} refused"
            say.write(f"{name:{width}} {counts}  {one.share:6.1%} mapped\n")
        for name, text in pipeline.providers(checked.project.providers).items():
            if name.startswith("overlays/") and "\ndef " in text:  # what a provider takes differently: all of it
                code = "".join(f"    {line}".rstrip() + "\n" for line in text[text.index("\ndef ") + 1 :].splitlines())
                say.write(f"\n{name.removeprefix('overlays/').removesuffix('.py')} differs:\n{code}")
    return 0


def generate(only_check: bool = False, form: str = "text", root: Path = ROOT, out: TextIO | None = None) -> int:
    """Writes generated/ from specs/; with `only_check` it writes nothing and fails where something would change."""
    texts = sources(root)
    checked = pipeline.check(texts)
    say = out or sys.stdout
    if not checked.good:
        say.write(render(checked.diagnostics, texts, form))
        return 1
    files = modules(checked)
    diagnostics = prove(files, checked)
    if diagnostics:
        say.write(render(diagnostics, texts, form))
        return 1
    folder = root / "generated"
    if not only_check:
        changed = write(files, folder)
        say.write(
            f"{len(changed)} of {len(files)} files written\n" + "".join(f"  generated/{name}\n" for name in changed)
        )
        return 0
    changed = stale(files, folder)
    for name in changed:
        say.write("".join(difference(name, files, folder)))
    if changed:
        say.write(f"{len(changed)} of {len(files)} files are not what specs/ says. Run: make generate\n")
    return 1 if changed else 0


def modules(checked: pipeline.Checked) -> dict[str, str]:
    """plan, emit, format: every generated file as it is committed, by its path below generated/."""
    plans, _ = pipeline.plan(checked.project)
    files, _ = pipeline.emit(checked.project, plans, checked.roots)
    with tempfile.TemporaryDirectory() as scratch:
        return pipeline.format(files, Path(scratch))[0]


def difference(name: str, files: dict[str, str], folder: Path) -> list[str]:
    """What would change in a file, its first lines."""
    path = folder / name
    before = path.read_text(encoding="utf-8").splitlines(True) if path.exists() else []
    after = files.get(name, "").splitlines(True)
    lines = list(unified_diff(before, after, f"generated/{name}", f"generated/{name}"))
    return lines[:SHOWN] + ([f"... {len(lines) - SHOWN} more lines\n"] if len(lines) > SHOWN else [])
