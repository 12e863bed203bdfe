"""Streams that nest blocks as parts in items, number every frame, and say everything again when it is whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from generated import canonical as c
from runtime.core.context import CUTS, Context, Failed
from runtime.core.events import said_whole
from runtime.core.primitives import given, joined_logprobs

encode = msgspec.json.Encoder().encode
CUT = "the upstream's stream ended before the answer was complete"


class Growth(NamedTuple):
    """How blocks of one kind grow: the frames of a part, where there are parts, and of what is added to it."""

    block: type
    kind: str  # of the canonical delta
    delta: type
    done: type
    said: str  # the field of `done` and of a call's item that holds the whole text
    logprobs: str | None = None  # the field of `delta` and `done` that holds them
    lift_logprobs: Callable[[msgspec.Raw], msgspec.Raw | None] | None = None
    lower_logprobs: Callable[[msgspec.Raw], msgspec.Raw] | None = None
    inside: str | None = None  # the item's list of parts
    part: type | None = None
    index: str | None = None  # the field that counts them
    open: type | None = None
    close: type | None = None
    cite: type | None = None
    cited: str | None = None
    join: str = ""  # between parts that are one block


class Frames(NamedTuple):
    """A wire's frames: their types, and the names of their fields."""

    decode: Callable[[bytes], Any]
    number: str
    answer: str  # the field of a frame that holds the answer
    started: tuple[type, ...]
    ended: Mapping[str, type]  # by the answer's status
    failed: type
    error: type
    open: type
    close: type
    item: str
    part: str
    citation: str
    at: str  # the field that counts items
    id: str
    output: str  # the answer's field that holds the items
    usage: str  # the answer's field that holds the counts
    status: str
    during: str
    failure: str  # the answer's field that holds an error
    growths: Mapping[type, Growth]  # by canonical block
    reads: Mapping[type, tuple[Growth, str | None, bool]]  # frame -> growth, its counter, whether it is the whole


class Lenses(NamedTuple):
    """The generated functions that the machines go through."""

    lift_answer: Callable[[Any, Context], c.Response]
    lower_answer: Callable[[c.Response, Context], Any]
    lift_item: Callable[[Any, int, Context], list[Any]]
    lower_item: Mapping[str, Callable[[list[Any], Context], Any]]
    lift_citation: Callable[[Any, Context], c.Citation | None]
    lower_citation: Callable[[c.Citation, Context], Any]
    lift_error: Callable[[Any, Context], c.Error]
    lower_error: Callable[[c.Error, Context], Any]
    lower_failure: Callable[[c.Error, Context], Any]


class Opened:
    """A block of a stream that is being read: its number, and the texts and citations that were said of it."""

    __slots__ = ("cited", "growth", "index", "part", "texts")

    def __init__(self, index: int, growth: Growth, part: int) -> None:
        self.index, self.growth, self.part = index, growth, part
        self.texts: list[str] = []
        self.cited = 0


class Item:
    """An item of a stream that is being read: as it was opened, its blocks, and its parts of which nothing was said yet."""

    __slots__ = ("blocks", "silent", "wire")

    def __init__(self, wire: Any) -> None:
        self.wire = wire
        self.blocks: dict[Any, Opened] = {}
        self.silent: list[tuple[Growth, int]] = []


