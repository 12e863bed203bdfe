"""Each lens to a lift plan and a lower plan: steps with names in them, no Python text beyond names and attribute paths."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from msgspec.json import encode

from codegen.resolve import Dialect, block_type, canonical_field, holding, inherited, kinds, marks_of, turned
from codegen.spec import GIVEN, Entry, Lens, Line, switched
from codegen.types import Def, Field, attribute

MANY = 4  # fields of one object that are left out together


@dataclass(frozen=True)
class Step:
    """One way to get a value: the template of this name renders it. `of` is the step it works on."""

    name: str
    of: Step | None = None
    args: dict[str, Any] = field(default_factory=dict)


class Verbatim(str):
    """Python text that stands where a value's own text would."""

    __repr__ = str.__str__


def path(text: str) -> Step:
    return Step("path", args={"text": text})


@dataclass
class Function:
    """What one lens becomes. `kind` names the template: struct, union, message or whole."""

    kind: str
    name: str  # after `lift_` and `lower_`
    lens: Lens
    lift: dict[str, Any] = field(default_factory=dict)
    lower: dict[str, Any] = field(default_factory=dict)


def snake(name: str) -> str:
    return attribute(name)


USUAL = {  # required canonical fields that a wire need not say
    "kind": Step("status_kind"),  # of an error: its status does
    "model": path("ctx.model"),  # its path does
    "id": path("ctx.model"),
    "input": path('Raw(b"{}")'),  # of a call in a stream: its deltas do
}


