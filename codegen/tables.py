"""Tables of words: every word of both sides has one of the other, and the inverse is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from codegen.resolve import Dialect, canonical_field, wire_field
from codegen.spec import Table, line
from codegen.types import Field
from runtime.core.diagnostic import at
from runtime.core.located import Node

FLAGS = ("true", "false")
ANY = ("same", "by_status")  # what `else` may say instead of a word
STATUS = "status"  # the table of HTTP statuses, which no line names: an error's answer is read and written by it


@dataclass(frozen=True)
class Words:
    """The words that one side of a table is known to have, and whose they are. Empty where any word may come."""

    words: tuple[str, ...]
    whose: str


def check(dialect: Dialect) -> None:
    """Adds what is wrong with the tables to the dialect's diagnostics."""
    for table in dialect.mapping.tables.values():
        wire, canonical = sides(dialect, table)
        _doubles(dialect, table)
        if table.name == STATUS:
            _numbers(dialect, table)
        else:
            _known(
                dialect,
                wire,
                [*table.keys("both"), *table.keys("lift")],
                [*table.words("lower"), *table.fallback("lower")],
            )
        _known(
            dialect,
            canonical,
            [*table.keys("lower"), *table.unsaid],
            [*table.words("both"), *table.words("lift"), *table.fallback("lift")],
        )
        _read(dialect, table, wire)
        _written(dialect, table, canonical)
    bare(dialect)


def bare(dialect: Dialect) -> None:
    """The bare words of a choice are those of the fields where it stands."""
    for lens in dialect.mapping.lenses.values():
        if lens.words is None:
            continue
        users = [(user, ln) for user, ln in dialect.users.get(lens.name, ()) if user.wire in dialect.wire.defs]
        fields = [field for user, ln in users if (field := wire_field(dialect, user, ln))]
        words = dict.fromkeys(word for field in fields for word in field.words)
        rows = lens.words[1]
        for word, key in rows.keys.items() if words else ():
            dialect.word(word, words, f"`{fields[0].name}`", key)
        for word in words:
            if word not in rows.value:
                dialect.report(
                    at(
                        lens.key,
                        "E311",
                        f"{lens.title} does not read `{word}`",
                        f"`{fields[0].name}` can be that word",
                        group=lens.title,
                        fixes=[f"word: {{{lens.words[0]}: {{{word}: <a canonical word>}}}}"],
                    )
                )


def across(dialects: list[Dialect]) -> None:
    """A status that one dialect reads is one that any upstream can answer with."""
    found = [(d, d.mapping.tables[STATUS]) for d in dialects if STATUS in d.mapping.tables]
    every = sorted({word for _, table in found for word in table.lifted()})
    for dialect, table in found:
        for word in every:
            if word not in table.lifted():
                other = next(d.mapping.dialect for d, t in found if word in t.lifted())
                dialect.report(
                    at(
                        table.key,
                        "E316",
                        f"the status {word} is not read here",
                        f"{other} reads it",
                        fixes=[f"lift: {{'{word}': <an error's kind>}}"],
                    )
                )


def sites(dialect: Dialect) -> Iterator[tuple[str, Field, Field, str]]:
    """Where tables are used: the table's name, the wire's field, the canonical one, and their names."""
    for lens in dialect.mapping.lenses.values():
        if lens.wire not in dialect.wire.defs:
            continue
        for ln in (*lens.lines, *lens.every):
            if ln.has("values"):
                wire, canonical = wire_field(dialect, lens, ln), canonical_field(dialect, lens, ln)
                if wire and canonical:
                    yield ln.plain("values"), wire, canonical, f"{lens.canonical}.{'.'.join(ln.to)}"
    stream = dialect.mapping.stream
    stop = stream.get("stop") if stream is not None else None
    for name, node in (stop.value if stop else {}).items():
        ln = line(stop.keys[name], node)
        owner = dialect.mapping.root.at("stream", "candidates", "frame").value
        wire = dialect.wire.defs[owner].fields.get(name) if owner in dialect.wire.defs else None
        canonical = dialect.canonical.defs["CandidateStop"].fields.get(ln.to[-1] if ln.to else "")
        if ln.has("values") and wire and canonical:
            yield ln.plain("values"), wire, canonical, f"CandidateStop.{canonical.name}"


def sides(dialect: Dialect, table: Table) -> tuple[Words, Words]:
    """The words of the wire's side and of the canonical one, over all the lines that use the table."""
    if table.name == STATUS:
        kinds = dialect.canonical.defs["Error"].fields["kind"]
        return Words((), "HTTP"), Words(kinds.words, "Error.kind")
    wire: dict[str, None] = {}
    canonical: dict[str, None] = {}
    owner, whose = "", ""
    for name, one, other, what in sites(dialect):
        if name == table.name:
            wire |= dict.fromkeys(one.words if one.type.kind != "boolean" else FLAGS)
            canonical |= dict.fromkeys(other.words if other.type.kind != "boolean" else FLAGS)
            owner, whose = owner or one.name, whose or what
    return Words(tuple(wire), f"`{owner}`" if owner else ""), Words(tuple(canonical), whose)


