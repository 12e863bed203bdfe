"""The stream section: every frame, field and kind of delta is read and written, or listed with what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from codegen.resolve import Dialect, kinds, untabled
from codegen.spec import Line, entries, line
from codegen.streams import NOT_COUNTS, grown, placed
from codegen.types import Def, Field
from runtime.core.diagnostic import at, did_you_mean
from runtime.core.located import Node

# canonical event -> the type that the lens of its frame leads to
LENSES = {"block_start": "BlockStart", "block_stop": "BlockStop", "stop": "CandidateStop", "error": "Error"}
TOLD = {"to", "const", "mint", "values"}  # what a line of every frame may say
OWN = {"message_start": "MessageStart", "end": "MessageEnd"}  # of frames that may have one
DELTAS = {"text": "text", "thinking": "thinking", "refusal": "refusal", "tool_call": "json", "custom_call": "custom"}
CALLS = ("tool_call", "custom_call")
GROUP = "stream"
Steps = tuple[str, ...]


def check(dialect: Dialect) -> None:
    """Adds what is wrong with the section to the dialect's diagnostics."""
    stream = dialect.mapping.stream
    if stream is None:
        return
    if dialect.definition(dialect.wire, stream.get("frame").value, stream.get("frame")) is None:
        return
    if stream.get("blocks").value == "inferred":
        Inferred(dialect, stream).check()
    elif stream.get("blocks").value == "partial":
        Partial(dialect, stream).check()
    elif stream.get("blocks").value == "kinds":
        ByKinds(dialect, stream).check()
    elif stream.get("blocks").value == "items":
        Items(dialect, stream).check()
    else:
        Marked(dialect, stream).check()


# What the stream machines know of canonical events: more than these they would neither read nor write.
EVENTS = {
    "MessageStart": ("id", "created", "model", "usage", "service_tier"),
    "BlockStart": ("index", "candidate", "block"),
    "BlockDelta": ("index", "candidate", "kind", "text", "citation", "logprobs"),
    "BlockStop": ("index", "candidate"),
    "CandidateStop": ("candidate", "stop_reason", "native_reason", "stop_sequence"),
    "UsageSeen": ("usage",),
    "MessageEnd": ("usage", "service_tier"),
    "StreamError": ("error",),
    "Ping": (),
}


class Section:
    """What the two forms of the section share."""

    def __init__(self, dialect: Dialect, stream: Node) -> None:
        self.dialect, self.stream = dialect, stream
        self.key = dialect.mapping.root.keys["stream"]
        self.wire, self.canonical = dialect.wire, dialect.canonical
        self.wire_only = {entry.path: entry for entry in entries(stream.get("wire_only"))}
        self.canonical_only = {entry.name: entry for entry in entries(stream.get("canonical_only"))}

    def events(self) -> None:
        """Every canonical event, and every field of one, is known to the machines."""
        for name in self.canonical.defs["Event"].members:
            fields = self.canonical.defs[name].fields
            if name not in EVENTS:
                self.report(
                    self.key,
                    "E403",
                    f"the stream machines do not know the event {name}",
                    "codegen/templates/stream_*.j2 and codegen/frames.py say which they know",
                )
            for field in fields.values() if name in EVENTS else ():
                if field.name not in EVENTS[name] and field.type.kind != "carried":
                    self.report(
                        self.key,
                        "E403",
                        f"the stream machines do not know {name}.{field.name}",
                        "codegen/templates/stream_*.j2 and codegen/frames.py say what they know",
                    )

    def report(self, node: Node, code: str, message: str, caret: str = "", known=(), fixes=()) -> None:
        self.dialect.report(at(node, code, message, caret, known, fixes, group=GROUP))

    def unread(self, owner: Def, said: Iterable[str], prefix: str = "") -> None:
        """Reports the fields of a frame that nothing reads."""
        said = set(said)
        for name, field in owner.fields.items():
            if name not in said and (owner.name, name) not in self.dialect.slips:
                path = f"{prefix}{name}"
                self.report(
                    self.key,
                    "E301",
                    f"{owner.name}.{name} is neither mapped nor listed in wire_only",
                    f"the frames of {owner.name} have {len(owner.fields)} fields",
                    [
                        f"It is declared at {field.node.file}:{field.node.line} as `{' | '.join(field.words) or field.type}`."
                    ],
                    [f"wire_only: {{drop: {{{path}: why it is safe}}}}"],
                )

    def field(self, owner: Def, name: str, node: Node) -> Field | None:
        found = self.dialect.fields(self.wire, owner.name, (name,), node)
        return found[-1] if found else None

    def kinds(self, written: Iterable[str], texts: Iterable[str], ends: Iterable[str] = ()) -> None:
        """Every kind of block and of delta is written, or listed; what is written as another grows like one of `texts`.

        `ends` are events of which fields may be listed too.
        """
        every = list(kinds(self.canonical))
        deltas = self.canonical.defs["BlockDelta"].fields["kind"].words
        said = dict.fromkeys(written) | {DELTAS[kind]: None for kind in written if kind in DELTAS}
        fields = [name for owner in ends for name in self.canonical.defs[owner].fields]
        for name, entry in self.canonical_only.items():
            if self.dialect.word(name, [*every, *deltas, *fields], "a stream", entry.node) and name in said:
                self.report(
                    entry.node,
                    "E308",
                    f"canonical_only.{entry.policy} lists `{name}`, which the section `block` maps",
                    known=["Remove it here, or there."],
                )
        for name, entry in self.canonical_only.items():
            if entry.policy == "as" and entry.why not in texts:
                node = self.stream.at("canonical_only", "as", name)
                self.report(node, "E222", f"`{name}` cannot be written as `{entry.why}`", "no text grows there")
        missing = [
            name for name in dict.fromkeys([*every, *deltas]) if name not in said and name not in self.canonical_only
        ]
        for name in missing:
            self.report(
                self.stream.keys["block"],
                "E305",
                f"the stream has no case for canonical kind `{name}`",
                known=["A stream from another dialect can hold it, and this one would have nothing to write. Choose:"],
                fixes=[f"block: {{{name}: {{delta: <a field>}}}}", f"canonical_only: {{drop: {{{name}: why}}}}"],
            )

    def cites(self, wire: str, node: Node) -> None:
        """A lens leads from a type of the wire to Citation."""
        lens = self.dialect.lens(wire, node)
        if lens is not None and lens.canonical != "Citation":
            self.report(node, "E221", f"{lens.title} is not the lens that is needed here")

    def lens_to(self, node: Node, canonical: str, wire: str = "") -> None:
        """The lens that a node names exists, and leads where the machine needs it to."""
        lens = self.dialect.lens(node.value, node)
        if lens is not None and (lens.canonical != canonical or wire not in ("", lens.wire)):
            wanted = f"{wire or '...'} <-> {canonical}"
            self.report(node, "E221", f"{lens.title} is not the lens that is needed here", f"needed is {wanted}")


