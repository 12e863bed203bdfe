"""Where a value stands in what the sender wrote: `messages[3].content[0].cache_control`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple, get_args, get_type_hints

import msgspec

from generated import canonical as c

BLOCKS = c.Block.__args__


class Spot(NamedTuple):
    """Where a canonical struct stands: its path, and the name and path of the struct around it that may say more.

    A mapping may write `reasoning.effort` in the lens of the request: `name` is then `Request.reasoning`, `base` the
    path of the request.
    """

    owner: Any
    path: str
    name: str
    base: str


class Places:
    """Finds the sender's path of anything that was read from the wire message `root`, or from `value`, its meaning.

    `rules` is the sender's dialect. Most of what is asked for stands at the top and is found without a walk; pin walks
    through everything, once, so that it is known before blocks are laid out anew.
    """

    def __init__(
        self, root: Any, value: Any, rules: Any, parted: Mapping[int, tuple[Any, Any]] = MappingProxyType({})
    ) -> None:
        self.root, self.value, self.rules, self.parted = root, value, rules, parted
        self.answer = type(value) is c.Response
        self.wire: dict[int, tuple[Any, str]] = {}
        self.spots: dict[int, Spot] = {}
        self.candidates: dict[int, int] = {}  # id of an answer's block -> the candidate that it stands in
        self.glanced: set[bool] = set()  # at the wire's top (False), at the meaning's (True)
        self.walked = False
        self.followed = False  # whether a path was: what else stands in the message decides
        self.counted = False  # whether a path led into a list: how long that is decides
        if root is not None:
            self.wire[id(root)] = root, ""
        if value is not None:
            self.spots[id(value)] = Spot(value, "", type(value).__name__, "")

    def _glance(self, meaning: bool) -> None:
        """Takes in what stands at the top of the wire message, or of its meaning."""
        if meaning in self.glanced:
            return
        self.glanced.add(meaning)
        if not meaning and (root := self.root) is not None:
            for name, wire in _attributes(type(root)):
                if isinstance(child := getattr(root, name), msgspec.Struct):
                    self.wire[id(child)] = child, wire
        if meaning and (value := self.value) is not None:
            kind = type(value).__name__
            for name in value.__struct_fields__:
                if isinstance(child := getattr(value, name), msgspec.Struct):
                    path = self._named(self.spots[id(value)], kind, name, value) or ""
                    self.spots[id(child)] = Spot(child, path, f"{kind}.{name}", "")

    def _look(self) -> None:
        """Walks through everything."""
        if self.walked:
            return
        self._glance(False)
        self._glance(True)
        self.walked = True
        if self.root is not None:
            self._walk_wire(self.root, "")
        if self.value is not None:
            top = Spot(self.value, "", type(self.value).__name__, "")
            self._walk(self.value, top, type(self.value) is c.Response)

    def of(self, owner: Any, field: str = "") -> str:
        """The path of a field of `owner`: a wire name where it is a wire struct, a canonical one where it is canonical."""
        if id(owner) in self.parted and isinstance(self.parted[id(owner)][1], type(owner)):
            return self.of(self.parted[id(owner)][1], field)
        if id(owner) not in self.wire and id(owner) not in self.spots:
            self._glance(type(owner).__module__ == c.__name__)
            if id(owner) not in self.wire and id(owner) not in self.spots:
                self._look()
        if (known := self.wire.get(id(owner))) is not None:
            return _join(known[1], field)
        if self.answer and type(owner) in BLOCKS:
            self._look()
        if self.answer and type(owner) in BLOCKS and (form := self._apart(owner, field)) is not None:
            return form
        spot = self.spots.get(id(owner))
        if spot is None:
            if type(owner) not in BLOCKS or owner.turn is None:
                return field or type(owner).__name__
            spot = Spot(owner, self._block(owner, "", False, 0), "", "")
        if ".0." in field and f"{type(owner).__name__}.{field}" not in self.rules.ORIGIN:
            held, _, field = field.partition(".0.")  # the first of a list may have a place of its own
            return self.of(getattr(owner, held)[0], field)
        return self._field(spot, field) if field else spot.path or self._inside(spot)

    def _inside(self, spot: Spot) -> str:
        """Where something of a value stands that has no place of its own."""
        places = [_join(spot.base, one) for one in _below(self.rules).get(spot.name, ())]
        return self._standing(places) if spot.name and places else ""

    def _apart(self, block: Any, field: str) -> str | None:
        """The path of a field of an answer's block that has a place of its own."""
        form = self.rules.PLACES.get(("answer", f"{type(block).__struct_config__.tag}.{field}"))
        if form is None:
            return None
        return self._standing([one.format(candidate=self.candidates.get(id(block), 0)) for one in form.split("|")])

    def pin(self, made: Any, of: Any) -> None:
        """`made` says what `of` said, and is named by its path."""
        self._look()
        path = self.of(of)
        self._walk(made, Spot(made, path, "", ""), False)

    def _field(self, spot: Spot, field: str) -> str:
        """The path of a canonical field; of what holds it where the wire has no such leaf."""
        owner, path = type(spot.owner), spot.path
        steps = field.split(".")
        for end in range(len(steps), 0, -1):
            name = ".".join(steps[:end])
            keys = [(f"{owner.__name__}.{name}", path)]
            if spot.name != owner.__name__ or spot.base != path:
                keys.insert(0, (f"{spot.name}.{name}", spot.base))
            places = [_join(base, one) for key, base in keys for one in self._places(key)]
            if places:
                said = any(key in self.rules.ORIGIN for key, _ in keys)
                path = self._standing(places) if said else self._around(places)
                if end < len(steps) and (inner := _inner(owner, name)) is not None:
                    rest = self.rules.ORIGIN.get(f"{inner.__name__}.{'.'.join(steps[end:])}")
                    path = path if rest is None else self._standing([_join(path, one) for one in rest.split("|")])
                return path
        return (path or field) if self.rules.ORIGIN else _join(path, field)

    def _places(self, key: str) -> list[str]:
        """The wire's paths of a canonical field, or of its parts where it has no place of its own."""
        if (found := self.rules.ORIGIN.get(key)) is not None:
            return found.split("|")
        return _below(self.rules).get(key, []) if self.rules.ORIGIN else []

    def _around(self, places: list[str]) -> str:
        """What holds those of some places that lead somewhere in the message; the first, where none does."""
        found = [_steps(path) for path, there in map(self._follow, places) if there]
        if not found:
            return places[0]
        count = next((n for n, same in enumerate(zip(*found, strict=False)) if len({*same}) > 1), len(found[0]))
        return "".join(one if one.startswith("[") else f".{one}" for one in found[0][:count]).removeprefix(".")

    # the walk

    def _walk_wire(self, node: Any, path: str) -> None:
        if isinstance(node, msgspec.Struct):
            self.wire[id(node)] = node, path
            for name, wire in _attributes(type(node)):
                child = getattr(node, name)
                if isinstance(child, (msgspec.Struct, list)):
                    self._walk_wire(child, _join(path, wire))
        elif isinstance(node, list):
            for index, child in enumerate(node):
                self._walk_wire(child, f"{path}[{index}]")

    def _walk(self, node: Any, spot: Spot, answer: bool, candidate: int = 0) -> None:
        self.spots[id(node)] = spot
        kind = type(node).__name__
        for name in node.__struct_fields__:
            child = getattr(node, name)
            if not isinstance(child, (msgspec.Struct, list)):
                continue
            path = self._named(spot, kind, name, node)
            key = f"{spot.name}.{name}"
            if isinstance(child, msgspec.Struct):
                if id(child) in self.parted:
                    path = self.of(self.parted[id(child)][1])
                self._walk(child, Spot(child, spot.path if path is None else path, key, spot.base), answer, candidate)
                continue
            for index, one in enumerate(child):
                if not isinstance(one, msgspec.Struct):
                    break
                if type(one) in BLOCKS and name == "blocks" and self.rules.PLACES:
                    spot_of_block = Spot(one, self._block(one, path or "", answer, candidate), "", "")
                    self.candidates[id(one)] = candidate
                    self._walk(one, spot_of_block, answer, candidate)
                    continue
                number = one.part if type(one) in BLOCKS and one.part is not None else index
                at = spot.path if path is None else self._standing([f"{path}[{number}]"])
                at = self.of(self.parted[id(one)][1]) if id(one) in self.parted else at
                self._walk(
                    one, Spot(one, at, f"{key}.{index}", spot.base), answer, index if kind == "Response" else candidate
                )

    def _named(self, spot: Spot, kind: str, name: str, node: Any) -> str | None:
        """The path of a field that holds something, if the mapping names it."""
        if type(node) in BLOCKS:
            if (form := self._apart(node, name)) is not None:
                return form
        for key, base in ((f"{spot.name}.{name}", spot.base), (f"{kind}.{name}", spot.path)):
            if (found := self.rules.ORIGIN.get(key)) is not None:
                inside = _below(self.rules).get(key, ()) if self.root is not None else ()
                return self._standing([_join(base, one) for one in (*found.split("|"), *inside)])
        return None if self.rules.ORIGIN else _join(spot.path, name)  # canonical itself names everything as it is

    def _block(self, block: Any, base: str, answer: bool, candidate: int) -> str:
        """A block's place in a request or in an answer."""
        places, kind = self.rules.PLACES, type(block).__struct_config__.tag
        role = "answer" if answer else "instruction" if block.turn == -1 else block.role
        form = places.get((role, kind)) or places.get((role, "")) or places.get(("user", "")) or base
        part = block.part or 0
        return self._standing([one.format(turn=block.turn, part=part, candidate=candidate) for one in form.split("|")])

    # what stands in the message

    def _standing(self, paths: list[str]) -> str:
        """The path that leads somewhere in the message, else the first; up to the value that has no more parts."""
        if len(paths) == 1 and "." not in paths[0] and "[" not in paths[0]:
            return paths[0]
        first = None
        for path in paths:
            said, there = self._follow(path)
            if there:
                return said
            first = said if first is None else first
        return first

    def _follow(self, path: str) -> tuple[str, bool]:
        node, gone = self.root, ""
        self.followed = True
        for step in _steps(path) if node is not None else ():
            if step.startswith("["):
                if not isinstance(node, list):
                    return gone, True
                self.counted = True
                if int(step[1:-1]) >= len(node):
                    return path, False
                node = node[int(step[1:-1])]
            elif isinstance(node, msgspec.Struct):
                node = getattr(node, attributes(type(node)).get(step, ""), None)
            elif isinstance(node, list):
                return path, False
            else:
                return gone, True
            if node is None:
                return path, False
            gone = gone + step if step.startswith("[") else _join(gone, step)
        return path, node is not None


