"""Names to what they name: paths to fields, lens names to lenses, tables and primitives to their declarations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from codegen.inherit import whole
from codegen.load import IMPLEMENTED
from codegen.spec import GIVEN, Entry, Lens, Line, Mapping, Table, mapping
from codegen.types import SCALARS, Def, Field, Space, Type, space
from runtime.core.diagnostic import Diagnostic, at, did_you_mean, near
from runtime.core.located import Node

LENSES = ("groups", "each", "lens", "fails")
CANONICAL = ("specs/canonical/model.yaml", "specs/canonical/events.yaml")
PRIMITIVES = "specs/primitives.yaml"
PLACES = {"role": "string", "turn": "integer", "part": "integer"}  # of every block, and named by no line


@dataclass
class Dialect:
    """A mapping with the type spaces it joins. Look-ups report what they cannot find, once, in `diagnostics`."""

    mapping: Mapping
    wire: Space
    canonical: Space
    primitives: dict[str, dict]
    diagnostics: list[Diagnostic] = field(default_factory=list)
    slips: set[tuple[str, str]] = field(default_factory=set)  # (type, name) that a misspelt name may have meant

    @cached_property
    def users(self) -> dict[str, list[tuple[Lens, Line]]]:
        """The lines that lead to a lens, by its name."""
        found: dict[str, list[tuple[Lens, Line]]] = {}
        for lens in self.mapping.lenses.values():
            for ln in (*lens.lines, *lens.every):
                for modifier in LENSES:
                    if ln.has(modifier):
                        found.setdefault(ln.plain(modifier), []).append((lens, ln))
        return found

    @cached_property
    def choices(self) -> dict[str, list[Lens]]:
        """The choices that a lens is in, by its name."""
        found: dict[str, list[Lens]] = {}
        for lens in self.mapping.lenses.values():
            for node in lens.any:
                found.setdefault(node.value, []).append(lens)
        return found

    def lens(self, name: str, node: Node) -> Lens | None:
        """The lens of a wire type, named with its condition if it has one."""
        if (found := self.mapping.lenses.get(name)) is not None:
            return found
        self.slip("lens", name, self.mapping.lenses)
        self.report(
            at(
                node,
                "E202",
                f"there is no lens for `{name}`",
                did_you_mean(name, self.mapping.lenses),
                fixes=[f"{name} <-> <a canonical type>: {{…}}"],
            )
        )
        return None

    def table(self, name: str, node: Node) -> Table | None:
        if (found := self.mapping.tables.get(name)) is not None:
            return found
        self.slip("table", name, self.mapping.tables)
        self.report(at(node, "E203", f"there is no table `{name}`", did_you_mean(name, self.mapping.tables)))
        return None

    def primitive(self, name: str, node: Node) -> dict | None:
        if (found := self.primitives.get(name)) is not None:
            return found
        known = ["Primitives are declared in specs/primitives.yaml."]
        self.slip("primitive", name, self.primitives)
        self.report(at(node, "E204", f"there is no primitive `{name}`", did_you_mean(name, self.primitives), known))
        return None

    def definition(self, space: Space, name: str, node: Node) -> Def | None:
        if (found := space.defs.get(name)) is not None:
            return found
        self.report(at(node, "E206", f"{space.file} defines no `{name}`", did_you_mean(name, space.defs)))
        return None

    def word(self, name: str, words: Iterable[str], what: str, node: Node) -> bool:
        """Whether a word is one of those that `what` has."""
        words = list(words)
        if name not in words:
            self.slip("word", name, words)
            known = ["Known are: " + (", ".join(words) or "none") + "."]
            self.report(at(node, "E207", f"{what} has no word `{name}`", did_you_mean(name, words), known))
        return name in words

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
            if definition is None or definition.union or step not in {**definition.fields, **definition.parts}:
                self._missing(definition, str(kind), step, path, node)
                return None
            found.append(definition.fields.get(step) or definition.parts[step])
            kind = found[-1].type
        return found

    def _missing(self, definition: Def | None, kind: str, step: str, path: tuple[str, ...], node: Node) -> None:
        if definition is None or definition.union:
            self.report(at(node, "E205", f"`{'.'.join(path)}` goes into {kind}, which has no fields"))
            return
        places = near(step, definition.fields)
        known = f"{definition.name} is defined at {definition.key.file}:{definition.key.line}."
        if places:
            known += " Near names: " + ", ".join(places) + "."
        self.slip(definition.name, step, definition.fields)
        hint = did_you_mean(step, definition.fields)
        self.report(at(node, "E201", f"{definition.name} has no field `{step}`", hint, [known]))

    def slip(self, what: str, name: str, names: Iterable[str]) -> None:
        """Remembers what a misspelt name may have meant: that this is then not named is no error of its own."""
        self.slips.update((what, other) for other in near(name, names))

    def report(self, diagnostic: Diagnostic) -> None:
        if diagnostic not in self.diagnostics:
            self.diagnostics.append(diagnostic)


@dataclass
class Project:
    """All specs, their names followed."""

    dialects: list[Dialect]
    canonical: Space
    primitives: Node
    implemented: dict[str, Node]  # the classes of runtime/core/primitives.py
    providers: dict[str, Node]
    whole: bool = True  # whether every file could be read: else what is missing may stand in one that could not


def resolve(roots: dict[str, Node]) -> tuple[Project | None, list[Diagnostic]]:
    """The well-formed specs, and the names in them that name nothing. None where the canonical model is not there,
    or lacks what makes messages of blocks."""
    if not {*CANONICAL, PRIMITIVES, IMPLEMENTED} <= roots.keys():
        return None, []
    canonical = model(roots)
    if missing := unplaced(canonical):
        return None, missing
    primitives = roots[PRIMITIVES].get("primitives")
    providers, diagnostics = whole({name: root for name, root in roots.items() if name.startswith("specs/providers/")})
    project = Project([], canonical, primitives, roots[IMPLEMENTED].keys, providers)
    for file, root in roots.items():
        schema = roots.get(file.replace("mapping.yaml", "schema.yaml"))
        if file.endswith("/mapping.yaml") and "/dialects/" in file and schema is not None:
            one = Dialect(mapping(root), space(schema), canonical, primitives.plain())
            check(one)
            project.dialects.append(one)
            diagnostics += one.diagnostics
    return project, diagnostics


def model(roots: dict[str, Node]) -> Space:
    """The canonical types, those of events among them."""
    one, events = (space(roots[file]) for file in CANONICAL)
    return Space(one.file, one.defs | events.defs)


def unplaced(canonical: Space) -> list[Diagnostic]:
    """What blocks lack that no line of a mapping names, and that says where they stand."""
    union = canonical.defs["Block"]
    return [
        at(
            union.key,
            "E201",
            f"blocks have no field `{name}`",
            "messages are made of blocks by it",
            fixes=[f"x-every: {{{name}: {{type: {kind}}}}}"],
        )
        for name, kind in PLACES.items()
        if any(name not in canonical.defs[member].fields for member in union.members if member in canonical.defs)
    ]


def kinds(canonical: Space) -> dict[str, str]:
    """Block kinds, each with its type."""
    return {canonical.defs[name].word: name for name in canonical.defs["Block"].members if name in canonical.defs}


def block_type(canonical: Space, kind: str) -> str:
    return kinds(canonical).get(kind, "")


def check(dialect: Dialect) -> None:
    """Follows every name of the mapping, so that what does not exist is reported where it is written."""
    lenses = dialect.mapping.lenses
    for name, wire in dialect.mapping.pairs.items():
        node = dialect.mapping.root.get(name)
        lens = dialect.lens(wire, node)
        if lens is not None and lens.title != node.value:
            dialect.report(at(node, "E202", f"there is no lens `{node.value}`", f"did you mean `{lens.title}`?"))
    for lens in lenses.values():
        wire = dialect.definition(dialect.wire, lens.wire, lens.key)
        canonical = Type("list") if lens.message else dialect.definition(dialect.canonical, lens.canonical, lens.key)
        if wire is None or canonical is None:
            continue
        _conditions(dialect, lens, wire)
        for node in lens.any:
            _member(dialect, lens, node)
        if lens.words:
            _words(dialect, lens)
        for one in (*lens.lines, *lens.every):
            _line(dialect, lens, one)
        _entries(dialect, lens)
    for entry in dialect.mapping.canonical_only:
        owners = [one for one in dialect.canonical.defs.values() if entry.path[0] in one.fields]
        if not owners:
            words = {name for one in dialect.canonical.defs.values() for name in one.fields}
            dialect.report(
                at(entry.node, "E201", f"no canonical type has a field `{entry.name}`", did_you_mean(entry.name, words))
            )


def _conditions(dialect: Dialect, lens: Lens, wire: Def) -> None:
    """`Wire field=word <-> Canonical field=word`: the fields must exist and know the words."""
    if lens.message and lens.role:
        dialect.word(lens.role, dialect.canonical.defs["Text"].fields["role"].words, "role", lens.key)
    if lens.where and not lens.message:
        name, word = lens.where
        fields = dialect.fields(dialect.canonical, lens.canonical, (name,), lens.key)
        if fields and word != GIVEN:
            dialect.word(word, fields[-1].words, f"{lens.canonical}.{name}", lens.key)
    for path in lens.chosen_by:
        fields = dialect.fields(dialect.wire, wire.name, path, lens.key)
        known = [*fields[-1].words, *(["true"] if fields[-1].type.kind == "boolean" else [])] if fields else []
        for word in lens.wire_where[1] if fields else ():
            if word not in ("absent", GIVEN) and not word.endswith("*"):
                dialect.word(word, known, f"{wire.name}.{'.'.join(path)}", lens.key)
    for name in lens.lacking:
        dialect.fields(dialect.wire, wire.name, (name,), lens.key)


def _member(dialect: Dialect, lens: Lens, node: Node) -> None:
    """One of a choice must be a lens from a member of its wire type to a member of its canonical type."""
    member = dialect.lens(node.value, node)
    if member is None:
        return
    if member.wire not in dialect.wire.members(lens.wire):
        known = dialect.wire.members(lens.wire)
        dialect.report(at(node, "E206", f"{lens.wire} has no member `{member.wire}`", did_you_mean(member.wire, known)))
    if member.message or lens.message:
        return
    # a block may be one delta whole
    known = [lens.canonical, "Block"] if lens.canonical == "BlockDelta" else [lens.canonical]
    if member.canonical not in [name for one in known for name in dialect.canonical.members(one)]:
        dialect.report(
            at(
                node,
                "E206",
                f"{lens.canonical} has no member `{member.canonical}`",
                f"`{node.value}` is a lens to {member.canonical}",
            )
        )


def _words(dialect: Dialect, lens: Lens) -> None:
    name, rows = lens.words
    (key,) = [k for k in lens.node.get("word").keys.values()]
    fields = dialect.fields(dialect.canonical, lens.canonical, (name,), key)
    for node in rows.value.values() if fields else ():
        dialect.word(node.value, fields[-1].words, f"{lens.canonical}.{name}", node)


def _entries(dialect: Dialect, lens: Lens) -> None:
    """What wire_only and canonical_only name must exist."""
    for entry in lens.wire_only:
        if lens.any:
            if entry.name not in (members := dialect.wire.members(lens.wire)):
                hint = did_you_mean(entry.name, members)
                dialect.report(at(entry.node, "E206", f"{lens.wire} has no member `{entry.name}`", hint))
        else:
            dialect.fields(dialect.wire, lens.wire, entry.path, entry.node)
    for entry in lens.canonical_only:
        if lens.message:
            _block_entry(dialect, entry)
        elif lens.any:
            dialect.word(entry.name, cases(dialect, lens), lens.canonical, entry.node)
        else:
            dialect.fields(dialect.canonical, lens.canonical, entry.path, entry.node)
        if entry.policy == "as":
            _written_as(dialect, lens, entry)


def _block_entry(dialect: Dialect, entry: Entry) -> None:
    """`.kind` or `.kind.field`."""
    kind = entry.path[0].removeprefix(".")
    if dialect.word(kind, kinds(dialect.canonical), "Block", entry.node) and len(entry.path) > 1:
        dialect.fields(dialect.canonical, block_type(dialect.canonical, kind), entry.path[1:], entry.node)


def _written_as(dialect: Dialect, lens: Lens, entry: Entry) -> None:
    node = lens.node.at("canonical_only", "as", entry.name)
    target = dialect.lens(entry.why, node)
    if target is not None and target.canonical not in ("Text", lens.canonical):
        dialect.report(
            at(node, "E222", f"`{entry.name}` is written as text, and {entry.why} is a lens of {target.canonical}")
        )


def cases(dialect: Dialect, lens: Lens) -> list[str]:
    """The words that tell the cases of a choice apart on its canonical side: tags of members, or words of a field."""
    definition = dialect.canonical.defs[lens.canonical]
    if definition.union:
        return [dialect.canonical.defs[name].word for name in definition.members if name in dialect.canonical.defs]
    name = chosen_by(dialect, lens)
    return list(definition.fields[name].words) if name in definition.fields else []


def chosen_by(dialect: Dialect, lens: Lens) -> str:
    """The canonical field whose word chooses among the members of a choice; "" where types do."""
    found = [m.where[0] for node in lens.any if (m := dialect.mapping.lenses.get(node.value)) and m.where]
    return next(iter([*found, *([lens.words[0]] if lens.words else [])]), "")


# lines


def _line(dialect: Dialect, lens: Lens, ln: Line) -> None:
    wire = wire_field(dialect, lens, ln)
    canonical = canonical_field(dialect, lens, ln)
    for modifier, find in (("values", dialect.table), ("via", dialect.primitive)):
        if ln.has(modifier):
            find(ln.plain(modifier), ln.mods[modifier])
    for modifier in LENSES:
        if ln.has(modifier):
            dialect.lens(ln.plain(modifier), ln.mods[modifier])
    _answers(dialect, lens, ln, wire)
    if ln.has("with"):
        path = tuple(ln.plain("with").split("."))
        dialect.fields(dialect.wire, lens.wire, path, ln.mods["with"])
        texts = lens.message and ln.kinds and ln.to and not ln.has("each")
        if not ln.has("const") and not (texts and any(one.wire == path and one.kinds for one in lens.lines)):
            said = "it is for a constant, and for a message's texts beside its other blocks"
            dialect.report(at(ln.mods["with"], "E222", "with does not fit here", said))
        elif ln.has("const") and len(ln.wire) == 1 and not any(one.wire == path for one in lens.lines):
            said = f"`{ln.plain('with')}` is never written: it has no line"
            dialect.report(at(ln.mods["with"], "E222", "with does not fit here", said))
        elif ln.has("const") and len(ln.wire) == 1 and not ln.has("others"):
            said = "any other value would vanish"
            fixes = [f"others: <why any other value of {ln.key.value} is not read>"]
            dialect.report(at(ln.mods["const"], "E222", "a constant that is not always there", said, fixes=fixes))
    for item in ln.mods["plus"].value if ln.has("plus") else ():
        _count(dialect, dialect.fields(dialect.canonical, lens.canonical, (*ln.to[:-1], item.value), item), item)
    for item in ln.mods["sum"].value if ln.has("sum") else ():
        _count(dialect, dialect.fields(dialect.wire, lens.wire, (item.value,), item), item)
    for modifier in ("native", "origin"):
        if ln.has(modifier):
            dialect.fields(dialect.canonical, lens.canonical, tuple(ln.plain(modifier).split(".")), ln.mods[modifier])
    if (
        ln.has("join")
        and not (ln.kinds and ln.to or ln.has("role") or ln.has("of"))
        or ln.has("says")
        and wire is not None
        and wire.type.kind != "boolean"
    ):
        modifier = "join" if ln.has("join") else "says"
        why = (
            "only texts of blocks are joined, as in .text.text"
            if modifier == "join"
            else "only a flag says that something is there"
        )
        dialect.report(at(ln.mods[modifier], "E222", f"{modifier} does not fit here", why))
    if ln.has("only") and canonical is not None:
        held = dialect.canonical.defs.get(canonical.type.name)
        members = [dialect.canonical.defs[name] for name in held.members] if held is not None else []
        dialect.word(ln.plain("only"), [one.word for one in members], str(canonical.type), ln.mods["only"])
    if ln.has("flag"):
        found = dialect.fields(dialect.canonical, lens.canonical, (*ln.to[:-1], ln.plain("flag")), ln.mods["flag"])
        if found and found[-1].type.kind != "boolean":
            dialect.report(at(ln.mods["flag"], "E222", "this is no flag", f"it is {found[-1].type}"))
    if ln.has("says") and canonical is not None and canonical.words:
        dialect.word(ln.plain("says"), canonical.words, f"{lens.canonical}.{'.'.join(ln.to)}", ln.mods["says"])
    if ln.has("split") and wire is not None and (items := wire.type.option("list")) and items.items[0].kind == "ref":
        dialect.fields(dialect.wire, items.items[0].name, (ln.plain("split"),), ln.mods["split"])
    if ln.has("nest"):
        _nest(dialect, lens, ln)
    if ln.has("spread"):
        _spread(dialect, lens, ln)
    elif ln.to == () and ln.has("each") and lens.wire in dialect.mapping.pairs.values():
        fix = f"{ln.key.value}: {{to: ., each: {ln.plain('each')}, spread: <a list of {lens.canonical}>}}"
        dialect.report(at(ln.key, "E222", f"of `{ln.key.value}` one would be read", fixes=[fix]))
    if ln.has("marks") and wire is not None:
        _marks(dialect, ln, wire)
    for name, node in ln.mods["implies"].value.items() if ln.has("implies") else ():
        fields = dialect.fields(
            dialect.canonical, lens.canonical, tuple(name.split(".")), ln.mods["implies"].keys[name]
        )
        if fields:
            dialect.word(node.value, fields[-1].words, f"{lens.canonical}.{name}", node)
    if ln.has("bare"):
        _bare(dialect, lens, ln)
    if ln.plain("bare") == "message":
        dialect.fields(dialect.canonical, lens.canonical, ("message",), ln.mods["bare"])
    if ln.has("plain") and wire is not None:
        _plain(dialect, ln, wire.type)
    if wire is not None:
        _values(dialect, ln, wire)
        if canonical is not None:
            _meet(dialect, lens, ln, wire, canonical)
        elif ln.to == () and not ln.kinds and ln.has("via"):
            _itself(dialect, lens, ln, wire.type)
        elif lens.message and ln.kinds and ln.has("via"):
            _each_block(dialect, ln, wire.type)
        elif ln.to is not None and any(ln.has(modifier) for modifier in LENSES):
            _through(dialect, lens, ln, wire.type, _whole(dialect, lens, ln))
        elif ln.to == () and all(kind in kinds(dialect.canonical) for kind in ln.kinds):
            owner = f"a {ln.kinds[0]}" if ln.kinds else "blocks" if lens.message else lens.canonical
            dialect.report(_unlike(dialect, ln, "", wire.type, Type("ref", owner)))


def marks_of(dialect: Dialect, ln: Line, wire: Field) -> Field | None:
    """The field of a list's items that holds a mark, and no value."""
    items, key = wire.type.option("list"), next(iter(ln.mods["marks"].keys.values()))
    ref = items.items[0].option("ref") if items else None
    found = dialect.fields(dialect.wire, ref.name, (ln.marked[0],), key) if ref else None
    return found[-1] if found else None


