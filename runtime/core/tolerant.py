"""Strict decoding first; only when that fails, a second walk that finds, drops and names what the schema does not know.

What has been found and named once in a stream is then dropped in C: decoded as a twin of the type that takes any
field, and encoded without what it did not know.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import msgspec
from msgspec import NODEFAULT, Raw

from runtime.core.primitives import whole_characters

NULL = Raw(b"null")
NO_ROLE = "not known as a role here"  # why a message is left out
_object = msgspec.json.Decoder(dict[str, Raw]).decode
_array = msgspec.json.Decoder(list[Raw]).decode
_encode = msgspec.json.Encoder().encode
_text = msgspec.json.Decoder(str).decode
_any = msgspec.json.Decoder().decode


def decode(
    decoder: Callable[[bytes], Any],
    data: bytes,
    found: Callable[[str, str], None],
    known: dict[Any, Known] | None = None,
    *,
    mending: bool = False,
) -> Any:
    """The value, decoded strictly or, failing that, without what the type does not know.

    `decoder` is the bound `decode` of a msgspec Decoder. `found(path, what)` is told each unknown field, variant or
    missing tag; `known` keeps the unknown fields for a next call, which then drops them without finding them out again.
    A variant of an unknown kind at the top, such as an event of a stream, is None.
    Half a character in an escape is read as U+FFFD. With `mending`, for what an upstream says, another JSON value in
    place of a text is read as its text, and a count with a point as a count. Raises msgspec.ValidationError where a known field holds the wrong
    type, DecodeError for bad JSON.
    """
    before = known.get(decoder) if known else None
    try:
        return decoder(data) if before is None else decoder(_encode(before.wide(data)))
    except msgspec.ValidationError:
        pass  # something is unknown, or more than before
    except msgspec.DecodeError:
        if (mended := whole_characters(data)) == data:
            raise
        return decode(decoder, mended, found, known, mending=mending)
    except UnicodeDecodeError as problem:
        raise msgspec.DecodeError(f"this is not UTF-8: {problem.reason}") from None
    kind = decoder.__self__.type
    options = _options(kind)
    fields: set[tuple[type, str]] = set()
    try:
        cleaned = _Cleaning(found, fields, mending).value(Raw(data), options, "")
    except UnicodeDecodeError as problem:
        raise msgspec.DecodeError(f"this is not UTF-8: {problem.reason}") from None
    if cleaned is None and len(options) > 1:
        return None
    value = decoder(bytes(cleaned) if cleaned is not None else data)
    named = frozenset((owner, name) for owner, name in fields if _NAME.fullmatch(name))
    if known is not None and named:
        known[decoder] = Known(kind, named | (before.fields if before else frozenset()))
    return value


_NAME = re.compile(r'[^"\\\x00-\x1f]+')  # what a field of a struct can be called


class _Dropped:
    """Stands for a value that is not wanted: it is the default of its field, which is why it is not written again."""


DROPPED = _Dropped()


class Known(typing.NamedTuple):
    """Unknown fields that were found in a type's structs."""

    kind: Any
    fields: frozenset[tuple[type, str]]

    def wide(self, data: bytes) -> Any:
        """A value with those fields and no others; they are not written again."""
        return _wide_decoder(self.kind, self.fields)(data)


@lru_cache(256)
def _wide_decoder(kind: Any, fields: frozenset[tuple[type, str]]) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(_twin(kind, {}, fields), dec_hook=lambda kind, value: DROPPED).decode


@cache
def widened(kind: Any, adds: tuple[str, ...]) -> tuple[Callable[[bytes], Any], dict[str, Any]] | None:
    """What decodes a type with further fields, which stand at paths below it, and those fields as a tree for `added`.

    None where no path leads below the type: that of a whole answer is none of a stream's frame.
    """
    tree: dict[str, Any] = {}
    for path in adds:
        inside = tree
        for name in path.split("."):
            inside = inside.setdefault(name, {})
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return None
    wide = _wide(kind, tree)
    return None if wide is kind else (msgspec.json.Decoder(wide).decode, tree)