def _known(dialect: Dialect, side: Words, keys: Iterable[Node], values: Iterable[Node]) -> None:
    """Every word that a table names is one that its side has."""
    for node in (*keys, *values):
        if side.words and node.value not in (*side.words, *ANY):
            dialect.word(node.value, side.words, side.whose, node)


def _numbers(dialect: Dialect, table: Table) -> None:
    for node in (*table.keys("both"), *table.keys("lift"), *table.words("lower")):
        if not (node.value.isdigit() and 400 <= int(node.value) < 600):
            dialect.report(at(node, "E207", f"`{node.value}` is no status of an error", "400 to 599"))
    for node in table.words("lower"):
        if node.value not in table.lifted() and node.value.isdigit():
            dialect.report(
                at(
                    node,
                    "E315",
                    f"the status {node.value} is written and never read",
                    fixes=[f"lift: {{'{node.value}': <an error's kind>}}"],
                )
            )


def _doubles(dialect: Dialect, table: Table) -> None:
    """`both` is one-to-one, and the other parts add to it."""
    first: dict[str, Node] = {}
    for key, node in zip(table.keys("both"), table.words("both"), strict=True):
        twin = first.setdefault(node.value, key)
        if twin is not key:
            same = twin.line == key.line
            dialect.report(
                at(
                    twin if same else key,
                    "E314",
                    f"`both` must be one-to-one: {node.value} is written by two words",
                    known=[
                        f"Lowering {node.value} could write `{twin.value}` or `{key.value}`. Keep in `both` the word to write, and move the other to:"
                    ],
                    fixes=[f"lift: {{{key.value}: {node.value}}}"],
                    also=[key] if same else (),
                    group=table.name,
                )
            )
    for key in table.keys("lift"):
        if key.value in table.both:
            dialect.report(
                at(key, "E315", f"`{key.value}` is in `both` too", f"line {table.both[key.value].line} reads it")
            )
    for key in table.keys("lower"):
        if key.value in first:
            dialect.report(
                at(
                    key,
                    "E315",
                    f"`{key.value}` is written by `both` too",
                    f"line {first[key.value].line} writes `{first[key.value].value}`",
                )
            )


def _read(dialect: Dialect, table: Table, side: Words) -> None:
    """A word that the wire is known to have is read by a row of its own, unless words stay as they are."""
    missing = [word for word in side.words if word not in table.lifted() and ("word", word) not in dialect.slips]
    known = len(side.words)
    for word in missing:
        dialect.report(
            at(
                table.key,
                "E311",
                f"table {table.name} does not read `{word}`",
                f"reads {known - len(missing)} of the {known} words of {side.whose}",
                fixes=[f"both: {{{word}: <a canonical word>}}", f"lift: {{{word}: <a canonical word>}}"],
                group=table.name,
            )
        )


def _written(dialect: Dialect, table: Table, side: Words) -> None:
    """A canonical word can be written."""
    if "lower" in table.otherwise or not side.whose:
        return
    if not side.words:
        dialect.report(
            at(
                table.key,
                "E312",
                f"table {table.name} cannot lower every word",
                f"{side.whose} can be any word",
                fixes=["else: {lower: same}", "else: {lower: <a wire word>}"],
                group=table.name,
            )
        )
    lowered = table.lowered()
    unsaid = {node.value for node in table.unsaid}
    for node in table.unsaid:
        if node.value in lowered:
            dialect.report(at(node, "E315", f"`{node.value}` is written", f"as `{lowered[node.value]}`"))
    missing = [
        word
        for word in side.words
        if word not in lowered and word not in unsaid and ("word", word) not in dialect.slips
    ]
    if not missing:
        return
    some = spelled(next(iter(table.both), "word"))
    lower = table.node.get("lower")
    rows = [f"{key}: {spelled(node.value)}" for key, node in table.lower.items()]
    row = "{" + ", ".join([*rows[-3:], *(f"{word}: {some}" for word in missing)]) + "}"
    where = f"add it on line {lower.line}:" if lower else "add:"
    said = [f"If an existing word will do, {where}", "If any word will do, add:"]
    width = max(map(len, said))
    dialect.report(
        at(
            table.key,
            "E312",
            f"table {table.name} cannot lower {', '.join(f'`{word}`' for word in missing)}",
            f"lowers {len(side.words) - len(missing)} of the {len(side.words)} values of {side.whose}",
            [
                f"Lowered: {', '.join(w for w in side.words if w in lowered)}. Missing: {', '.join(missing)}.",
                f"{said[0]:{width}}   lower: {row}",
                f"{said[1]:{width}}   else: {{lower: {some}}}",
            ],
            group=table.name,
        )
    )


def spelled(word: str) -> str:
    """A word as it is written in a mapping."""
    return f"'{word}'" if word.isdigit() else word
