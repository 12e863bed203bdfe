"""Canonical requests written on a wire and read back."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import msgspec

from generated import canonical as c
from runtime.core.catalogue import dialect
from runtime.core.context import Context, Loss, Refusal
from runtime.core.normalise import normalise
from runtime.core.primitives import TranslationError
from runtime.core.rules import CANONICAL

# A model that takes all there is, so that only the wire decides.
ABLE = {"reasoning": "effort", "effort_none": True} | dict.fromkeys(
    ("reasoning_replay", "developer_role", "prefill", "top_k", "min_p", "custom_tools"), True
)
ROLES = {"tool_result": "tool"} | dict.fromkeys(
    ("thinking", "sealed_thinking", "refusal", "tool_call", "custom_call"), "assistant"
)
# Where a block came from and how it is numbered is not what it says.
PLACING = ("turn", "part", "role", "called", "origin", "carried")


def conversation(request: dict[str, Any], beside: int = 1) -> dict[str, Any]:
    """The request with its blocks among others, spoken by whom such blocks are spoken by; alone if none are beside."""
    said = {"kind": "text", "text": "hello", "role": "user", "turn": 0, "part": 0}
    call = {"kind": "tool_call", "id": "alpha", "name": "look", "input": {}, "role": "assistant", "turn": 1, "part": 0}
    blocks = [said]
    for block in request.get("blocks", ()):
        if block["kind"] == "tool_result":
            blocks.append(call | {"id": block["call_id"]})
        blocks.append({"role": ROLES.get(block["kind"], "user"), "turn": 2, "part": 0} | block)
        if block["kind"] == "tool_result":
            blocks.append(said | {"text": "so it is", "role": "assistant", "turn": 3})
    if not beside:
        return request | {"blocks": blocks[1:] or blocks}
    return request | {"blocks": [*blocks, said | {"text": "bye", "turn": 4}]}


def written(name: str, request: dict[str, Any]) -> tuple[bytes | None, list[Loss]]:
    """A canonical request in a dialect, and what was lost of it; no bytes where it is refused."""
    one, numbers = dialect(name), count(1)
    ctx = Context(CANONICAL, one.rules, now=1, new_id=lambda: f"id{next(numbers)}", capabilities=ABLE)
    ctx.value = value = msgspec.json.decode(json.dumps(request), type=c.Request)
    try:
        normalise(value, ctx)
        wire = one.request.lower_request(value, ctx)
        ctx.settle()
    except (Refusal, TranslationError):
        return None, ctx.losses
    return msgspec.json.encode(wire), ctx.losses


def read(name: str, body: bytes) -> Any:
    """What a request in a dialect means, as plain values."""
    one = dialect(name)
    ctx = Context(one.rules, one.rules, now=1, new_id=lambda: "new")
    ctx.root, ctx.model = one.request.decode_request(body), "alpha"
    return json.loads(msgspec.json.encode(one.request.lift_request(ctx.root, ctx)))


def holds(said: Any, heard: Any) -> bool:
    """Whether all that was said was heard; a wire may add what it demands."""
    match said:
        case dict():
            return isinstance(heard, dict) and all(holds(v, heard.get(k)) for k, v in said.items() if k not in PLACING)
        case []:
            return not heard
        case list():
            return isinstance(heard, list) and len(said) == len(heard) and all(map(holds, said, heard))
    return type(said) is type(heard) and said == heard
