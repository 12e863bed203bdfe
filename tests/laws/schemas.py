"""The wire types of a dialect as its schema declares them, and every place in them where a value can stand.

Nothing here looks at a mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from codegen.types import Def, Field, Space, Type, space
from runtime.core.located import Node, load

SPECS = Path(__file__).parents[2] / "specs"
ABSENT = object()
ROOTS = {
    "openai-chat": {
        "request": "ChatRequest",
        "response": "ChatCompletion",
        "frame": "ChatChunk",
        "error": "ErrorEnvelope",
    },
    "anthropic-messages": {
        "request": "MessagesRequest",
        "response": "Message",
        "frame": "StreamEvent",
        "error": "ErrorEnvelope",
    },
}
DIALECTS = tuple(ROOTS)
PAIRS = [(client, upstream) for client in DIALECTS for upstream in DIALECTS if client != upstream]

# Strings with a form of their own: definition.field -> values that hold to it.
FORMS: dict[str, list[str]] = {
    "FunctionPayload.arguments": ['{"city":"Oslo"}', '{"n":9007199254740993}'],
    "ImageUrl.url": ["https://a.example/one.png", "data:image/png;base64,aGVsbG8="],
    "FileRef.file_data": ["data:application/pdf;base64,aGVsbG8=", "data:application/pdf;base64,d29ybGQ="],
    "InputAudio.data": ["aGVsbG8=", "d29ybGQ="],
    "AudioAnswer.data": ["aGVsbG8=", "d29ybGQ="],
    "Base64Source.data": ["aGVsbG8=", "d29ybGQ="],
    "Base64Source.media_type": ["image/png", "image/webp"],
    "UrlSource.url": ["https://a.example/one.png", "https://a.example/two.png"],
    "CacheControl.type": ["ephemeral"],
}

# What a value needs beside what its schema requires, so that it means something; each of several is tried.
BASES: dict[str, list[dict[str, Any]]] = {
    "Tool": [
        {"name": "look", "input_schema": {"type": "object"}},
        {"type": "web_search_20250305", "name": "web_search"},
    ],
    "ChatCompletion": [{"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}],
    "FileRef": [{"file_data": "data:application/pdf;base64,aGVsbG8="}],
    "AudioAnswer": [{"id": "audio_1", "data": "aGVsbG8="}],
}
# Fields of which a message gives one.
INSTEAD = {"FileRef.file_id": "file_data"}


@cache
def schema(dialect: str) -> tuple[Space, Node]:
    """A dialect's types, and the nodes they were read from."""
    path = SPECS / "dialects" / dialect.replace("-", "_") / "schema.yaml"
    root, problems = load(path.read_text(encoding="utf-8"), path.name)
    assert not problems
    return space(root), root


@cache
def canonical() -> tuple[Space, Node]:
    """The canonical types."""
    root, problems = load((SPECS / "canonical" / "model.yaml").read_text(encoding="utf-8"), "model.yaml")
    assert not problems
    return space(root), root


@dataclass(frozen=True)
class Place:
    """Where a value can stand: its path in the message, its type, and how to make the least message that holds it.

    `name` says by which definitions the place is reached; `words` are the values of an enumeration.
    """

    name: str
    path: str
    owner: str
    type: Type
    field: Field
    put: Callable[[Any], Any]

    @property
    def options(self) -> list[Any]:
        """Two values or more, no two alike; every word where there are words."""
        return options(self.owner, self.type, self.field)

    @property
    def optional(self) -> bool:
        return not self.field.required


def options(owner: str, kind: Type, field: Field) -> list[Any]:
    if (known := FORMS.get(f"{owner}.{field.name}")) is not None:
        return known
    if field.words:
        return list(field.words)
    match kind.kind:
        case "string":
            return ["alpha", "beta"]
        case "integer":
            return [2000, 3000]
        case "number":
            return [0.25, 0.5]
        case "boolean":
            return [True, False]
        case "raw" | "map":
            return [opaque(field.node, 1), opaque(field.node, 2)]
    raise AssertionError(f"no values for {kind}")


