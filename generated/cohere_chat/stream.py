# Generated from specs/dialects/cohere_chat/mapping.yaml. Edit the spec, then `make generate`.
# section `stream`: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec import Raw
from msgspec.json import Decoder, Encoder

from generated import canonical as c
from generated.cohere_chat import wire as w
from generated.cohere_chat.response import (
    FINISH_REASON_LIFT,
    FINISH_REASON_LOWER,
    lift_citation,
    lift_usage,
    lower_citation,
    lower_usage,
)
from runtime.core.context import Context

DIALECT = "cohere-chat"


def lift_message_start(wire: w.MessageStart, ctx: Context) -> c.MessageStart:
    return c.MessageStart(
        id=wire.id,
    )


def lower_message_start(value: c.MessageStart, ctx: Context) -> w.MessageStart:
    if value.created is not None:
        ctx.lose(value, "created", "MessageStart.created")
    if value.service_tier is not None:
        ctx.lose(value, "service_tier", "MessageStart.service_tier")
    return w.MessageStart(
        id=value.id or ctx.mint("{id}"),
        delta=w.MessageStartBody(
            message=w.StartMessage(
                role="assistant",
            ),
        ),
    )


def lift_message_end(wire: w.MessageEnd, ctx: Context) -> c.CandidateStop:
    delta = wire.delta
    return c.CandidateStop(
        stop_reason=FINISH_REASON_LIFT.get(delta and delta.finish_reason, "other"),
        native_reason=delta and delta.finish_reason,
    )


def lower_message_end(value: c.CandidateStop, ctx: Context) -> w.MessageEnd:
    if value.stop_sequence is not None:
        ctx.lose(value, "stop_sequence", "MessageEnd.stop_sequence")
    delta_finish_reason = FINISH_REASON_LOWER.get(value.stop_reason)
    delta = w.MessageEndBody(finish_reason=delta_finish_reason) if delta_finish_reason is not None else None
    return w.MessageEnd(
        delta=delta,
    )


decode_frame = Decoder(w.StreamEvent).decode
encode_frame = Encoder().encode
DONE = b"[DONE]"  # some servers of this wire end with it
LOUD = (
    b'"message-start"',
    b'"message-end"',
)  # what tells a frame that is more than content


