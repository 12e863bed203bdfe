"""What a mapping file says, as data: every entry keeps the node it was read from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from runtime.core.located import Node

Path = tuple[str, ...]
GIVEN = "given"  # the word of a field that holds anything


@dataclass(frozen=True)
class Line:
    """`wire.path: canonical.path`, or with modifiers. `to` is () for `.`, None for a line without a canonical side."""

    wire: tuple[str, ...]
    to: tuple[str, ...] | None
    key: Node
    node: Node
    mods: dict[str, Node]
    kinds: tuple[str, ...] = ()  # block kinds that `.kind` names
    twin: bool = False  # made by another line's `also`

    def has(self, modifier: str) -> bool:
        return modifier in self.mods

    @property
    def marked(self) -> tuple[str, str]:
        """Of a list with marks: the field of an item that is one, and the capability that it needs."""
        ((name, capability),) = self.plain("marks").items()
        return name, capability

    def plain(self, modifier: str, default: object = None) -> object:
        return self.mods[modifier].plain() if modifier in self.mods else default

    @property
    def target(self) -> Node:
        """Where the canonical path is written."""
        return self.mods.get("to", self.node)


@dataclass(frozen=True)
class Entry:
    """One unmapped thing: a path of the wire or of the canonical model, what becomes of it, and why."""

    policy: str
    path: tuple[str, ...]
    why: str
    node: Node

    @property
    def name(self) -> str:
        return ".".join(self.path).removeprefix(".")


@dataclass(frozen=True)
class Lens:
    """`Wire <-> Canonical`. One of: lines (a struct), any (a union), role and lines (a message), whole (kept as it is)."""

    wire: str
    canonical: str
    key: Node
    node: Node
    where: tuple[str, str] | None = None  # the canonical field and word that choose this lens
    wire_where: tuple[str, tuple[str, ...]] | None = None  # the wire field and words that do
    lacking: tuple[str, ...] = ()  # the wire fields of which none is there, where that does
    role: str = ""
    message: bool = False
    whole: bool = False
    lines: tuple[Line, ...] = ()
    any: tuple[Node, ...] = ()
    words: tuple[str, Node] | None = None  # the canonical field of a bare word, and its table
    every: tuple[Line, ...] = ()
    wire_only: tuple[Entry, ...] = ()
    canonical_only: tuple[Entry, ...] = ()

    @property
    def title(self) -> str:
        return self.key.value

    @property
    def chosen_by(self) -> tuple[Path, ...]:
        """The wire fields, each a path, of which one chooses this lens by a word."""
        return tuple(tuple(one.split(".")) for one in self.wire_where[0].split("|")) if self.wire_where else ()

    @property
    def by_one_word(self) -> bool:
        """Whether the word that chooses this lens is a tag: one field's own, and no pattern of it."""
        if self.wire_where is None:
            return False
        patterns = any(w in (GIVEN, "true") or "*" in w and w != "*" for w in self.wire_where[1])
        return self.wire_where[0].isidentifier() and not patterns

    @property
    def tag(self) -> str:
        """The wire field whose word chooses this lens and is written by it, beside its lines; "" if there is none."""
        if self.wire_where is None or not self.wire_where[0].isidentifier():
            return ""
        unsure = any(word in ("absent", GIVEN) or word.endswith("*") for word in self.wire_where[1])
        return "" if unsure and not self.message else self.wire_where[0]

    @property
    def name(self) -> str:
        """What other lenses call it: its wire side."""
        return self.title.split(" <-> ")[0]


def switched(members: list[Lens]) -> bool:
    """Whether one field's word chooses among these lenses of one wire type; else each has a test of its own."""
    chosen = [one for one in members if one.wire_where]
    return all(one.by_one_word for one in chosen) and len({one.wire_where[0] for one in chosen}) == 1


