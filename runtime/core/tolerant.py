"""Strict decoding first; only when that fails, a second walk that finds, drops and names what the schema does not know."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from msgspec import Raw

_object = msgspec.json.Decoder(dict[str, Raw]).decode
_array = msgspec.json.Decoder(list[Raw]).decode
_encode = msgspec.json.Encoder().encode
_text = msgspec.json.Decoder(str).decode


def decode(decoder: Callable[[bytes], Any], data: bytes, found: Callable[[str, str], None]) -> Any:
    """The value, decoded strictly or, failing that, without what the type does not know.

    `decoder` is the bound `decode` of a msgspec Decoder. `found(path, what)` is told each unknown field, variant or
    missing tag. A variant of an unknown kind at the top, such as an event of a stream, is None.
    Raises msgspec.ValidationError where a known field holds the wrong type, DecodeError for bad JSON.
    """
    try:
        return decoder(data)
    except msgspec.ValidationError:
        kind = decoder.__self__.type
    options = _options(kind)
    cleaned = _clean(Raw(data), options, "", found)
    if cleaned is None and len(options) > 1:
        return None
    return decoder(bytes(cleaned) if cleaned is not None else data)


def _options(kind: Any) -> tuple[Any, ...]:
    origin = typing.get_origin(kind)
    return typing.get_args(kind) if origin in (typing.Union, types.UnionType) else (kind,)


@cache
def _fields(struct: type) -> dict[str, Any]:
    """Wire name -> type of each field."""
    hints = typing.get_type_hints(struct)
    return {wire: hints[name] for name, wire in zip(struct.__struct_fields__, struct.__struct_encode_fields__)}


@cache
def _required(struct: type) -> frozenset[str]:
    return frozenset(f.encode_name for f in msgspec.structs.fields(struct) if f.required)


def _clean(raw: Raw, options: tuple[Any, ...], path: str, found: Callable[[str, str], None]) -> Raw | None:
    """The value without what is unknown; None if it is unknown as a whole."""
    first = bytes(raw)[:64].lstrip()[:1]
    if first == b"{":
        structs = [o for o in options if isinstance(o, type) and issubclass(o, msgspec.Struct)]
        return _struct(raw, structs, path, found) if structs else raw
    if first == b"[":
        lists = [o for o in options if typing.get_origin(o) is list]
        if not lists or lists[0] == list[Raw]:
            return raw
        item = _options(typing.get_args(lists[0])[0])
        kept = [_clean(one, item, f"{path}[{i}]", found) for i, one in enumerate(_array(raw))]
        return Raw(_encode([one for one in kept if one is not None]))
    return raw


def _struct(raw: Raw, structs: list[type], path: str, found: Callable[[str, str], None]) -> Raw | None:
    values = _object(raw)
    struct = structs[0]
    tag = struct.__struct_config__.tag_field
    if tag is not None:
        word = _word(values.get(tag))
        known = [s for s in structs if s.__struct_config__.tag == word]
        if word is None:
            known = [s for s in structs if _required(s) <= values.keys() <= _fields(s).keys()]
            if len(known) == 1:
                found(
                    f"{path}.{tag}".removeprefix("."),
                    f"the tag was missing and is taken to be `{known[0].__struct_config__.tag}`",
                )
                values[tag] = Raw(_encode(known[0].__struct_config__.tag))
        if len(known) != 1:
            if word is None:
                return raw
            found(path, f"`{word}` is not known as a {tag} here")
            return None
        struct = known[0]
    fields = _fields(struct)
    kept = {}
    for name, value in values.items():
        at = f"{path}.{name}".removeprefix(".")
        if name == tag:
            kept[name] = value
        elif name not in fields:
            found(at, "no such field is known here")
        elif (one := _clean(value, _options(fields[name]), at, found)) is not None:
            kept[name] = one
        elif name in _required(struct):  # what it is about is unknown
            return None
    return Raw(_encode(kept))


def _word(raw: Raw | None) -> str | None:
    try:
        return None if raw is None else _text(raw)
    except msgspec.MsgspecError:
        return None