def _marks(dialect: Dialect, ln: Line, wire: Field) -> None:
    """A mark is read by a lens of its own, which leads to Cache."""
    key, field = next(iter(ln.mods["marks"].keys.values())), marks_of(dialect, ln, wire)
    if field is None:
        if wire.type.option("list") is None:
            dialect.report(at(ln.mods["marks"], "E222", "marks stand in lists", f"`{ln.key.value}` is {wire.type}"))
        return
    names = field.type.refs() or [str(field.type)]
    if dialect.lens(names[0], key) is not None and dialect.mapping.lenses[names[0]].canonical != "Cache":
        dialect.report(at(key, "E221", f"{names[0]} is no mark", f"needed is {names[0]} <-> Cache"))


def holding(dialect: Dialect, each: Lens, field: Field) -> bool:
    """Whether a field is a list of what a lens maps, or of some of that."""
    items = field.type.option("list")
    ref = items.items[0].option("ref") if items else None
    return ref is not None and set(dialect.wire.members(ref.name)) <= set(dialect.wire.members(each.wire))


def _nest(dialect: Dialect, lens: Lens, ln: Line) -> None:
    """An object in a list that holds more of its items, and what these have of it."""
    ((name, node),), each = ln.mods["nest"].value.items(), dialect.mapping.lenses.get(ln.plain("each"))
    key = ln.mods["nest"].keys[name]
    group = dialect.lens(name, key)
    if group is None or each is None:
        return
    if group.wire not in dialect.wire.members(each.wire):
        dialect.report(at(key, "E221", f"no {each.wire} is a {group.wire}", f"`{ln.key.value}` holds none"))
    elif not any(holding(dialect, each, field) for field in dialect.wire.defs[group.wire].fields.values()):
        dialect.report(at(key, "E221", f"a {group.wire} holds no {each.wire}", "a list in it does"))
    owners = dialect.canonical.members(each.canonical)
    fields = [dialect.canonical.defs[one].fields.get(node.value) for one in owners]
    if group.canonical not in {ref for field in fields if field is not None for ref in field.type.refs()}:
        names = {field for one in owners for field in dialect.canonical.defs[one].fields}
        said = did_you_mean(node.value, names) or f"{group.title} leads to it"
        dialect.report(at(node, "E201", f"no {each.canonical} has a {group.canonical} in `{node.value}`", said))