@dataclass(frozen=True)
class Table:
    """A value mapping, and its derived inverse. Words may be text or numbers."""

    name: str
    node: Node
    key: Node
    both: dict[str, Node] = field(default_factory=dict)
    lift: dict[str, Node] = field(default_factory=dict)
    lower: dict[str, Node] = field(default_factory=dict)
    otherwise: dict[str, str] = field(default_factory=dict)
    unsaid: tuple[Node, ...] = ()  # canonical words that are not written

    def keys(self, part: str) -> list[Node]:
        """The places of the words on the left, in `both`, `lift` or `lower`."""
        node = self.node.get(part)
        return list(node.keys.values()) if node is not None else []

    def words(self, part: str) -> list[Node]:
        """The places of the words on the right."""
        return list(getattr(self, part).values())

    def fallback(self, part: str) -> list[Node]:
        """The place of the word for what nobody knows."""
        node = self.node.at("else").get(part)
        return [node] if node is not None else []

    def lifted(self) -> dict[str, str]:
        return {word: node.value for word, node in (self.both | self.lift).items()}

    def lowered(self) -> dict[str, str]:
        return {node.value: word for word, node in self.both.items()} | {w: n.value for w, n in self.lower.items()}


PAIRS = ("request", "response", "error", "count", "models", "model", "look_up", "shown", "running")


@dataclass(frozen=True)
class Mapping:
    """One mapping file."""

    dialect: str
    root: Node
    tables: dict[str, Table]
    lenses: dict[str, Lens]  # by the wire side, with its condition if it has one
    canonical_only: tuple[Entry, ...]

    @property
    def package(self) -> str:
        return self.dialect.replace("-", "_")

    def pair(self, name: str) -> str:
        """The wire type of one of PAIRS."""
        return self.root.get(name).value.split(" <-> ")[0]

    @property
    def asks(self) -> str:
        """The canonical type that a request becomes: of a conversation Request, of embeddings EmbedRequest, ..."""
        return self.root.get("request").value.split(" <-> ")[1]

    @property
    def stream(self) -> Node | None:
        """The section on streams, in a dialect that has any."""
        return self.root.get("stream")

    @property
    def turns(self) -> Node | None:
        """The section on conversations, in a dialect that has any."""
        return self.root.get("turns")

    @property
    def pairs(self) -> dict[str, str]:
        """What a mapping names of a wire, beside its frames: each of PAIRS that there is, with its wire type."""
        return {name: self.pair(name) for name in PAIRS if self.root.get(name) is not None}


def mapping(root: Node) -> Mapping:
    """A mapping file's tables and lenses, in the file's order. The file's form was checked before."""
    tables = {n: _table(n, node, root.get("tables").keys[n]) for n, node in _items(root.get("tables"))}
    found = {}
    for section in (root.get("lenses"), root.get("stream").get("lenses") if root.get("stream") else None):
        for title, node in _items(section):
            one = _lens(section.keys[title], node)
            found[title.split(" <-> ")[0]] = one
    return Mapping(root.get("dialect").value, root, tables, _shared(found), entries(root.get("canonical_only")))


def _shared(lenses: dict[str, Lens]) -> dict[str, Lens]:
    """The lenses, each with what the choice among forms of its wire type says of the fields it does not map itself."""
    found = dict(lenses)
    for choice in lenses.values():
        fields = [e for e in choice.wire_only if choice.any and e.path[0] != choice.wire]
        members = [lenses[node.value] for node in choice.any if node.value in lenses]
        if not fields or any(one.wire != choice.wire for one in members):
            continue
        found[choice.name] = replace(choice, wire_only=tuple(e for e in choice.wire_only if e not in fields))
        for one in members:
            own = (
                {ln.wire[0] for ln in one.lines} | {e.path[0] for e in one.wire_only} | {by[0] for by in one.chosen_by}
            )
            more = tuple(e for e in fields if e.path[0] not in own)
            if not one.whole:
                found[one.name] = replace(one, wire_only=one.wire_only + more)
    return found


