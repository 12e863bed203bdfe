"""Streams whose every frame is a small answer: the same lens reads and writes frame and whole answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from generated import canonical as c
from runtime.core import tolerant
from runtime.core.context import Context
from runtime.core.events import whole
from runtime.core.primitives import given, latest

encode = msgspec.json.Encoder().encode
TEXTS = {c.Text: "text", c.Thinking: "thinking", c.Refusal: "refusal"}
BLOCKS = {word: kind for kind, word in TEXTS.items()}


class PartialLifter:
    """Small answers in, canonical events out. Text goes on in the block that is open; another kind closes it."""

    done: bytes | None = None  # what ends the stream, where the end of the connection does not

    def __init__(
        self, ctx: Context, decode: Callable, lift: Callable, decode_error: Callable, lift_error: Callable
    ) -> None:
        self.ctx, self.lift, self.lift_error = ctx, lift, lift_error
        self.decode, self.decode_error = decode, decode_error
        self.started = self.ended = False
        self.index = -1
        self.open: dict[int, tuple[type, int]] = {}  # candidate -> kind and index of its open block
        self.stops: dict[int, c.CandidateStop] = {}
        self.usage: c.Usage | None = None
        self.tier: str | None = None

    def feed(self, data: bytes, event: bytes = b"") -> list[Any]:
        if data == self.done:
            return self.eof()
        frame = self.ctx.decode(self.decode, data)
        if frame.error is not None:
            wire = tolerant.decode(self.decode_error, data, lambda path, what: None)
            return [c.StreamError(self.lift_error(wire, self.ctx))]
        answer = self.lift(frame, self.ctx)
        events: list[Any] = []
        if not self.started:
            self.started = True
            events.append(c.MessageStart(answer.id, answer.created, answer.model, None, answer.service_tier))
        for candidate in answer.candidates or ():
            number = candidate.index or 0
            logprobs = given(candidate.logprobs)
            for block in candidate.blocks or ():
                self._block(block, number, logprobs, events)
                logprobs = None
            if candidate.stop_reason is not None:
                stop = c.CandidateStop(number, candidate.stop_reason, candidate.native_reason, candidate.stop_sequence)
                self.stops[number] = stop
        self.tier = answer.service_tier or self.tier
        if answer.usage is not None:
            self.usage = latest(self.usage, answer.usage)
            events.append(c.UsageSeen(self.usage))
        return events

    def _block(self, block: Any, candidate: int, logprobs: msgspec.Raw | None, events: list[Any]) -> None:
        kind = type(block)
        if kind in TEXTS:
            signature, citations = getattr(block, "signature", None), getattr(block, "citations", None)
            if not block.text and not signature and not citations:
                return
            if self.open.get(candidate, (None, 0))[0] is not kind:
                self._close(candidate, events)
                self.index += 1
                self.open[candidate] = (kind, self.index)
                events.append(c.BlockStart(self.index, kind(""), candidate))
            index = self.open[candidate][1]
            if block.text:
                events.append(c.BlockDelta(index, TEXTS[kind], candidate, block.text, None, logprobs))
            if signature:
                events.append(c.BlockDelta(index, "signature", candidate, signature))
            events += [c.BlockDelta(index, "citation", candidate, None, citation) for citation in citations or ()]
            return
        self._close(candidate, events)
        self.index += 1
        events += [c.BlockStart(self.index, block, candidate), c.BlockStop(self.index, candidate)]

    def _close(self, candidate: int, events: list[Any]) -> None:
        if (known := self.open.pop(candidate, None)) is not None:
            events.append(c.BlockStop(known[1], candidate))

    def eof(self) -> list[Any]:
        """The connection ended: after a stop reason that is the end, before it the answer was cut."""
        if self.ended:
            return []
        self.ended = True
        if not self.stops:  # and what was open stays so
            return [c.StreamError(c.Error("truncated", "the upstream's stream ended before the answer was complete"))]
        events: list[Any] = []
        for candidate in list(self.open):
            self._close(candidate, events)
        return [*events, *self.stops.values(), c.MessageEnd(self.usage, self.tier)]


class PartialLowerer:
    """Canonical events in, small answers out. A call is written whole, when its input is."""

    done: bytes | None = None
    pings = True
    cites = False

    def __init__(
        self, ctx: Context, lower: Callable, lower_error: Callable, mint: str | None, statuses: Mapping[str, int]
    ) -> None:
        self.ctx, self.lower, self.lower_error, self.mint = ctx, lower, lower_error, mint
        self.statuses = statuses
        self.start = c.MessageStart()
        self.calls: dict[int, tuple[Any, list[str]]] = {}
        self.stops: list[c.CandidateStop] = []

    def feed(self, event: Any) -> list[tuple[bytes, bytes]]:
        match event:
            case c.MessageStart():
                number = event.id or self.mint and self.ctx.mint(self.mint)
                self.start = c.MessageStart(
                    number, event.created or self.ctx.now, event.model, service_tier=event.service_tier
                )
            case c.BlockDelta(kind="text" | "thinking" | "refusal"):
                return self._say(BLOCKS[event.kind](event.text), event.candidate, event.logprobs)
            case c.BlockDelta(kind="signature"):
                return self._say(c.Thinking("", event.text, self.ctx.source.DIALECT), event.candidate)
            case c.BlockDelta(kind="json" | "custom"):
                self.calls[event.index][1].append(event.text)
            case c.BlockDelta(kind="citation") if self.cites:
                return self._say(c.Text("", citations=[event.citation]), event.candidate)
            case c.BlockDelta():
                self.ctx.lose_in_stream(event, f"stream.{event.kind}")
            case c.BlockStart():
                if type(event.block) not in TEXTS:
                    self.calls[event.index] = (event.block, [])
            case c.BlockStop():
                if (known := self.calls.pop(event.index, None)) is not None:
                    block, parts = known
                    if parts and type(block) is c.ToolCall:
                        block.input = msgspec.Raw("".join(parts).encode("utf-8", "surrogatepass"))
                    elif parts and type(block) is c.CustomCall:
                        block.input += "".join(parts)
                    if not whole(block, self.ctx):
                        return []
                    said, nothing = (
                        self._say(block, event.candidate),
                        self._frame([c.Candidate(event.candidate or 0, [])], None),
                    )
                    return said if said != [nothing] else []  # a kind that this wire has no place for
            case c.CandidateStop():
                self.stops.append(event)
            case c.MessageEnd():
                self.start.service_tier = event.service_tier
                stops = self.stops or [c.CandidateStop(stop_reason="end_turn")]
                last = [
                    c.Candidate(s.candidate or 0, [], s.stop_reason, s.native_reason, s.stop_sequence) for s in stops
                ]
                return [*self._end(last, event.usage), *([(b"", self.done)] if self.done else [])]
            case c.Ping() if self.pings:  # an answer in which nothing stands
                return [self._frame([c.Candidate(0, [])], None)]
            case c.StreamError():
                event.error.status = event.error.status or self.statuses.get(event.error.kind, 500)
                return [(b"", encode(self.lower_error(event.error, self.ctx)))]
        return []

    def counted(self) -> bool | None:
        """None: the last frame has the counts. Else whether they have one of their own."""
        return None

    def _end(self, last: list[c.Candidate], usage: c.Usage | None) -> list[tuple[bytes, bytes]]:
        counted = self.counted()
        frames = [self._frame(last, usage if counted is None else None)]
        return [*frames, self._frame([], usage)] if counted and usage is not None else frames

    def _say(self, block: Any, candidate: int | None, logprobs: msgspec.Raw | None = None) -> list[tuple[bytes, bytes]]:
        block.role, block.turn, block.part = "assistant", 0, 0
        return [self._frame([c.Candidate(candidate or 0, [block], logprobs=logprobs)], None)]

    def _frame(self, candidates: list[c.Candidate], usage: c.Usage | None) -> tuple[bytes, bytes]:
        start = self.start
        answer = c.Response(start.id, start.created, start.model, candidates, usage, start.service_tier)
        return b"", encode(self.lower(answer, self.ctx))