def _spread(dialect: Dialect, lens: Lens, ln: Line) -> None:
    """The objects of a list are the value itself, each with one of what a list of it holds."""
    name = ln.plain("spread")
    found = dialect.fields(dialect.canonical, lens.canonical, (name,), ln.mods["spread"])
    if ln.to != () or lens.message:
        fix = f"{ln.key.value}: {{to: ., each: {ln.plain('each')}, spread: {name}}}"
        dialect.report(at(ln.mods["spread"], "E222", "only a value itself is spread over a list", fixes=[fix]))
    elif found and found[-1].type.kind != "list":
        dialect.report(at(ln.mods["spread"], "E222", f"`{name}` is no list", f"it is {found[-1].type}"))


def _answers(dialect: Dialect, lens: Lens, ln: Line, wire: Field | None) -> None:
    """What only answers have: what the request said, an error in the place of an answer, a word said more closely."""
    if ln.has("echo"):
        request, path = dialect.mapping.pair("request"), tuple(ln.plain("echo").split("."))
        found = dialect.fields(dialect.wire, request, path, ln.mods["echo"])
        if lens.name != dialect.mapping.pair("response"):
            dialect.report(at(ln.mods["echo"], "E222", "only an answer says again what was asked"))
        elif found and wire and wire.type.kind not in ("raw", found[-1].type.kind):
            caret = f"`{ln.key.value}` is {wire.type}; `{ln.plain('echo')}` is {found[-1].type}"
            dialect.report(at(ln.mods["echo"], "E221", f"{found[-1].type} cannot be said again as {wire.type}", caret))
    if ln.has("fails"):
        target = dialect.mapping.lenses.get(ln.plain("fails"))
        if target is not None and (target.canonical != "Error" or wire and wire.type.refs() != [target.wire]):
            wanted = f"{wire.type if wire else '...'} <-> Error"
            known = f"{target.title} is not the lens that is needed here"
            dialect.report(at(ln.mods["fails"], "E221", known, f"needed is {wanted}"))
    if ln.has("beside"):
        other = next((one for one in lens.lines if ".".join(one.wire) == ln.plain("beside")), None)
        if other is None or other.to != ln.to:
            caret = f"no line maps it to {'.'.join(ln.to or ())}"
            dialect.report(at(ln.mods["beside"], "E222", f"`{ln.plain('beside')}` does not say the same", caret))
        elif lens.lines.index(other) > lens.lines.index(ln):
            dialect.report(at(ln.mods["beside"], "E222", f"`{ln.plain('beside')}` is read first, and stands below"))