def shape(struct: msgspec.Struct) -> tuple[Any, ...]:
    """What paths through structs depend on, but for lists: the types of all that stands in one, and none of its values."""
    found = [type(struct), *map(type, msgspec.structs.astuple(struct))]
    for name in nested(type(struct)):
        if isinstance(one := getattr(struct, name), msgspec.Struct):
            found.append(shape(one))
    return tuple(found)


@cache
def nested(struct: type) -> list[str]:
    """The fields that may hold structs."""
    return [field.name for field in msgspec.structs.fields(struct) if _structs(field.type)]


def _structs(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct) or any(map(_structs, get_args(hint)))


@cache
def _below(rules: Any) -> dict[str, list[str]]:
    """Canonical fields that have parts, each with the wire paths of these."""
    found: dict[str, list[str]] = {}
    for key, paths in rules.ORIGIN.items():
        if key.count(".") > 1:
            found.setdefault(key.rpartition(".")[0], []).extend(paths.split("|"))
    return found


@lru_cache(1 << 12)
def _steps(path: str) -> list[str]:
    return re.findall(r"\[\d+\]|[^.\[\]]+", path)


@cache
def _attributes(struct: type) -> list[tuple[str, str]]:
    """Name in Python and name on the wire of each field."""
    return list(zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True))


@cache
def attributes(struct: type) -> dict[str, str]:
    return {wire: name for name, wire in _attributes(struct)}


@cache
def _hints(struct: type) -> dict[str, Any]:
    return get_type_hints(struct)


@cache
def _inner(owner: type, field: str) -> type | None:
    """The struct that a dotted canonical field holds."""
    for step in field.split("."):
        hint = _hints(owner).get(step)
        owner = next(
            (one for one in (*get_args(hint), hint) if isinstance(one, type) and issubclass(one, msgspec.Struct)), None
        )
        if owner is None:
            return None
    return owner


def _join(base: str, field: str) -> str:
    return f"{base}.{field}" if base and field else base or field