class Marked(Section):
    """A wire that says where blocks start and stop."""

    def check(self) -> None:
        self.events()
        frames, union = self.stream.get("frames"), self.wire.defs[self.stream.get("frame").value]
        if not union.union:
            self.report(self.stream.get("frame"), "E222", f"{union.name} is no choice of frames")
            return
        for event, node in self._named(frames):
            if node.value not in union.members:
                self.report(
                    node, "E206", f"{union.name} has no member `{node.value}`", did_you_mean(node.value, union.members)
                )
            elif event in LENSES:
                self.lens_to(node, LENSES[event])
            elif event in OWN and node.value in self.dialect.mapping.lenses:
                self.lens_to(node, OWN[event])
        self._members(frames, union)
        self._machine(frames)

    @staticmethod
    def _named(frames: Node) -> Iterator[tuple[str, Node]]:
        """Each frame that is named, with its canonical event; of errors there may be several."""
        for event, node in frames.value.items():
            for one in node.value if isinstance(node.value, list) else [node]:
                yield event, one

    def _members(self, frames: Node, union: Def) -> None:
        used = {node.value: node for _, node in self._named(frames)}
        for path, entry in self.wire_only.items():
            if path[0] not in union.members:
                self.report(
                    entry.node,
                    "E206",
                    f"{union.name} has no member `{entry.name}`",
                    did_you_mean(entry.name, union.members),
                )
            elif len(path) > 1:
                self.field(self.wire.defs[path[0]], path[1], entry.node)
            elif path[0] in used:
                self.report(
                    entry.node,
                    "E308",
                    f"wire_only.{entry.policy} lists `{entry.name}`, which line {used[path[0]].line} maps",
                    known=[f"Remove it here, or remove line {used[path[0]].line}."],
                )
        for name in union.members:
            if name not in used and (name,) not in self.wire_only:
                self.report(
                    self.stream.keys["frames"],
                    "E304",
                    f"{union.name}.{name} is neither in frames nor listed in wire_only",
                    fixes=[f"wire_only: {{drop: {{{name}: why it is safe}}}}"],
                )

    def _machine(self, frames: Node) -> None:
        """Frames that have no lens are read by the machine itself: it knows these fields of them and no other."""
        response, lenses = self.dialect.mapping.pair("response"), self.dialect.mapping.lenses
        grows, delta = grown(self.dialect, frames.at("block_delta").value)
        place = placed(self.dialect, frames.at("block_start").value)
        known = {"message_start": [response], "block_delta": [place, grows], "end": [], "ping": []}
        for event, names in known.items():
            owner = self.wire.defs.get(frames.get(event).value) if frames.get(event) else None
            if owner is None or owner.union or event in OWN and owner.name in lenses:
                continue
            if event == "message_start":
                names = [f.name for f in owner.fields.values() if f.type.refs() == [response]]
                if not names:
                    self.report(
                        frames.get(event),
                        "E403",
                        f"{owner.name} holds no {response}",
                        "the machine takes the message's start from it",
                    )
            for name in names:
                self.field(owner, name, frames.get(event))
            self.unread(
                owner, [*names, *(path[1] for path in self.wire_only if path[0] == owner.name and len(path) > 1)]
            )
        if not delta:
            self.report(frames.get("block_delta"), "E403", "no lens leads from this frame to BlockDelta")
        self._counts(frames, response)

    def _counts(self, frames: Node, response: str) -> None:
        """The counts stand in the frame that ends the message, which has a lens then; or where `usage` says."""
        usage, end, stop = self.stream.get("usage"), frames.get("end"), frames.at("stop").value
        if usage is None and end.value not in self.dialect.mapping.lenses:
            self.report(
                end,
                "E403",
                "nothing says where the counts stand",
                fixes=["usage: {start: <a lens>, delta: <a lens>}", f"{end.value} <-> MessageEnd: ..."],
            )
        for part, owner in (("start", response), ("delta", stop)) if usage is not None else ():
            node = usage.get(part)
            self.lens_to(node, "Usage")
            lens, definition = self.dialect.mapping.lenses.get(node.value), self.wire.defs.get(owner)
            if lens and definition and not any(f.type.refs() == [lens.wire] for f in definition.fields.values()):
                self.report(
                    node,
                    "E403",
                    f"{owner} holds no {lens.wire}",
                    f"the machine takes the counts at the {'start' if part == 'start' else 'end'} from it",
                )


