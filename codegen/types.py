"""What the compiler knows of a type: the subset of JSON Schema that wire and canonical schemas are written in."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field, replace
from functools import cache

from runtime.core.located import Node

SCALARS = ("string", "integer", "number", "boolean")


@dataclass(frozen=True)
class Type:
    """`kind` is a scalar's name, raw, map, carried, list (of `items[0]`), ref (to `name`) or choice (among `items`)."""

    kind: str
    name: str = ""
    items: tuple[Type, ...] = ()

    def __str__(self) -> str:
        match self.kind:
            case "list":
                return f"list of {self.items[0]}"
            case "choice":
                return " or ".join(map(str, self.items))
            case "ref":
                return self.name
            case "raw":
                return "raw JSON"
            case _:
                return self.kind

    def option(self, kind: str) -> Type | None:
        """The alternative of this kind: the type itself, or one of a choice."""
        return next((t for t in (self.items if self.kind == "choice" else (self,)) if t.kind == kind), None)

    def refs(self) -> list[str]:
        """The names of the definitions that this type mentions."""
        return ([self.name] if self.kind == "ref" else []) + [name for item in self.items for name in item.refs()]


@dataclass(frozen=True)
class Field:
    """One property. `nullable` says that null may stand there, `write_null` that null is written when there is nothing."""

    name: str
    type: Type
    node: Node
    required: bool = False
    nullable: bool = False
    write_null: bool = False
    words: tuple[str, ...] = ()
    must_honour: bool = False
    derived: bool = False  # other values say it
    usual: bool = False  # a flag that is on where nothing is said
    comes_with: tuple[str, ...] = ()  # the words of the type's kind or mode beside which it is always there
    part: str = ""  # the part of its object that it belongs to
    twins: int = 0  # fields before it whose names differ in capitals only

    @property
    def attr(self) -> str:
        return attribute(self.name) + (f"_{self.twins}" if self.twins else "")

    @property
    def flat(self) -> bool:
        """Whether it is a part of its object, and no field."""
        return self.part == self.name

    @property
    def optional(self) -> bool:
        return self.nullable or not self.required


@dataclass(frozen=True)
class Def:
    """An object (with fields, and the word it bears under `tag`, if it has one) or a union (with members).

    `parts` are types of no object of their own: some fields of this one, which a lens of theirs maps together.
    """

    name: str
    node: Node
    key: Node
    fields: dict[str, Field] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    tag: str = ""
    word: str = ""
    one_of: tuple[str, ...] = ()  # fields of which a value has one
    parts: dict[str, Field] = field(default_factory=dict)
    whole: str = ""  # of a part: the object it is a part of

    @property
    def union(self) -> bool:
        return bool(self.members)

    @property
    def own(self) -> dict[str, Field]:
        """What a lens of the object answers for: its parts, and the fields that are in none."""
        return {name: one for name, one in self.fields.items() if not one.part} | self.parts


@dataclass(frozen=True)
class Space:
    """The definitions of one schema file."""

    file: str
    defs: dict[str, Def]

    def members(self, name: str) -> list[str]:
        """The object definitions behind a name: a union's members, or the object itself."""
        definition = self.defs[name]
        return list(definition.members) if definition.union else [name]


@cache
def attribute(name: str) -> str:
    """The Python name of a field, as the structs spell it: snake case, no keyword."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).replace("-", "_").lower()
    if snake.startswith("_"):
        snake = "field" + snake
    return snake + "_" if keyword.iskeyword(snake) else snake


def space(root: Node) -> Space:
    """The type space of a schema file."""
    defs = root.get("$defs")
    found = {name: _definition(name, node, defs.keys[name]) for name, node in defs.value.items()} if defs else {}
    for one in list(found.values()):
        for name in one.parts:
            fields = {n: replace(f, part="") for n, f in one.fields.items() if f.part == name}
            found.setdefault(name, Def(name, one.node, one.key, fields=fields, whole=one.name))
    for union in [d for d in found.values() if d.union]:
        every = union.node.get("x-every")
        for member in union.members:
            target = found.get(member)
            if target is None:
                continue
            if every is not None:
                target.fields.update(
                    {n: _field(n, node, False) for n, node in every.value.items() if n not in target.fields}
                )
    return Space(root.file, found)


def _definition(name: str, node: Node, key: Node) -> Def:
    if (one_of := node.get("oneOf")) is not None and node.get("x-tag") is not None:
        members = tuple(_ref(item) for item in one_of.value)
        return Def(name, node, key, members=members, tag=node.get("x-tag").value)
    required = node.get("required")
    names = {item.value for item in required.value} if required else set()
    fields, tag, word = {}, "", ""
    for prop, sub in (node.get("properties").value if node.get("properties") else {}).items():
        if (const := sub.get("const")) is not None:
            tag, word = prop, const.value
        else:
            twins = sum(attribute(other) == attribute(prop) for other in fields)
            fields[prop] = replace(_field(prop, sub, prop in names), twins=twins)
    one_of = tuple(item.value for item in node.get("x-one-of").value) if node.get("x-one-of") else ()
    parts = {
        one.part: Field(one.part, Type("ref", one.part), one.node, True, part=one.part)
        for one in fields.values()
        if one.part
    }
    return Def(name, node, key, fields=fields, tag=tag, word=word, one_of=one_of, parts=parts)


def _field(name: str, node: Node, required: bool) -> Field:
    kind, nullable = _type(node)
    words = node.get("x-words")
    if words is None and node.get("oneOf") is not None:
        words = next((n.get("x-words") for n in node.get("oneOf").value if n.get("x-words")), None)
    if words is None and (items := node.get("items")) is not None:
        words = items.get("x-words")
    more = node.get("x-more-words")
    return Field(
        name,
        kind,
        node,
        required,
        nullable,
        bool(node.get("x-write-null")),
        (*(w.value for w in words.value), *(more.value if more else ())) if words else (),
        bool(node.get("x-must-honour")),
        bool(node.get("x-derived")),
        bool(node.get("x-usual")),
        tuple(w.value for w in node.get("x-with").value) if node.get("x-with") else (),
        node.get("x-part").value if node.get("x-part") else "",
    )


def _type(node: Node) -> tuple[Type, bool]:
    """The type of a schema node, and whether null is allowed."""
    if node.get("x-carried") is not None:
        return Type("carried"), True
    options = next((node.get(key).value for key in ("anyOf", "oneOf") if node.get(key) is not None), None)
    if options is not None:
        parts = [_type(option)[0] for option in options if not _is_null(option)]
        kind = parts[0] if len(parts) == 1 else Type("choice", items=tuple(parts))
        nullable = any(_is_null(option) for option in options)
    elif (ref := node.get("$ref")) is not None:
        kind, nullable = Type("ref", ref.value.rsplit("/", 1)[-1]), False
    else:
        declared = node.get("type").value if node.get("type") else []
        names = [n.value for n in declared] if isinstance(declared, list) else [declared]
        nullable = "null" in names
        parts = [_plain(n, node) for n in names if n != "null"] or [Type("raw")]
        kind = parts[0] if len(parts) == 1 else Type("choice", items=tuple(parts))
    if node.get("x-opaque") is not None:
        kind = Type("raw")
    return kind, nullable


def _plain(name: str, node: Node) -> Type:
    if name == "array":
        return Type("list", items=(_type(node.get("items"))[0],))
    if name == "object":
        return Type("map")
    return Type(name)


def _is_null(node: Node) -> bool:
    return node.get("type") is not None and node.get("type").value == "null"


def _ref(node: Node) -> str:
    return node.get("$ref").value.rsplit("/", 1)[-1]
