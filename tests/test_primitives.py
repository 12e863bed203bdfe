"""The examples of specs/primitives.yaml, in both directions; and that what is declared is what is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from codegen.load import IMPLEMENTED, implemented
from codegen.types import attribute
from generated import canonical
from runtime.core import primitives
from runtime.core.located import load

ROOT = Path(__file__).parents[1]
DECLARED = load((ROOT / "specs/primitives.yaml").read_text(), "specs/primitives.yaml")[0].plain()["primitives"]
EXAMPLES = [
    pytest.param(name, one, id=f"{name}-{number}")
    for name, primitive in DECLARED.items()
    for number, one in enumerate(primitive["examples"])
]


def value(kind: str, written: Any) -> Any:
    """A value of an example as code sees it: raw is JSON text, a canonical type is written as a mapping."""
    if kind == "raw":
        return msgspec.Raw(written.encode())
    if kind != "choice" and isinstance(written, dict | list):
        if kind == "list":  # of blocks, embeddings or words
            item = written[0] if isinstance(written[0], dict) else None
            type_ = list[str if item is None else canonical.Block if "kind" in item else canonical.Embedding]
        else:
            type_ = getattr(canonical, kind)
        return msgspec.json.decode(json.dumps(written, separators=(",", ":")), type=type_)
    return written


def plain(seen: Any) -> Any:
    """As JSON, so that it can be compared."""
    return msgspec.json.encode(seen)


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_example(name: str, example: dict[str, Any]) -> None:
    declared, implementation = DECLARED[name], getattr(primitives, attribute(name))
    sides = {side: value(declared[side], example[side]) for side in ("wire", "canonical") if side in example}
    if "fails" in example:
        assert "fails" in declared, "what fails is said"
        with pytest.raises(primitives.TranslationError):
            getattr(implementation, example["fails"])(*sides.values())
        return
    ways = example.get("ways", "both")
    if ways in ("both", "lift"):
        assert plain(implementation.lift(sides["wire"])) == plain(sides["canonical"])
    if ways in ("both", "lower"):
        assert plain(implementation.lower(sides["canonical"])) == plain(sides["wire"])


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_what_is_declared_is_shown(name: str) -> None:
    """An example both ways; one that fails, if something fails; one way only, if something is lost."""
    examples = DECLARED[name]["examples"]
    assert any("fails" not in one and "ways" not in one for one in examples)
    assert any("fails" in one for one in examples) == ("fails" in DECLARED[name])
    assert not any("ways" in one for one in examples) or "loses" in DECLARED[name]


def test_what_is_declared_is_there_and_nothing_else() -> None:
    there = implemented((ROOT / IMPLEMENTED).read_text(), IMPLEMENTED)
    assert set(there.keys) == {attribute(name) for name in DECLARED}


def test_they_are_few() -> None:
    assert len(DECLARED) <= 32
