"""The last check of a build: what was emitted can decode what it is for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import msgspec

from codegen.pipeline import Checked
from codegen.resolve import Dialect
from runtime.core.diagnostic import Diagnostic, at
from runtime.core.located import Node


def prove(files: dict[str, str], checked: Checked) -> list[Diagnostic]:
    """Builds a decoder for every type of every wire, and decodes the wire side of every case. What fails is located.

    A union that no decoder can tell apart passes every earlier check of Python: only building one shows it.
    """
    found = []
    for dialect in checked.project.dialects:
        structs = loaded(f"proof_of_{dialect.mapping.package}", files[f"{dialect.mapping.package}/wire.py"])
        found += [*_roots(dialect, structs)] or _cases(dialect, structs, checked.roots)
    structs = loaded("proof_of_canonical", files["canonical.py"])
    for name in ("Request", "Response", "Error", "Event"):
        found += _decoder(structs, name, checked.project.canonical.defs[name].key)
    return found


def loaded(name: str, text: str) -> ModuleType:
    """A module of structs, run from its text."""
    module = ModuleType(name)
    sys.modules[name] = module  # annotations are looked up there when a decoder is built
    exec(compile(text, name, "exec"), module.__dict__)
    return module


def _roots(dialect: Dialect, structs: ModuleType) -> Iterator[Diagnostic]:
    names = list(dialect.mapping.pairs.values())
    if dialect.mapping.stream is not None:
        names.append(dialect.mapping.stream.get("frame").value)
    for name in dict.fromkeys(names):
        yield from _decoder(structs, name, dialect.wire.defs[name].key)


def _decoder(structs: ModuleType, name: str, node: Node) -> Iterator[Diagnostic]:
    try:
        msgspec.json.Decoder(getattr(structs, name))
    except (TypeError, NameError) as problem:
        yield at(node, "E335", f"no decoder can be built for {name}", known=[str(problem)])


def _cases(dialect: Dialect, structs: ModuleType, roots: dict[str, Node]) -> Iterator[Diagnostic]:
    folder = f"specs/dialects/{dialect.mapping.package}/cases/"
    for file, root in roots.items():
        for case in root.value if file.startswith(folder) else ():
            kind = getattr(structs, case.get("type").value, None)
            if kind is None:
                yield at(case.get("type"), "E206", f"{dialect.wire.file} defines no `{case.get('type').value}`")
            elif case.get("rejects") is None:
                wire = case.get("wire").plain()
                try:
                    for one in wire if isinstance(wire, list) else [wire]:  # a list is the frames of a stream
                        msgspec.json.decode(msgspec.json.encode(one), type=kind)
                except msgspec.ValidationError as problem:
                    yield at(
                        case.get("wire"),
                        "E336",
                        f"the case {case.get('id').value} is no {kind.__name__}",
                        known=[str(problem)],
                    )
