"""Names to what they name: paths to fields, lens names to lenses, tables and primitives to their declarations."""

from __future__ import annotations

from dataclasses import dataclass, field

from codegen.spec import Lens, Line, Mapping, Table
from codegen.types import Def, Field, Space, Type
from runtime.core.diagnostic import Diagnostic, at, did_you_mean, near
from runtime.core.located import Node


@dataclass
class Dialect:
    """A mapping with the type spaces it joins. Look-ups report what they cannot find, once, in `diagnostics`."""

    mapping: Mapping
    wire: Space
    canonical: Space
    primitives: dict[str, dict]
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def lens(self, name: str, node: Node) -> Lens | None:
        """The lens of a wire type, named with its condition if it has one."""
        if (found := self.mapping.lenses.get(name)) is not None:
            return found
        self.report(at(node, "E202", f"there is no lens for `{name}`", caret=did_you_mean(name, self.mapping.lenses),
                       fixes=[f"{name} <-> <a canonical type>: {{…}}"]))
        return None

    def table(self, name: str, node: Node) -> Table | None:
        if (found := self.mapping.tables.get(name)) is not None:
            return found
        self.report(at(node, "E203", f"there is no table `{name}`", caret=did_you_mean(name, self.mapping.tables)))
        return None

    def primitive(self, name: str, node: Node) -> dict | None:
        if (found := self.primitives.get(name)) is not None:
            return found
        self.report(at(node, "E204", f"there is no primitive `{name}`", caret=did_you_mean(name, self.primitives),
                       known=["Primitives are declared in specs/primitives.yaml."]))
        return None

    def fields(self, space: Space, owner: str, path: tuple[str, ...], node: Node) -> list[Field] | None:
        """The fields along a path, from an object definition; a digit steps into a list."""
        found: list[Field] = []
        kind = Type("ref", owner)
        for step in path:
            if step.isdigit() and kind.kind == "list":
                kind = kind.items[0]
                continue
            ref = kind.option("ref")
            definition = space.defs.get(ref.name) if ref else None
            if definition is None or step not in definition.fields:
                self._missing(space, definition, str(kind), step, path, node)
                return None
            found.append(definition.fields[step])
            kind = found[-1].type
        return found

    def _missing(self, space: Space, definition: Def | None, kind: str, step: str, path: tuple[str, ...], node: Node) -> None:
        if definition is None:
            self.report(at(node, "E205", f"`{'.'.join(path)}` goes into {kind}, which has no fields"))
            return
        places = near(step, definition.fields)
        known = [f"{definition.name} is defined at {definition.key.file}:{definition.key.line}."]
        if places:
            known.append("Near names: " + ", ".join(places) + ".")
        self.report(at(node, "E201", f"{definition.name} has no field `{step}`", caret=did_you_mean(step, definition.fields), known=known))

    def report(self, diagnostic: Diagnostic) -> None:
        if diagnostic not in self.diagnostics:
            self.diagnostics.append(diagnostic)


def check(dialect: Dialect) -> None:
    """Follows every name of the mapping, so that what does not exist is reported where it is written."""
    mapping, wire, canonical = dialect.mapping, dialect.wire, dialect.canonical
    for lens in mapping.lenses.values():
        if lens.wire not in wire.defs:
            dialect.report(at(lens.key, "E206", f"{wire.file} defines no `{lens.wire}`", caret=did_you_mean(lens.wire, wire.defs)))
            continue
        if not lens.message and lens.canonical not in canonical.defs:
            dialect.report(at(lens.key, "E206", f"{canonical.file} defines no `{lens.canonical}`", caret=did_you_mean(lens.canonical, canonical.defs)))
            continue
        for node in lens.any:
            dialect.lens(node.value, node)
        for line in (*lens.lines, *lens.every):
            _line(dialect, lens, line)
        if lens.where and not lens.message:
            _where(dialect, lens)