def _items(node: Node | None) -> list[tuple[str, Node]]:
    return list(node.value.items()) if node is not None and isinstance(node.value, dict) else []


def _table(name: str, node: Node, key: Node) -> Table:
    part = {k: dict(_items(node.get(k))) for k in ("both", "lift", "lower")}
    unsaid = tuple(node.get("unsaid").value) if node.get("unsaid") is not None else ()
    return Table(name, node, key, **part, otherwise={k: n.value for k, n in _items(node.get("else"))}, unsaid=unsaid)


def _lens(key: Node, node: Node) -> Lens:
    left, _, right = key.value.partition(" <-> ")
    wire, _, condition = left.partition(" ")
    canonical, _, where = right.partition(" ")
    more: dict[str, object] = {}
    if condition:
        name, _, words = condition.partition("=")
        if "|" in name and words == "absent":
            more["lacking"] = tuple(name.split("|"))
        else:
            more["wire_where"] = (name, tuple(words.split("|")))
    if canonical == "blocks":
        more |= {"message": True, "role": where.removeprefix("role=")}
    elif where:
        more["where"] = tuple(where.split("=", 1))
    if node.value == "whole":
        return Lens(wire, canonical, key, node, whole=True, **more)
    parts = dict(_items(node))
    chooses = "any" in parts and isinstance(parts["any"].value, list)  # else it is a field of this name
    lines = tuple(
        one
        for k, v in parts.items()
        if k not in ("word", "every", "wire_only", "canonical_only") and not (k == "any" and chooses)
        for one in (line(node.keys[k], v), *_twins(line(node.keys[k], v)))
    )
    others = (Entry("drop", one.wire, one.plain("others"), one.key) for one in lines if one.has("others"))
    if "word" in parts:
        ((name, table),) = parts["word"].value.items()
        more["words"] = (name, table)
    return Lens(
        wire,
        canonical,
        key,
        node,
        lines=lines,
        any=tuple(parts["any"].value) if chooses else (),
        every=tuple(line(parts["every"].keys[k], v) for k, v in _items(parts.get("every"))),
        wire_only=(*entries(parts.get("wire_only")), *others),
        canonical_only=entries(parts.get("canonical_only")),
        **more,
    )


def line(key: Node, node: Node) -> Line:
    """One field line."""
    mods = dict(_items(node)) if isinstance(node.value, dict) else {"to": node}
    target = mods.get("to")
    to, kinds = None, ()
    if target is not None:
        names = [n.value for n in target.value] if isinstance(target.value, list) else [target.value]
        if names == ["."]:
            to = ()
        elif names[0].startswith("."):
            kinds = tuple(name[1:].split(".")[0] for name in names)
            to = tuple(names[0][1:].split(".")[1:])
        else:
            to = tuple(names[0].split("."))
    return Line(tuple(key.value.split(".")), to, key, node, mods, kinds)


def _twins(ln: Line) -> list[Line]:
    """The lines that a line's `also` stands for."""
    names = ln.mods["also"].value if ln.has("also") else ()
    return [replace(ln, wire=tuple(name.value.split(".")), key=name, twin=True) for name in names]


def entries(node: Node | None) -> tuple[Entry, ...]:
    """The entries of a wire_only or canonical_only section."""
    found = []
    for policy, sub in _items(node):
        if isinstance(sub.value, list):
            found += [Entry(policy, _path(item.value), "", item) for item in sub.value]
        else:
            found += [Entry(policy, _path(name), str(why.value), sub.keys[name]) for name, why in sub.value.items()]
    return tuple(found)


def _path(name: str) -> tuple[str, ...]:
    """`.text.citations` is ('.text', 'citations'); `a.b` is ('a', 'b')."""
    return ("." + name[1:].split(".")[0], *name[1:].split(".")[1:]) if name.startswith(".") else tuple(name.split("."))
