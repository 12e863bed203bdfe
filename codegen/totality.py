"""Nothing is forgotten, in either direction: what each lens and table must account for, and what it says in vain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codegen import frames, grammar, tables
from codegen.overlays import overlays, primitives
from codegen.resolve import LENSES, Dialect, Project, a, cases, inherited, kinds, marks_of, told, wire_field
from codegen.spec import GIVEN, Entry, Lens, Line, switched
from codegen.types import Def, Field, Space
from runtime.core.diagnostic import Diagnostic, at, did_you_mean
from runtime.core.located import Node

Path = tuple[str, ...]
STRUCTURE = ("role", "turn", "part")  # of a block: messages and their order say it
COUNTED = ("index", "candidate")  # of a stream event: the machine counts for itself


@dataclass
class Leaves:
    """How many values of a dialect's wire are mapped, carried to the same dialect only, dropped, and refused."""

    mapped: int = 0
    carried: int = 0
    dropped: int = 0
    refused: int = 0

    @property
    def share(self) -> float:
        """The mapped part of them all."""
        return self.mapped / max(1, self.mapped + self.carried + self.dropped + self.refused)


def totality(project: Project) -> tuple[dict[str, Leaves], list[Diagnostic]]:
    """What each dialect accounts for, by its id, and what the specs leave open or say in vain."""
    leaves = {dialect.mapping.dialect: check(dialect) for dialect in project.dialects}
    across(project.dialects)
    tables.across(project.dialects)
    grammar.across(project.dialects)
    diagnostics = [d for dialect in project.dialects for d in dialect.diagnostics]
    return leaves, diagnostics + overlays(project) + primitives(project)


def check(dialect: Dialect) -> Leaves:
    """One dialect; its errors are added to its diagnostics."""
    total = Total(dialect)
    for lens in total.lenses.values():
        total.lens(lens)
    total.file()
    tables.check(dialect)
    grammar.check(dialect)
    frames.check(dialect)
    total.unused()
    return total.leaves