def opaque(node: Node, number: int) -> Any:
    """A value of an opaque field, told apart from others by its number."""
    kind = node.get("type").value if node.get("type") else None
    kinds = [one.value for one in kind] if isinstance(kind, list) else [kind]
    options_ = [one for key in ("anyOf", "oneOf") for one in (node.get(key).value if node.get(key) else [])]
    if "array" in kinds or any(one.get("type") and one.get("type").value == "array" for one in options_):
        return [number]
    if "string" in kinds:
        return f"word-{number}"
    return {"n": number}


def minimal(types: Space, name: str) -> Any:
    """The least value of a definition: what is required, each in its first form."""
    definition = types.defs[name]
    if definition.union:
        return minimal(types, definition.members[0])
    made = {field.name: least(types, name, field) for field in definition.fields.values() if field.required}
    made |= BASES.get(name, [{}])[0]
    return {definition.tag: definition.word, **made} if definition.tag else made


def least(types: Space, owner: str, field: Field, kind: Type | None = None) -> Any:
    kind = kind or field.type
    match kind.kind:
        case "list":
            return []
        case "ref":
            return minimal(types, kind.name)
        case "choice":
            return least(types, owner, field, kind.items[0])
    return options(owner, kind, field)[0]


def places(dialect: str, kind: str) -> Iterator[Place]:
    """Every place in a dialect's requests, answers, frames or errors. Definitions recur at most once on the way."""
    types, _ = schema(dialect)
    root = ROOTS[dialect][kind]
    yield from _places(types, root, root, "", lambda value: value, (), dialect)


def _places(
    types: Space, name: str, reached: str, path: str, put: Callable, above: tuple[str, ...], dialect: str
) -> Iterator[Place]:
    definition = types.defs[name]
    for member in types.members(name):
        if member in above:
            continue
        one = types.defs[member]
        said = reached if not definition.union else f"{reached}<{member}>"
        for base in BASES.get(member, [{}]):
            for field in one.fields.values():
                at = f"{path}.{field.name}".removeprefix(".")
                setter = _setter(types, member, field.name, put, base)
                yield from _values(
                    types, member, one, field, field.type, f"{said}.{field.name}", at, setter, (*above, member), dialect
                )


def _setter(types: Space, owner: str, name: str, put: Callable, base: dict[str, Any]) -> Callable[[Any], Any]:
    def set_(value: Any) -> Any:
        made = minimal(types, owner) | base
        for gone in (name, INSTEAD.get(f"{owner}.{name}")):
            made.pop(gone, None)
        return put(made if value is ABSENT else {**made, name: value})

    return set_


def _values(
    types: Space,
    owner: str,
    one: Def,
    field: Field,
    kind: Type,
    said: str,
    path: str,
    put: Callable,
    above: tuple[str, ...],
    dialect: str,
) -> Iterator[Place]:
    match kind.kind:
        case "ref":
            yield from _places(types, kind.name, said, path, put, above, dialect)
        case "choice":
            for option in kind.items:
                yield from _values(
                    types,
                    owner,
                    one,
                    field,
                    option,
                    said if option.kind in ("ref", "list") else f"{said}",
                    path,
                    put,
                    above,
                    dialect,
                )
        case "list":
            if field.name == "messages":  # among others, so that it is neither the first nor the last
                hello, bye = {"role": "user", "content": "hello"}, {"role": "user", "content": "bye"}
                item, at = (lambda value: put([hello, bye] if value is ABSENT else [hello, value, bye])), f"{path}[1]"
            else:
                item, at = (lambda value: put(ABSENT if value is ABSENT else [value])), f"{path}[0]"
            yield from _values(types, owner, one, field, kind.items[0], said, at, item, above, dialect)
        case _:
            yield Place(said, path, owner, kind, field, put)