class Items(Section):
    """A wire that nests blocks as parts in items, numbers its frames, and says everything again at the end."""

    def check(self) -> None:
        self.events()
        union = self.wire.defs[self.stream.get("frame").value]
        if not union.union:
            self.report(self.stream.get("frame"), "E222", f"{union.name} is no choice of frames")
            return
        self.union, self.used = union, dict[str, tuple[Node, list[str]]]()
        self._answer()
        self._item()
        for kind, node in self.stream.get("block").value.items():
            self._growth(kind, node)
        error = self.stream.get("error")
        self.frame(error, [])
        self.lens_to(error, "Error", error.value)
        self._accounts()
        self._kinds()

    def frame(self, node: Node | None, fields: list[Node | str]) -> Def | None:
        """The frame that a node names. `fields` are those that the machine knows of it, beside its number."""
        if node is None:
            return None
        if node.value not in self.union.members:
            hint = did_you_mean(node.value, self.union.members)
            self.report(node, "E206", f"{self.union.name} has no member `{node.value}`", hint)
            return None
        owner, known = self.wire.defs[node.value], self.used.setdefault(node.value, (node, []))[1]
        for field in (self.stream.get("number"), *fields):
            name, place = (field, node) if isinstance(field, str) else (field.value, field)
            if self.field(owner, name, place) is not None:
                known.append(name)
        return owner

    def holding(self, node: Node | None, wire: str, fields: list[Node | str]) -> None:
        """A frame that holds a type."""
        owner = self.frame(node, fields)
        if owner is None:
            return
        held = [f.name for f in owner.fields.values() if f.type.refs() == [wire]]
        if not held:
            self.report(node, "E403", f"{owner.name} holds no {wire}", "the machine takes it from there")
        self.used[owner.name][1].extend(held)

    def _answer(self) -> None:
        answer, response = self.stream.get("answer"), self.dialect.mapping.pair("response")
        for node in (
            *answer.get("started").value,
            *(answer.get(name) for name in ("completed", "incomplete", "failed")),
        ):
            self.holding(node, response, [])
        lens = self.dialect.mapping.lenses.get(response)
        for modifier, what in (
            ("fails", "says that it failed"),
            ("beside", "says how it ended"),
            ("groups", "holds its items"),
        ):
            if lens is not None and not any(ln.has(modifier) for ln in lens.lines):
                self.report(
                    self.stream.keys["answer"], "E403", f"no line of {lens.title} {what}", f"one with `{modifier}` does"
                )

    def _item(self) -> None:
        item = self.stream.get("item")
        lens = self.dialect.mapping.lenses.get(self.dialect.mapping.pair("response"))
        wire = next((ln.plain("groups") for ln in lens.lines if ln.has("groups")), "") if lens else ""
        for name in ("open", "close"):
            self.holding(item.get(name), wire, [item.get("index")])
        members = [self.wire.defs[name] for name in self.wire.members(wire)] if wire in self.wire.defs else []
        owners = [one for one in members if item.get("status").value in one.fields]
        if members and not owners:
            names = {name for one in members for name in one.fields}
            node = item.get("status")
            self.report(node, "E201", f"no {wire} has a field `{node.value}`", did_you_mean(node.value, names))
        elif owners:
            words = owners[0].fields[item.get("status").value].words
            for name in ("during", "cut"):
                self.dialect.word(item.get(name).value, words, f"`{item.get('status').value}`", item.get(name))

    def _growth(self, kind: str, node: Node) -> None:
        key = self.stream.get("block").keys[kind]
        known = self.dialect.word(kind, kinds(self.canonical), "Block", key)
        if known and kind not in DELTAS:
            self.report(key, "E403", f"a {kind} does not grow", f"what grows is {', '.join(DELTAS)}")
        item = self.stream.get("item")
        here: list[Node | str] = [item.get("index"), item.get("id")]
        if (index := node.get("index")) is not None:
            here.append(index)
        said = [node.get("logprobs")] if node.get("logprobs") is not None else []
        self.frame(node.get("delta"), [*here, *said, "delta"])
        self._done(node.get("done"), [*here, *said])
        for name in ("open", "close"):
            if (owner := self.frame(node.get(name), here)) is not None:
                self.used[owner.name][1].extend(f.name for f in owner.fields.values() if f.type.refs())
        if (cite := node.get("cite")) is not None and (
            owner := self.frame(cite, [*here, node.get("cited")])
        ) is not None:
            self.used[owner.name][1].extend(f.name for f in owner.fields.values() if f.type.refs())
        if (part := node.get("part")) is not None and (opens := self.wire.defs.get(node.get("open").value)) is not None:
            held = [n for f in opens.fields.values() for ref in f.type.refs() for n in self.wire.members(ref)]
            self.dialect.word(part.value, held, f"a part of {opens.name}", part)
        if (inside := node.get("in")) is not None:
            owners = [one for one in self.wire.defs.values() if inside.value in one.fields]
            if not owners:
                names = {name for one in self.wire.defs.values() for name in one.fields}
                self.report(inside, "E201", f"no item has a field `{inside.value}`", did_you_mean(inside.value, names))
        if (also := node.get("also")) is not None:
            here[-1] = also.get("index")
            self.frame(also.get("delta"), [*here, "delta"])
            self._done(also.get("done"), here)

    def _done(self, node: Node, here: list[Node | str]) -> None:
        owner = self.frame(node, here)
        if owner is None:
            return
        said = [f.name for f in owner.fields.values() if f.required]
        if len(said) != 1:
            self.report(node, "E403", f"{owner.name} does not say what was said", "it has one field that is required")
        self.used[owner.name][1].extend([*said, "name"])

    def _accounts(self) -> None:
        """Every frame is used or listed, and every field of one that is used is known to the machine or to its lens."""
        lenses = self.dialect.mapping.lenses
        padding = {path[-1] for path in self.wire_only if len(path) == 1 and path[0] not in self.union.members}
        for name, (_, known) in self.used.items():
            if name not in lenses:
                self.unread(self.wire.defs[name], [*known, *padding])
        met = {f for name in self.used for f in self.wire.defs[name].fields}
        for path, entry in self.wire_only.items():
            if path[0] in self.used:
                self.report(
                    entry.node,
                    "E308",
                    f"wire_only.{entry.policy} lists `{entry.name}`, which line {self.used[path[0]][0].line} maps",
                    known=[f"Remove it here, or remove line {self.used[path[0]][0].line}."],
                )
            elif path[0] not in (*self.union.members, *met):
                hint = did_you_mean(entry.name, [*self.union.members, *met])
                self.report(entry.node, "E206", f"{self.union.name} has no member `{entry.name}`", hint)
        for name in self.union.members:
            if name not in self.used and (name,) not in self.wire_only:
                self.report(
                    self.stream.keys["frame"],
                    "E304",
                    f"{self.union.name}.{name} is neither used nor listed in wire_only",
                    fixes=[f"wire_only: {{drop: {{{name}: why it is safe}}}}"],
                )

    def _kinds(self) -> None:
        block = self.stream.get("block")
        for kind in DELTAS:
            if kind not in block.value:
                self.report(
                    self.stream.keys["block"],
                    "E305",
                    f"the stream has no case for canonical kind `{kind}`",
                    known=["A stream from another dialect can hold it, and this one would have nothing to write."],
                    fixes=[f"block: {{{kind}: {{delta: <a frame>, done: <a frame>}}}}"],
                )