def _bare(dialect: Dialect, lens: Lens, ln: Line) -> None:
    """What a plain string stands for: a text, an item, a message, or a field of the object that may stand there."""
    word, node = ln.plain("bare"), ln.mods["bare"]
    if word == "message":
        dialect.fields(dialect.canonical, lens.canonical, ("message",), node)
    elif word not in ("text", "item"):
        target = dialect.mapping.lenses.get(ln.plain("lens", ""))
        if target is None or ln.to != ():
            dialect.word(word, ["text", "item", "message"], "bare", node)
        elif dialect.fields(dialect.wire, target.wire, (word,), node) and not any(
            one.wire == (word,) and one.to for one in target.lines
        ):
            dialect.report(at(node, "E222", f"`{word}` is mapped by no line of {target.title}"))


def wire_field(dialect: Dialect, lens: Lens, ln: Line) -> Field | None:
    """The wire field of a line. A line under `every` has that of the first member that has it."""
    owners = [lens.wire]
    if ln in lens.every:
        members = dialect.wire.members(lens.wire)
        owners = [m for m in members if ln.wire[0] in dialect.wire.defs[m].fields] or members[:1]
    found = dialect.fields(dialect.wire, owners[0], ln.wire, ln.key)
    return found[-1] if found else None


def canonical_field(dialect: Dialect, lens: Lens, ln: Line) -> Field | None:
    """The canonical field of a line; None if it has none of its own, or none that there is."""
    if ln.kinds:
        known = [dialect.word(kind, kinds(dialect.canonical), "Block", ln.target) for kind in ln.kinds]
        if not (all(known) and ln.to):
            return None
        owner = block_type(dialect.canonical, ln.kinds[0])
        for kind, node in zip(ln.kinds[1:], ln.target.value[1:] if len(ln.kinds) > 1 else (), strict=True):
            steps = tuple(node.value[1:].split(".")[1:])
            if steps != ln.to:  # one field of the wire holds the same of each kind
                dialect.fields(dialect.canonical, block_type(dialect.canonical, kind), steps or ("",), node)
    elif lens.message or not ln.to:
        return None
    else:
        owner = lens.canonical
        if (definition := dialect.canonical.defs[owner]).union:
            members = [m for m in definition.members if ln.to[0] in dialect.canonical.defs[m].fields]
            owner = (members or list(definition.members))[0]
    found = dialect.fields(dialect.canonical, owner, ln.to, ln.target)
    return found[-1] if found else None


