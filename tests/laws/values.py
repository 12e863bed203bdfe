"""Values of wire and canonical types, drawn at random by what their schemas say."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from codegen.types import Field, Space, Type
from tests.laws.schemas import FAILED, INSTEAD, bases, forms, minimal, opaque, roots, schema

MOST_DRAWN = 150
quick = settings(
    max_examples=MOST_DRAWN,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
DEEPEST = 9  # objects within objects; below that only what is required
MOST_OPTIONAL = 6  # optional fields of one object
TEXTS = ["", " ", "hello", "Grüße, 世界 🎈", 'a "quoted" \\ one', "two\nlines", "null", "{", "\u2028", "x" * 70]
JSON = st.recursive(
    st.none() | st.booleans() | st.sampled_from([0, -1, 2**53 + 1, 1.5, "", "é", "a\\b"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b", "const", "type"]), inner, max_size=2)
    ),
    max_leaves=4,
)
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=6)
OBJECTS = st.dictionaries(st.sampled_from(["a", "city", "const"]), JSON, max_size=2)


@cache
def message(dialect: str, kind: str) -> SearchStrategy[dict[str, Any]]:
    """Requests, responses, frames or errors of a dialect."""
    return Drawn(schema(dialect)).definition(roots(dialect)[kind], 0)


@cache
def drawn(dialect: str, kind: str) -> tuple[dict[str, Any], ...]:
    """Messages that are drawn once, for every law and every receiver: nobody changes them."""
    found: list[dict[str, Any]] = []

    @settings(quick, phases=[Phase.generate])
    @given(message(dialect, kind))
    def draw(value: dict[str, Any]) -> None:
        found.append(value)

    draw()
    return tuple(found)


def holds_of_drawn(law: Callable[[Any], object], dialect: str, kind: str) -> None:
    """A law for every drawn message. Of one that breaks it Hypothesis looks for the least that does."""
    for value in drawn(dialect, kind):
        try:
            law(value)
        except Exception:

            @quick
            @given(message(dialect, kind))
            def least(value: Any) -> None:
                law(value)

            least()
            raise


class Drawn:
    """Values of one schema's definitions."""

    def __init__(self, types: Space) -> None:
        self.types = types
        self._made: dict[tuple[str, int], SearchStrategy[Any]] = {}

    def definition(self, name: str, depth: int) -> SearchStrategy[Any]:
        if (name, depth) not in self._made:
            one = self.types.defs[name]
            if one.union:
                made = st.one_of([self.definition(member, depth) for member in one.members])
            elif depth >= DEEPEST:
                made = st.just(minimal(self.types, name))
            else:
                made = st.deferred(lambda: self._object(name, depth))
            self._made[name, depth] = made
        return self._made[name, depth]

    def _object(self, name: str, depth: int) -> SearchStrategy[dict[str, Any]]:
        one = self.types.defs[name]
        required = {f.name: self.field(name, f, depth) for f in one.fields.values() if f.required}
        said = [f for f in one.fields.values() if not f.required and f"{name}.{f.name}" not in FAILED]
        optional = {f.name: self.field(name, f, depth) for f in said}
        constant = {one.tag: one.word} if one.tag else {}

        def built(drawn: tuple[list[str], dict[str, Any]]) -> SearchStrategy[dict[str, Any]]:
            chosen, base = drawn
            one_of = [field for field in chosen if field in one.one_of]
            chosen = [field for field in chosen if field not in one_of[1:]]
            base = {key: value for key, value in base.items() if not one_of or key not in one.one_of}
            gone = {INSTEAD.get(f"{name}.{field}") for field in chosen}
            first = {key: value for key, value in base.items() if key not in gone}
            parts = required | {field: optional[field] for field in chosen}
            return st.fixed_dictionaries(parts).map(lambda made: constant | first | made)

        some = (
            st.lists(st.sampled_from(sorted(optional)), unique=True, max_size=MOST_OPTIONAL)
            if optional
            else st.just([])
        )
        return st.tuples(some, st.sampled_from(bases(self.types, name))).flatmap(built)

    def field(self, owner: str, one: Field, depth: int) -> SearchStrategy[Any]:
        """A value of one field; null too where that is allowed."""
        drawn = self._type(owner, one, one.type, depth)
        return st.one_of(drawn, drawn, drawn, st.none()) if one.nullable else drawn

    def _type(self, owner: str, one: Field, kind: Type, depth: int) -> SearchStrategy[Any]:
        if (known := forms(self.types, owner, one)) is not None and kind.kind == "string":
            return st.sampled_from(known)
        match kind.kind:
            case "ref":
                return self.definition(kind.name, depth + 1)
            case "choice":
                return st.one_of([self._type(owner, one, option, depth) for option in kind.items])
            case "list":
                inner = kind.items[0]
                cases = len(self.types.members(inner.name)) if inner.kind == "ref" else 0
                most = max(4, cases // 2) if depth < 3 else 2
                return st.lists(self._type(owner, one, inner, depth), max_size=most)
            case "string":
                return st.sampled_from(one.words) if one.words else st.sampled_from(TEXTS) | ANY_TEXT
            case "integer":
                return st.integers(0, 5) | st.sampled_from([1024, 4096, 100_000])
            case "number":
                return st.sampled_from([0, 0.25, 1, 1.5, 2])
            case "boolean":
                return st.booleans()
        if known is not None:
            return st.sampled_from(known)
        made = opaque(one.node, 1)
        return OBJECTS if isinstance(made, dict) else st.sampled_from([made, opaque(one.node, 2)])


def reached(types: Space, name: str, value: Any, found: set[str]) -> None:
    """Notes every field, union case and word that stands in a value: `Type`, `Type.field`, `Type.field=word`."""
    one = types.defs[name]
    if one.union:
        tag = types.defs[one.members[0]].tag
        name = next(member for member in one.members if types.defs[member].word == value[tag])
        found.add(f"{one.name}<{name}>")
        one = types.defs[name]
    found.add(name)
    for key, inner in value.items():
        if key in one.fields and inner is not None:
            found.add(f"{name}.{key}")
            _reached(types, name, one.fields[key], one.fields[key].type, inner, found)


def _reached(types: Space, owner: str, one: Field, kind: Type, value: Any, found: set[str]) -> None:
    match kind.kind:
        case "choice":
            fits = {str: "string", list: "list", dict: "ref", bool: "boolean", float: "number", int: "integer"}[
                type(value)
            ]
            fits = fits if kind.option(fits) else "number"
            _reached(types, owner, one, kind.option(fits), value, found)
            found.add(f"{owner}.{one.name}:{fits}")
        case "ref":
            reached(types, kind.name, value, found)
        case "list":
            for item in value:
                _reached(types, owner, one, kind.items[0], item, found)
        case "string" if one.words:
            found.add(f"{owner}.{one.name}={value}")


def wanted(types: Space, name: str, found: set[str] | None = None) -> set[str]:
    """Everything that `reached` could find below a definition."""
    found = set() if found is None else found
    one = types.defs[name]
    for member in types.members(name):
        if one.union:
            found.add(f"{one.name}<{member}>")
        if member in found:
            continue
        found.add(member)
        for f in types.defs[member].fields.values():
            if f"{member}.{f.name}" in FAILED:
                continue
            found.add(f"{member}.{f.name}")
            for kind in f.type.items if f.type.kind == "choice" else (f.type,):
                if f.type.kind == "choice":
                    found.add(f"{member}.{f.name}:{kind.kind}")
                if kind.kind == "string":
                    found |= {f"{member}.{f.name}={word}" for word in f.words}
                inner = kind.items[0] if kind.kind == "list" else kind
                if inner.kind == "ref":
                    wanted(types, inner.name, found)
                elif inner.kind == "string" and kind.kind == "list":
                    found |= {f"{member}.{f.name}={word}" for word in f.words}
    return found
