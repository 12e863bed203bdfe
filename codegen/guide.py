"""What the specs say about every value of one document: the line that reads or writes it, and the line that gives it up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from codegen.resolve import Dialect
from codegen.spec import Lens, Line, line
from codegen.types import Def, Type
from runtime.core.located import Node

Path = tuple[str | int, ...]
SINGLE = ("id", "name", "delta", "key")  # what a streamed block's wire names are called in a mapping


@dataclass(frozen=True)
class Leaf:
    """One value of a document that the specs do not take apart, and the place that speaks of it.

    `form` says what the place makes of it: said, constant, minted, counted (a number that each side gives for itself),
    unread or unknown. `words` are others that could stand there; `computed` says that its text has parts of its own.
    """

    path: Path
    value: Any
    form: str
    rule: str
    node: Node | None
    words: tuple[str, ...] = ()
    computed: bool = False


def spelled(path: Path) -> str:
    """A path as reports spell it: `messages[3].content`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


class Guide:
    """Walks documents of one dialect beside its mapping."""

    def __init__(self, dialect: Dialect) -> None:
        self.mapping, self.wire = dialect.mapping, dialect.wire
        self.stream = self.mapping.stream

    def leaves(self, kind: str, document: Any) -> list[Leaf]:
        """Every leaf of a request, response or error, or of a stream's payloads in order."""
        if kind != "stream":
            return list(self._lens(self.mapping.lenses[self.mapping.pair(kind)], document, ()))
        return [leaf for number, frame in enumerate(document) for leaf in self._frame(frame, (number,))]

    # a value along its lens

    def _lens(self, lens: Lens, value: Any, path: Path) -> Iterator[Leaf]:
        if lens.words and isinstance(value, str):
            name, table = lens.words
            known = tuple(table.value)
            node = table.keys.get(value, table)
            yield Leaf(path, value, "said" if value in known else "unknown", f"{lens.canonical}.{name}", node, known)
        elif not isinstance(value, dict):
            yield Leaf(path, value, "unknown", lens.title, lens.key)
        elif lens.any:
            yield from self._union(lens, value, path)
        elif lens.whole:
            yield Leaf(path, value, "said", f"{lens.canonical}, whole", lens.key)
        else:
            definition = self.wire.defs[lens.wire]
            for name, sub in value.items():
                yield from self._field(lens, definition, (name,), sub, (*path, name))

    def _union(self, lens: Lens, value: dict[str, Any], path: Path) -> Iterator[Leaf]:
        members = [self.mapping.lenses[node.value] for node in lens.any]
        found = next((one for one in members if self._fits(one, value)), None)
        if found is not None:
            yield from self._lens(found, value, path)
            return
        entry = next((e for e in lens.wire_only if self._is(self.wire.defs.get(e.name), value)), None)
        node, rule = (entry.node, f"{lens.wire}.{entry.name}") if entry else (lens.key, lens.title)
        yield Leaf(path, value, "unread" if entry else "unknown", rule, node)

    def _fits(self, lens: Lens, value: dict[str, Any]) -> bool:
        if lens.wire_where:
            name, words = lens.wire_where
            return "*" in words or value.get(name, "absent") in words
        return self._is(self.wire.defs[lens.wire], value)

    @staticmethod
    def _is(definition: Def | None, value: dict[str, Any]) -> bool:
        return definition is not None and value.get(definition.tag) == definition.word

    def _field(self, lens: Lens, definition: Def, steps: tuple[str, ...], value: Any, path: Path) -> Iterator[Leaf]:
        lines = [one for one in self._lines(lens) if one.wire[: len(steps)] == steps]
        entries = [one for one in lens.wire_only if one.path[: len(steps)] == steps]
        exact = next((one for one in lines if one.wire == steps), None)
        if exact is not None:
            yield from self._line(lens, exact, value, path)
            return
        entry = next((one for one in entries if one.path == steps), None)
        kind = self._type(definition, steps)
        if entry is not None and entry.policy == "elsewhere" and (other := self._lens_of(kind)) is not None:
            yield from self._lens(other, value, path)
        elif entry is not None:
            yield Leaf(path, value, "unread", f"{lens.wire}.{entry.name}", entry.node)
        elif (lines or entries) and isinstance(value, dict):
            for name, sub in value.items():
                yield from self._field(lens, definition, (*steps, name), sub, (*path, name))
        elif steps == (definition.tag,) or kind is not None:
            yield Leaf(path, value, "constant", right(lens), lens.key)
        else:
            yield Leaf(path, value, "unknown", f"no such field of {definition.name}", definition.key)

    def _lines(self, lens: Lens) -> list[Line]:
        """A lens's own lines, and those of the unions that it is a case of."""
        name = lens.title.partition(" <-> ")[0]
        unions = [one for one in self.mapping.lenses.values() if any(node.value == name for node in one.any)]
        return [*lens.lines, *(ln for union in unions for ln in union.every)]

    def _line(self, lens: Lens, ln: Line, value: Any, path: Path) -> Iterator[Leaf]:
        inner = next((ln.plain(m) for m in ("each", "lens", "groups") if ln.has(m)), None)
        target = self.mapping.lenses[inner] if inner else None
        if target is not None and (isinstance(value, dict) or (target.words and isinstance(value, str))):
            yield from self._lens(target, value, path)
        elif isinstance(value, list) and value and not (target is None and self._opaque(lens, ln)):
            for number, item in enumerate(value):
                if target is not None:
                    yield from self._lens(target, item, (*path, number))
                else:
                    yield self._leaf(lens, ln, item, (*path, number))
        else:
            yield self._leaf(lens, ln, value, path)

    def _leaf(self, lens: Lens, ln: Line, value: Any, path: Path) -> Leaf:
        form = "constant" if ln.has("const") else "minted" if ln.has("mint") else "said"
        kind = self.wire.defs[lens.wire].fields
        words = kind[ln.wire[0]].words if len(ln.wire) == 1 and ln.wire[0] in kind else ()
        if ln.has("values"):
            words = (*words, *self.mapping.tables[ln.plain("values")].lifted())
        if ln.to == ("index",) and lens.where is None:
            form = "counted"
        rule = "Text.text" if ln.plain("bare") == "text" and isinstance(value, str) else said(lens, ln)
        return Leaf(path, value, form, rule, ln.key, tuple(map(str, words)), ln.has("via"))

    def _opaque(self, lens: Lens, ln: Line) -> bool:
        kind = self._type(self.wire.defs[lens.wire], ln.wire)
        return kind is not None and kind.option("list") is None

    def _type(self, definition: Def, steps: tuple[str, ...]) -> Type | None:
        kind = None
        for step in steps:
            if definition is None or step not in definition.fields:
                return None
            kind = definition.fields[step].type
            ref = kind.option("ref")
            definition = self.wire.defs.get(ref.name) if ref else None
        return kind

    def _lens_of(self, kind: Type | None) -> Lens | None:
        ref = kind.option("ref") if kind else None
        return self.mapping.lenses.get(ref.name) if ref else None

    # a stream's payloads

    def _frame(self, frame: Any, path: Path) -> Iterator[Leaf]:
        if not isinstance(frame, dict):
            done = self.stream.get("done")
            yield Leaf(
                path, frame, "constant" if done and done.value == frame else "unknown", "end of the stream", done
            )
        elif self.stream.get("blocks").value == "marked":
            yield from self._marked(frame, path)
        elif self.stream.get("blocks").value == "kinds":
            yield from self._framed(frame, path)
        elif self.stream.get("blocks").value == "partial":
            yield from self._lens(self.mapping.lenses[self.mapping.pair("response")], frame, path)
        else:
            yield from self._inferred(self._spellings(), frame, (), path)

    def _marked(self, frame: dict[str, Any], path: Path) -> Iterator[Leaf]:
        frames = self.stream.get("frames")
        word, node = next(
            ((w, n) for w, n in frames.value.items() if self._is(self.wire.defs[n.value], frame)), ("", None)
        )
        if node is None:
            yield Leaf(path, frame, "unknown", "no frame of this wire", frames)
            return
        definition = self.wire.defs[node.value]
        if (lens := self.mapping.lenses.get(node.value)) is not None:
            yield from self._lens(lens, frame, path)
            return
        for name, value in frame.items():
            inner = self._lens_of(definition.fields[name].type) if name in definition.fields else None
            if inner is not None:
                yield from self._lens(inner, value, (*path, name))
            else:
                form = "counted" if name == "index" else "constant"
                yield Leaf((*path, name), value, form, f"{word} frame", frames.keys[word])

    def _framed(self, frame: dict[str, Any], path: Path) -> Iterator[Leaf]:
        """A frame of one kind of block, of a citation, or the first or the last."""
        name = next((one for one in self.wire.defs if self._is(self.wire.defs[one], frame)), "")
        if (lens := self.mapping.lenses.get(name)) is not None:
            yield from self._lens(lens, frame, path)
        else:
            yield from self._inferred(self._of_kinds(name), frame, (), path)

    def _of_kinds(self, name: str) -> dict[tuple[str, ...], tuple]:
        """The same as `_spellings` for the paths of one frame."""
        stream, found = self.stream, {("type",): ("constant", "its kind", self.stream.keys["frame"], None, ())}
        found[(stream.get("index").value,)] = ("counted", "its place says it", stream.keys["index"], None, ())
        for kind, block in stream.get("block").value.items():
            if name not in (block.get("open").value, block.get("grow").value):
                continue
            at = tuple(block.get("at").value.split("."))
            for part in SINGLE:
                if (node := block.get(part)) is not None:
                    found[(*at, *node.value.split("."))] = ("said", f"{kind}.{part}", block.keys[part], None, ())
            for part, key in block.get("const").keys.items():
                found[(*at, part)] = ("constant", kind, key, None, ())
        for frame, one in stream.get("also").value.items() if stream.get("also") else ():
            if frame == name:
                kind, key = one.get("kind").value, one.keys["text"]
                found[tuple(one.get("text").value.split("."))] = ("said", f"{kind}.delta", key, None, ())
        if (cite := stream.get("cite")) is not None and name == cite.get("open").value:
            at = tuple(cite.get("at").value.split("."))
            lens = self._lens_of(self._type(self.wire.defs[name], at))
            found[at] = ("said", "Citation", cite.keys["at"], lens, ())
        for policy in stream.get("wire_only").value.values() if stream.get("wire_only") else ():
            for path, key in (policy.keys or {}).items():
                if path.partition(".")[0] == name:
                    steps = tuple(path.split(".")[1:])
                    found[steps] = ("unread", f"stream.{path}", key, None, ())
        return found

    def _inferred(
        self, spellings: dict[tuple[str, ...], tuple], frame: Any, steps: tuple[str, ...], path: Path
    ) -> Iterator[Leaf]:
        """Along the names that the stream section gives, without list numbers."""
        found = (isinstance(frame, str) and spellings.get((*steps, frame))) or spellings.get(steps)
        if found is not None and (inner := found[3]) is not None and isinstance(frame, dict):
            yield from self._lens(inner, frame, path)
        elif found is not None:
            yield Leaf(path, frame, found[0], found[1], found[2], found[4])
        elif isinstance(frame, dict) and any(key[: len(steps)] == steps for key in spellings):
            for name, value in frame.items():
                yield from self._inferred(spellings, value, (*steps, name), (*path, name))
        elif isinstance(frame, list) and any(key[: len(steps)] == steps for key in spellings):
            for number, item in enumerate(frame):
                yield from self._inferred(spellings, item, steps, (*path, number))
            if not frame:
                yield Leaf(path, frame, "constant", "no candidate", self.stream.get("candidates"))
        else:
            yield Leaf(
                path, frame, "unknown", f"no such field of {self.stream.get('frame').value}", self.stream.get("frame")
            )

    def _spellings(self) -> dict[tuple[str, ...], tuple]:
        """Wire path -> form, rule, node, lens behind it, other words."""
        stream, found = self.stream, {}
        start = stream.get("message_start")
        for name, node in start.value.items():
            ln = line(start.keys[name], node)
            form = "constant" if ln.has("const") else "minted" if ln.has("mint") else "said"
            found[ln.wire] = (form, f"MessageStart.{'.'.join(ln.to)}" if ln.to else "a constant", ln.key, None, ())
        candidates = stream.get("candidates")
        names = candidates.plain()
        choice, delta = (names["at"],), (names["at"], names["delta"])
        found[(*choice, names["index"])] = ("counted", "candidate", candidates.keys["index"], None, ())
        found[(*choice, names["logprobs"])] = ("said", "BlockDelta.logprobs", candidates.keys["logprobs"], None, ())
        for kind, block in stream.get("block").value.items():
            at = (*delta, block.get("at").value) if block.get("at") else delta
            for name in SINGLE:
                if (node := block.get(name)) is not None:
                    form = "counted" if name == "key" else "said"
                    found.setdefault(
                        (*at, *node.value.split(".")), (form, f"{kind}.{name}", block.keys[name], None, ())
                    )
            for node in block.get("also").value if block.get("also") else ():
                found[(*at, node.value)] = ("said", f"{kind}.delta", node, None, ())
            for name in block.get("const").value if block.get("const") else ():
                found.setdefault((*at, name), ("constant", f"{kind}", block.get("const").keys[name], None, ()))
        for name, node in stream.get("opening").value.items():
            constant = ("constant", "a candidate's first frame", stream.get("opening").keys[name], None, ())
            found.setdefault((*delta, name), constant)
            found[(*delta, name, node.value)] = constant  # where this is the value too
        stop = stream.get("stop")
        for name, node in stop.value.items():
            ln = line(stop.keys[name], node)
            words = tuple(self.mapping.tables[ln.plain("values")].lifted())
            found[(*choice, *ln.wire)] = ("said", f"CandidateStop.{'.'.join(ln.to)}", ln.key, None, words)
        for section in ("usage", "error"):
            for name, node in stream.get(section).value.items():
                if (lens := self.mapping.lenses.get(str(node.value))) is not None:
                    found[(name,)] = ("said", lens.canonical, stream.get(section).keys[name], lens, ())
        for policy in stream.get("wire_only").value.values() if stream.get("wire_only") else ():
            for name in policy.value:
                found.setdefault(tuple(name.split(".")), ("unread", f"stream.{name}", policy.keys[name], None, ()))
        return found

    # the line behind a loss

    def rule(self, rule: str, path: str) -> Node | None:
        """The place of a rule of this dialect, named without the dialect. `path` is what the loss is about."""
        if (found := self._entry(rule)) is not None:
            return found
        if rule == "usage":
            name = path.removeprefix("usage.")
            return next(
                (
                    ln.key
                    for one in self.mapping.lenses.values()
                    for ln in one.lines
                    if ln.has("plus") and ".".join(ln.wire) == name
                ),
                None,
            )
        if rule.startswith("stream."):
            name = rule.removeprefix("stream.")
            sections = [self.stream.get(side) for side in ("wire_only", "canonical_only")]
            policies = [policy for section in sections if section for policy in section.value.values()]
            return next((policy.keys[name] for policy in policies if policy.keys and name in policy.keys), self.stream)
        request = self.mapping.lenses[self.mapping.pair("request")]
        wanted = tuple(rule.split("."))
        lines = sorted(
            (ln for ln in request.lines if ln.to and wanted[: len(ln.to)] == ln.to), key=lambda ln: -len(ln.to)
        )
        return lines[0].key if lines else self.mapping.root.keys["turns"]

    def _entry(self, rule: str) -> Node | None:
        """The wire_only or canonical_only entry, or the line with a condition, that a rule is named after."""
        wire, _, name = rule.partition(".")
        for lens in self.mapping.lenses.values():
            if lens.wire != wire:
                continue
            for entry in (*lens.wire_only, *lens.canonical_only):
                if entry.name == name and entry.policy != "elsewhere":
                    return entry.node
            for ln in self._lines(lens):
                if (ln.has("needs") or ln.has("clamp")) and ".".join((*ln.kinds[:1], *(ln.to or ()))) == name:
                    return ln.key
            for entry in self.mapping.canonical_only:
                if entry.name == name:
                    return entry.node
        return None


def said(lens: Lens, ln: Line) -> str:
    """What a line speaks of, in canonical names."""
    if ln.has("const") or not (ln.kinds or ln.to):
        return right(lens)
    return ".".join((*(ln.kinds[:1] or (lens.canonical,)), *(ln.to or ())))


def right(lens: Lens) -> str:
    """The canonical side of a lens's title."""
    return lens.title.partition(" <-> ")[2]