def _whole(dialect: Dialect, lens: Lens, ln: Line) -> Type | None:
    """What `.` or `.kind` stands for: blocks of a message, or the canonical type itself."""
    if not lens.message:
        one = Type("ref", lens.canonical)
        return Type("list", items=(one,)) if ln.has("each") else one
    kinds_ = [block_type(dialect.canonical, kind) for kind in ln.kinds]
    one = Type("ref", kinds_[0] if len(kinds_) == 1 else "Block")
    if one.name not in dialect.canonical.defs:
        return None
    target = dialect.mapping.lenses.get(ln.plain("each", ""))
    if target is not None and dialect.canonical.defs.get(target.canonical, one).name == "Block":
        one = Type("ref", "Block")  # a choice among blocks serves a single kind too
    return Type("list", items=(one,)) if ln.has("each") else one


def told(dialect: Dialect, ln: Line) -> list[tuple[str, ...]]:
    """The canonical fields that a line reads by a primitive which makes a value of its own."""
    primitive = dialect.primitives.get(ln.plain("via", ""), {}) if ln.to == () and not ln.kinds else {}
    return [(part,) for part in primitive.get("parts", ())]


def inherited(dialect: Dialect, lens: Lens) -> list[Line]:
    """The `every` lines of the choices that a lens is in, for the fields that it has and does not map itself."""
    if lens.wire not in dialect.wire.defs:
        return []
    own = {ln.wire[0] for ln in lens.lines}
    fields = dialect.wire.defs[lens.wire].fields
    found: list[Line] = []
    for choice in dialect.choices.get(lens.name, ()):
        found += [ln for ln in choice.every if ln.wire[0] in fields and ln.wire[0] not in own and ln not in found]
    return found