class Planner:
    """Plans the lenses of one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.mapping, self.wire, self.canonical = dialect.mapping, dialect.wire, dialect.canonical
        lenses = [one for one in self.mapping.lenses.values() if not one.message]
        plain = [snake(one.wire) for one in lenses if not one.wire_where]
        spread = {ln.plain("each") for one in lenses for ln in one.lines if ln.has("spread")}
        self.asking = {self.mapping.pair("request"), *spread}  # the wire types of requests
        answer, stream = self.mapping.lenses.get(self.mapping.pair("response")), self.mapping.stream
        groups = [self.named(ln.plain("groups")) for ln in answer.lines if ln.has("groups")] if answer else []
        self.in_answers = [node.value for group in groups for node in group.any]  # the lenses of an answer's messages
        self.item = stream.plain().get("item", {}) if stream is not None else {}  # how a wire of items names them
        self.names = Counter([*plain, *(self.meaning(one) for one in lenses if one.wire_where)])

    # names

    def function(self, lens: Lens) -> str:
        """The function name of a lens: its wire type, or its canonical type where the wire type serves several."""
        if lens.lacking:
            return snake(lens.canonical)
        if not lens.wire_where:
            return snake(lens.wire)
        if lens.message:
            return f"{lens.role}_message"
        name = self.meaning(lens)
        same = [one for one in self.mapping.lenses.values() if (one.wire, self.meaning(one)) == (lens.wire, name)]
        ending = f"_{snake(lens.chosen_by[0][-1])}" if lens != same[0] and not lens.whole else ""
        return (f"{snake(lens.wire)}_{name}" if self.names[name] > 1 else name) + ending

    @staticmethod
    def meaning(lens: Lens) -> str:
        return snake(lens.canonical) + (f"_{lens.where[1]}" if lens.where else "")

    def named(self, name: str) -> Lens:
        return self.mapping.lenses[name]

    def plan(self) -> list[Function]:
        return [self.one(lens) for lens in self.mapping.lenses.values() if not self.unread(lens)]

    def unread(self, lens: Lens) -> bool:
        """Whether a lens is kept whole among messages, which do that for all of a kind."""
        choices = self.dialect.choices.get(lens.name, ())
        return lens.whole and bool(choices) and all(choice.message for choice in choices)

    def one(self, lens: Lens) -> Function:
        if lens.whole:
            return Function("whole", self.function(lens), lens)
        if lens.any:
            return self.union(lens)
        if lens.message:
            return self.message(lens)
        return self.struct(lens)

    # structs

    def struct(self, lens: Lens) -> Function:
        definition = self.wire.defs[lens.wire]
        lines = [*lens.lines, *inherited(self.dialect, lens)]
        return Function(
            "struct",
            self.function(lens),
            lens,
            self.lift_struct(lens, definition, lines),
            self.lower_struct(lens, definition, lines),
        )

    def lift_struct(self, lens: Lens, definition: Def, lines: list[Line]) -> dict[str, Any]:
        built = {part for ln in lines if ln.to and len(ln.to) > 1 for part in ln.to[:2]}  # these have a name as well
        places, sources = self.locals(definition, [ln.wire for ln in lines if ln.to is not None], built)
        fields: dict[tuple[str, ...], Step] = {}
        implied: list[tuple[tuple[str, ...], str, str]] = []  # canonical field, its word, and where that is known from
        mine: dict[tuple[str, ...], list[Line]] = {}  # the lines of each canonical field
        for ln in lines:
            if ln.to is not None:
                mine.setdefault(ln.to, []).append(ln)
        for ln in (one for group in mine.values() for one in group):
            found = self.dialect.fields(self.wire, lens.wire, ln.wire, ln.key)
            source = path(sources[ln.wire])
            if found[-1].write_null:
                source = Step("unless_unset", source)
            if found[-1].type.kind == "raw" and found[-1].nullable:
                source = Step("unless_null", source)
            if ln.to == () and ln.has("each"):
                step = Step("lift_lens", path(f"{sources[ln.wire]}[0]"), self.one_of(ln.plain("each")))
                if ln.has("spread"):
                    held = {"path": ".".join(ln.wire), "field": attribute(ln.plain("spread"))}
                    step = Step("lift_spread", source, self.one_of(ln.plain("each")) | held)
                return {"only": step, "bare": None, "kind": False, "source": sources[ln.wire]}
            if ln.to == ():
                if ln.has("via"):
                    for to, step in self.told(ln, found[-1], source, places).items():
                        fields[to] = Step("either", step, {"other": fields[to]}) if to in fields else step
                    continue
                return {
                    "only": self.lift_value(ln, found[-1], source, lens),
                    "bare": self.lift_bare(ln, source),
                    "kind": ln.plain("bare") == "message",
                    "source": sources[ln.wire],
                }
            step = self.lift_value(ln, found[-1], source, lens)
            if ln.has("implies"):
                ((name, word),) = ln.plain("implies").items()
                implied.append((tuple(name.split(".")), word, sources[ln.wire]))
            if ln.to in fields:
                if step.name == "lift_each" and self.holds_blocks(lens, ln) and ln.to != ("blocks",):
                    step = Step("lift_apart", step.of, step.args)
                blocks = "both" if ln.to == ("blocks",) else "all_of" if self.holds_blocks(lens, ln) else ""
                first = fields[ln.to]
                if first.name == "lift_lens" and not blocks:
                    step = Step("either_lens", first.of, {"function": first.args["function"], "other": step})
                elif blocks == "both" and ln.plain("role") == "user":
                    step = Step("amid", first, {"other": step})
                elif blocks or ln.has("says") or ln.has("added"):
                    step = Step(blocks or ("or_else" if ln.has("says") else "added"), first, {"other": step})
                elif first.name == "path":
                    step = Step("either", first, {"other": step})
                else:
                    steps = first.args["steps"] if first.name == "first" else [first]
                    if first.name == "either":
                        steps = [first.of, first.args["other"]]
                    step = Step("first", args={"steps": last_absent([*steps, step])})
                if self.demanded(lens, ln) and not ln.has("absent") and ln is mine[ln.to][-1]:
                    names = " or ".join(".".join(one.wire) for one in mine[ln.to])
                    step = Step("lift_needed", step, {"field": names})
            fields[ln.to] = step
            if ln.has("flag"):
                fields[(*ln.to[:-1], ln.plain("flag"))] = Step("lift_flag", source)
            whose = Step("this_dialect", source, {"name": ln.plain("whose")})
            for extra, value in (("native", source), ("origin", whose)):
                if ln.has(extra):
                    fields[tuple(ln.plain(extra).split("."))] = value
        for to, word, source in implied:
            known = fields.get(to, Step("constant", args={"value": None}))
            fields[to] = Step("implied", known, {"word": word, "source": source})
        nests: dict[str, dict[str, Any]] = {}
        flat: dict[str, Step] = {}
        for to, step in fields.items():
            if len(to) == 1:
                flat[to[0]] = step
            elif to[1] == "0":
                nests.setdefault(to[0], {"list": True, "parts": {}})["parts"][to[2]] = step
            else:
                nests.setdefault(to[0], {"list": False, "parts": {}})["parts"][to[1]] = step
        for name, nest in nests.items():
            nest["base"] = flat.pop(name, None)
            nest["type"] = self.type_of(lens.canonical, name)
            nest["needs"] = [one.attr for one in self.canonical.defs[nest["type"]].fields.values() if one.required]
        fixed = lens.where and lens.where[1] != GIVEN and lens.where[:1] not in fields
        where = {attribute(lens.where[0]): lens.where[1]} if fixed else {}
        usual = {e.path for e in lens.canonical_only if e.policy == "usual"}
        for name, step in USUAL.items():
            if (name,) in usual and self.canonical.defs[lens.canonical].fields[name].required:
                flat = {name: step} | flat
        kept = [e for e in lens.wire_only if e.policy in ("carry", "refuse") and len(e.path) == 1]
        dropped = [e for e in lens.wire_only if e.policy == "drop"]
        inside: dict[tuple[str, ...], list[Entry]] = {}
        for e in dropped:
            inside.setdefault(e.path[:-1], []).append(e)
        many = {above: held for above, held in inside.items() if above and len(held) >= MANY}
        fails = [
            (
                self.locals(definition, [ln.wire], built)[1][ln.wire],
                self.function(self.named(ln.plain("fails"))),
                ".".join(ln.wire),
            )
            for ln in lines
            if ln.has("fails")
        ]
        return {
            "bare": None,
            "locals": places,
            "fails": fails,
            "where": where,
            "fields": {attribute(n): s for n, s in flat.items()},
            "nests": {attribute(n): v for n, v in nests.items()},
            "carried": {e.path[0]: attribute(e.path[0]) for e in kept},
            "dropped": [(self.left(lens, definition, e), ".".join(e.path)) for e in dropped if e.path[:-1] not in many],
            "dropped_in": [
                (self.reach(definition, above), ".".join(above), [e.path[-1] for e in held])
                for above, held in many.items()
            ],
        }

    def shared(self, lines: list[Line]) -> list[str]:
        """The canonical types that lines to one field write, each by its lens."""
        targets = [self.named(ln.plain("lens")) for ln in lines]
        members = [self.named(node.value) if one.any else one for one in targets for node in one.any or (one,)]
        return [f"c.{one.canonical}" for one in members]

    def told(self, ln: Line, wire: Field, source: Step, places: list[tuple[str, str]]) -> dict[tuple[str, ...], Step]:
        """The fields that a primitive reads, which makes a canonical value of its own; it gets a name in `places`."""
        name = "_".join(attribute(s) for s in ln.wire) + "_said"
        maybe = wire.optional and wire.type.kind != "raw"
        parts = self.dialect.primitives[ln.plain("via")]["parts"]
        step = Step("lift_via", source, {"primitive": ln.plain("via"), "maybe": maybe})
        places.append((name, step))
        return {(part,): path(f"{name} and {name}.{part}" if maybe else f"{name}.{part}") for part in parts}

    def one_of(self, name: str) -> dict[str, Any]:
        """What the step of a list of one needs of its lens."""
        return {"function": self.function(self.named(name)), "maybe": False, "message": False}

    def lift_bare(self, ln: Line, source: Step) -> tuple[str, Step] | None:
        """The canonical field that a plain string stands for, where an object may stand, and its value."""
        if not ln.has("bare") or ln.plain("bare") == "message":
            return ("message", source) if ln.has("bare") else None
        inner = self.named(ln.plain("lens"))
        said = next(one for one in inner.lines if one.wire == (ln.plain("bare"),))
        (wire,) = self.dialect.fields(self.wire, inner.wire, said.wire, said.key)
        return attribute(said.to[0]), self.lift_value(said, wire, source, inner)

    def reach(self, definition: Def, steps: tuple[str, ...]) -> str:
        """A guarded attribute path: `wire.a and wire.a.b`."""
        found = self.dialect.fields(self.wire, definition.name, steps, definition.key) or []
        parts, text = [], "wire"
        for one in found:
            text += "." + one.attr
            parts.append(text)
        return " and ".join(parts)

    def left(self, lens: Lens, definition: Def, e: Entry) -> str:
        """What a dropped field holds, but for the constant that is written there."""
        value = self.reach(definition, e.path)
        constant = next((ln.plain("const") for ln in lens.lines if ln.wire == e.path and ln.has("const")), None)
        return value if constant is None else f"{value} if {value} != {constant!r} else None"

    def type_of(self, owner: str, name: str) -> str:
        found = self.canonical.defs[owner].fields[name].type
        found = found.items[0] if found.kind == "list" else found
        return found.name

    def locals(
        self, definition: Def, paths: list[tuple[str, ...]], taken: set[str]
    ) -> tuple[list[tuple[str, str]], dict[tuple[str, ...], str]]:
        """Local names for the objects on the way, none of them `taken`, and the expression for each path."""
        places: dict[tuple[str, ...], tuple[str, str, bool]] = {}
        sources: dict[tuple[str, ...], str] = {}
        for steps in paths:
            text, optional = "wire", False
            found = self.dialect.fields(self.wire, definition.name, steps, definition.key) or []
            for depth, one in enumerate(found[:-1]):
                prefix = steps[: depth + 1]
                if prefix not in places:
                    name = "_".join(attribute(s) for s in prefix)
                    name = f"wire_{name}" if name in taken else name
                    places[prefix] = (
                        name,
                        f"{text} and {text}.{one.attr}" if optional else f"{text}.{one.attr}",
                        optional or one.optional,
                    )
                text, optional = places[prefix][0], places[prefix][2]
            leaf = f"{text}.{found[-1].attr}" if found else "None"
            if found and found[-1].flat:
                leaf = text
            sources[steps] = f"{text} and {leaf}" if optional else leaf
        return [(name, source) for name, source, _ in places.values()], sources

    def variant(self, union: str, word: str) -> str:
        """The member of a canonical union that bears a word."""
        return next(m for m in self.canonical.defs[union].members if self.canonical.defs[m].word == word)

    def demanded(self, lens: Lens, ln: Line) -> bool:
        """Whether the canonical model cannot do without the field."""
        found = (
            self.dialect.fields(self.canonical, lens.canonical, ln.to, ln.target)
            if ln.to and not lens.message
            else None
        )
        return bool(found) and found[-1].required and not found[-1].nullable

    def lift_value(self, ln: Line, wire: Field, source: Step, lens: Lens) -> Step:
        mods = ln.mods
        maybe = any(one.optional for one in self.dialect.fields(self.wire, lens.wire, ln.wire, ln.key) or ())
        needed = maybe and self.demanded(lens, ln) and sum(one.to == ln.to for one in lens.lines) == 1
        if needed and "mint" in mods:
            return Step("lower_mint", source, {"form": ln.plain("mint")})
        if needed and "via" in mods and wire.type.kind == "raw":
            maybe = False  # such a primitive reads what is absent
        elif needed and not {"absent", "values"} & mods.keys():
            source = Step("lift_needed", source, {"field": ".".join(ln.wire)})
            maybe = False
        if "says" in mods:
            step = Step("lift_says", source, {"word": ln.plain("says")})
        elif "values" in mods:
            table = self.mapping.tables[ln.plain("values")]
            otherwise = table.otherwise.get("lift")
            step = Step(
                "lift_table" if wire.type.kind != "list" else "lift_tables",
                source,
                {"table": table.name.upper(), "otherwise": {"true": True, "false": False}.get(otherwise, otherwise)},
            )
        elif "via" in mods:
            args = {"primitive": ln.plain("via"), "maybe": maybe, "turned": turned(self.dialect, ln, wire.type)}
            step = Step("lift_via", source, args)
        elif "groups" in mods:
            form = "lift_bare_messages" if "bare" in mods else "lift_messages"
            step = Step(form, source, {"function": self.function(self.named(ln.plain("groups"))), "maybe": maybe})
        elif "of" in mods:
            item = self.wire.defs[wire.type.option("list").items[0].name].fields[ln.plain("of")]
            args = {"join": ln.plain("join"), "of": attribute(item.name), "maybe": not item.required}
            step = Step("lift_of", source, args)
        elif self.one_text(lens, ln):
            step = Step("lift_texts", source, {"function": self.function(self.named(ln.plain("each"))), "maybe": maybe})
        elif ln.plain("bare") == "text" and "each" not in mods:
            step = Step("lift_joined", source)
        elif ln.plain("bare") == "text":
            step = Step(
                "lift_bare_text",
                source,
                {"function": self.function(self.named(ln.plain("each"))), "blocks": self.holds_blocks(lens, ln)},
            )
        elif ln.plain("bare") == "item":
            step = Step("lift_bare_item", source)
        elif "nest" in mods:
            step = Step("lift_nest", source, self.nest(ln))
        elif "split" in mods:
            args = {"function": self.function(self.named(ln.plain("each"))), "field": attribute(ln.plain("split"))}
            step = Step("lift_split", source, args)
        elif "item" in mods:
            step = Step("lift_item", source, {"type": self.held(lens, ln), "field": attribute(ln.plain("item"))})
        elif "marks" in mods:
            args = {"function": self.function(self.named(ln.plain("each"))), "blocks": self.holds_blocks(lens, ln)}
            step = Step("lift_marked", source, args | self.marks(ln, wire))
        elif "each" in mods:
            step = Step(
                "lift_each",
                source,
                {
                    "function": self.function(self.named(ln.plain("each"))),
                    "blocks": self.holds_blocks(lens, ln),
                    "maybe": maybe or self.in_parts(lens),
                    "skips": self.may_skip(ln.plain("each")),
                    "plain": attribute(ln.plain("plain")) if ln.has("plain") else None,
                    "type": self.named(ln.plain("each")).wire,
                },
            )
        elif "lens" in mods:
            target = self.named(ln.plain("lens"))
            step = Step(
                "lift_lens",
                source,
                {
                    "function": self.function(target),
                    "maybe": (maybe or self.in_parts(lens)) and not wire.flat,
                    "message": target.message,
                },
            )
        elif "plus" in mods:
            parts = [p for p in ln.plain("plus") if any(one.to == (*ln.to[:-1], p) for one in lens.lines)]
            step = Step("lift_less", source, {"parts": parts, "wire": ".".join(ln.wire)}) if parts else source
        elif "role" in mods:
            step = Step("lift_joined", source)
        else:
            step = source
        target = canonical_field(self.dialect, lens, ln) if wire.type.kind == "number" else None
        if target is not None and target.type.kind == "integer":
            step = Step("lift_whole", step)
        if "role" in mods:
            step = Step("lift_role", step, {"role": ln.plain("role")})
        if "absent" in mods:
            step = Step("lift_absent", step, {"value": ln.plain("absent")})
        if ln.plain("supply") == "" or ln.has("whose"):  # what is written for nothing reads as nothing
            step = Step("unless_unset", step)
        return step

    def in_parts(self, lens: Lens) -> bool:
        """Whether an answer is read from the frames of a stream, too, which may leave out anything."""
        stream = self.mapping.stream
        return (
            lens.wire == self.mapping.pair("response")
            and stream is not None
            and stream.get("blocks").value == "partial"
        )

    def held(self, lens: Lens, ln: Line) -> str:
        """The canonical type of the objects in the line's list."""
        return canonical_field(self.dialect, lens, ln).type.option("list").items[0].option("ref").name

    def one_text(self, lens: Lens, ln: Line) -> bool:
        """Whether the line's list of parts is one text in the canonical model."""
        found = canonical_field(self.dialect, lens, ln) if ln.has("each") and not lens.message else None
        return found is not None and found.type.kind == "string"

    def holds_blocks(self, lens: Lens, ln: Line) -> bool:
        """Whether the line's list holds blocks, which are numbered."""
        found = (
            self.dialect.fields(self.canonical, lens.canonical, ln.to, ln.target)
            if ln.to and not lens.message
            else None
        )
        return (
            bool(found)
            and found[-1].type.kind == "list"
            and found[-1].type.items[0].name in ("Block", *kinds(self.canonical).values())
        )

    def lower_struct(self, lens: Lens, definition: Def, lines: list[Line]) -> dict[str, Any]:
        only = next((ln for ln in lines if ln.to == () and (ln.has("lens") or ln.has("each"))), None)
        if only is not None:
            target = self.named(only.plain("lens") or only.plain("each"))
            alone = only.plain("bare") if only.plain("bare") != "message" else None
            return {
                "only": attribute(only.wire[0]),
                "function": self.function(target),
                "list": only.has("each"),
                "spread": attribute(only.plain("spread")) if only.has("spread") else None,
                "needed": self.may_lack(target),
                "alone": alone and attribute(alone),
            }
        tree: dict[str, Any] = {}
        for ln in lines:
            if ln.has("lift_only") or ln.has("fails"):
                continue
            found = self.dialect.fields(self.wire, lens.wire, ln.wire, ln.key)
            step = self.lower_value(ln, found[-1], lens)
            node = tree
            for depth, one in enumerate(found[:-1], 1):
                needed = one.required and not one.nullable or self.tells(lens, ln.wire[:depth])
                empty = {"type": one.type.option("ref").name, "needed": needed, "parts": {}, "always": []}
                node = node.setdefault(one.attr, empty)["parts"]
            always = ln.has("const") and not ln.has("with")
            chooses = (GIVEN in lens.wire_where[1] and lens.chosen_by == (ln.wire,)) if lens.wire_where else False
            needed = (
                (found[-1].required and not found[-1].nullable or found[-1].flat or chooses)
                and ln.has("lens")
                and step.name in ("lower_lens", "lower_fits")
                and self.may_refuse(ln.plain("lens"))
            )
            node[found[-1].attr] = {
                "step": step,
                "flat": found[-1].flat,
                "const": ln.has("const"),
                "sum": ln.has("sum"),
                "always": always,
                "needed": needed,
                "must": found[-1].required and step.name == "lower_marked",
            }
        if lens.tag and attribute(lens.tag) not in tree:
            tree[attribute(lens.tag)] = {
                "step": Step("constant", args={"value": lens.wire_where[1][0] == "true" or lens.wire_where[1][0]}),
                "const": True,
                "sum": False,
                "always": True,
                "needed": False,
            }
        drops = self.drops(lens, [e for e in lens.canonical_only if e.policy in ("drop", "refuse")])
        counted = {".".join((*ln.to[:-1], part)) for ln in lines if ln.has("plus") for part in ln.plain("plus")}
        for drop in drops:  # what another count includes is said, though not by itself
            drop["policy"] = "included" if drop["field"] in counted else drop["policy"]
        covered = self.covered(lens, lines)
        for e in self.mapping.canonical_only:
            field_ = self.canonical.defs[lens.canonical].fields.get(e.path[0]) if not lens.message else None
            if field_ is not None and e.path[0] not in covered and e.policy != "usual":
                drops.append(self.drop(lens, e))
        kept = [attribute(e.path[0]) for e in lens.wire_only if e.policy in ("carry", "refuse") and len(e.path) == 1]
        return {"tree": tree, "drops": drops, "carried": kept}

    def may_refuse(self, name: str) -> bool:
        """Whether a lens has canonical cases that it cannot write."""
        return any(
            e.policy in ("drop", "usual", "elsewhere") for e in self.named(name).canonical_only if self.named(name).any
        )

    def may_lack(self, lens: Lens) -> bool:
        """Whether an object cannot be written where a part of it is of a case that this wire has not."""
        return any(
            self.may_refuse(ln.plain("lens")) for ln in lens.lines if ln.has("lens") and self.wire_of(lens, ln).flat
        )

    def wire_of(self, lens: Lens, ln: Line) -> Field:
        return self.dialect.fields(self.wire, lens.wire, ln.wire, ln.key)[-1]

    def marks(self, ln: Line, wire: Field) -> dict[str, str]:
        """What the steps of a list with marks need of them."""
        field = marks_of(self.dialect, ln, wire)
        return {
            "mark": field.attr,
            "read": self.function(self.named(field.type.refs()[0])),
            "needs": ln.marked[1],
        }

    def may_skip(self, name: str) -> bool:
        """Whether a lens has wire cases that it does not read."""
        return bool(self.named(name).any and self.named(name).wire_only)

    def covered(self, lens: Lens, lines: list[Line]) -> set[str]:
        """The first canonical names that lines and entries account for."""
        found = {ln.to[0] for ln in lines if ln.to} | {e.path[0] for e in lens.canonical_only}
        return found | {ln.plain(m).split(".")[0] for ln in lines for m in ("native", "origin", "flag") if ln.has(m)}

    def drops(self, lens: Lens, entries: list) -> list[dict[str, str]]:
        return [self.drop(lens, e) for e in entries]

    def drop(self, lens: Lens, e) -> dict[str, str]:
        text, parts = "value", []
        found = self.dialect.fields(self.canonical, lens.canonical, e.path, e.node) or []
        steps = iter(found)
        for step in e.path if found else ():
            text += "[0]" if step == "0" else "." + next(steps).attr
            parts.append(text)
        if found and found[-1].usual:
            parts[-1] += " is False"
        elif found and found[-1].type.kind not in ("boolean", "list"):
            parts[-1] += " is not None"
        test = " and ".join(parts) or "False"
        return {"test": test, "field": e.name, "rule": f"{lens.wire}.{e.name}", "policy": e.policy}

    def lower_source(self, ln: Line, lens: Lens) -> tuple[str, bool]:
        """The expression of a line's canonical value, and whether it may be None."""
        text, parts, optional = "value", [], False
        kind_owner = lens.canonical
        found = self.dialect.fields(self.canonical, kind_owner, ln.to, ln.target) or []
        steps = iter(found)
        for step in ln.to:
            if step == "0":
                parts.append(text)
                text += "[0]"
                continue
            one = next(steps)
            if optional or parts:
                pass
            text += "." + one.attr
            if one is not found[-1]:
                parts.append(text)
        guarded = list(dict.fromkeys(p for p in parts if not p.endswith("[0]")))
        return " and ".join([*guarded, text]), bool(guarded) or bool(found and found[-1].optional)

    def lower_value(self, ln: Line, wire: Field, lens: Lens) -> Step:
        mods = ln.mods
        if "const" in mods:
            constant = Step("constant", args={"value": self.supplied(ln, wire, "const")})
            if ln.wire == (self.item.get("status"),) and lens.name in self.in_answers:
                return Step("lower_cut", constant, {"value": self.item["cut"]})
            if "with" not in mods or len(ln.wire) > 1:  # an object has its constants where it has anything
                return constant
            other = next(one for one in lens.lines if one.wire == tuple(ln.plain("with").split(".")))
            known = self.dialect.fields(self.wire, lens.wire, other.wire, other.key)[-1]
            return Step("lower_with", self.lower_value(other, known, lens), {"constant": constant})
        if "says" in mods:
            return Step("lower_says", path(self.lower_source(ln, lens)[0]))
        if "fresh" in mods:
            return Step("lower_fresh", args={"form": ln.plain("fresh")})
        if "echo" in mods:
            return Step("lower_echo", args={"field": ln.plain("echo"), "value": self.supplied(ln, wire)})
        if "sum" in mods:
            return Step("lower_sum", args={"parts": [attribute(p) for p in ln.plain("sum")]})
        text, maybe = self.lower_source(ln, lens)
        source = path(text)
        required = wire.required and not wire.nullable
        if "mint" in mods and "via" in mods:
            source, maybe = Step("lower_mint", source, {"form": ln.plain("mint")}), False
        if "values" in mods:
            table = self.mapping.tables[ln.plain("values")]
            otherwise = table.otherwise.get("lower")
            otherwise = otherwise == "true" if otherwise and wire.type.kind == "boolean" else otherwise
            args = {"table": table.name.upper(), "otherwise": otherwise}
            step = Step("lower_table" if wire.type.kind != "list" else "lower_tables", source, args)
            implied = {name for one in lens.lines if one.has("implies") for name in one.plain("implies")}
            if ".".join(ln.to) in implied:  # another field says what this one's word leaves open
                pass
            elif (
                lens.wire in self.asking and wire.type.kind != "list"
            ):  # there, a word that only comes near is reported
                step = Step("lower_word", source, step.args | {"field": ".".join(ln.to)})
        elif "via" in mods:
            args = {"primitive": ln.plain("via"), "maybe": maybe and "supply" not in mods}
            step = Step("lower_via", source, args | {"turned": turned(self.dialect, ln, wire.type)})
            if "only" in mods:
                held = (self.dialect.fields(self.canonical, lens.canonical, ln.to, ln.target) or [None])[-1]
                step = Step("lower_only", step, {"type": self.variant(held.type.name, ln.plain("only")), "of": text})
            alone = sum(one.to == ln.to for one in lens.lines) == 1
            if (required or alone) and self.dialect.primitives[ln.plain("via")]["canonical"] == "Source":
                step = Step("lower_fits", step, {"only": None, "field": ".".join(ln.to)})
        elif "groups" in mods:
            step = self.lower_groups(ln, lens, source)
        elif "of" in mods:
            item = self.wire.defs[wire.type.option("list").items[0].name]
            tagged = any(item.name in one.members for one in self.wire.defs.values())
            fixed = {attribute(item.tag): item.word} if item.tag and not tagged else {}
            held = (self.dialect.fields(self.canonical, lens.canonical, ln.to, ln.target) or [None])[-1]
            args = {"type": item.name, "fixed": fixed, "field": attribute(ln.plain("of")), "maybe": not held.required}
            step = Step("lower_of", source, args)
        elif "marks" in mods:
            sure = len(ln.wire) == 1 or any(one.wire[:-1] == ln.wire[:-1] and one.has("const") for one in lens.lines)
            args = {"function": self.function(self.named(ln.plain("each"))), "required": required and sure}
            args |= self.marks(ln, wire)
            step = Step("lower_marked", path("ctx.turns.instructions") if "role" in mods else source, args)
        elif "role" in mods and "each" not in mods:
            step = Step("lower_joined", args={"join": ln.plain("join")})
        elif ln.plain("role") == "user":
            step = Step("lower_beside", args={"function": self.function(self.named(ln.plain("each")))})
        elif "role" in mods:
            step = Step(
                "lower_instructions",
                args={
                    "function": self.function(self.named(ln.plain("each"))),
                    "plain": ln.plain("each") if ln.has("bare") else None,
                },
            )
        elif self.one_text(lens, ln):
            step = Step("lower_texts", source, {"function": self.function(self.named(ln.plain("each")))})
        elif ln.plain("bare") == "text" and "each" not in mods:
            step = Step("lower_plain_text", source)
        elif ln.plain("bare") == "text":
            step = Step(
                "lower_bare_text",
                source,
                {
                    "function": self.function(self.named(ln.plain("each"))),
                    "plain": self.plain_text(ln),
                    "empty": '""' if required and len(ln.wire) == 1 else "None",
                },
            )
        elif ln.plain("bare") == "item":
            step = Step("lower_bare_item", source, {"required": required})
        elif "item" in mods:
            step = Step("lower_item", source, {"field": attribute(ln.plain("item")), "required": required})
        elif "nest" in mods:
            step = Step("lower_nest", source, self.nest(ln) | {"required": required or "supply" in mods})
        elif "each" in mods:
            step = Step(
                "lower_each",
                source,
                {
                    "function": self.function(self.named(ln.plain("each"))),
                    "required": required or "supply" in mods,
                    "joined": attribute(ln.plain("split")) if ln.has("split") else None,
                },
            )
        elif "lens" in mods:
            target = self.named(ln.plain("lens"))
            step = Step(
                "lower_lens",
                source,
                {
                    "function": self.function(target),
                    "maybe": maybe and not target.message and "supply" not in mods,
                    "message": target.message,
                },
            )
            if target.message and lens.canonical == "Request":
                step = Step("lower_one_message", args={"function": self.function(target)})
            others = [one for one in lens.lines if one.to == ln.to and one.has("lens") and not one.has("lift_only")]
            if ln.to and len(others) > 1:  # each writes the kinds that it has
                kinds_ = [self.named(node.value).canonical for node in target.any] or [target.canonical]
                args = {"of": text, "types": [f"c.{kind}" for kind in kinds_], "field": ".".join(ln.to)}
                return Step("lower_if", step, args | {"last": ln is others[-1], "every": self.shared(others)})
            held = (
                (self.dialect.fields(self.canonical, lens.canonical, ln.to, ln.target) or [None])[-1]
                if ln.to and not lens.message
                else None
            )
            if (
                held is not None
                and held.type.name != target.canonical
                and self.canonical.defs.get(held.type.name, self.wire.defs[lens.wire]).union
            ):
                step = Step("lower_fits", step, {"only": f"c.{target.canonical}", "of": text, "field": ".".join(ln.to)})
        elif "plus" in mods:
            owner = text.rsplit(".", 1)[0]
            step = Step("lower_plus", source, {"parts": [f"{owner}.{attribute(p)}" for p in ln.plain("plus")]})
        elif wire.type.kind == "list" and maybe:
            step = Step("lower_list", source)
        else:
            step = source
        if "whose" in mods:
            args = {"whose": ln.plain("whose"), "field": ".".join(ln.to), "rule": f"{lens.wire}.{'.'.join(ln.to)}"}
            step = Step("lower_whose", step, args)
        if "flag" in mods:
            flag = ".".join([*text.split(".")[:-1], attribute(ln.plain("flag"))])
            step = Step("lower_flag", step, {"flag": flag})
        if "needs" in mods:
            asked = {
                "capability": ln.plain("needs"),
                "field": ".".join(ln.to),
                "rule": f"{lens.wire}.{'.'.join(ln.to)}",
            }
            if step.name == "lower_lens":
                step = Step("lower_needs_lens", step.of, asked | {"function": step.args["function"]})
            else:  # a value of another vendor is asked for once
                step = Step("lower_needs", step, asked | {"given": step.of if step.name == "lower_whose" else step})
        if "clamp" in mods:
            step = Step(
                "lower_clamp",
                step,
                {"range": ln.plain("clamp"), "field": ".".join(ln.to), "rule": f"{lens.wire}.{'.'.join(ln.to)}"},
            )
        if "mint" in mods and "via" not in mods:
            step = Step("lower_mint", step, {"form": ln.plain("mint")})
        if "supply" in mods and "each" not in mods:
            step = Step(
                "lower_supply",
                step,
                {"value": self.supplied(ln, wire), "test": text if {"via", "lens"} & mods.keys() else None},
            )
        if "absent" in mods and not {"supply", "omit", "of"} & mods.keys():
            step = Step("lower_supply", step, {"value": ln.plain("absent"), "test": None})
        if "omit" in mods:
            step = Step("lower_omit", step, {"value": ln.plain("omit")})
        return step

    def lower_groups(self, ln: Line, lens: Lens, source: Step) -> Step:
        """The messages of a request, laid out before, or those of an answer, one for each run of its blocks."""
        group = self.named(ln.plain("groups"))
        members = [self.named(node.value) for node in group.any]
        args = {"function": self.function(group), "partial": any(m.whole for m in members), "plain": None}
        if "bare" in ln.mods:
            inner = [self.named(node.value) for m in members for node in m.any] + members
            args["plain"] = next(m.wire for m in inner if m.message and m.role == "user")
        if lens.wire == self.mapping.pair("request"):
            return Step("lower_messages", args=args)
        return Step("lower_runs", path(source.args["text"].removesuffix(".blocks")), args)

    @staticmethod
    def tells(lens: Lens, path: tuple[str, ...]) -> bool:
        """Whether an object on the wire tells by being there that it is this lens, of those for one canonical type."""
        chosen = lens.chosen_by if lens.wire_where and GIVEN in lens.wire_where[1] else ()
        return bool(lens.where) and len(chosen) == 1 and chosen[0][: len(path)] == path

    def nest(self, ln: Line) -> dict[str, Any]:
        """The objects in a list that hold more of its items, and where."""
        ((name, field),) = ln.plain("nest").items()
        group, each = self.named(name), self.named(ln.plain("each"))
        held = next(one.attr for one in self.wire.defs[group.wire].fields.values() if holding(self.dialect, each, one))
        return {
            "function": self.function(each),
            "group": self.function(group),
            "type": group.wire,
            "held": held,
            "field": attribute(field),
        }

    @staticmethod
    def supplied(ln: Line, wire: Field, modifier: str = "supply") -> object:
        """What a line writes where there is nothing, or always."""
        value = ln.plain(modifier)
        if wire.type.kind == "raw" and value is not None:
            return Verbatim(f"Raw({encode(value)!r})")
        if (ref := wire.type.option("ref")) is not None and isinstance(value, dict):
            return Verbatim(f"w.{ref.name}({', '.join(f'{attribute(k)}={v!r}' for k, v in value.items())})")
        return value

    def plain_text(self, ln: Line) -> str:
        """The struct that a bare string stands for: the list's text member."""
        lens = self.named(ln.plain("each"))
        names = [self.named(node.value) for node in lens.any] if lens.any else [lens]
        return next(one.wire for one in names if one.canonical == "Text")

    # unions

    def union(self, lens: Lens) -> Function:
        members = [self.named(node.value) for node in lens.any]
        if lens.message:
            return self.messages(lens, members)
        lift, default, tests = {}, None, []
        if self.wire.defs[lens.wire].union:
            lift = {f"w.{m.wire}": "lift_" + self.function(m) for m in members}
        elif any(m.wire_where for m in members) and not switched(members):
            tests = [(self.chosen(m), "lift_" + self.function(m)) for m in members]
        else:
            for m in members:
                for word in m.wire_where[1]:
                    if word == "*":
                        default = "lift_" + self.function(m)
                    else:
                        lift[repr(None if word == "absent" else word)] = "lift_" + self.function(m)
        switch = next((attribute(m.wire_where[0]) for m in members if m.wire_where), None) if not tests else None
        lower, field_ = {}, None
        whole = [m for m in members if m.whole]
        kinds_ = self.canonical.defs[lens.canonical].union
        picks = self.picks(members) if kinds_ else {}
        for m in members:
            if m.canonical in picks:
                lower[f"c.{m.canonical}"] = f"lower_{self.function(lens)}_{picks[m.canonical]['name']}"
            elif m.where and not kinds_:
                field_ = attribute(m.where[0])
                lower[repr(m.where[1])] = "lower_" + self.function(m)
            elif lens.canonical == "BlockDelta" != m.canonical:  # a block that is one delta whole
                continue
            else:
                lower.setdefault(
                    f"c.{m.canonical}", f"lower_whole_{self.function(lens)}" if m.whole else "lower_" + self.function(m)
                )
        rewritten = {}
        for e in lens.canonical_only:
            if e.policy == "as" and field_:
                lower[repr(e.path[0])] = "lower_" + self.function(self.named(e.why))
            elif e.policy == "as":
                rewritten[f"c.{block_type(self.canonical, e.path[0])}"] = "lower_" + self.function(self.named(e.why))
        words = None
        if lens.words:
            name, node = lens.words
            words = {"field": attribute(name), "lift": {w: n.value for w, n in node.value.items()}}
        return Function(
            "union",
            self.function(lens),
            lens,
            {"cases": lift, "switch": switch, "default": default, "words": words, "tests": tests},
            {
                "cases": lower,
                "field": field_,
                "rewritten": rewritten,
                "whole": bool(whole),
                "picks": picks,
                "words": words,
            },
        )

    def chosen(self, lens: Lens) -> str:
        """The Python test by which a wire value is one of this lens."""
        definition, found = self.wire.defs[lens.wire], []
        for path in lens.chosen_by:
            reached = self.reach(definition, path)
            *guards, leaf = reached.split(" and ")
            for word in lens.wire_where[1]:
                if word == "*":
                    return "True"
                if word == "absent":
                    found.append(f"({reached}) is None" if guards else f"{leaf} is None")
                    continue
                test = f"{leaf} is not None" if word == GIVEN else f"{leaf} == {word!r}"
                test = leaf if word == "true" else test
                if word.endswith("*"):
                    guards.append(leaf)
                    test = f"{leaf}.startswith({word[:-1]!r})"
                found.append(" and ".join([*dict.fromkeys(guards), test]))
        return " or ".join(f"({one})" if " and " in one else one for one in found)

    def picks(self, members: list[Lens]) -> dict[str, dict[str, Any]]:
        """Canonical types that several members write: those that do so by a word, and the one that does else."""
        found: dict[str, dict[str, Any]] = {}
        for canonical in dict.fromkeys(m.canonical for m in members if not m.whole):
            mine = [m for m in members if m.canonical == canonical and not m.whole]
            cases = {(attribute(m.where[0]), m.where[1]): self.function(m) for m in mine if m.where}
            others = [self.function(m) for m in mine if not m.where]
            if cases and others:
                found[canonical] = {"name": "any_" + snake(canonical), "cases": cases, "default": others[0]}
        return found

    def messages(self, lens: Lens, members: list[Lens]) -> Function:
        """A choice of messages: such that hold many blocks, by their role, and such that are one block, by its kind."""
        lift, lower, default = {}, {}, None
        union = self.wire.defs[lens.wire].union
        for m in members:
            name = self.function(m)
            if m.message and not m.any and not union:
                for word in m.wire_where[1] if m.wire_where else ():
                    if word == "*":
                        default = "lift_" + name
                    else:
                        lift[repr(None if word == "absent" else word)] = "lift_" + name
            if m.message:
                lift |= {f"w.{m.wire}": f"lift_{name}"} if union else {}
                held = [self.named(node.value) for node in m.any] or [m]
                lower |= {repr(one.role): f"lower_{self.function(one)}" for one in held}
            elif m.whole:
                lift[f"w.{m.wire}"] = f"lift_whole_{snake(m.canonical)}_turn"
                lower[repr(self.canonical.defs[m.canonical].word)] = f"lower_whole_{self.function(lens)}_run"
            elif not m.lacking:
                lift[f"w.{m.wire}"] = f"lift_{name}_turn"
        singles = [m for m in members if not m.message and not m.whole]
        picks = self.picks(singles)
        for m in singles:
            word = repr(self.canonical.defs[m.canonical].word)
            picked = f"{self.function(lens)}_{picks[m.canonical]['name']}" if m.canonical in picks else self.function(m)
            lower[word] = f"lower_{picked}_run"
        unsaid = [e.path[0] for e in lens.canonical_only]
        lower |= {repr(kind): f"lower_{self.function(lens)}_unsaid_run" for kind in unsaid}
        forks = {
            m.wire: {"fields": [attribute(n) for n in m.lacking], "function": self.function(m)}
            for m in singles
            if m.lacking
        }
        switch = next((attribute(m.wire_where[0]) for m in members if m.wire_where), None)
        return Function(
            "messages",
            self.function(lens),
            lens,
            {"cases": lift, "switch": switch, "default": default, "words": None, "nested": self.nested(lens)},
            {
                "cases": lower,
                "whole": sorted({m.canonical for m in members if m.whole}),
                "singles": {self.function(m): m.wire for m in singles},
                "forks": forks,
                "unsaid": unsaid,
                "picks": picks,
            },
        )

    def answered(self, lens: Lens) -> bool:
        """Whether a message is one of several in an answer, which then holds no empty ones."""
        answer = self.mapping.pair("response")
        users = [
            user.wire
            for one in self.dialect.choices.get(lens.name, ())
            for user, _ in self.dialect.users.get(one.name, ())
        ]
        return answer in users

    def nested(self, lens: Lens) -> bool:
        """Whether a choice of messages is itself one of a choice."""
        return bool(self.dialect.choices.get(lens.name))

    # messages

    def message(self, lens: Lens) -> Function:
        definition = self.wire.defs[lens.wire]
        lift, lower, selected = [], [], set()
        for ln in lens.lines:
            found = self.dialect.fields(self.wire, lens.wire, ln.wire, ln.key)
            one = found[-1]
            source = self.reach(definition, ln.wire)
            data: dict[str, Any] = {
                "source": source,
                "attr": one.attr,
                "owner": found[0].attr if len(found) > 1 else "",  # the object that it stands in
                "holder": found[0].type.refs()[0] if len(found) > 1 else "",
                "required": one.required and not one.nullable,
                "nullable": one.write_null or one.required and one.nullable,
            }
            if ln.has("const"):
                lower.append(data | {"form": "const", "step": self.lower_value(ln, one, lens)})
                continue
            if ln.has("fresh"):
                lower.append(data | {"form": "fresh", "value": ln.plain("fresh")})
                continue
            types = [f"c.{block_type(self.canonical, kind)}" for kind in ln.kinds]
            selected |= set(ln.kinds)
            data |= {
                "types": types,
                "via": None,
                "skips": ln.has("each") and self.may_skip(ln.plain("each")),
                "needs": ln.plain("needs"),
                "rule": f"{lens.wire}.{'.'.join((ln.kinds[0], *ln.to)) if ln.kinds else '.'}",
            }
            if not ln.kinds:
                data |= {
                    "form": "all",
                    "skips": self.may_skip(ln.plain("each")),
                    "function": self.function(self.named(ln.plain("each"))),
                    "bare": ln.plain("bare") == "text",
                    "plain": self.plain_text(ln) if ln.plain("bare") else None,
                    "marks": self.marks(ln, one) if ln.has("marks") else None,
                }
                selected |= set(kinds(self.canonical))
            elif ln.to and ln.has("each"):
                data |= {
                    "form": "parts",
                    "twice": False,
                    "field": attribute(ln.to[0]),
                    "function": self.function(self.named(ln.plain("each"))),
                    "skips": self.may_skip(ln.plain("each")),
                }
            elif ln.to:
                data |= {
                    "form": "joined",
                    "field": attribute(ln.to[0]),
                    "join": ln.plain("join", ""),
                    "via": attribute(ln.plain("via")) if ln.has("via") else None,
                    "name": ".".join(ln.wire),
                    "required": data["required"] or ln.has("supply"),
                    "beside": attribute(ln.plain("with")) if ln.has("with") else None,
                }
            elif ln.has("via"):
                data |= {
                    "form": "some",
                    "function": None,
                    "via": attribute(ln.plain("via")),
                    "bare": False,
                    "plain": None,
                    "skips": False,
                }
            elif ln.has("lens"):
                data |= {"form": "one", "function": self.function(self.named(ln.plain("lens")))}
            else:
                data |= {
                    "form": "some",
                    "skips": self.may_skip(ln.plain("each")),
                    "function": self.function(self.named(ln.plain("each"))),
                    "bare": ln.plain("bare") == "text",
                    "plain": self.plain_text(ln) if ln.plain("bare") else None,
                }
            lift.append(data)
            if ln.twin and data["form"] == "parts":
                lower[-1]["twice"] = True
                lower.append(data | {"form": "twin", "of": lower[-1]["attr"]})
            elif not ln.has("lift_only"):
                lower.append(data)
        if lens.wire_where:
            word = Step("constant", args={"value": lens.wire_where[1][0]})
            lower.append({"attr": attribute(lens.wire_where[0]), "form": "const", "step": word, "owner": ""})
        merged: list[dict[str, Any]] = []
        for data in lift:  # two names of one field: the second is read where the first is not given
            read = (data["form"], data["types"]) if data["form"] in ("joined", "parts") else None
            twin = next((m for m in merged if (m["form"], m["types"]) == read), None)
            if twin:
                twin["source"] = f"{twin['source']} or {data['source']}"
            else:
                merged.append(dict(data))
        kept = [e for e in lens.wire_only if e.policy in ("drop", "refuse", "carry")]
        sub_drops = [
            {
                "type": f"c.{block_type(self.canonical, e.path[0][1:])}",
                "field": ".".join(e.path[1:]),
                "attr": attribute(e.path[1]),
                "rule": f"{lens.wire}.{e.name}",
                "policy": e.policy,
            }
            for e in lens.canonical_only
            if len(e.path) > 1 and e.policy in ("drop", "refuse")
        ]
        sub_drops += [
            {
                "type": f"c.{block_type(self.canonical, kind)}",
                "field": e.name,
                "attr": attribute(e.path[0]),
                "rule": f"{lens.wire}.{e.name}",
                "policy": e.policy,
            }
            for ln in lens.lines
            if (ln.to or ln.has("via")) and not ln.has("each")
            for kind in ln.kinds
            for e in self.mapping.canonical_only
            if e.path[0] in self.canonical.defs[block_type(self.canonical, kind)].fields
        ]
        sub_drops = list({(d["type"], d["attr"]): d for d in sub_drops}.values())
        unsaid = [e for e in lens.canonical_only if len(e.path) == 1]
        all_kinds = (
            {}
            if any(d["form"] == "all" for d in lower)
            else {f"c.{block_type(self.canonical, e.path[0][1:])}": None for e in unsaid}
        )
        return Function(
            "message",
            self.function(lens),
            lens,
            {
                "lines": merged,
                "lost": [
                    {
                        "test": self.reach(definition, e.path),
                        "field": ".".join(e.path),
                        "policy": e.policy,
                        "rule": f"{lens.wire}.{e.name}",
                    }
                    for e in kept
                ],
            },
            {"lines": lower, "unsaid": list(all_kinds), "parts": sub_drops, "partial": self.answered(lens)},
        )


def last_absent(steps: list[Step]) -> list[Step]:
    """What several fields say, one after another: what a missing one means holds where none of them is there."""
    said = [step.of if step.name == "lift_absent" else step for step in steps if step.name != "constant"]
    meant = [step.args["value"] for step in steps if step.name in ("constant", "lift_absent")]
    return [*said, *(Step("constant", args={"value": one}) for one in meant[:1])]


def constant(name: str) -> str:
    return re.sub(r"\W", "_", name).upper()