class Total:
    """The accounts of one dialect's lenses."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect, self.mapping = dialect, dialect.mapping
        self.wire, self.canonical = dialect.wire, dialect.canonical
        self.leaves = Leaves()
        self.lenses = {  # those whose types exist
            name: lens
            for name, lens in self.mapping.lenses.items()
            if lens.wire in self.wire.defs and (lens.message or lens.canonical in self.canonical.defs)
        }
        self.requests = self._reached(self.mapping.pair("request"))
        self.general: set[int] = set()  # entries of the file's canonical_only that held in some lens
        self.honoured = {
            name
            for one in self.canonical.defs.values()
            for f in one.fields.values()
            if f.must_honour
            for name in f.type.refs()
        }
        self.kinds = kinds(self.canonical)
        self.marked = self._marked()

    def report(self, lens: Lens, node: Node, code: str, message: str, caret: str = "", known=(), fixes=()) -> None:
        self.dialect.report(at(node, code, message, caret, known, fixes, group=lens.title))

    def lens(self, lens: Lens) -> None:
        if lens.whole:
            self.leaves.carried += len(self.wire.defs[lens.wire].fields)
            if not {"origin", "raw"} <= self.canonical.defs[lens.canonical].fields.keys():
                self.report(
                    lens,
                    lens.node,
                    "E222",
                    f"{lens.canonical} cannot hold a value as it is",
                    "it has no origin and raw",
                )
        elif lens.any or self.wire.defs[lens.wire].union:
            self.choice(lens)
        else:
            self.fields(lens)

    def _marked(self) -> dict[str, tuple[str, Node]]:
        """The lenses of things behind which a cache mark may stand, by name: the wire's field of a mark, and where it is said."""
        found: dict[str, tuple[str, Node]] = {}
        todo = [
            (ln.plain("each"), (ln.marked[0], ln.key))
            for lens in self.lenses.values()
            for ln in lens.lines
            if ln.has("marks")
        ]
        while todo:
            name, said = todo.pop()
            lens = self.lenses.get(name)
            if lens is None or name in found:
                continue
            found[name] = said
            todo += [(node.value, said) for node in lens.any]
            todo += [(ln.plain("lens"), said) for ln in lens.lines if ln.to == () and ln.has("lens")]
        return found

    # choices

    def choice(self, lens: Lens) -> None:
        """Every member of the wire's choice and every case of the canonical one has a lens, or a word on what becomes of it."""
        self._members(lens)
        self._cases(lens)
        if lens.message and not self.dialect.choices.get(lens.name):
            self._alone(lens)

    def _members(self, lens: Lens) -> None:
        said = {e.name: e for e in lens.wire_only}
        members = [m for node in lens.any if (m := self.lenses.get(node.value))]
        if not self.wire.defs[lens.wire].union:
            self._conditions(lens, members)
            return
        mapped = {m.wire for m in members} | {node.value for node in lens.any} | self._nested(lens)
        names = self.wire.defs[lens.wire].members
        for name, entry in said.items():
            self._count(entry.policy, len(self.wire.defs[name].fields) if name in self.wire.defs else 1)
            if name in mapped:
                self._dead(lens, entry, next((node for node in lens.any if node.value == name), self.lenses[name].key))
        missing = [name for name in names if name not in mapped and name not in said]
        for name in missing:
            self.report(
                lens,
                lens.key,
                "E304",
                f"{lens.wire}.{name} is neither in any nor listed in wire_only",
                f"this lens must account for {len(names)} members and accounts for {len(names) - len(missing)}",
                [f"It is declared at {self._place(self.wire.defs[name].key)}.", "Write one of:"],
                columns(
                    (f"any: [..., {name}]", "and a lens for it, if other dialects can say it"),
                    (f"wire_only: {{refuse: {{{name}: why}}}}", "a request with it is refused"),
                    (f"wire_only: {{drop: {{{name}: why it is safe}}}}", "forget it"),
                ),
            )

    def _nested(self, lens: Lens) -> set[str]:
        """The objects in a list of a choice that hold more of its items."""
        lines = [ln for one in self.lenses.values() for ln in one.lines if ln.has("nest")]
        return {name for ln in lines if ln.plain("each") == lens.name for name in ln.plain("nest")}

    def _conditions(self, lens: Lens, members: list[Lens]) -> None:
        """Members that one wire type serves: a condition for every word of the field that tells them apart."""
        conditions = [m.wire_where for m in members if m.wire_where]
        if not conditions:
            return
        if not switched(members):
            rest = any(m.wire_where[1] in (("*",), ("absent",)) for m in members)
            if not rest and lens.wire not in {e.name for e in lens.wire_only}:
                self.report(
                    lens,
                    lens.key,
                    "E304",
                    f"nothing is said of a {lens.wire} that none of these is",
                    "a kind that nobody knows yet will come",
                    fixes=[
                        f"wire_only: {{drop: {{{lens.wire}: why}}}}",
                        f"wire_only: {{refuse: {{{lens.wire}: why}}}}",
                    ],
                )
            return
        name = conditions[0][0]
        said = {word for _, words in conditions for word in words}
        field = self.wire.defs[lens.wire].fields.get(name)
        if field is None or "*" in said:
            return
        if not any(entry.name == lens.wire for entry in lens.wire_only):
            self.report(
                lens,
                lens.key,
                "E304",
                f"nothing is said of a {lens.wire} with another {name}",
                "a word that nobody knows yet will come",
                fixes=[f"any: [..., {lens.wire} {name}=*]", f"wire_only: {{refuse: {{{lens.wire}: why}}}}"],
            )
        for word in [*field.words, *(["absent"] if field.optional else [])]:
            if word not in said:
                what = "without" if word == "absent" else f"with the {name} `{word}`"
                self.report(
                    lens,
                    lens.key,
                    "E304",
                    f"no lens is chosen for a {lens.wire} {what}" + (f" {name}" if word == "absent" else ""),
                    fixes=[f"any: [..., {lens.wire} {name}={word}]", f"any: [..., {lens.wire} {name}=*]"],
                )

    def _alone(self, lens: Lens) -> None:
        """Each kind that has a message of its own has one here, or a word on what becomes of it."""
        members = [self.lenses[node.value] for node in lens.any if node.value in self.lenses]
        held = {self.canonical.defs[m.canonical].word: m for m in members if not m.message}
        said = {e.name: e for e in lens.canonical_only}
        alone = self.mapping.turns.plain().get("alone", ()) if self.mapping.turns is not None else ()
        for name, entry in said.items():
            if name in held or name not in alone:
                why = f"line {held[name].key.line} maps" if name in held else "has no message of its own"
                self.report(lens, entry.node, "E308", f"canonical_only.{entry.policy} lists `{name}`, which {why}")
        for name in alone:
            if name not in held and name not in said and ("word", name) not in self.dialect.slips:
                self._no_case(lens, name, len(alone), len(held))

    def _cases(self, lens: Lens) -> None:
        if lens.message or (lens.canonical == "Block" and not self._holds(lens)):
            return
        every = cases(self.dialect, lens)
        covered = self._covered(lens)
        foreign = self._foreign(lens)
        said = {e.name: e for e in lens.canonical_only}
        for name, entry in said.items():
            if name in covered and name not in foreign:
                self._dead(lens, entry, covered[name])
            elif entry.policy == "elsewhere" and name in self.reaching(lens):
                self.report(
                    lens,
                    entry.node,
                    "E310",
                    f"`{name}` can stand here, and nothing is said of it elsewhere",
                    fixes=[f"{{drop: {{{name}: why}}}}", f"{{refuse: {{{name}: why}}}}"],
                )
            elif entry.policy == "drop" and lens.canonical in self.honoured:
                self._dishonoured(lens, entry)
            self._count(entry.policy, 0)
        missing = [
            name
            for name in every
            if name not in covered and name not in said and ("word", name) not in self.dialect.slips
        ]
        if all(node.value in self.lenses for node in lens.any):  # else it is not known what they cover
            for name in missing:
                self._no_case(lens, name, len(every), len(every) - len(missing))
        if lens.canonical in self.honoured:
            for name in foreign - said.keys():
                self.report(
                    lens,
                    covered[name],
                    "E317",
                    f"a `{name}` of another vendor must be honoured, and nothing is said of it here",
                    "only what this dialect has sent goes back as it is",
                    fixes=[f"canonical_only: {{refuse: {{{name}: why}}}}"],
                )

    def _no_case(self, lens: Lens, name: str, count: int, known: int) -> None:
        self.report(
            lens,
            lens.key,
            "E305",
            f"{lens.title} has no case for canonical kind `{name}`",
            f"covers {known} of {count} kinds",
            [f"A value from another dialect can be {a(name)}, and this lens would have nothing to write. Choose:"],
            columns(
                (f"any: [..., <a lens of {name}>]", "if this wire has one"),
                (f"canonical_only: {{as: {{{name}: <a text lens>}}}}", "write it as another kind"),
                (f"canonical_only: {{drop: {{{name}: why}}}}", "leave it out, reported"),
                (f"canonical_only: {{refuse: {{{name}: why}}}}", "refuse the request"),
            ),
        )

    def _covered(self, lens: Lens) -> dict[str, Node]:
        """The canonical cases that a choice has a lens or a word for, each with the place that says so."""
        found: dict[str, Node] = {}
        for node in lens.any:
            member = self.lenses.get(node.value)
            if member is None or member.message:
                continue
            definition = self.canonical.defs.get(member.canonical)
            chosen = member.where and not self.canonical.defs[lens.canonical].union
            word = member.where[1] if chosen else definition.word if definition else ""
            found.setdefault(word, node)
        if lens.words:
            found |= {node.value: node for node in lens.words[1].value.values()}
        return found

    def _foreign(self, lens: Lens) -> set[str]:
        """The canonical cases that are kept whole here, so that those of other dialects have no lens."""
        members = [m for node in lens.any if (m := self.lenses.get(node.value)) is not None and not m.message]
        held = {self.canonical.defs[m.canonical].word for m in members if not m.whole}
        return {self.canonical.defs[m.canonical].word for m in members if m.whole} - held

    def _holds(self, lens: Lens) -> bool:
        return lens.canonical in self.canonical.defs

    def reaching(self, lens: Lens) -> set[str]:
        """The canonical cases that can come to a lens, from everywhere it is used."""
        every = set(cases(self.dialect, lens))
        found = set(every) if lens.name in self.dialect.choices else set()
        for user, ln in self.dialect.users.get(lens.name, ()):
            found |= self._sent(user, ln, every)
        return found

    def _sent(self, user: Lens, ln: Line, every: set[str]) -> set[str]:
        if ln.has("lift_only"):
            return set()
        others = [one for one in user.lines if one.to == ln.to and one is not ln and one.has("lens") and ln.to]
        taken = [m for one in others if (m := self.lenses.get(one.plain("lens"))) is not None]
        if taken:  # several lenses share the cases of a field
            every = every - {self.canonical.defs[m.canonical].word for m in taken}
        turns = self.mapping.turns.plain() if self.mapping.turns is not None else {}
        if user.message and ln.kinds and not ln.to:
            return set(ln.kinds) & every
        if user.message:
            return every - set(turns.get("alone", ()))
        if user.canonical == "ToolResult" and ln.to == ("content",):
            return every - set(turns.get("spill", ()))
        definition = self.canonical.defs.get(user.canonical)
        field = definition.fields.get(ln.to[0]) if definition is not None and ln.to and ln.has("each") else None
        if field is not None and field.type.kind == "string":
            return {"text"}
        if definition is not None and ln.to == ("source",) and definition.word in turns.get("sources", {}):
            return set(turns["sources"][definition.word]) & every
        return every

    # fields

    def fields(self, lens: Lens) -> None:
        """Every field of both sides is on a line, or listed with what becomes of it."""
        lines = [*lens.lines, *inherited(self.dialect, lens)]
        for ln in lens.lines:
            if ln.plain("each") in self.marked and not ln.has("marks"):
                field, key = self.marked[ln.plain("each")]
                self.report(
                    lens,
                    ln.key,
                    "E310",
                    f"`{field}` marks what stands before it, and nothing is said of it here",
                    f"line {key.line} reads it",
                    fixes=[f"{ln.key.value}: {{..., marks: {{{field}: <a capability>}}}}"],
                )
        said = self.said_of_wire(lens, lines)
        self._wire(lens, said)
        self._written(lens, lines)
        if lens.message:
            self._blocks(lens)
        else:
            self._canonical(lens, lines)
            self._direct(lens)
        self._homes(lens, lines)

    def said_of_wire(self, lens: Lens, lines: list[Line]) -> dict[Path, tuple[str, Node]]:
        """Wire path to what becomes of it and where that is said."""
        said: dict[Path, tuple[str, Node]] = {}
        for ln in lines:
            said[ln.wire] = ("mapped", ln.key)
            if not any(ln.has(m) for m in LENSES):
                self._count("mapped", 1)
        if lens.name in self.marked and self.marked[lens.name][0] in self.wire.defs[lens.wire].fields:
            said[self.marked[lens.name][:1]] = ("mapped", self.marked[lens.name][1])
        others = {ln.wire for ln in lines if ln.has("others")}
        for entry in lens.wire_only:
            if entry.path in others and entry.policy == "drop":  # the line is counted
                continue
            self._count(entry.policy, 1)
            self._entry(lens, entry, said)
            if entry.policy in ("carry", "refuse"):
                self._kept(lens, entry)
            if entry.policy == "elsewhere" and not self._wire_elsewhere(lens, entry):
                self.report(
                    lens,
                    entry.node,
                    "E310",
                    f"`{entry.name}` is mapped nowhere else",
                    fixes=[f"{entry.name}: <a canonical field>", f"wire_only: {{drop: {{{entry.name}: why}}}}"],
                )
        if lens.wire_where and lens.message:  # it chooses the lens, and is written with it
            said.setdefault(lens.wire_where[:1], ("mapped", lens.key))
        return said

    def _entry(self, lens: Lens, entry: Entry, said: dict[Path, tuple[str, Node]]) -> None:
        """An entry's path is new: neither it nor a part of it was spoken of."""
        for path, (_, node) in said.items():
            if path[: len(entry.path)] == entry.path or entry.path[: len(path)] == path:
                self._dead(lens, entry, node)
                return
        said[entry.path] = (entry.policy, entry.node)

    def _dead(self, lens: Lens, entry: Entry, node: Node) -> None:
        side = "wire_only" if entry in lens.wire_only else "canonical_only"
        self.report(
            lens,
            entry.node,
            "E308",
            f"{side}.{entry.policy} lists `{entry.name}`, which line {node.line} maps",
            known=[f"Remove it here, or remove line {node.line}."],
        )

    def _kept(self, lens: Lens, entry: Entry) -> None:
        """What is kept until it is clear where the request goes is a whole field, beside a canonical value."""
        if entry.policy == "refuse" and lens.message:
            return
        place = None if lens.message else self.canonical.defs[lens.canonical].fields.get("carried")
        if place is None:
            what = "a message" if lens.message else lens.canonical
            self.report(
                lens,
                entry.node,
                "E319",
                f"`{entry.name}` cannot be kept here",
                f"{what} has no field `carried`",
                fixes=[f"wire_only: {{drop: {{{entry.name}: why it is safe}}}}"],
            )
        elif len(entry.path) > 1:
            self.report(
                lens,
                entry.node,
                "E319",
                f"`{entry.name}` cannot be kept alone",
                "only a whole field can",
                fixes=[
                    f"wire_only: {{{entry.policy}: {{{entry.path[0]}: why}}}}",
                    f"wire_only: {{drop: {{{entry.name}: why it is safe}}}}",
                ],
            )

    def _wire_elsewhere(self, lens: Lens, entry: Entry) -> bool:
        for other in self.lenses.values():
            if other.wire == lens.wire and other is not lens:
                if other.whole or any(ln.wire == entry.path for ln in other.lines):
                    return True
        if self.mapping.stream is None:
            return False
        stream = self.mapping.stream.plain()
        if stream.get("blocks") == "partial" and stream["frame"] == lens.wire and entry.name == "error":
            return True  # a frame of that form can say that the answer failed
        usage = self.lenses.get(stream.get("usage", {}).get("delta", ""))
        found = self.dialect.fields(self.wire, lens.wire, entry.path, entry.node)
        if stream["blocks"] == "kinds" and stream["frames"]["stop"] == lens.wire:
            return entry.name in (*stream["usage"], stream["error"]["message"])
        counted = usage is not None and bool(found) and found[-1].type.refs() == [usage.wire]
        return counted and stream.get("frames", {}).get("stop") == lens.wire

    def _wire(self, lens: Lens, said: dict[Path, tuple[str, Node]]) -> None:
        others = self._others(lens)
        missing = [
            found
            for found in unsaid(self.wire, lens.wire, said)
            if not any(found[0][: n + 1] in others for n in range(len(found[0])))
            and found[0] != (lens.tag,)
            and not self._slip(found[2], found[1])
        ]
        total = len(said) + len(missing)
        for path, field, _ in missing:
            name = ".".join(path)
            mapped = f"<a block kind>, as in .{'text'}" if lens.message else f"<a field of {lens.canonical}>"
            self.report(
                lens,
                lens.key,
                "E301",
                f"{lens.wire}.{name} is neither mapped nor listed in wire_only",
                f"this lens must account for {total} wire fields and accounts for {total - len(missing)}",
                [f"It is declared at {self._place(field.node)} as `{described(field)}`.", "Write one of:"],
                columns(
                    (f"{name}: {mapped}", "if other dialects can say it"),
                    (f"wire_only: {{carry: {{{name}: why}}}}", f"keep it for {self.mapping.dialect} upstreams only"),
                    (f"wire_only: {{drop: {{{name}: why it is safe}}}}", "forget it"),
                ),
            )

    def _others(self, lens: Lens) -> set[Path]:
        """The fields that are not there, because another lens of the choice is chosen where they are."""
        inner = self._inside(lens)
        one_of = self.wire.defs[lens.wire].one_of
        if not lens.wire_where or not one_of:
            return inner
        siblings = [
            self.lenses.get(node.value) for choice in self.dialect.choices.get(lens.name, ()) for node in choice.any
        ]
        own = {path[0] for path in lens.chosen_by}
        if any(one is not None and one.wire_where and one.wire_where[1] == ("absent",) for one in siblings):
            return inner | {(name,) for name in one_of if name not in own}
        taken = {path[0] for one in siblings if one is not None for path in one.chosen_by}
        return inner | {(name,) for name in one_of if name in taken - own}

    def _inside(self, lens: Lens) -> set[Path]:
        """The same in the objects on the way to what chooses a lens: there it is one of several itself."""
        found, own = set(), set(lens.chosen_by)
        for path in own:
            for depth in range(1, len(path)):
                fields = self.dialect.fields(self.wire, lens.wire, path[:depth], lens.key)
                ref = fields[-1].type.option("ref") if fields else None
                found |= {(*path[:depth], name) for name in (self.wire.defs[ref.name].one_of if ref else ())}
        return found - own

    def _slip(self, owner: str, field: Field) -> bool:
        """Whether a misspelt name was meant for this field; then that error is enough."""
        return (owner, field.name) in self.dialect.slips

    def _canonical(self, lens: Lens, lines: list[Line]) -> None:
        said = self.said_of_canonical(lens, lines)
        missing = [
            m for m in unsaid(self.canonical, lens.canonical, said) if not self._slip(m[2], m[1]) and not self._told(m)
        ]
        total = len(said) + len(missing)
        for path, field, _owner in missing:
            self._unmapped(lens, f"{lens.canonical}.{'.'.join(path)}", ".".join(path), field, total, len(missing))

    def said_of_canonical(self, lens: Lens, lines: list[Line]) -> dict[Path, tuple[str, Node]]:
        """Canonical path to what becomes of it and where that is said."""
        said: dict[Path, tuple[str, Node]] = {}
        read: dict[Path, Line] = {}
        for ln in lines:
            if ln.has("lift_only") and ln.to is not None:
                read.setdefault(ln.to, ln)
            elif ln.to == () and (ln.has("lens") or ln.has("each")):
                said[()] = ("mapped", ln.key)
            elif told_ := told(self.dialect, ln):
                said |= {path: ("mapped", ln.key) for path in told_}
            elif ln.to:
                said |= {(*ln.to, *part): ("mapped", ln.key) for part in self._parts(ln)}
                if ln.has("flag"):
                    said[(*ln.to[:-1], ln.plain("flag"))] = ("mapped", ln.mods["flag"])
            for extra in ("native", "origin"):
                if ln.has(extra):
                    said[tuple(ln.plain(extra).split("."))] = ("mapped", ln.mods[extra])
        if lens.where and lens.where[1] != GIVEN:
            said[lens.where[:1]] = ("mapped", lens.key)
        if lens.name in self.marked:
            said["cache",] = ("mapped", self.marked[lens.name][1])
        for entry in lens.canonical_only:
            self._entry(lens, entry, said)
            found = self.dialect.fields(self.canonical, lens.canonical, entry.path, entry.node)
            if found and found[-1].must_honour and entry.policy == "drop":
                self._dishonoured(lens, entry)
            if entry.policy == "elsewhere" and found and not self._elsewhere(lens, entry):
                self.report(
                    lens,
                    entry.node,
                    "E310",
                    f"`{entry.name}` is mapped nowhere else",
                    fixes=[
                        f"<a field of {lens.wire}>: {entry.name}",
                        f"canonical_only: {{drop: {{{entry.name}: why}}}}",
                    ],
                )
        for to, ln in read.items():
            if not any(to[: len(known)] == known for known in said):
                said[to] = ("mapped", ln.key)
                self._only_read(lens, ln, f"{lens.canonical}.{'.'.join(to)}")
        return said

    def _parts(self, ln: Line) -> list[Path]:
        """What a line accounts for below its canonical path: all of it, or the parts that it or its primitive names."""
        if ln.has("item"):
            return [("0", ln.plain("item"))]
        primitive = self.dialect.primitives.get(ln.plain("via", ""), {})
        return [(part,) for part in primitive.get("parts", ())] or [()]

    def _only_read(self, lens: Lens, ln: Line, what: str) -> None:
        self.report(
            lens,
            ln.key,
            "E303",
            f"{what} is read here and written nowhere",
            "`lift_only` needs another line that writes it",
            fixes=[f"{ln.key.value}: {'.'.join(ln.to)}" if ln.to else "a line without lift_only"],
        )

    def _dishonoured(self, lens: Lens, entry: Entry) -> None:
        self.report(
            lens,
            entry.node,
            "E317",
            f"`{entry.name}` must be honoured, and is dropped here",
            "what a client relies on is mapped or refused",
            fixes=[f"canonical_only: {{refuse: {{{entry.name}: why}}}}"],
        )

    def _unmapped(self, lens: Lens, what: str, name: str, field: Field, total: int, missing: int) -> None:
        honour = field.must_honour
        choices = [(f"<a field of {lens.wire}>: {name}", "if this wire can say it")]
        if not honour:
            choices.append((f"canonical_only: {{drop: {{{name}: why}}}}", "leave it out, reported"))
        choices.append((f"canonical_only: {{refuse: {{{name}: why}}}}", "refuse the request"))
        self.report(
            lens,
            lens.key,
            "E302",
            f"{what} is neither mapped nor listed in canonical_only",
            f"this lens must account for {total} canonical fields and accounts for {total - missing}",
            [f"It is declared at {self._place(field.node)} as `{described(field)}`.", "Write one of:"],
            columns(*choices),
        )

    def _told(self, missing: tuple[Path, Field, str]) -> bool:
        """Whether the file's own canonical_only speaks of a field."""
        for number, entry in enumerate(self.mapping.canonical_only):
            if entry.path == missing[0][-1:]:
                self.general.add(number)
                return True
        return False

    def _elsewhere(self, lens: Lens, entry: Entry) -> bool:
        """Whether another lens speaks of the field of the same canonical type."""
        definition = self.canonical.defs[lens.canonical]
        if definition.tag == "event" and entry.name in COUNTED:
            return True
        field = definition.fields.get(entry.name)
        if field is not None and field.comes_with and lens.where and lens.where[1] not in field.comes_with:
            return True
        for other in self.lenses.values():
            if other is lens or other.message or other.canonical not in self.canonical.defs:
                continue
            if other.canonical == lens.canonical:
                lines = [*other.lines, *inherited(self.dialect, other)]
                if any(ln.to == entry.path for ln in lines):
                    return True
                if any(e.path == entry.path and e.policy != "elsewhere" for e in other.canonical_only):
                    return True
            for ln in other.lines:
                if ln.to and len(ln.to) > 1 and ln.to[-1:] == entry.path and not ln.kinds:
                    found = self.dialect.fields(self.canonical, other.canonical, ln.to[:-1], ln.target)
                    if found and found[-1].type.refs() == [lens.canonical]:
                        return True
        return False

    def _direct(self, lens: Lens) -> None:
        """A lens for one case only, where others can come."""
        if not lens.where:
            return
        field = self.canonical.defs[lens.canonical].fields.get(lens.where[0])
        others = [word for word in field.words if word != lens.where[1]] if field else []
        for _, ln in self.dialect.users.get(lens.name, ()) if others else ():
            self.report(
                lens,
                lens.key,
                "E305",
                f"{lens.title} has no case for canonical kind `{others[0]}`",
                f"line {ln.key.line} can bring it {len(others) + 1} kinds",
                [f"Also: {', '.join(others[1:])}."] if others[1:] else [],
                [f"{lens.wire} <-> <all kinds>: {{any: [{lens.name}], canonical_only: …}}"],
            )

    def _homes(self, lens: Lens, lines: list[Line]) -> None:
        """A canonical value is written to one place; to one of several only where primitives decide by its form."""
        homes: dict[tuple, Line] = {}
        for ln in lines:
            if ln.to is None or ln.twin or any(ln.has(m) for m in ("lift_only", "groups", "role", "says")):
                continue
            if self.dialect.fields(self.wire, lens.wire, ln.wire, ln.key) is None:
                continue
            if lens.message and ln.kinds and ln.to and not (ln.has("each") or ln.has("with")):
                self._said_twice(lens, ln)
            for kind in ln.kinds or ("",):
                first = homes.setdefault((kind, ln.to), ln)
                one, other = (next((x.plain(m) for m in ("via", "lens") if x.has(m)), None) for x in (ln, first))
                if (
                    first is ln
                    or ln.plain("beside") == ".".join(first.wire)
                    or None not in (one, other)
                    and (one != other or ln.has("via") and first.has("via") and _told(ln) != _told(first))
                ):
                    continue
                self.report(
                    lens,
                    ln.key,
                    "E307",
                    f"`{'.'.join(((f'.{kind}',) if kind else ()) + ln.to)}` is written by two lines",
                    f"line {first.key.line} writes it too",
                    fixes=[
                        f"{ln.key.value}: {{to: {ln.target.value if isinstance(ln.target.value, str) else '...'}, lift_only: why}}"
                    ],
                )

    def _said_twice(self, lens: Lens, ln: Line) -> None:
        """The texts of a kind stand in one field; in another only beside something."""
        other = next((one for one in lens.lines if not one.to and set(one.kinds) & set(ln.kinds)), None)
        if other is not None:
            self.report(
                lens,
                ln.key,
                "E307",
                f"`.{ln.kinds[0]}` is written by two lines",
                f"line {other.key.line} writes it too",
                fixes=[f"{ln.key.value}: {{to: {ln.target.value}, with: <a field>}}", "lift_only: why"],
            )

    # messages

    def _blocks(self, lens: Lens) -> None:
        """Every kind of block has a place in a message, and every field of a kind that is taken apart."""
        said: dict[Path, tuple[str, Node]] = {}
        read: dict[Path, Line] = {}
        for ln in lens.lines:
            if ln.to is None:
                continue
            target = self.lenses.get(ln.plain("each", ""))
            single = "" if target is None or target.any else self.canonical.defs[target.canonical].word
            for path in [(kind, *ln.to) for kind in ln.kinds] or [
                (kind,) for kind in self.kinds if single in ("", kind)
            ]:
                if ln.has("lift_only"):
                    read.setdefault(path, ln)
                else:
                    said |= {(*path, *part): ("mapped", ln.key) for part in self._parts(ln)}
        for entry in lens.canonical_only:
            path = (entry.path[0].removeprefix("."), *entry.path[1:])
            self._block_entry(lens, entry, path, said)
        for path, ln in read.items():
            if path not in said:
                said[path] = ("mapped", ln.key)
                self._only_read(lens, ln, ".".join(("", *path)).removeprefix("."))
        every = list(self.kinds)
        missing = [kind for kind in every if not any(path[0] == kind for path in said)]
        for kind in missing:
            self._no_place(lens, kind, len(every), len(every) - len(missing))
        for kind in every:
            parts = {path[1:]: value for path, value in said.items() if path[0] == kind}
            if parts and () not in parts:
                owner = self.kinds[kind]
                left = [m for m in unsaid(self.canonical, owner, parts) if not self._told(m)]
                for path, field, _ in left:
                    self._unmapped(
                        lens,
                        f"{owner}.{'.'.join(path)}",
                        f".{kind}.{'.'.join(path)}",
                        field,
                        len(parts) + len(left),
                        len(left),
                    )

    def _block_entry(self, lens: Lens, entry: Entry, path: Path, said: dict[Path, tuple[str, Node]]) -> None:
        for known, (_, node) in said.items():
            if known[: len(path)] == path or path[: len(known)] == known:
                self._dead(lens, entry, node)
                return
        said[path] = (entry.policy, entry.node)
        if entry.policy == "elsewhere" and path[0] not in self.mapping.turns.plain().get("alone", ()):
            self.report(
                lens,
                entry.node,
                "E310",
                f"`{'.'.join(entry.path)}` is mapped nowhere else",
                fixes=[
                    f"canonical_only: {{drop: {{{'.'.join(entry.path)}: why}}}}",
                    f"canonical_only: {{usual: {{{'.'.join(entry.path)}: why}}}}",
                ],
            )

    def _no_place(self, lens: Lens, kind: str, count: int, known: int) -> None:
        self.report(
            lens,
            lens.key,
            "E305",
            f"{lens.title} has no case for canonical kind `{kind}`",
            f"covers {known} of {count} kinds",
            [f"A message from another dialect can hold {a(kind)}, and this lens would have nothing to write. Choose:"],
            columns(
                (f"<a field of {lens.wire}>: .{kind}", "if this wire has one"),
                (f"canonical_only: {{drop: {{.{kind}: why}}}}", "leave it out, reported"),
                (f"canonical_only: {{refuse: {{.{kind}: why}}}}", "refuse the request"),
            ),
        )

    # what is written

    def _written(self, lens: Lens, lines: list[Line]) -> None:
        """What the wire requires is always written, and what only some servers know only where they are asked."""
        written = {ln.wire: ln for ln in lines if not ln.has("lift_only")}
        if lens.wire_where and lens.message:
            written.setdefault(lens.wire_where[:1], None)
        self._required(lens, self.wire.defs[lens.wire], (), written, False)
        if lens.where and not lens.message:
            self._coming(lens, lines)
        if lens.name not in self.requests:
            return
        for ln in lines:
            found = self.dialect.fields(self.wire, lens.wire, ln.wire, ln.key)
            who = next((f.node.get("x-from") for f in found or () if f.node.get("x-from")), None)
            if who is not None and not (ln.has("needs") or ln.has("lift_only") or ln.has("const")):
                self.report(
                    lens,
                    ln.key,
                    "E318",
                    f"`{ln.key.value}` is known to some servers only",
                    "say which capability it needs",
                    [f"It is declared at {self._place(who)} as known to {who.value}."],
                    [f"{ln.key.value}: {{to: {ln.target.value}, needs: <a capability>}}"],
                )

    def _required(self, lens: Lens, owner: Def, prefix: Path, written: dict[Path, Line | None], optional: bool) -> None:
        """`optional` says that the object itself is written only if one of its fields is."""
        inside = {path: ln for path, ln in written.items() if ln is not None and path[: len(prefix)] == prefix}
        if optional and not inside:
            return
        sure = [ln for ln in inside.values() if (ln.has("const") and not ln.has("with"))]
        for field in owner.own.values():
            path = (*prefix, field.name)
            if path in written:
                if (
                    written[path] is None
                    or not field.required
                    or field.nullable
                    or not self._may_lack(lens, written[path], field)
                ):
                    continue
                if optional and not sure and not [ln for p, ln in inside.items() if p != path and not ln.has("with")]:
                    continue
                self._lacking(lens, written[path].key, path, field, "may have nothing to write")
            elif any(p[: len(path)] == path for p in written):
                ref = field.type.option("ref")
                if ref is not None:
                    self._required(lens, self.wire.defs[ref.name], path, written, field.optional)
            elif field.required and not field.nullable and path != (lens.tag,):
                self._lacking(lens, lens.key, path, field, "is written by no line")

    def _coming(self, lens: Lens, lines: list[Line]) -> None:
        """What always comes with the lens's own word is read from what the wire always has."""
        for name, field in self.canonical.defs[lens.canonical].fields.items():
            for ln in lines if lens.where[1] in field.comes_with else ():
                found = self.dialect.fields(self.wire, lens.wire, ln.wire, ln.key) if ln.to == (name,) else None
                sure = any(path[: len(ln.wire)] == ln.wire or ln.wire[: len(path)] == path for path in lens.chosen_by)
                needed = (found or [])[-1:] if sure else found
                if ln.wire in lens.chosen_by and GIVEN in lens.wire_where[1]:  # it is there
                    continue
                if found and any(one.optional for one in needed) and not ln.has("absent"):
                    self.report(
                        lens,
                        ln.key,
                        "E306",
                        f"{lens.canonical}.{name} always comes with {lens.where[1]}, and `{ln.key.value}` may be missing",
                        known=[f"It is declared at {self._place(field.node)}."],
                    )

    def _lacking(self, lens: Lens, node: Node, path: Path, field: Field, what: str) -> None:
        name = ".".join(path)
        if self._slip(lens.wire, field):
            return
        self.report(
            lens,
            node,
            "E306",
            f"{lens.wire}.{name} is required and {what}",
            known=[f"It is declared at {self._place(field.node)} as `{described(field)}`."],
            fixes=[f"{name}: {{to: ..., supply: <what to write then>}}"],
        )

    def _may_lack(self, lens: Lens, ln: Line, wire: Field) -> bool:
        """Whether a line can come to have nothing to write."""
        if any(ln.has(m) for m in ("const", "mint", "supply", "absent", "groups")) or (ln.to == () and ln.has("lens")):
            return False
        if ln.has("sum"):
            parts = [one for one in lens.lines if one.wire[0] in ln.plain("sum")]
            return all(self._may_lack(lens, one, wire) for one in parts)
        if lens.message:
            return ln.has("lens") or (ln.has("each") and bool(ln.to))
        if ln.has("role"):
            return True
        if ln.has("each"):
            return ln.has("bare") and len(ln.wire) > 1
        target = self.lenses.get(ln.plain("lens", ""))
        if target is not None and target.message:
            return False
        if ln.has("values"):
            table = self.mapping.tables.get(ln.plain("values"))
            if table and table.otherwise.get("lower") not in (None, "same"):
                return False
        if ln.has("omit") or ln.has("needs"):
            return True
        found = self.dialect.fields(self.canonical, lens.canonical, ln.to or (), ln.target) if ln.to else None
        if found and lens.where and lens.where[1] in found[-1].comes_with:
            return False
        steps = [step for step in ln.to or () if not step.isdigit()]
        return bool(found) and (
            found[-1].optional or (any(f.optional and f.type.kind != "list" for f in found[:-1]) and len(steps) > 1)
        )

    # the file

    def file(self) -> None:
        unserved = self.mapping.root.get("unserved")
        for name, key in (unserved.keys if unserved is not None else {}).items():
            self.dialect.definition(self.wire, name, key)
        for number, entry in enumerate(self.mapping.canonical_only):
            if number not in self.general:
                self.dialect.report(
                    at(
                        entry.node,
                        "E308",
                        f"canonical_only.{entry.policy} lists `{entry.name}`, which every lens speaks of itself",
                        known=["Remove it here, or where lenses say the same."],
                    )
                )
            owners = [o.fields[entry.path[0]] for o in self.canonical.defs.values() if entry.path[0] in o.fields]
            if entry.policy == "drop" and any(field.must_honour for field in owners):
                self.dialect.report(
                    at(
                        entry.node,
                        "E317",
                        f"`{entry.name}` must be honoured, and is dropped here",
                        "what a client relies on is mapped or refused",
                    )
                )

    def unused(self) -> None:
        """Lenses and tables that nothing leads to."""
        reached = set(self.requests)
        for wire in self.mapping.pairs.values():
            reached |= self._reached(wire)
        for name in stream_roots(self.dialect):
            reached |= self._reached(name)
        for name, lens in self.lenses.items():
            if name not in reached and ("lens", name) not in self.dialect.slips:
                self.report(
                    lens,
                    lens.key,
                    "E309",
                    f"nothing leads to the lens {lens.title}",
                    fixes=[f"<a field>: {{to: ..., lens: {name}}}", "remove it"],
                )
        for table in self.mapping.tables.values():
            spared = table.name == "status" or ("table", table.name) in self.dialect.slips
            if not spared and table.name not in used_tables(self.dialect):
                self.dialect.report(
                    at(
                        table.key,
                        "E309",
                        f"no line uses the table {table.name}",
                        fixes=[f"<a field>: {{to: ..., values: {table.name}}}", "remove it"],
                    )
                )

    def _reached(self, name: str) -> set[str]:
        """The lenses that a lens leads to, itself included."""
        todo, seen = [name], set()
        while todo:
            name = todo.pop()
            lens = self.lenses.get(name)
            if lens is None or name in seen:
                continue
            seen.add(name)
            todo += [node.value for node in lens.any]
            todo += [ln.plain(m) for ln in (*lens.lines, *lens.every) for m in LENSES if ln.has(m)]
            todo += [name for ln in lens.lines if ln.has("nest") for name in ln.plain("nest")]
            for ln in lens.lines:
                wire = wire_field(self.dialect, lens, ln) if ln.has("marks") else None
                field = marks_of(self.dialect, ln, wire) if wire is not None else None
                todo += field.type.refs() if field is not None else ()
        return seen

    def _count(self, policy: str, leaves: int) -> None:
        match policy:
            case "mapped":
                self.leaves.mapped += leaves
            case "carry":
                self.leaves.carried += leaves
            case "drop":
                self.leaves.dropped += leaves
            case "refuse":
                self.leaves.refused += leaves

    @staticmethod
    def _place(node: Node) -> str:
        return f"{node.file}:{node.line}"


