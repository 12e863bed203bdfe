# Generated from specs/dialects/mistral_fim/mapping.yaml. Edit the spec, then `make generate`.
# section `stream`: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec import Raw
from msgspec.json import Decoder, Encoder

from generated import canonical as c
from generated.mistral_fim import wire as w
from generated.mistral_fim.response import (
    FINISH_REASON_LIFT,
    FINISH_REASON_LOWER,
    lift_content_part,
    lift_error_envelope,
    lift_usage,
    lower_error_envelope,
    lower_usage,
)
from runtime.core.context import Context
from runtime.core.primitives import given, numbered_tokens

DIALECT = "mistral-fim"


decode_frame = Decoder(w.FimChunk).decode
encode_frame = Encoder().encode
DONE = b"[DONE]"
UNREAD = ("p",)  # what is told of once, and then means nothing
LOUD = (b'"usage"', b'"error"', b'"finish_reason"', DONE)  # what tells a frame that is more than content


class StreamLifter:
    """Frames in, canonical events out. A first delta opens a block; another kind, or the end, closes it."""

    __slots__ = ("ctx", "started", "ended", "index", "texts", "calls", "unnamed", "stops", "usage")

    def __init__(self, ctx: Context):
        self.ctx = ctx
        self.started = self.ended = False
        self.index = -1  # of the last block that was opened
        self.texts: dict[int, tuple[str, int]] = {}  # candidate -> kind and index of its open text block
        self.calls: dict[
            tuple, tuple[int, str | None, type]
        ] = {}  # (candidate, wire index) -> index, id and kind of a call
        self.unnamed: dict[
            tuple, tuple[str | None, str]
        ] = {}  # the same key -> id and input of a call without a name yet
        self.stops: dict[int, c.CandidateStop] = {}
        self.usage: c.Usage | None = None

    def feed(self, data: bytes, event: bytes = b"") -> list[c.Event]:
        if data == DONE:
            return self.finish()
        frame = self.ctx.decode(decode_frame, data)
        events: list[c.Event] = []
        if frame.error is not None:
            error = frame.error
            failed = (
                c.Error(kind="internal", message=error) if type(error) is str else lift_error_envelope(error, self.ctx)
            )
            return [c.StreamError(error=failed)]
        if not self.started:
            self.started = True
            events.append(
                c.MessageStart(
                    id=frame.id,
                    created=frame.created,
                    model=frame.model,
                )
            )
        if frame.p is not None:
            self.ctx.left_in_stream("p", "stream.p")
        if frame.usage is not None:
            self.usage = lift_usage(frame.usage, self.ctx)
            events.append(c.UsageSeen(usage=self.usage))
        for choice in frame.choices or ():
            candidate = choice.index or 0
            delta, logprobs = choice.delta, given(choice.logprobs)
            logprobs = None if logprobs is None else numbered_tokens.lift(logprobs)
            if delta is not None:
                if type(delta.content) is list:
                    for part in delta.content:
                        self.lift_part(lift_content_part(part, self.ctx), candidate, logprobs, events)
                        logprobs = None
                elif text := delta.content:
                    index = self.open(candidate, "text", c.Text, events)
                    events.append(c.BlockDelta(index, "text", candidate, text, None, logprobs))
            if choice.finish_reason:
                self.stops[candidate] = c.CandidateStop(
                    candidate, FINISH_REASON_LIFT.get(choice.finish_reason, "other"), choice.finish_reason
                )
        return events

    def lift_part(self, block: c.Block | None, candidate: int, logprobs: Raw | None, events: list[c.Event]) -> None:
        """One of several parts in a delta. Text goes on in the block that is open."""
        if type(block) in PARTS:
            kind = PARTS[type(block)]
            index = self.open(candidate, kind, type(block), events)
            events.append(c.BlockDelta(index, kind, candidate, block.text, None, logprobs))
            if getattr(block, "signature", None):
                events.append(c.BlockDelta(index, "signature", candidate, block.signature))
        elif block is not None:
            self.close_text(candidate, events)
            self.index += 1
            events += [c.BlockStart(self.index, block, candidate), c.BlockStop(self.index, candidate)]

    def open(self, candidate: int, kind: str, block: type, events: list[c.Event]) -> int:
        known = self.texts.get(candidate)
        if known is not None and known[0] == kind:
            return known[1]
        self.close_text(candidate, events)
        self.index += 1
        self.texts[candidate] = (kind, self.index)
        events.append(c.BlockStart(self.index, block(""), candidate))
        return self.index

    def close_text(self, candidate: int, events: list[c.Event]) -> None:
        known = self.texts.pop(candidate, None)
        if known is not None:
            events.append(c.BlockStop(known[1], candidate))

    def finish(self) -> list[c.Event]:
        """The message is over: closes what is open, then says why each candidate stopped."""
        if self.ended:
            return []
        self.ended = True
        events: list[c.Event] = []
        for candidate in list(self.texts):
            self.close_text(candidate, events)
        for (candidate, _), (index, _, _) in self.calls.items():
            events.append(c.BlockStop(index, candidate))
        return [*events, *self.stops.values(), c.MessageEnd(self.usage)] if self.stops else [*events, *self.cut()]

    def eof(self) -> list[c.Event]:
        """The connection ended. A stop reason is an end, even without `[DONE]`."""
        if self.ended:
            return []
        return self.finish() if self.stops else self.cut()

    def cut(self) -> list[c.Event]:
        self.ended = True
        return [c.StreamError(c.Error("truncated", "the upstream's stream ended before the answer was complete"))]