def _count(dialect: Dialect, fields: list[Field] | None, node: Node) -> None:
    if fields and fields[-1].type.kind != "integer":
        dialect.report(at(node, "E222", f"`{node.value}` is {fields[-1].type}, and only whole numbers are added up"))


FITS = {
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "raw": lambda v: isinstance(v, dict | str | list | bool),
    "list": lambda v: isinstance(v, list),
}


def _given(dialect: Dialect, kind: Type, node: Node) -> bool:
    """Whether a value written in a mapping is of a wire type; of an object it may be a part, made of scalars."""
    options = [one.kind for one in kind.items] if kind.kind == "choice" else [kind.kind]
    if (items := kind.option("list")) is not None and isinstance(node.value, list):
        return all(_given(dialect, items.items[0], item) for item in node.value)
    if (ref := kind.option("ref")) is not None and isinstance(node.value, dict):
        for name, value in node.value.items():
            fields = dialect.fields(dialect.wire, ref.name, (name,), node.keys[name])
            if fields and not _given(dialect, fields[-1].type, value):
                return False
        return True
    if (held := kind.option("list")) is not None and isinstance(node.value, list):
        return all(_given(dialect, held.items[0], item) for item in node.value)
    return any(one in FITS and FITS[one](node.value) for one in options)


def _values(dialect: Dialect, ln: Line, wire: Field) -> None:
    """What a line writes by itself must be of the wire's type."""
    kinds = [t.kind for t in (wire.type.items if wire.type.kind == "choice" else (wire.type,))]
    for modifier in ("const", "supply", "absent", "omit"):
        kind = Type("string") if ln.has("of") else wire.type
        if ln.has(modifier) and not _given(dialect, kind, ln.mods[modifier]):
            node = ln.mods[modifier]
            dialect.report(at(node, "E222", f"`{node.plain()}` cannot stand here", f"`{ln.key.value}` is {wire.type}"))
    if ln.has("const"):
        constant, options = ln.mods["const"], wire.node.get("anyOf")
        lists = [one for one in (wire.node, *(options.value if options else ())) if one.get("items") is not None]
        items = lists[0].get("items") if lists else None
        listed = items.get("x-words") if items is not None else None
        words = wire.words or (listed.plain() if listed is not None else ())
        for node in (constant.value if isinstance(constant.value, list) else [constant]) if words else ():
            dialect.word(node.value, words, f"`{ln.key.value}`", node)
    wanted = {
        "clamp": ("integer", "number"),
        "mint": ("integer", "number") if ln.plain("mint") == "now" else ("string",),
    }
    wanted |= {"plus": ("integer", "number"), "sum": ("integer",)}
    made = dialect.primitives.get(ln.plain("via", ""), {}).get(
        "canonical"
    )  # what is minted is what the primitive takes
    for modifier, types in wanted.items():
        if ln.has(modifier) and not set(types) & set([made] if made and modifier == "mint" else kinds):
            dialect.report(
                at(
                    ln.mods[modifier],
                    "E222",
                    f"{modifier} does not fit {wire.type}",
                    f"`{ln.key.value}` is {wire.type}",
                )
            )
    if ln.has("mint") and ln.plain("mint") != "now" and "{id}" not in ln.plain("mint"):
        dialect.report(
            at(
                ln.mods["mint"],
                "E222",
                "every value that is minted would be the same",
                "write {id} where the fresh part goes",
            )
        )


def _meet(dialect: Dialect, lens: Lens, ln: Line, wire: Field, canonical: Field) -> None:
    """A line joins two types that are the same, or that its modifier takes from one to the other."""
    one, other = wire.type, canonical.type
    if ln.has("via"):
        primitive = dialect.primitives.get(ln.plain("via"))
        if primitive and not (
            _is(one, primitive["wire"]) and _is(other, primitive["canonical"]) or turned(dialect, ln, one)
        ):
            caret = f"it takes {primitive['wire']} to {primitive['canonical']}"
            dialect.report(at(ln.mods["via"], "E221", f"{ln.plain('via')} does not take {one} to {other}", caret))
        return
    if ln.has("says"):
        return
    if ln.has("of"):
        return _texts(dialect, ln, one, other)
    if ln.has("item"):
        return _item(dialect, ln, one, other)
    if ln.has("role") and not ln.has("each"):
        if one.kind != "string":
            node = ln.mods["join" if ln.has("join") else "role"]
            modifier = "join" if ln.has("join") else "role"
            dialect.report(at(node, "E222", f"{modifier} does not fit here", f"`{ln.key.value}` is {one}"))
        elif not (ln.has("join") or ln.has("lift_only")):
            known = "several instructions are to be one text here"
            dialect.report(at(ln.mods["role"], "E222", known, fixes=[f"{ln.key.value}: {{..., join: a word between}}"]))
        return
    if any(ln.has(modifier) for modifier in LENSES):
        _through(dialect, lens, ln, one, other)
        return
    if ln.has("values"):
        pair = [t.items[0] if t.kind == "list" else t for t in (one, other)]
        worded = pair[0].option("string") or pair[0].option("boolean")
        meant = pair[1].option("string") or pair[1].option("boolean")
        meets = bool(worded and meant) and (one.kind == "list") == (other.kind == "list")
    elif ln.plain("bare") == "text":
        held = other.option("list")
        meets = one.kind == "string" and bool(held) and held.items[0].name == "Text"
    elif ln.plain("bare") == "item":
        items, held = one.option("list"), other.option("list")
        meets = bool(items and held and items == held and one.option(items.items[0].kind))
    else:
        meets = (one == other and not one.refs()) or {one.kind, other.kind} == {"integer", "number"}
        if meets and wire.words and canonical.words and not {*wire.words} <= {*canonical.words}:
            _strange(dialect, ln, wire, canonical)
        if meets:
            untabled(dialect, ln, wire, canonical)
    if not meets:
        owner = block_type(dialect.canonical, ln.kinds[0]) if ln.kinds else lens.canonical
        dialect.report(_unlike(dialect, ln, owner, one, other))