class ItemLifter:
    """Frames in, canonical events out. What a frame says again completes what was said before."""

    def __init__(self, ctx: Context, frames: Frames, lenses: Lenses) -> None:
        self.ctx, self.frames, self.lenses = ctx, frames, lenses
        self.index = -1
        self.started = self.ended = self.seen = False
        self.items: dict[Any, Item] = {}  # those that are open
        self.places: dict[str, Any] = {}  # item id -> its key in `items`
        self.closed: set[Any] = set()  # the keys of those that were
        self.last: Any = None

    def feed(self, data: bytes, event: bytes = b"") -> list[c.Event]:
        if data == b"[DONE]":  # some send it after the last frame
            return []
        frame = self.ctx.decode(self.frames.decode, data)
        if frame is None:  # of a kind that is not known
            return []
        try:
            return self._read(frame)
        except Failed as failed:
            self.ended = True
            return [c.StreamError(failed.error)]

    def _read(self, frame: Any) -> list[c.Event]:
        kind, frames = type(frame), self.frames
        if (read := frames.reads.get(kind)) is not None:
            return self._grow(frame, *read)
        if kind is frames.open:
            item = getattr(frame, frames.item)
            self.last = getattr(frame, frames.at) if getattr(frame, frames.at) is not None else item.id
            self.items[self.last] = Item(item)
            self.places[item.id] = self.last
            self.seen = True
            return []
        if kind is frames.close:
            return self._close(frame)
        for growth in frames.growths.values():
            if kind is growth.open and type(getattr(frame, frames.part)) is growth.part:
                if (place := self._place(frame)) is not None:
                    place.silent.append((growth, getattr(frame, growth.index) or 0))
                return []
            if kind is growth.cite:
                return self._cite(frame, growth)
        if kind in frames.started:
            return self._start(getattr(frame, frames.answer))
        if kind in frames.ended.values():
            return self._end(getattr(frame, frames.answer))
        if kind is frames.failed:
            self.lenses.lift_answer(getattr(frame, frames.answer), self.ctx)
            self.ended = True
            return [c.StreamError(c.Error("internal", "the answer broke off"))]
        if kind is frames.error:
            self.ended = True
            return [c.StreamError(self.lenses.lift_error(frame, self.ctx))]
        return []

    def _start(self, answer: Any) -> list[c.Event]:
        if self.started:
            return []
        self.started = True
        value = self.lenses.lift_answer(answer, self.ctx)
        return [c.MessageStart(value.id, value.created, value.model, value.usage, value.service_tier)]

    def _place(self, frame: Any) -> Item | None:
        at = getattr(frame, self.frames.at)
        if at is None:
            at = self.places.get(getattr(frame, self.frames.id), self.last)
        return self.items.get(at)

    def _open(self, frame: Any, growth: Growth, counter: str | None, events: list[c.Event]) -> Opened | None:
        """The block that a frame speaks of; opened, if it is the first."""
        item = self._place(frame)
        if item is None and growth.inside is not None:
            item = self._unannounced(frame)
        if item is None:
            return None
        return self._part(item, growth, (getattr(frame, counter) or 0) if counter else 0, events)

    def _unannounced(self, frame: Any) -> Item | None:
        """An item that no frame has opened: some engines send only what it says."""
        at = getattr(frame, self.frames.at)
        at = at if at is not None else getattr(frame, self.frames.id)
        if at in self.closed:
            return None
        self.last, self.seen = at, True
        return self.items.setdefault(at, Item(None))

    def _part(self, item: Item, growth: Growth, part: int, events: list[c.Event]) -> Opened | None:
        """The block of a part; those before it, of which nothing was said, open first."""
        while item.silent and (growth.block, 0 if growth.join else part) not in item.blocks:
            self._begin(item, *item.silent.pop(0), events)
        return self._begin(item, growth, part, events)

    def _begin(self, item: Item, growth: Growth, part: int, events: list[c.Event]) -> Opened | None:
        """The block of a part, opened if it is not."""
        key = (growth.block, 0 if growth.join else part)
        if (known := item.blocks.get(key)) is not None:
            return known
        if growth.inside is None:  # a call: its item says which
            block = next((b for b in self.lenses.lift_item(item.wire, 0, self.ctx) if type(b) is growth.block), None)
            if block is None:
                return None
            if growth.kind == "custom":
                block.input = ""
        else:
            block = growth.block("")
        self.index += 1
        known = item.blocks[key] = Opened(self.index, growth, part)
        events.append(c.BlockStart(self.index, block, 0))
        return known

    def _grow(self, frame: Any, growth: Growth, counter: str | None, whole: bool) -> list[c.Event]:
        events: list[c.Event] = []
        known = self._open(frame, growth, counter, events)
        if known is None:
            return []
        if whole and not growth.join:
            return events + self._complete(known, getattr(frame, growth.said))
        if whole:
            return events
        part = (getattr(frame, counter) or 0) if counter else 0
        text = frame.delta
        if part != known.part:  # another part of the same
            text, known.part = growth.join + text, part
        known.texts.append(text)
        said = given(getattr(frame, growth.logprobs or "", None))
        logprobs = said and growth.lift_logprobs(said)
        return [*events, c.BlockDelta(known.index, growth.kind, 0, text, None, logprobs)]

    def _complete(self, known: Opened, text: str | None) -> list[c.Event]:
        """What the whole text has beyond the parts that were said."""
        said = "".join(known.texts)
        if not text or len(text) <= len(said) or not text.startswith(said):
            return []
        known.texts.append(text[len(said) :])
        return [c.BlockDelta(known.index, known.growth.kind, 0, text[len(said) :])]

    def _cite(self, frame: Any, growth: Growth) -> list[c.Event]:
        events: list[c.Event] = []
        known = self._open(frame, growth, growth.index, events)
        said = getattr(frame, self.frames.citation)
        if known is None or said is None:
            return []
        known.cited += 1
        citation = self.lenses.lift_citation(said, self.ctx)
        return [*events, c.BlockDelta(known.index, "citation", 0, None, citation)] if citation is not None else events

    def _close(self, frame: Any) -> list[c.Event]:
        """An item is whole: it completes its blocks, or says them all at once."""
        item, at = getattr(frame, self.frames.item), getattr(frame, self.frames.at)
        at = at if at is not None else self.places.get(item.id, self.last)
        opened = self.items.pop(at, None)
        self.closed.add(at)
        self.seen = True
        blocks = self.lenses.lift_item(item, 0, self.ctx)
        if opened is None or not opened.blocks:
            return self._whole(blocks)
        events: list[c.Event] = []
        for growth, part in opened.silent:
            self._begin(opened, growth, part, events)
        for known in opened.blocks.values():
            block = next((one for one in blocks if type(one) is known.growth.block), None)
            if block is not None:
                blocks.remove(block)
                text = bytes(block.input).decode("utf-8", "surrogatepass") if known.growth.kind == "json" else None
                events += self._complete(known, text or getattr(block, "text", None) or getattr(block, "input", None))
                for citation in (getattr(block, "citations", None) or [])[known.cited :]:
                    events.append(c.BlockDelta(known.index, "citation", 0, None, citation))
                if getattr(block, "signature", None):
                    events.append(c.BlockDelta(known.index, "signature", 0, block.signature))
            events.append(c.BlockStop(known.index, 0))
        return events

    def _whole(self, blocks: list[Any]) -> list[c.Event]:
        events: list[c.Event] = []
        for block in blocks:
            self.index += 1
            events += said_whole(block, self.index, 0)
        return events

    def _end(self, answer: Any) -> list[c.Event]:
        self.ended = True
        value = self.lenses.lift_answer(answer, self.ctx)
        candidate = value.candidates[0]
        events: list[c.Event] = [
            c.BlockStop(one.index, 0) for item in self.items.values() for one in item.blocks.values()
        ]
        if not self.seen:
            events += self._whole(candidate.blocks or [])
        if value.usage is not None:
            events.append(c.UsageSeen(value.usage))
        return [
            *events,
            c.CandidateStop(0, candidate.stop_reason, candidate.native_reason),
            c.MessageEnd(value.usage, value.service_tier),
        ]

    def eof(self) -> list[c.Event]:
        """The connection ended: before the last frame, that is a cut."""
        if self.ended:
            return []
        self.ended = True
        return [c.StreamError(c.Error("truncated", CUT))]