class StreamLifter:
    """Frames in, canonical events out. Each kind of block has frames of its own, counted apart from the others."""

    __slots__ = ("ctx", "ended", "index", "open", "text", "resting", "parts", "stopped", "usage")

    def __init__(self, ctx: Context):
        self.ctx = ctx
        self.ended = False
        self.index = -1  # of the last block that was opened
        self.open: dict[tuple[str, int | None], tuple[str, int]] = {}  # where and which -> kind and index of a block
        self.text: int | None = None  # the last text, which citations are of
        self.resting: int | None = None  # the same where the wire has closed it, and may still cite it
        self.parts: dict[int | None, int] = {}  # which block each part is that citations are counted in
        self.stopped: c.CandidateStop | None = None
        self.usage: c.Usage | None = None

    def feed(self, data: bytes, event: bytes = b"") -> list[c.Event]:
        if data == DONE:
            return self.eof()
        frame = self.ctx.decode(decode_frame, data)
        if frame is None or self.ended:  # of a kind that is not known, or behind the end
            return []
        kind, events = type(frame), []
        if kind is w.ContentDelta or kind is w.ContentStart:
            if (part := frame.delta and frame.delta.message and frame.delta.message.content) is not None:
                self.lift_content(part, frame.index, events)
        elif kind is w.ContentEnd:
            self.close("content", frame.index, events)
        elif kind is w.ToolCallDelta or kind is w.ToolCallStart:
            if (part := frame.delta and frame.delta.message and frame.delta.message.tool_calls) is not None:
                self.lift_tool_calls(part, frame.index, kind is w.ToolCallStart, events)
        elif kind is w.ToolCallEnd:
            self.close("tool_calls", frame.index, events)
        elif kind is w.ToolPlanDelta:
            if text := frame.delta and frame.delta.message and frame.delta.message.tool_plan:
                self.say("tool_plan_delta", None, "text", c.Text, text, events)
        elif kind is w.CitationStart:
            if (cited := frame.delta and frame.delta.message and frame.delta.message.citations) is not None and (
                citation := lift_citation(cited, self.ctx)
            ) is not None:
                if self.text is None:
                    self.begin("citation_start", None, "text", c.Text(""), events)
                if self.parts.get(citation.said_part, self.text) == self.text:
                    events.append(c.BlockDelta(self.text, "citation", None, None, citation))
                else:  # reasoning is not cited elsewhere, and a text that another has followed is over
                    self.ctx.left_in_stream("delta.message.citations", "CitationStart")
        elif kind is w.MessageStart:
            events.append(lift_message_start(frame, self.ctx))
        elif kind is w.MessageEnd:
            self.stopped = lift_message_end(frame, self.ctx)
            if (counts := frame.delta and frame.delta.usage) is not None:
                self.usage = lift_usage(counts, self.ctx)
            if failed := frame.delta and frame.delta.error:
                self.ended = True
                return [*events, c.StreamError(c.Error("internal", failed))]
            events += self.finish()
        return events

    def lift_content(self, part: w.StreamContent, number: int | None, events: list[c.Event]) -> None:
        if part.type == "text" if part.type else part.text is not None:
            self.say("content", number, "text", c.Text, part.text, events)
        if part.type == "thinking" if part.type else part.thinking is not None:
            self.say("content", number, "thinking", c.Thinking, part.thinking, events)

    def lift_tool_calls(self, part: w.StreamToolCall, number: int | None, opens: bool, events: list[c.Event]) -> None:
        known = self.open.get(("tool_calls", number))
        payload = part.function
        if known is None or opens:
            block = c.ToolCall(part.id or "", payload and payload.name or "", NO_INPUT)
            known = self.begin("tool_calls", number, "tool_call", block, events)
        if payload is not None and payload.arguments:
            events.append(c.BlockDelta(known[1], "json", None, payload.arguments))

    def say(
        self, track: str, number: int | None, kind: str, block: type, text: str | None, events: list[c.Event]
    ) -> None:
        """A piece of a text, which opens its block where nothing has."""
        known = self.open.get((track, number))
        if known is None or known[0] != kind:
            known = self.begin(track, number, kind, block(""), events)
        if text:
            events.append(c.BlockDelta(known[1], kind, None, text))

    def begin(
        self, track: str, number: int | None, kind: str, block: c.Block, events: list[c.Event]
    ) -> tuple[str, int]:
        """Opens a block. What stands there, and what nothing closes but another block, is over now."""
        self.close(track, number, events)
        self.close("tool_plan_delta", None, events)
        self.close("citation_start", None, events)
        self.rest(events)
        self.index += 1
        events.append(c.BlockStart(self.index, block))
        if kind == "text":
            self.text = self.index
        self.open[track, number] = kind, self.index
        if track == "content":
            self.parts[number] = self.index
        return kind, self.index

    def close(self, track: str, number: int | None, events: list[c.Event]) -> None:
        """Closes a block that is open there; a text rests first, for citations may follow it."""
        known = self.open.pop((track, number), None)
        if known is None:
            return
        if known[1] == self.text:
            self.resting = known[1]
        else:
            events.append(c.BlockStop(known[1]))

    def rest(self, events: list[c.Event]) -> None:
        if self.resting is not None:
            events.append(c.BlockStop(self.resting))
            self.resting = self.text = None

    def finish(self) -> list[c.Event]:
        """The message is over: closes what is open, then says why it stopped."""
        if self.ended:
            return []
        self.ended = True
        events: list[c.Event] = []
        for track, number in list(self.open):
            self.close(track, number, events)
        self.rest(events)
        if self.stopped is None or self.stopped.stop_reason is None:
            return [*events, *self.cut()]
        return [*events, self.stopped, c.MessageEnd(self.usage)]

    def eof(self) -> list[c.Event]:
        """The connection ended. Only `message-end` is an end."""
        return [] if self.ended else self.cut()

    def cut(self) -> list[c.Event]:
        self.ended = True
        return [c.StreamError(c.Error("truncated", "the upstream's stream ended before the answer was complete"))]