class Partial(Section):
    """A wire whose every frame is an answer in which little stands."""

    def check(self) -> None:
        node = self.stream.get("frame")
        frame, answer = self.wire.defs[node.value], self.wire.defs.get(self.dialect.mapping.pair("response"))
        error = self.wire.defs.get(self.dialect.mapping.pair("error"))
        if answer is None or error is None:
            return
        for name, field in answer.fields.items():
            mine = frame.fields.get(name)
            if mine is None or mine.type != field.type:
                said = f"`{name}` is {mine.type}" if mine else f"it has no `{name}`"
                self.report(node, "E403", f"a frame of {frame.name} is no {answer.name}", said)
        if "error" not in frame.fields or "error" not in error.fields:
            self.report(
                node, "E403", f"{frame.name} cannot say that the answer failed", "the machine looks for `error`"
            )
        if (usage := self.stream.get("usage")) is not None:
            self.dialect.fields(self.canonical, "Request", (usage.get("when").value,), usage.get("when"))
        self.unread(frame, [*answer.fields, *error.fields])
        deltas = self.canonical.defs["BlockDelta"].fields["kind"].words
        cited = ["citation"] if self.stream.get("cite") else []
        lost = [name for name in deltas if name not in (*DELTAS.values(), "signature", *cited)]
        for name, entry in self.canonical_only.items():
            self.dialect.word(name, lost, "what no answer with little in it says", entry.node)
        for name in lost:
            if name not in self.canonical_only:
                self.report(
                    self.stream.keys["blocks"],
                    "E305",
                    f"the stream has no case for canonical kind `{name}`",
                    known=["A stream from another dialect can hold it, and this one would have nothing to write."],
                    fixes=[f"canonical_only: {{drop: {{{name}: why}}}}"],
                )