def added(value: Any, tree: dict[str, Any], found: Callable[[str, str], None], path: str = "") -> None:
    """Tells the further fields of a value that was decoded so."""
    for number, item in enumerate(value) if isinstance(value, list) else ():
        added(item, tree, found, f"{path}[{number}]")
    if not isinstance(value, msgspec.Struct):
        return
    for name, inside in tree.items():
        held, at = getattr(value, name, None), f"{path}.{name}".removeprefix(".")
        if inside:
            added(held, inside, found, at)
        elif type(held) is Raw and held != NULL:
            found(at, "this provider's own extra")


def _wide(struct: type, tree: dict[str, Any]) -> type:
    """The struct with the fields of a tree that it does not have; the struct itself, where they belong to another."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    more = []
    for name, inside in tree.items():
        if name not in fields:
            if not inside:
                more.append((name, Raw, None))
        elif inside and (kind := _replaced(fields[name].type, inside)) != fields[name].type:
            more.append(_open_field(fields[name], kind))
    return msgspec.defstruct(struct.__name__, more, bases=(struct,), kw_only=True) if more else struct


def _replaced(kind: Any, tree: dict[str, Any]) -> Any:
    """A field's type with its structs widened."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _wide(kind, tree)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return typing.Union[tuple(_replaced(one, tree) for one in inner)]  # noqa: UP007
    return list[_replaced(inner[0], tree)] if origin is list else kind