def _where(dialect: Dialect, lens: Lens) -> None:
    """`Wire <-> Canonical field=word`: the field must exist and know the word."""
    name, word = lens.where
    fields = dialect.fields(dialect.canonical, lens.canonical, (name,), lens.key)
    if fields and fields[-1].words and word not in fields[-1].words:
        dialect.report(at(lens.key, "E207", f"{lens.canonical}.{name} has no word `{word}`", caret=did_you_mean(word, fields[-1].words)))


def _line(dialect: Dialect, lens: Lens, line: Line) -> None:
    owners = [lens.wire] if line in lens.lines else [
        member for member in dialect.wire.members(lens.wire) if line.wire[0] in dialect.wire.defs[member].fields
    ] or dialect.wire.members(lens.wire)[:1]
    wire = [dialect.fields(dialect.wire, owner, line.wire, line.key) for owner in owners]
    for kind in line.kinds:
        _kind(dialect, kind, line)
    target = None
    if line.to:
        owner = block_type(dialect.canonical, line.kinds[0]) if line.kinds else lens.canonical
        if owner and not lens.message or line.kinds:
            if owner in dialect.canonical.defs and not dialect.canonical.defs[owner].union:
                target = dialect.fields(dialect.canonical, owner, line.to, line.target)
    for modifier, find in (("values", dialect.table), ("via", dialect.primitive)):
        if line.has(modifier):
            find(line.plain(modifier), line.mods[modifier])
    for modifier in ("each", "lens", "groups"):
        if line.has(modifier):
            dialect.lens(line.plain(modifier), line.mods[modifier])
    for modifier in ("plus",):
        for item in line.mods[modifier].value if line.has(modifier) else ():
            dialect.fields(dialect.canonical, lens.canonical, (item.value,), item)
    for modifier in ("native", "origin"):
        if line.has(modifier):
            dialect.fields(dialect.canonical, lens.canonical, tuple(line.plain(modifier).split(".")), line.mods[modifier])
    if line.has("sum"):
        for item in line.mods["sum"].value:
            dialect.fields(dialect.wire, lens.wire, (item.value,), item)
    if wire and wire[0] and target and not any(line.has(m) for m in ("values", "via", "each", "lens", "groups", "bare")):
        _meet(dialect, line, wire[0][-1], target[-1])


def _kind(dialect: Dialect, kind: str, line: Line) -> None:
    words = kinds(dialect.canonical)
    if kind not in words:
        dialect.report(at(line.target, "E207", f"there is no block kind `{kind}`", caret=did_you_mean(kind, words)))


def _meet(dialect: Dialect, line: Line, wire: Field, canonical: Field) -> None:
    """A line that only moves a value joins two types that are the same."""
    one, other = wire.type, canonical.type
    if one.kind == other.kind and (one.kind not in ("ref", "list") or one.kind == "list" and one.items[0].kind == other.items[0].kind):
        return
    if {one.kind, other.kind} == {"integer", "number"}:
        return
    names = [name for name, p in dialect.primitives.items() if p["wire"] == one.kind and p["canonical"] in (other.kind, other.name, str(other).replace(" ", "_").lower())]
    known = [f"Primitives from {one} to {other}: " + ", ".join(names) + "." if names else f"No primitive goes from {one} to {other}."]
    fixes = [f"{line.key.value}: {{to: {'.'.join(line.to)}, via: {name}}}" for name in names]
    if one.kind == "ref":
        fixes.append(f"{line.key.value}: {{to: {'.'.join(line.to)}, lens: {one.name}}}")
    dialect.report(at(line.target, "E221", f"{one} cannot be mapped to {other}", caret=f"`{'.'.join(line.to)}` is {other}; `{line.key.value}` is {one}", known=known, fixes=fixes))


def kinds(canonical: Space) -> dict[str, str]:
    """Block kinds, each with its type."""
    return {canonical.defs[name].word: name for name in canonical.defs["Block"].members if name in canonical.defs}


def block_type(canonical: Space, kind: str) -> str:
    return kinds(canonical).get(kind, "")