def across(dialects: list[Dialect]) -> None:
    """What two dialects carry, two dialects can say: it belongs in the canonical model. What one can read, one is."""
    known = {dialect.mapping.dialect for dialect in dialects}
    for dialect in dialects:
        lenses, stream = dialect.mapping.lenses.values(), dialect.mapping.root.get("stream")
        blocks = stream.get("block") if stream is not None else None
        said = [ln.mods["whose"] for lens in lenses for ln in (*lens.lines, *lens.every) if ln.has("whose")]
        if blocks is not None and isinstance(blocks.value, dict):
            said += [
                one.get("whose") for one in blocks.value.values() if isinstance(one.value, dict) and one.get("whose")
            ]
        for node in said:
            if node.value not in known:
                dialect.report(at(node, "E222", f"there is no dialect `{node.value}`", did_you_mean(node.value, known)))
    seen: dict[tuple[str, str], Entry] = {}
    for dialect in dialects:
        for lens in dialect.mapping.lenses.values():
            for entry in lens.wire_only if not (lens.any or lens.message) else ():
                if entry.policy != "carry":
                    continue
                first = seen.setdefault((lens.canonical, entry.name), entry)
                if first.node.file != entry.node.file:
                    dialect.report(
                        at(
                            entry.node,
                            "E320",
                            f"two dialects carry `{entry.name}` beside {lens.canonical}",
                            "what two can say is canonical",
                            [f"The other is at {first.node.file}:{first.node.line}."],
                            [f"{entry.name}: <a new field of {lens.canonical}>"],
                            group=lens.title,
                        )
                    )