def _plain(dialect: Dialect, ln: Line, one: Type) -> None:
    """Each item of a list may be a plain string, which stands for an object with that in a field of JSON."""
    items = one.option("list")
    ref = items.items[0].option("ref") if items else None
    if ref is None or items.items[0].option("string") is None:
        dialect.report(at(ln.mods["plain"], "E221", f"`{ln.key.value}` is no list of objects or plain strings"))
    elif found := dialect.fields(dialect.wire, ref.name, (ln.plain("plain"),), ln.mods["plain"]):
        if found[-1].type.kind != "raw":
            said = f"{ref.name}.{ln.plain('plain')} is {found[-1].type}, and no raw JSON"
            dialect.report(at(ln.mods["plain"], "E221", said))


def _itself(dialect: Dialect, lens: Lens, ln: Line, one: Type) -> None:
    """A primitive makes the canonical value, or what it says of it in `parts`."""
    primitive = dialect.primitives.get(ln.plain("via"))
    if primitive is None:
        return
    if not (_is(one, primitive["wire"]) and lens.canonical == primitive["canonical"] and primitive.get("parts")):
        caret = f"it takes {primitive['wire']} to {primitive['canonical']}"
        known = f"{ln.plain('via')} does not take {one} to parts of {lens.canonical}"
        dialect.report(at(ln.mods["via"], "E221", known, caret))


def turned(dialect: Dialect, ln: Line, wire: Type) -> bool:
    """Whether a primitive is used the other way round: what it makes is what the wire has."""
    primitive = dialect.primitives.get(ln.plain("via"))
    single = primitive is not None and {primitive["wire"], primitive["canonical"]} <= {*SCALARS, "raw", "list"}
    return single and not _is(wire, primitive["wire"]) and _is(wire, primitive["canonical"])


def _texts(dialect: Dialect, ln: Line, one: Type, other: Type) -> None:
    """A field of each item of a list, all of them one text."""
    items = one.option("list")
    ref = items.items[0].option("ref") if items else None
    if ref is None:
        dialect.report(at(ln.mods["of"], "E222", "of does not fit here", f"`{ln.key.value}` is {one}"))
        return
    found = dialect.fields(dialect.wire, ref.name, (ln.plain("of"),), ln.mods["of"])
    if found and not (found[-1].type.kind == other.kind == "string"):
        dialect.report(at(ln.mods["of"], "E221", f"{found[-1].type} cannot be joined to {other}"))


def _item(dialect: Dialect, ln: Line, one: Type, other: Type) -> None:
    """Each item of a list stands in a field of an object."""
    items, held = one.option("list"), other.option("list")
    ref = held.items[0].option("ref") if held else None
    if ref is None or items is None:
        dialect.report(at(ln.mods["item"], "E221", f"no item of {one} is held by one of {other}"))
    elif found := dialect.fields(dialect.canonical, ref.name, (ln.plain("item"),), ln.mods["item"]):
        if found[-1].type != items.items[0]:
            said = f"{ref.name}.{ln.plain('item')} is {found[-1].type}, and no {items.items[0]}"
            dialect.report(at(ln.mods["item"], "E221", said))


def _each_block(dialect: Dialect, ln: Line, one: Type) -> None:
    """A primitive makes a block of each item of a message's list."""
    items, primitive = one.option("list"), dialect.primitives.get(ln.plain("via"))
    held = [Type("ref", block_type(dialect.canonical, kind)) for kind in ln.kinds]
    if primitive and not (
        items and _is(items.items[0], primitive["wire"]) and all(_is(kind, primitive["canonical"]) for kind in held)
    ):
        caret = f"it takes {primitive['wire']} to {primitive['canonical']}, one by one"
        known = f"{ln.plain('via')} does not take {one} to {', '.join(map(str, held))}"
        dialect.report(at(ln.mods["via"], "E221", known, caret))


def untabled(dialect: Dialect, ln: Line, wire: Field, canonical: Field) -> None:
    """A line without a table where there is one of its words."""
    unsaid = {*canonical.words} - {*wire.words}  # these would be written as they are
    for table in dialect.mapping.tables.values() if wire.words and (unsaid or not canonical.words) else ():
        if {*wire.words} <= table.lifted().keys() and unsaid <= table.lowered().keys():
            fixes = [f"{ln.key.value}: {{to: {_spelled(ln)}, values: {table.name}}}"]
            dialect.report(at(ln.target, "E313", f"the table {table.name} reads these words", fixes=fixes))