class StreamLowerer:
    """Canonical events in, frames out: (event name, payload) pairs. Blocks come one after another."""

    __slots__ = ("ctx", "kind", "counts", "number", "stop")

    def __init__(self, ctx: Context):
        self.ctx = ctx
        self.kind: type | None = None  # of the block that is open; None where this wire has no form for it
        self.counts: dict[str, int] = {}  # how many there have been, each kind of frames by itself
        self.number = 0  # of the block that is open, among those
        self.stop: c.CandidateStop | None = None

    def feed(self, event: c.Event) -> list[tuple[bytes, bytes]]:
        kind = type(event)
        if kind is c.BlockDelta:
            return self.lower_delta(event)
        if kind is c.BlockStart:
            return self.lower_start(event.block)
        if kind is c.BlockStop:
            return self.lower_stop()
        if kind is c.MessageStart:
            return self.frame(b"message-start", lower_message_start(event, self.ctx))
        if kind is c.CandidateStop:
            self.stop = event
            return []
        if kind is c.MessageEnd:
            frame = lower_message_end(self.stop or c.CandidateStop(stop_reason="end_turn"), self.ctx)
            frame.delta.usage = lower_usage(event.usage or c.Usage(), self.ctx)
            return self.frame(b"message-end", frame)
        if kind is c.StreamError:
            return self.frame(
                b"message-end", w.MessageEnd(delta=w.MessageEndBody(finish_reason="ERROR", error=event.error.message))
            )
        return []

    def frame(self, name: bytes, frame: w.StreamEvent) -> list[tuple[bytes, bytes]]:
        return [(name, encode_frame(frame))]

    def next(self, track: str) -> int:
        """The number of the next one."""
        self.number = self.counts.get(track, 0)
        self.counts[track] = self.number + 1
        return self.number

    def lower_start(self, block: c.Block) -> list[tuple[bytes, bytes]]:
        kind = self.kind = type(block)
        if kind in (c.Text, c.Refusal):
            return self.frame(
                b"content-start",
                w.ContentStart(
                    index=self.next("content"),
                    delta=w.ContentBody(message=w.ContentMessage(content=w.StreamContent(type="text", text=""))),
                ),
            )
        if kind is c.Thinking:
            return self.frame(
                b"content-start",
                w.ContentStart(
                    index=self.next("content"),
                    delta=w.ContentBody(
                        message=w.ContentMessage(content=w.StreamContent(type="thinking", thinking=""))
                    ),
                ),
            )
        if kind is c.ToolCall:
            return self.frame(
                b"tool-call-start",
                w.ToolCallStart(
                    index=self.next("tool_calls"),
                    delta=w.ToolCallBody(
                        message=w.ToolCallMessage(
                            tool_calls=w.StreamToolCall(
                                id=block.id, type="function", function=w.FunctionDelta(name=block.name, arguments="")
                            )
                        )
                    ),
                ),
            )
        self.kind = None
        self.ctx.lose_in_stream(block, LOST[kind])
        return []

    def lower_delta(self, event: c.BlockDelta) -> list[tuple[bytes, bytes]]:
        if self.kind is None:
            return []
        if event.kind in ("text", "refusal"):
            return self.frame(
                b"content-delta",
                w.ContentDelta(
                    index=self.number,
                    delta=w.ContentBody(message=w.ContentMessage(content=w.StreamContent(text=event.text))),
                ),
            )
        if event.kind == "thinking":
            return self.frame(
                b"content-delta",
                w.ContentDelta(
                    index=self.number,
                    delta=w.ContentBody(message=w.ContentMessage(content=w.StreamContent(thinking=event.text))),
                ),
            )
        if event.kind == "json":
            return self.frame(
                b"tool-call-delta",
                w.ToolCallDelta(
                    index=self.number,
                    delta=w.ToolCallBody(
                        message=w.ToolCallMessage(
                            tool_calls=w.StreamToolCall(function=w.FunctionDelta(arguments=event.text))
                        )
                    ),
                ),
            )
        if event.kind == "citation":
            if (cited := lower_citation(event.citation, self.ctx)) is None:
                return []
            number = self.counts["CitationStart"] = self.counts.get("CitationStart", -1) + 1
            opened = self.frame(
                b"citation-start",
                w.CitationStart(index=number, delta=w.CitationBody(message=w.CitationMessage(citations=cited))),
            )
            return opened + self.frame(b"citation-end", w.CitationEnd(index=number))
        self.ctx.lose_in_stream(event, "stream." + event.kind)
        return []

    def lower_stop(self) -> list[tuple[bytes, bytes]]:
        if self.kind in (
            c.Text,
            c.Refusal,
            c.Thinking,
        ):
            return self.frame(b"content-end", w.ContentEnd(index=self.number))
        if self.kind in (c.ToolCall,):
            return self.frame(b"tool-call-end", w.ToolCallEnd(index=self.number))
        return []


NO_INPUT = Raw(b"{}")
LOST = {
    c.SealedThinking: "stream.sealed_thinking",
    c.CustomCall: "stream.custom_call",
    c.Audio: "stream.audio",
    c.Image: "stream.image",
    c.Video: "stream.video",
    c.Document: "stream.document",
    c.SearchResult: "stream.search_result",
    c.ToolResult: "stream.tool_result",
    c.HostedCall: "stream.hosted_call",
    c.HostedResult: "stream.hosted_result",
    c.Unknown: "stream.unknown",
}
