"""The built-in upstream: it plays canonical events, chosen by the model's name, the same for the same request.

    echo        says the last user text back                 echo-429    is refused for its rate
    echo-think  thinks first                                 echo-500    breaks down
    echo-tool   calls the first offered tool; after its      echo-cut    stops in mid-answer, without a word
                result, says that result back
Any other name behaves as `echo`.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from generated import canonical as c

MODELS = ("echo", "echo-think", "echo-tool", "echo-429", "echo-500", "echo-cut")
DEEPEST = 5  # levels of a tool's schema that the made-up input fills


class Script(msgspec.Struct, frozen=True):
    """What the upstream does: its events, then its error if it has one."""

    events: list[Any]  # of c.Event
    error: c.Error | None = None


def play(request: c.Request) -> Script:
    behaviour = request.model
    if behaviour == "echo-429":
        return Script([], c.Error(kind="rate_limit", message="echo-429 is always over its rate", status=429))
    if behaviour == "echo-500":
        return Script([], c.Error(kind="internal", message="echo-500 always breaks down", status=500))
    asked = request.blocks or []
    said = _said(asked)
    call = _call(request) if behaviour == "echo-tool" else None
    blocks: list[tuple[Any, str, Sequence[str]]] = []  # opened block, kind of its deltas, deltas
    if behaviour == "echo-think":
        blocks.append((c.Thinking(text=""), "thinking", _pieces(f"The user said: {said}")))
    if call is not None:
        name, tool_input = call
        blocks.append(
            (c.ToolCall(id=f"call_echo_{_calls(asked)}", name=name, input=msgspec.Raw(b"{}")), "json", [tool_input])
        )
    else:
        blocks.append((c.Text(text=""), "text", _pieces(said)))
    events = list(_events(request, blocks))
    if behaviour == "echo-cut":
        half = next(n for n, event in enumerate(events) if isinstance(event, c.BlockDelta)) + 1
        return Script(events[:half], c.Error(kind="truncated", message="echo-cut always stops in mid-answer"))
    stop = "tool_use" if call is not None else "end_turn"
    usage = c.Usage(input=_words(asked), output=sum(len(deltas) for _, _, deltas in blocks))
    return Script([*events, c.CandidateStop(stop_reason=stop), c.UsageSeen(usage=usage), c.MessageEnd(usage=usage)])


def _events(request: c.Request, blocks: Sequence[tuple[Any, str, Sequence[str]]]) -> Iterator[Any]:
    yield c.MessageStart(id="echo", model=request.model)
    for index, (block, kind, deltas) in enumerate(blocks):
        yield c.BlockStart(index=index, block=block)
        for text in deltas:
            yield c.BlockDelta(index=index, kind=kind, text=text)
        yield c.BlockStop(index=index)


def _said(blocks: Sequence[Any]) -> str:
    """The last user or tool text of the conversation."""
    for block in reversed(blocks):
        if isinstance(block, c.Text) and block.role == "user":
            return block.text or "..."
        if isinstance(block, c.ToolResult):
            return "".join(part.text for part in block.content or () if isinstance(part, c.Text)) or "..."
    return "..."


def _call(request: c.Request) -> tuple[str, str] | None:
    """Name and JSON input of the call to make; None if no tool is offered or the last word is a tool's result."""
    blocks = request.blocks or []
    tool = next((tool for tool in request.tools or () if isinstance(tool, c.FunctionTool)), None)
    if tool is None or (blocks and isinstance(blocks[-1], c.ToolResult)):
        return None
    schema = msgspec.json.decode(tool.input_schema) if tool.input_schema else {}
    return tool.name, json.dumps(_sample(schema, _said(blocks), DEEPEST) or {}, ensure_ascii=False)


def _sample(schema: Any, said: str, deep: int) -> Any:
    """A value a JSON Schema admits, as far as its types, constants and required properties say."""
    if not isinstance(schema, dict):
        return None
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for choice in ("anyOf", "oneOf", "allOf"):
        if schema.get(choice):
            return _sample(schema[choice][0], said, deep)
    kind = schema.get("type", "object" if "properties" in schema else None)
    match kind[0] if isinstance(kind, list) and kind else kind:
        case "object":
            properties = schema.get("properties", {})
            required = schema.get("required", []) if deep else []
            return {name: _sample(properties.get(name, {"type": "string"}), said, deep - 1) for name in required}
        case "array":
            return [_sample(schema.get("items", {}), said, deep - 1)] * schema.get("minItems", 0) if deep else []
        case "string" | None:
            return said
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
    return None


def _pieces(text: str) -> list[str]:
    """The text in word-sized deltas."""
    return re.findall(r"\s*\S+|\s+$", text) or [text]


def _calls(blocks: Sequence[Any]) -> int:
    return 1 + sum(isinstance(block, c.ToolCall) for block in blocks)


def _words(blocks: Sequence[Any]) -> int:
    return sum(len(block.text.split()) for block in blocks if isinstance(block, c.Text))