class StreamLowerer:
    """Canonical events in, frames out: (event name, payload) pairs."""

    __slots__ = ("ctx", "start", "kinds", "ordinals", "counts", "opened", "stops")

    def __init__(self, ctx: Context):
        self.ctx = ctx
        self.start: dict[str, object] = {}
        self.kinds: dict[int, type] = {}  # open block -> its kind
        self.ordinals: dict[int, int] = {}  # canonical index of a call -> its number among the candidate's calls
        self.counts: dict[int, int] = {}  # candidate -> how many calls it has
        self.opened: set[int] = set()  # candidates that have had their first frame
        self.stops: list[c.CandidateStop] = []  # of the candidates that have ended

    def feed(self, event: c.Event) -> list[tuple[bytes, bytes]]:
        kind = type(event)
        if kind is c.BlockDelta:
            return self.lower_delta(event)
        if kind is c.BlockStart:
            return self.lower_start(event)
        if kind is c.MessageStart:
            self.start = {
                "id": event.id or self.ctx.mint("{id}"),
                "object": "chat.completion.chunk",
                "created": event.created or self.ctx.now,
                "model": event.model,
            }
            if event.service_tier is not None:
                self.ctx.lose(event, "service_tier", "stream.service_tier")
            return self.first(0)
        if kind is c.CandidateStop:
            self.stops.append(event)
            return self.first(event.candidate or 0)
        if kind is c.MessageEnd:
            frames = []
            for stop in self.stops:  # the last of them has the counts
                counts = event.usage if stop is self.stops[-1] else None
                frames.append(
                    self.frame(stop.candidate or 0, w.Delta(), FINISH_REASON_LOWER[stop.stop_reason], None, counts)
                )
            return [*frames, (b"", DONE)]
        if kind is c.StreamError:
            return [(b"", encode_frame(w.FimChunk(error=lower_error_envelope(event.error, self.ctx))))]
        return []

    def lower_start(self, event: c.BlockStart) -> list[tuple[bytes, bytes]]:
        block, candidate = event.block, event.candidate or 0
        kind = self.kinds[event.index] = type(block)
        if kind in LOST:
            self.ctx.lose_in_stream(block, LOST[kind])
        return self.first(candidate)

    def lower_delta(self, event: c.BlockDelta) -> list[tuple[bytes, bytes]]:
        kind, candidate = event.kind, event.candidate or 0
        if kind == "text":
            return [self.frame(candidate, w.Delta(content=event.text), logprobs=event.logprobs)]
        if kind == "refusal":
            return [self.frame(candidate, w.Delta(content=event.text), logprobs=event.logprobs)]
        if kind in ("signature", "citation"):
            self.ctx.lose_in_stream(event, "stream." + kind)
        return []

    def first(self, candidate: int) -> list[tuple[bytes, bytes]]:
        """A candidate's first frame says who speaks."""
        if candidate in self.opened:
            return []
        self.opened.add(candidate)
        return [
            self.frame(
                candidate,
                w.Delta(
                    role="assistant",
                    content="",
                ),
            )
        ]

    def frame(
        self,
        candidate: int,
        delta: w.Delta,
        stop: str | None = None,
        logprobs: Raw | None = None,
        usage: c.Usage | None = None,
    ) -> tuple[bytes, bytes]:
        logprobs = None if logprobs is None else numbered_tokens.lower(logprobs)
        choice = w.ChunkChoice(index=candidate, delta=delta, finish_reason=stop, logprobs=logprobs)
        counts = None if usage is None else lower_usage(usage, self.ctx)
        return b"", encode_frame(w.FimChunk(choices=[choice], usage=counts, **self.start))


PARTS = {c.Text: "text", c.Thinking: "thinking"}  # parts that grow, and the kind of their deltas
LOST = {
    c.Thinking: "stream.thinking",
    c.SealedThinking: "stream.sealed_thinking",
    c.ToolCall: "stream.tool_call",
    c.CustomCall: "stream.custom_call",
    c.Image: "stream.image",
    c.Audio: "stream.audio",
    c.Video: "stream.video",
    c.Document: "stream.document",
    c.SearchResult: "stream.search_result",
    c.ToolResult: "stream.tool_result",
    c.HostedCall: "stream.hosted_call",
    c.HostedResult: "stream.hosted_result",
    c.Unknown: "stream.unknown",
}