def _strange(dialect: Dialect, ln: Line, wire: Field, canonical: Field) -> None:
    """A line that moves a word as it is, between two sides that have different words."""
    strange = [word for word in wire.words if word not in canonical.words]
    known = ["Known are: " + ", ".join(canonical.words) + "."]
    caret = f"`{ln.key.value}` has {', '.join(strange)}"
    fixes = [f"{ln.key.value}: {{to: {_spelled(ln)}, values: <a table>}}"]
    dialect.report(at(ln.target, "E313", f"`{_spelled(ln)}` has other words than this wire", caret, known, fixes))


def _through(dialect: Dialect, lens: Lens, ln: Line, one: Type, other: Type | None) -> None:
    """A lens takes the wire's type to the canonical one; every item of a list, if it stands under each or groups."""
    modifier = next(m for m in LENSES if ln.has(m))
    target = dialect.mapping.lenses.get(ln.plain(modifier))
    if target is None:
        return
    if modifier == "lens":
        source, held = one.option("ref"), other
        plain = target.words is not None or ln.has("bare")
    else:
        source, held = (t and t.option("list") and t.option("list").items[0] for t in (one, other))
        if modifier == "each" and other is not None and other.kind == "string":  # the texts of all, as one
            held = Type("ref", "Block" if target.canonical == "Block" else "Text")
            other = Type("list", items=(held,))
        if source is not None and ln.has("plain"):
            source = source.option("ref")
        plain = ln.has("bare")
    node = ln.mods[modifier]
    if source is None or source.name != target.wire:
        dialect.report(at(node, "E221", f"{target.wire} is not what stands here", f"`{ln.key.value}` is {one}"))
    elif plain != (one.option("string") is not None):
        said = "may be a plain string" if not plain else "is never a plain string"
        fix = "bare: text" if modifier == "each" else "bare: message" if ln.to == () else "a lens with word"
        dialect.report(at(node, "E221", f"`{ln.key.value}` {said}", f"it is {one}", fixes=[fix] if not plain else ()))
    elif other is not None:
        ref = (
            held and held.option("ref")
            if not target.message
            else other.option("list") and other.option("list").items[0]
        )
        wanted = "Block" if target.message else target.canonical
        if ref is None or wanted not in (ref.name, *dialect.canonical.members(ref.name)):
            dialect.report(at(node, "E221", f"{target.title} does not lead to {other}", f"`{_spelled(ln)}` is {other}"))
        elif (
            lens.canonical == "Request"
            and ref.name == "Block"
            and not (ln.has("role") or modifier == "groups" or target.role)
        ):
            known = [
                "The blocks of a request stand in messages (groups: a lens), or outside them with a role (role: system)."
            ]
            dialect.report(at(ln.key, "E222", "these blocks have no role", known=known))
        elif modifier == "each" and (several := _several(dialect, target)) and ln.plain("split") != several:
            said = f"`{several}` may hold several things, of which one would be read"
            dialect.report(at(node, "E222", said, fixes=[f"split: {several}"]))


def _several(dialect: Dialect, lens: Lens) -> str:
    """The list of which a lens reads one item, or one of the lenses that it chooses from."""
    lenses = dialect.mapping.lenses
    chosen = [lens, *(lenses[node.value] for node in lens.any if node.value in lenses)]
    return next((".".join(ln.wire) for one in chosen for ln in one.lines if ln.to == () and ln.has("each")), "")


def _is(one: Type, name: str) -> bool:
    """Whether a type is what a primitive calls `name`."""
    return name in (one.kind, one.name) or name in [t.kind for t in one.items if one.kind == "choice"]


def _spelled(ln: Line) -> str:
    return ".".join((*(f".{kind}" for kind in ln.kinds[:1]), *(ln.to or ())))


def _unlike(dialect: Dialect, ln: Line, owner: str, one: Type, other: Type) -> Diagnostic:
    target = _spelled(ln)
    known, fixes = [], []
    names = [n for n, p in dialect.primitives.items() if _is(one, p["wire"]) and _is(other, p["canonical"])]
    dialect.slips.update(("primitive", name) for name in names)
    if names:
        told = ", ".join(f'{name} ("{dialect.primitives[name]["about"]}")' for name in names)
        known = [f"Primitives from {one} to {other}: {told}."]
        fixes = [f"{ln.key.value}: {{to: {target}, via: {name}}}" for name in names]
    items = one.option("list")
    if one.option("ref"):
        fixes.append(f"{ln.key.value}: {{to: {target}, lens: {one.option('ref').name}}}")
    elif items and items.items[0].option("ref"):
        bare = ", bare: text" if one.option("string") else ""
        fixes.append(f"{ln.key.value}: {{to: {target}{bare}, each: {items.items[0].option('ref').name}}}")
    elif items and one.option("string"):
        fixes.append(f"{ln.key.value}: {{to: {target}, bare: item}}")
    if not fixes:
        known = [f"No primitive goes from {one} to {other}."]
    said = f"{owner}.{'.'.join(ln.to)}" if ln.to else target or "."
    caret = f"{said} is {other}; {ln.key.value} is {one}"
    return at(ln.target, "E221", f"{article(one)} cannot be mapped to {other}", caret, known, fixes)


def article(one: Type) -> str:
    """`a string`, `an integer`, but `raw JSON` and `Tool`."""
    if one.kind in ("raw", "ref", "list", "choice"):
        return str(one)
    return a(one)


def a(word: object) -> str:
    """A word with its article."""
    return f"{'an' if str(word)[:1] in 'aeiou' else 'a'} {word}"