class ItemLowerer:
    """Canonical events in, frames out. Blocks come one after another; neighbours of a message are parts of one item."""

    def __init__(self, ctx: Context, frames: Frames, lenses: Lenses) -> None:
        self.ctx, self.frames, self.lenses = ctx, frames, lenses
        self.number = 0
        self.answer: Any = None  # as it was started
        self.start = c.MessageStart()
        self.done: list[Any] = []  # items that are whole
        self.lost: set[int] = set()  # blocks that this wire has no form for
        self.role, self.run = "", []  # the item that is open, and its blocks
        self.id: str | None = None
        self.texts: list[str] = []
        self.logprobs: list[msgspec.Raw] = []
        self.stop = c.CandidateStop(stop_reason="end_turn")

    def feed(self, event: c.Event) -> list[tuple[bytes, bytes]]:
        match event:
            case c.BlockDelta():
                return self._delta(event)
            case c.BlockStart():
                return self._open(event)
            case c.BlockStop():
                return self._whole() if event.index not in self.lost and self.run else []
            case c.MessageStart():
                self.start, self.ctx.answering = event, True
                self.answer = self._answer([], None)
                setattr(self.answer, self.frames.status, self.frames.during)
                return [self._frame(one, **{self.frames.answer: self.answer}) for one in self.frames.started]
            case c.CandidateStop():
                self.stop = event
            case c.MessageEnd():
                out = self._close(self.stop.stop_reason in CUTS)
                self.start.service_tier = event.service_tier
                answer = self._answer(self.done, event.usage or c.Usage())
                kind = self.frames.ended[getattr(answer, self.frames.status)]
                return [*out, self._frame(kind, **{self.frames.answer: answer})]
            case c.StreamError():
                return [self._fail(event.error)]
        return []

    def _frame(self, kind: type, **fields: Any) -> tuple[bytes, bytes]:
        fields[self.frames.number] = self.number
        self.number += 1
        return kind.__struct_config__.tag.encode(), encode(kind(**fields))

    def _answer(self, items: list[Any], usage: c.Usage | None) -> Any:
        """The answer so far, or as it ended."""
        start, stop = self.start, self.stop
        candidate = c.Candidate(0, [], stop.stop_reason, stop.native_reason, stop.stop_sequence)
        value = c.Response(start.id, start.created, start.model, [candidate], usage, start.service_tier)
        answer = self.lenses.lower_answer(value, self.ctx)
        if self.answer is not None:
            answer.id = self.answer.id
        setattr(answer, self.frames.output, items)
        if usage is None:  # not counted yet, where a whole answer says 0
            setattr(answer, self.frames.usage, None)
        return answer

    def _here(self) -> dict[str, Any]:
        """How frames name the open item."""
        return {self.frames.at: len(self.done), self.frames.id: self.id}

    def _item(self, blocks: list[Any]) -> Any:
        item = self.lenses.lower_item[self.role](blocks, self.ctx)
        if item is not None and self.id is not None:
            item.id = self.id
        return item

    def _open(self, event: c.BlockStart) -> list[tuple[bytes, bytes]]:
        block, frames = event.block, self.frames
        kind = type(block).__struct_config__.tag
        role = kind if kind in self.ctx.target.TURNS["alone"] else "assistant"
        growth = frames.growths.get(type(block))
        out = self._close() if self.run and (role != self.role or role != "assistant") else []
        self.texts, self.logprobs = [], []
        if not self.run:
            self.role, self.id = role, None
            block.role = "assistant"
            if (item := self._item([block])) is None:
                self.lost.add(event.index)
                return out
            self.id = getattr(item, "id", None)
            if growth is not None:
                setattr(item, growth.inside or growth.said, [] if growth.inside else "")
            if getattr(item, frames.status, None) is not None:
                setattr(item, frames.status, frames.during)
            out.append(self._frame(frames.open, **{frames.at: len(self.done), frames.item: item}))
        self.run.append(block)
        if growth is None:
            out += self._close()
        elif growth.inside is not None:
            part = getattr(self._item([block]), growth.inside)[0]
            out.append(self._frame(growth.open, **self._here(), **self._count(growth), **{frames.part: part}))
        return out

    def _count(self, growth: Growth) -> dict[str, Any]:
        """How frames name the open part."""
        return {growth.index: len(self.run) - 1} if growth.index else {}

    def _delta(self, event: c.BlockDelta) -> list[tuple[bytes, bytes]]:
        if event.index in self.lost or not self.run:
            return []
        block = self.run[-1]
        growth = self.frames.growths[type(block)]
        if event.kind == "signature":
            block.signature, block.origin = (block.signature or "") + event.text, self.ctx.source.DIALECT
            return []
        if event.kind == "citation":
            block.citations = [*(block.citations or ()), event.citation]
            said = self.lenses.lower_citation(event.citation, self.ctx) if growth.cite else None
            if said is None:
                return []
            counted = {growth.cited: len(block.citations) - 1, self.frames.citation: said}
            return [self._frame(growth.cite, **self._here(), **self._count(growth), **counted)]
        self.texts.append(event.text)
        said = self._chances(growth, event.logprobs)
        if event.logprobs is not None and said:
            self.logprobs.append(event.logprobs)
        return [self._frame(growth.delta, **self._here(), **self._count(growth), **said, delta=event.text)]

    def _chances(self, growth: Growth, logprobs: msgspec.Raw | None) -> dict[str, Any]:
        """How a frame says log probabilities; an empty list where there are none."""
        if growth.logprobs is None:
            return {}
        return {growth.logprobs: [] if logprobs is None else growth.lower_logprobs(logprobs)}

    def _said(self) -> str:
        """What was said of the last block, which has it from here on."""
        block, text = self.run[-1], "".join(self.texts)
        if type(block) is c.ToolCall:
            block.input = msgspec.Raw(text.encode("utf-8", "surrogatepass"))
        elif type(block) is c.CustomCall:
            block.input = text
        else:
            block.text = text
            if self.logprobs:
                block.logprobs = joined_logprobs(self.logprobs)
        return text

    def _whole(self) -> list[tuple[bytes, bytes]]:
        """The block is whole: what it says is said again."""
        block, text = self.run[-1], self._said()
        growth = self.frames.growths[type(block)]
        named = {"name": block.name} if "name" in growth.done.__struct_fields__ else {}
        here = self._here() | self._count(growth)
        out = [
            self._frame(
                growth.done,
                **here,
                **self._chances(growth, getattr(block, "logprobs", None)),
                **named,
                **{growth.said: text},
            )
        ]
        if growth.inside is not None:
            part = getattr(self._item([block]), growth.inside)[0]
            out.append(self._frame(growth.close, **here, **{self.frames.part: part}))
        return out

    def _close(self, cut: bool = False) -> list[tuple[bytes, bytes]]:
        """The open item, which is whole unless the answer was cut off in it: that is known when something follows."""
        if not self.run:
            return []
        self.ctx.cut = cut
        item, self.run = self._item(self.run), []
        self.ctx.cut = False
        frame = self._frame(self.frames.close, **{self.frames.at: len(self.done), self.frames.item: item})
        self.done.append(item)
        return [frame]

    def _fail(self, error: c.Error) -> tuple[bytes, bytes]:
        if self.answer is None:
            frame = self.lenses.lower_error(error, self.ctx)
            setattr(frame, self.frames.number, self.number)
            return frame.__struct_config__.tag.encode(), encode(frame)
        if self.run:
            self._said()
            self._close(cut=True)  # without its frame: whoever reads that acts on the item
        answer = self._answer(self.done, None)
        setattr(answer, self.frames.failure, self.lenses.lower_failure(error, self.ctx))
        setattr(answer, self.frames.status, "failed")
        return self._frame(self.frames.failed, **{self.frames.answer: answer})
