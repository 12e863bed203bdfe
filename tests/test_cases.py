"""What single wire values mean: specs/dialects/*/cases. Each is read and written; what it means is written in every dialect.

The snapshots show what a change to one mapping does to all of them: one file for each dialect, `make update` accepts it.
"""

from __future__ import annotations

import json
from functools import cache
from itertools import count
from typing import Any

import msgspec
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.amber import AmberSnapshotExtension

from generated import canonical as c
from generated.dialects import DIALECTS
from runtime.core.catalogue import alike, dialect
from runtime.core.context import Context, Refusal
from runtime.core.events import Flow, settle
from runtime.core.located import load
from runtime.core.normalise import normalise, pair_calls
from runtime.core.primitives import TranslationError
from runtime.core.rules import CANONICAL
from tests.laws.meaning import ABLE
from tests.laws.schemas import CHATS, SPECS, roots

PLACING = ("turn", "part")  # said only where a case depends on it
KINDS = {"error": c.Error, "models": c.ModelList, "frame": list[c.Event]}
ANSWERS = {"Request": c.Response, "EmbedRequest": c.EmbedResponse, "RerankRequest": c.RerankResponse}


def cases(ways: tuple[str, ...]) -> list[Any]:
    found = []
    for name in DIALECTS:
        for path in sorted((SPECS / "dialects" / DIALECTS[name]["package"] / "cases").glob("*.yaml")):
            root, problems = load(path.read_text(encoding="utf-8"), path.name)
            assert root is not None and not problems, problems
            for case in root.plain():
                way = "rejects" if "rejects" in case else case.get("ways", "both")
                if way in ways:
                    found.append(pytest.param(name, case, id=f"{name}/{path.stem}/{case['id']}"))
    return found


def kind_of(name: str, case: dict[str, Any]) -> str:
    """request, response, error, models or frame."""
    if isinstance(case["wire"], list):
        return "frame"
    return next(kind for kind, root in roots(name).items() if root == case["type"])


def context(source: Any, target: Any, kind: str = "request") -> Context:
    numbers = count(1)
    ctx = Context(source, target, now=1, new_id=lambda: f"id{next(numbers)}", capabilities=ABLE)
    ctx.answering = kind != "request"
    return ctx


def meant(name: str, kind: str, wire: Any) -> Any:
    """What a wire value means: a canonical value, or the events of a list of frames."""
    one = dialect(name)
    ctx = context(one.rules, one.rules, kind)
    if kind == "frame":
        lifter, flow = one.stream.StreamLifter(ctx), Flow(ctx, False)
        lifted = [event for frame in wire for event in lifter.feed(msgspec.json.encode(frame))]
        return flow.feed([*lifted, *lifter.eof()])
    module = one.request if kind == "request" else one.response
    ctx.model = "m" if kind == "request" else None  # where a path names it
    ctx.root = getattr(module, f"decode_{kind}")(msgspec.json.encode(wire))
    return getattr(module, f"lift_{kind}")(ctx.root, ctx)


def written(name: str, kind: str, value: Any, source: Any) -> tuple[Any, list[str]]:
    """A canonical value on a wire, and what is said of it. Refused is None."""
    one = dialect(name)
    ctx = context(source, one.rules, kind)
    ctx.value = value if kind != "frame" else None
    out: Any = None
    try:
        if kind == "request":
            if one.converses:
                pair_calls(value)
            normalise(value, ctx)
            out = one.request.lower_request(value, ctx)
        elif kind == "frame":
            flow, lowerer = Flow(ctx, one.rules.STREAM["sequential"]), one.stream.StreamLowerer(ctx)
            ctx.stream_usage = True
            frames = [frame for event in flow.feed(value) for frame in lowerer.feed(event)]
            out = [msgspec.json.decode(data) if data != b"[DONE]" else "[DONE]" for _, data in frames]
            ctx.settle_in_stream()
        else:
            if kind == "response":
                settle(value, ctx)
            out = getattr(one.response, f"lower_{kind}")(value, ctx)
        ctx.settle()
    except Refusal as refusal:
        return None, [f"refused: {loss.path}: {loss.why}" for loss in refusal.losses]
    except TranslationError as problem:
        return None, [f"refused: {problem}"]
    return json.loads(msgspec.json.encode(out)), [f"{loss.kind}: {loss.path}: {loss.why}" for loss in ctx.losses]