class Inferred(Section):
    """A wire whose blocks open with their first delta."""

    def check(self) -> None:
        self.events()
        stream, frame = self.stream, self.wire.defs[self.stream.get("frame").value]
        candidates = stream.get("candidates")
        top = self._start(frame)
        at_field = self.field(frame, candidates.get("at").value, candidates.get("at"))
        choice = self._owner(at_field, candidates.get("frame"))
        top += [candidates.get("at").value, *self._usage(frame), *self._error(frame)]
        delta = None
        if choice is not None:
            names = [candidates.get(name) for name in ("index", "delta", "logprobs")]
            found = {node.value: self.field(choice, node.value, node) for node in names}
            ref = found[candidates.get("delta").value]
            delta = self.wire.defs[ref.type.refs()[0]] if ref and ref.type.refs() else None
            inside = self._entries(choice, (candidates.get("at").value,))
            self.unread(choice, [*found, *self._stop(choice), *inside], f"{candidates.get('at').value}.")
        if delta is not None:
            prefix = (candidates.get("at").value, candidates.get("delta").value)
            read = [
                *self._blocks(delta, prefix),
                *self._cited(delta),
                *self._opening(delta),
                *self._entries(delta, prefix),
            ]
            self.unread(delta, read, ".".join(prefix) + ".")
        self.unread(frame, [*top, *self._entries(frame, ())])
        self._paths(frame, choice, delta)
        block = self.stream.get("block")
        texts = [kind for kind in block.value if block.get(kind).get("at") is None]
        cited = ["citation"] if stream.get("cite") else []
        self.kinds([*block.value, *cited], texts, ("CandidateStop", "MessageStart"))

    def _owner(self, field: Field | None, node: Node) -> Def | None:
        refs = field.type.refs() if field else []
        if field and node.value not in refs:
            self.report(node, "E206", f"`{field.name}` holds no `{node.value}`", did_you_mean(node.value, refs))
        return self.wire.defs.get(refs[0]) if refs else None

    def _start(self, frame: Def) -> list[str]:
        """The lines of what every frame says of its message: they account for all of MessageStart."""
        start, said = self.stream.get("message_start"), {"usage"}
        for name, node in start.value.items():
            ln = line(start.keys[name], node)
            wire = self.field(frame, name, start.keys[name])
            for key in sorted(ln.mods.keys() - TOLD):
                fixes = ["take it away; it may say " + ", ".join(sorted(TOLD))]
                self.report(node.keys[key], "E206", f"`{key}` says nothing in what every frame says", fixes=fixes)
            if ln.has("values"):
                self.dialect.table(ln.plain("values"), ln.mods["values"])
            if ln.to:
                self._canonical(ln, "MessageStart", wire)
                held = self.dialect.canonical.defs["MessageStart"].fields.get(ln.to[0])
                if wire is not None and held is not None and not ln.has("values"):
                    untabled(self.dialect, ln, wire, held)
                said.add(ln.to[0])
            elif wire is not None and wire.words and ln.has("const"):
                self.dialect.word(ln.plain("const"), wire.words, f"`{name}`", ln.mods["const"])
        self._said("MessageStart", said, self.stream.keys["message_start"])
        return list(start.value)

    def _canonical(self, ln: Line, owner: str, wire: Field | None) -> None:
        found = self.dialect.fields(self.canonical, owner, ln.to, ln.target)
        if found and wire and found[-1].type.kind != wire.type.kind:
            self.report(
                ln.target,
                "E221",
                f"{wire.type} cannot be mapped to {found[-1].type}",
                f"`{'.'.join(ln.to)}` is {found[-1].type}; `{ln.key.value}` is {wire.type}",
            )
        if (
            wire
            and wire.required
            and not wire.nullable
            and found
            and found[-1].optional
            and not any(ln.has(m) for m in ("mint", "supply"))
        ):
            self.report(ln.key, "E306", f"{ln.key.value} is required and may have nothing to write")

    def _said(self, owner: str, said: set[str], node: Node) -> None:
        """Every field of a canonical event is said, or listed in canonical_only."""
        for name, field in self.canonical.defs[owner].fields.items():
            if (
                name not in said
                and name not in self.canonical_only
                and field.type.kind != "carried"
                and name != "candidate"
                and (owner, name) not in self.dialect.slips
            ):
                self.report(
                    node,
                    "E302",
                    f"{owner}.{name} is neither mapped nor listed in canonical_only",
                    known=[f"It is declared at {field.node.file}:{field.node.line}."],
                    fixes=[f"<a field of the frame>: {name}", f"canonical_only: {{drop: {{{name}: why}}}}"],
                )

    def _stop(self, choice: Def) -> list[str]:
        stop, said = self.stream.get("stop"), {"candidate"}
        for name, node in stop.value.items():
            ln = line(stop.keys[name], node)
            wire = self.field(choice, name, stop.keys[name])
            if ln.has("values"):
                self.dialect.table(ln.plain("values"), ln.mods["values"])
            else:
                self.report(
                    stop.keys[name],
                    "E222",
                    "a stop reason is read by a table",
                    fixes=[f"{name}: {{to: stop_reason, values: <a table>}}"],
                )
            if ln.to:
                self._canonical(ln, "CandidateStop", wire)
                said.add(ln.to[0])
            if ln.has("native"):
                self.dialect.fields(self.canonical, "CandidateStop", (ln.plain("native"),), ln.mods["native"])
                said.add(ln.plain("native"))
        self._said("CandidateStop", said, self.stream.keys["stop"])
        return list(stop.value)

    def _usage(self, frame: Def) -> list[str]:
        usage = self.stream.get("usage")
        empty, when = usage.get("empty"), usage.get("when")
        if empty is not None and empty.value != self.stream.at("candidates", "at").value:
            self.report(
                empty,
                "E403",
                f"`{empty.value}` is not the list of candidates",
                f"write {self.stream.at('candidates', 'at').value}",
            )
        if when is not None:
            self.dialect.fields(self.canonical, "Request", (when.value,), when)
        counts = [(n, v) for n, v in usage.value.items() if n not in NOT_COUNTS]
        if len(counts) != 1:
            self.report(usage, "E403", "usage names no field of the frame", "write FIELD: LENS, the lens of the counts")
            return []
        ((name, node),) = counts
        field = self.field(frame, name, usage.keys[name])
        self.lens_to(node, "Usage", field.type.refs()[0] if field and field.type.refs() else "")
        return [name]

    def _error(self, frame: Def) -> list[str]:
        error = self.stream.get("error")
        ((name, node),) = error.value.items()
        field = self.field(frame, name, error.keys[name])
        self.lens_to(node, "Error", field.type.refs()[0] if field and field.type.refs() else "")
        return [name]

    def _opening(self, delta: Def) -> list[str]:
        opening = self.stream.get("opening")
        for name, node in opening.value.items():
            field = self.field(delta, name, opening.keys[name])
            if field and field.words:
                self.dialect.word(node.value, field.words, f"`{name}`", node)
        return list(opening.value)

    def _blocks(self, delta: Def, prefix: tuple[str, ...]) -> list[str]:
        """Where blocks grow: the fields of the delta, of a call in it, and of a call's parts."""
        block, read = self.stream.get("block"), []
        calls: dict[str, set[str]] = {}
        parts: dict[tuple[str, str], set[str]] = {}
        for kind, node in block.value.items():
            known = self.dialect.word(kind, kinds(self.canonical), "Block", block.keys[kind])
            grows = node.get("delta")
            if known and kind not in DELTAS:
                self.report(block.keys[kind], "E403", f"a {kind} does not grow", f"what grows is {', '.join(DELTAS)}")
            if (where := node.get("at")) is None:
                read += [
                    name.value
                    for name in (grows, *(node.get("also").value if node.get("also") else ()))
                    if self.field(delta, name.value, name)
                ]
                self._parts(delta, kind, node)
                continue
            self._piece(kind, node)
            read.append(where.value)
            found = self.field(delta, where.value, where)
            refs = found.type.refs() if found else []
            if not refs:
                continue
            if found.type.option("list") and node.get("key") is None:
                self.report(
                    block.keys[kind],
                    "E402",
                    f"two open {kind} blocks could not be told apart",
                    "`at` is a list, so several blocks can grow at once, and there is no `key`",
                    ["Name the wire field that says which one:  key: <a field of " + refs[0] + ">"],
                )
                calls[refs[0]] = set(self.wire.defs[refs[0]].fields)
            said = calls.setdefault(refs[0], set())
            const = node.get("const")
            names = [*(n for n in (node.get("key"), node.get("id")) if n is not None), *const.keys.values()]
            said |= {name.value for name in names if self.field(self.wire.defs[refs[0]], name.value, name)}
            self._words(refs[0], const)
            if (seal := node.get("signature")) is not None:
                said |= (
                    {path[0]}
                    if self.dialect.fields(self.wire, refs[0], path := tuple(seal.value.split(".")), seal)
                    else set()
                )
            for name in (node.get("name"), grows):
                path = tuple(name.value.split("."))
                fields = self.dialect.fields(self.wire, refs[0], path, name)
                if fields and len(fields) == 2:
                    said.add(path[0])
                    parts.setdefault((path[0], fields[0].type.refs()[0]), set()).add(path[1])
                elif fields:
                    self.report(name, "E403", f"`{name.value}` is not a part of a part", "as in function.name")
            call = (refs[0], (*prefix, where.value))
        if calls:
            owner, path = call
            said = calls[owner] | set(self._entries(self.wire.defs[owner], path))
            self.unread(self.wire.defs[owner], said, ".".join(path) + ".")
            for (name, part), known in parts.items():
                self.unread(
                    self.wire.defs[part],
                    known | set(self._entries(self.wire.defs[part], (*path, name))),
                    ".".join((*path, name)) + ".",
                )
        return read

    def _cited(self, delta: Def) -> list[str]:
        if (cite := self.stream.get("cite")) is None or (field := self.field(delta, cite.value, cite)) is None:
            return []
        items = field.type.option("list")
        if items is None:
            self.report(cite, "E221", f"`{cite.value}` holds no list of citations", f"it is {field.type}")
        else:
            self.cites(items.items[0].name, cite)
        return [cite.value]

    def _parts(self, delta: Def, kind: str, node: Node) -> None:
        """A field that may hold a list of parts: the lens is one of blocks, and reads what stands in that list."""
        field, each = delta.fields.get(node.get("delta").value), node.get("each")
        items = field.type.option("list") if field is not None else None
        if each is None and items is not None:
            fixes = [f"{kind}: {{delta: {field.name}, each: <a lens of {items.items[0]}>}}"]
            self.report(node.get("delta"), "E403", f"`{field.name}` may hold a list of parts", fixes=fixes)
        elif each is not None:
            self.lens_to(each, "Block", items.items[0].name if items else "")
            if items is None and field is not None:
                self.report(each, "E403", f"`{field.name}` holds no list of parts", f"it is {field.type}")

    def _piece(self, kind: str, node: Node) -> None:
        """A primitive of pieces takes what the wire has to text."""
        via = node.get("via")
        primitive = self.dialect.primitive(via.value, via) if via is not None else None
        if primitive is not None and primitive["canonical"] != "string":
            self.report(via, "E221", f"{via.value} does not make text of a piece", f"it makes {primitive['canonical']}")

    def _words(self, owner: str, const: Node) -> None:
        for name, node in const.value.items():
            field = self.wire.defs[owner].fields.get(name)
            if field and field.words:
                self.dialect.word(node.value, field.words, f"{owner}.{name}", node)

    def _entries(self, owner: Def, prefix: tuple[str, ...]) -> Iterator[str]:
        """The fields of an owner that wire_only lists."""
        for path in self.wire_only:
            if path[:-1] == prefix and path[-1] in owner.fields:
                yield path[-1]

    def _paths(self, frame: Def, choice: Def | None, delta: Def | None) -> None:
        """What wire_only lists exists, and is listed in vain if it is read."""
        read = {n: self.stream.get("message_start").keys[n] for n in self.stream.get("message_start").value}
        read |= {self.stream.at("candidates", "at").value: self.stream.at("candidates", "at")}
        for section in ("usage", "error"):
            read |= {n: k for n, k in self.stream.get(section).keys.items() if n not in NOT_COUNTS}
        for path, entry in self.wire_only.items():
            owner: Def | None = frame
            for number, step in enumerate(path):
                field = self.field(owner, step, entry.node)
                if field is None or number == len(path) - 1:
                    break
                refs = field.type.refs()
                owner = self.wire.defs[refs[0]] if refs else None
                if owner is None:
                    self.report(entry.node, "E205", f"`{entry.name}` goes into {field.type}, which has no fields")
                    break
            if len(path) == 1 and path[0] in read:
                self.report(
                    entry.node,
                    "E308",
                    f"wire_only.{entry.policy} lists `{entry.name}`, which line {read[path[0]].line} maps",
                    known=[f"Remove it here, or remove line {read[path[0]].line}."],
                )