def _told(ln: Line) -> tuple[object, object]:
    """What decides whether a line with a primitive writes a value."""
    return ln.plain("via"), ln.plain("only")


def unsaid(
    space: Space, owner: str, said: dict[Path, tuple[str, Node]], prefix: Path = ()
) -> Iterator[tuple[Path, Field, str]]:
    """The fields that nobody speaks of: path, field and type. A field with some parts spoken of is looked into."""
    if () in said:
        return
    definition = space.defs[owner]
    block = definition.name in space.defs["Block"].members if "Block" in space.defs else False
    for name, field in definition.own.items():
        path = (*prefix, name)
        if path in said or field.type.kind == "carried" or field.derived or (block and name in STRUCTURE):
            continue
        if not any(known[: len(path)] == path for known in said):
            if not (name == "index" and prefix and prefix[-1].isdigit()):
                yield path, field, owner
            continue
        inner = field.type.option("list")
        ref = (inner.items[0] if inner else field.type).option("ref")
        if ref is not None:
            yield from unsaid(space, ref.name, said, (*path, "0") if inner else path)


def stream_roots(dialect: Dialect) -> Iterator[str]:
    """The lenses that a stream section names."""
    stream = dialect.mapping.stream
    if stream is None:
        return
    for section in ("frames", "usage", "error"):
        node = stream.get(section)
        for one in node.value.values() if node is not None and isinstance(node.value, dict) else filter(None, [node]):
            if isinstance(one.value, list):
                yield from (inner.value for inner in one.value)
            elif isinstance(one.value, str):
                yield one.value
    cite = stream.get("cite")
    if cite is not None and cite.keys and cite.get("open").value in dialect.wire.defs:
        path = tuple(cite.get("at").value.split("."))
        found = dialect.fields(dialect.wire, cite.get("open").value, path, cite.get("at"))
        yield from found[-1].type.refs() if found else ()
    frame = stream.plain().get("frames", {}).get("block_delta")
    if frame in dialect.wire.defs:
        for field in dialect.wire.defs[frame].fields.values():
            yield from field.type.refs()


def used_tables(dialect: Dialect) -> set[str]:
    lines = [ln for lens in dialect.mapping.lenses.values() for ln in (*lens.lines, *lens.every)]
    found = {ln.plain("values") for ln in lines if ln.has("values")}
    stop = dialect.mapping.stream.get("stop") if dialect.mapping.stream is not None else None
    return found | {node.get("values").value for node in (stop.value if stop else {}).values() if node.get("values")}


def described(field: Field) -> str:
    """What a field holds: its words, or its type."""
    return " | ".join(field.words) or str(field.type)


def columns(*pairs: tuple[str, str]) -> list[str]:
    """What to write, and when, in two columns."""
    width = max(len(what) for what, _ in pairs)
    return [f"{what:{width}}  {when}" for what, when in pairs]