def _twin(kind: Any, made: dict[Any, Any], more: frozenset[tuple[type, str]]) -> Any:
    """The type with more fields in its structs. A struct inside itself stays raw."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind not in made:
            made[kind] = Raw
            fields = [_open_field(field, _twin(field.type, made, more)) for field in msgspec.structs.fields(kind)]
            names = sorted(name for owner, name in more if owner is kind)
            fields += [
                (f"more_{n}", _Dropped, msgspec.field(name=name, default=DROPPED)) for n, name in enumerate(names)
            ]
            config = kind.__struct_config__
            tag = {"tag_field": config.tag_field, "tag": config.tag} if config.tag_field else {}
            made[kind] = msgspec.defstruct(
                kind.__name__, fields, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, **tag
            )
        return made[kind]
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        options = tuple(dict.fromkeys(_twin(one, made, more) for one in inner))
        return Raw if Raw in options else typing.Union[options]  # noqa: UP007
    if origin in (list, dict):
        return origin[tuple(_twin(one, made, more) for one in inner)]
    return kind


def _open_field(field: Any, kind: Any) -> tuple[str, Any, Any]:
    """A field as it is, but of another type."""
    given = {
        name: getattr(field, name) for name in ("default", "default_factory") if getattr(field, name) is not NODEFAULT
    }
    return field.name, kind, msgspec.field(name=field.encode_name, **given)


def _options(kind: Any) -> tuple[Any, ...]:
    origin = typing.get_origin(kind)
    return typing.get_args(kind) if origin in (typing.Union, types.UnionType) else (kind,)


@cache
def _fields(struct: type) -> dict[str, Any]:
    """Wire name -> type of each field."""
    hints = typing.get_type_hints(struct)
    return {
        wire: hints[name] for name, wire in zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True)
    }


@cache
def _required(struct: type) -> frozenset[str]:
    return frozenset(f.encode_name for f in msgspec.structs.fields(struct) if f.required)


def _nobody(structs: list[type]) -> str:
    """That a role is unknown, and those that are not."""
    roles = [str(struct.__struct_config__.tag) for struct in structs]
    return f"{NO_ROLE}; write {', '.join(roles[:-1])} or {roles[-1]}"


class _Cleaning:
    """One walk: `found` is told what is unknown, `unknown` gets its fields, `mending` reads what is of another type."""

    def __init__(self, found: Callable[[str, str], None], unknown: set[tuple[type, str]], mending: bool) -> None:
        self.found, self.unknown, self.mending = found, unknown, mending

    def value(self, raw: Raw, options: tuple[Any, ...], path: str) -> Raw | None:
        """The value without what is unknown; None if it is unknown as a whole."""
        first = bytes(raw)[:64].lstrip()[:1]
        if first == b"{":
            structs = [o for o in options if isinstance(o, type) and issubclass(o, msgspec.Struct)]
            if structs:
                return self.struct(raw, structs, path)
        elif first == b"[":
            lists = [o for o in options if typing.get_origin(o) is list]
            if lists == [list[Raw]]:
                return raw
            if lists:
                item = _options(typing.get_args(lists[0])[0])
                kept = [self.value(one, item, f"{path}[{i}]") for i, one in enumerate(_array(raw))]
                return Raw(_encode([one for one in kept if one is not None]))
        return _mended(raw, first, options) if self.mending else raw

    def struct(self, raw: Raw, structs: list[type], path: str) -> Raw | None:
        values = _object(raw)
        struct = structs[0]
        tag = struct.__struct_config__.tag_field
        if tag is not None:
            word = _word(values.get(tag))
            known = [s for s in structs if s.__struct_config__.tag == word]
            if word is None:
                values.pop(tag, None)
                fitting = [s for s in structs if _required(s) <= values.keys()]
                known = [s for s in fitting if values.keys() <= _fields(s).keys()]
                if free := [s for s in known or fitting if s.untagged]:
                    known = [max(free, key=lambda s: len(_required(s)))]
                elif len(known) == 1:
                    self.found(
                        f"{path}.{tag}".removeprefix("."),
                        f"the tag was missing and is taken to be `{known[0].__struct_config__.tag}`",
                    )
                if len(known) == 1:
                    values = {tag: Raw(_encode(known[0].__struct_config__.tag))} | values
            if len(known) != 1:
                if word is None:
                    return raw
                self.found(path, f"`{word}` is {_nobody(structs) if tag == 'role' else f'not known as a {tag} here'}")
                return None
            struct = known[0]
        fields = _fields(struct)
        kept = {}
        also = getattr(struct, "ALSO", {})  # other spellings of fields
        lone = getattr(struct, "LONE", ())  # lists in whose place one object may stand
        for name, value in values.items():
            at = f"{path}.{name}".removeprefix(".")
            name = also.get(name, name)
            if name in lone and bytes(value)[:1] == b"{":
                value = Raw(b"[%b]" % value)
            if name == tag:
                kept[name] = value
            elif name not in fields:
                self.found(at, "no such field is known here")
                self.unknown.add((struct, name))
            elif self.mending and value == NULL and fields[name] is str:
                kept[name] = Raw(b'""')
            elif (one := self.value(value, _options(fields[name]), at)) is not None:
                kept[name] = one
            elif name in _required(struct):  # what it is about is unknown
                return None
        return Raw(_encode(kept))


def _mended(raw: Raw, first: bytes, options: tuple[Any, ...]) -> Raw:
    """A value in the type that is wanted in its place: engines give numbers and objects where texts belong."""
    said = bytes(raw)
    if Raw in options or first not in b"{[-0123456789":
        return raw
    if first in b"-0123456789" and int in options:
        return raw if float in options or said.isdigit() else Raw(_encode(int(float(said))))
    if str not in options or float in options:
        return raw
    if first == b"[":
        parts = [one if type(one) is str else one.get("text") if type(one) is dict else None for one in _any(said)]
        return raw if None in parts else Raw(_encode("".join(parts)))
    return Raw(_encode(said.decode()))


def _word(raw: Raw | None) -> str | None:
    try:
        return None if raw is None else _text(raw)
    except msgspec.MsgspecError:
        return None