class ByKinds(Section):
    """A wire with frames for each kind of block, which are counted by themselves."""

    def check(self) -> None:
        self.events()
        self.union = self.wire.defs[self.stream.get("frame").value]
        if not self.union.union:
            self.report(self.stream.get("frame"), "E222", f"{self.union.name} is no choice of frames")
            return
        self.used: dict[str, Node] = {}  # frames that mean something, each with the place that says what
        self.said: dict[str, set[Steps]] = {}  # frame -> the paths that are spoken of
        self._ends()
        self._blocks()
        self._cited()
        for name, one in self.stream.get("also").value.items() if self.stream.get("also") else ():
            if self._frame(name, self.stream.get("also").keys[name]):
                self._path(name, one.get("text"), "string")
            self.dialect.word(one.get("kind").value, self.texts, "a kind whose text grows", one.get("kind"))
        self._account()
        cited = ["citation"] if self.stream.get("cite") else []
        self.kinds([*self.stream.get("block").value, *cited], self.texts)

    @property
    def texts(self) -> list[str]:
        """The kinds that are pieces of text."""
        return [kind for kind, one in self.stream.get("block").value.items() if one.get("id") is None]

    def _frame(self, name: str, node: Node) -> bool:
        """Notes a frame that a place speaks of; whether there is one."""
        if name not in self.union.members:
            hint = did_you_mean(name, self.union.members)
            self.report(node, "E206", f"{self.union.name} has no member `{name}`", hint)
            return False
        self.used.setdefault(name, node)
        return True

    def _path(self, frame: str, node: Node, kind: str, prefix: str = "") -> Field | None:
        """Notes a path of a frame that holds what it must; the field at its end."""
        path = tuple(f"{prefix}.{node.value}".removeprefix(".").split("."))
        found = self.dialect.fields(self.wire, frame, path, node)
        self.said.setdefault(frame, set()).add(path)
        if found and found[-1].type.option(kind) is None:
            self.report(node, "E221", f"`{node.value}` holds no {kind}", f"it is {found[-1].type}")
            return None
        return found[-1] if found else None

    def _ends(self) -> None:
        """The first frame and the last: each has a lens, and the last has the counts and the error."""
        frames, stop = self.stream.get("frames"), self.stream.at("frames", "stop")
        for name, canonical in (("message_start", "MessageStart"), ("stop", "CandidateStop")):
            if self._frame(frames.get(name).value, frames.get(name)):
                self.lens_to(frames.get(name), canonical)
        if stop.value not in self.union.members:
            return
        usage, error = self.stream.get("usage"), self.stream.get("error")
        ((name, node),) = usage.value.items()
        counts = self._path(stop.value, usage.keys[name], "ref")
        self.lens_to(node, "Usage", counts.type.refs()[0] if counts else "")
        self._path(stop.value, error.get("message"), "string")
        for name, word in error.get("const").value.items():
            field = self._path(stop.value, error.get("const").keys[name], "string")
            if field and field.words:
                self.dialect.word(word.value, field.words, f"`{name}`", word)

    def _blocks(self) -> None:
        index, ways = self.stream.get("index"), set()
        for kind, one in self.stream.get("block").value.items():
            key = self.stream.get("block").keys[kind]
            if self.dialect.word(kind, kinds(self.canonical), "Block", key) and kind not in DELTAS:
                self.report(key, "E403", f"a {kind} does not grow", f"what grows is {', '.join(DELTAS)}")
            if (kind in CALLS) != (one.get("id") is not None):
                said = "a call has an id and a name" if kind in CALLS else "a text has no id"
                self.report(key, "E403", f"the frames of {kind} are not those of its kind", said)
            way = tuple(one.get(name).value for name in ("open", "grow", "at", "delta"))
            if way in ways:
                self.report(key, "E402", f"a {kind} could not be told from another kind", "both grow in the same field")
            ways.add(way)
            for name in ("open", "grow", "close"):
                if self._frame(one.get(name).value, one.get(name)):
                    self._path(one.get(name).value, index, "integer")
            for name in ("open", "grow"):
                if one.get(name).value in self.union.members and self._path(one.get(name).value, one.get("at"), "ref"):
                    self._held(one.get(name).value, one)

    def _held(self, frame: str, one: Node) -> None:
        """What stands in a frame of a block."""
        at_ = one.get("at").value
        self.said[frame].discard(tuple(at_.split(".")))
        for name in ("delta", "id", "name"):
            if one.get(name) is not None:
                self._path(frame, one.get(name), "string", at_)
        for name, word in one.get("const").value.items():
            field = self._path(frame, one.get("const").keys[name], "string", at_)
            if field and field.words:
                self.dialect.word(word.value, field.words, f"`{name}`", word)

    def _cited(self) -> None:
        if (cite := self.stream.get("cite")) is None:
            return
        for name in ("open", "close"):
            if self._frame(cite.get(name).value, cite.get(name)):
                self._path(cite.get(name).value, self.stream.get("index"), "integer")
        if cite.get("open").value in self.union.members and (
            field := self._path(cite.get("open").value, cite.get("at"), "ref")
        ):
            self.cites(field.type.option("ref").name, cite.get("at"))

    def _account(self) -> None:
        """Every frame, and every field of those that no lens reads, is spoken of."""
        for path, entry in self.wire_only.items():
            if path[0] not in self.union.members:
                hint = did_you_mean(path[0], self.union.members)
                self.report(entry.node, "E206", f"{self.union.name} has no member `{path[0]}`", hint)
            elif len(path) > 1:
                self.dialect.fields(self.wire, path[0], path[1:], entry.node)
            known = self.said.get(path[0], set()) if len(path) > 1 else self.used
            if (path[1:] if len(path) > 1 else path[0]) in known:
                self.report(entry.node, "E308", f"wire_only.{entry.policy} lists `{entry.name}`, which is read")
        for name in self.union.members:
            if name not in self.used and (name,) not in self.wire_only:
                self.report(
                    self.stream.keys["block"],
                    "E304",
                    f"{self.union.name}.{name} is neither in frames nor listed in wire_only",
                    fixes=[f"wire_only: {{drop: {{{name}: why it is safe}}}}"],
                )
            elif name in self.used and name not in self.dialect.mapping.lenses:
                said = self.said.get(name, set()) | {path[1:] for path in self.wire_only if path[0] == name}
                self._unsaid(self.wire.defs[name], said, (name,))

    def _unsaid(self, owner: Def, said: set[Steps], above: Steps) -> None:
        for field in owner.fields.values():
            inner = {path[1:] for path in said if path[0] == field.name}
            if not inner:
                self.unread(owner, [one for one in owner.fields if one != field.name], ".".join(above) + ".")
            elif () not in inner:
                self._unsaid(self.wire.defs[field.type.refs()[0]], inner, (*above, field.name))