def plain(value: Any, placing: bool) -> Any:
    """A canonical value as a case writes it."""

    def clean(one: Any) -> Any:
        if isinstance(one, dict):
            return {k: clean(v) for k, v in one.items() if v is not None and (placing or k not in PLACING)}
        return [clean(item) for item in one] if isinstance(one, list) else one

    return clean(json.loads(msgspec.json.encode(value)))


def placed(value: Any) -> Any:
    """A canonical request with its blocks numbered, where the case leaves that out: another speaker is another turn."""
    turn, part, last = -1, 0, None
    for block in getattr(value, "blocks", None) or ():
        if block.turn is None:
            alone = block.role == "tool" or last == "tool"
            turn, part = (turn + 1, 0) if block.role != last or alone else (turn, part + 1)
            block.turn, block.part, last = turn, part, block.role
        else:
            turn, last = block.turn, block.role
    return value


def canonical(name: str, kind: str, said: Any) -> Any:
    asks = DIALECTS[name]["asks"]
    type_ = getattr(c, asks) if kind == "request" else ANSWERS[asks] if kind == "response" else KINDS[kind]
    return placed(msgspec.json.decode(json.dumps(said), type=type_))


def test_every_dialect_has_cases() -> None:
    every = cases(("both", "lift", "lower", "rejects"))
    assert len({one.id for one in every}) == len(every)
    for name in DIALECTS:
        assert sum(one.values[0] == name for one in every) >= (30 if name in CHATS else 8)


@pytest.mark.parametrize("name, case", cases(("both", "lift")))
def test_a_case_is_read(name: str, case: dict[str, Any]) -> None:
    said = case["canonical"]
    got = meant(name, kind_of(name, case), case["wire"])
    assert plain(got, '"turn"' in json.dumps(said)) == said


@pytest.mark.parametrize("name, case", cases(("both", "lower")))
def test_a_case_is_written(name: str, case: dict[str, Any]) -> None:
    kind = kind_of(name, case)
    out, said = written(name, kind, canonical(name, kind, case["canonical"]), dialect(name).rules)
    assert out == case["wire"]
    assert not said


@pytest.mark.parametrize("name, case", cases(("rejects",)))
def test_a_case_is_rejected(name: str, case: dict[str, Any]) -> None:
    with pytest.raises((TranslationError, Refusal, msgspec.ValidationError)) as refused:
        value = meant(name, "request", case["wire"])
        other = next(one for one in DIALECTS if one != name and alike(one, name))
        ctx = context(dialect(name).rules, dialect(other).rules)
        ctx.root = dialect(name).request.decode_request(msgspec.json.encode(case["wire"]))
        value = dialect(name).request.lift_request(ctx.root, ctx)
        ctx.value = value
        ctx.settle()
    assert case["rejects"] in str(refused.value)


@cache  # a class reads its file once
def one_file(name: str) -> type[AmberSnapshotExtension]:
    """A snapshot file for one dialect."""

    class OneFile(AmberSnapshotExtension):
        @classmethod
        def dirname(cls, *, test_location: Any) -> str:
            return f"{super().dirname(test_location=test_location)}/{test_location.basename}"

        @classmethod
        def get_file_basename(cls, *, test_location: Any, index: Any) -> str:
            return name

        @classmethod
        def matches_test_location(cls, *, test_location: Any, snapshot_location: str) -> bool:
            return snapshot_location == cls.get_location(test_location=test_location, index=0)

    return OneFile


def elsewhere() -> list[Any]:
    """Every case with every dialect that asks for the same."""
    return [
        pytest.param(*case.values, target, id=f"{case.id}-{target}")
        for case in cases(("both", "lift", "lower"))
        for target in DIALECTS
        if alike(case.values[0], target) and kind_of(*case.values) in roots(target)
    ]


def common(said: Any) -> Any:
    """What is not kept for one dialect alone."""
    if isinstance(said, dict):
        return {key: common(value) for key, value in said.items() if key != "carried"}
    return [common(one) for one in said] if isinstance(said, list) else said


@pytest.mark.xdist_group("snapshots")  # one process writes the files
@pytest.mark.parametrize("name, case, target", elsewhere())
def test_a_case_in_every_dialect(name: str, case: dict[str, Any], target: str, snapshot: SnapshotAssertion) -> None:
    kind = kind_of(name, case)
    said = case["canonical"] if target == name else common(case["canonical"])
    out, said = written(target, kind, canonical(name, kind, said), CANONICAL)
    text = "\n".join([json.dumps(out, ensure_ascii=False, indent=1), *said])
    assert snapshot(extension_class=one_file(target)) == text
