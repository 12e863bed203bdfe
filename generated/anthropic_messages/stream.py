# Generated from specs/dialects/anthropic_messages/mapping.yaml. Edit the spec, then `make generate`.
# section `stream`: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder, Encoder

from generated import canonical as c
from generated.anthropic_messages import wire as w
from generated.anthropic_messages.request import lift_citation, lift_content_block, lower_citation, lower_content_block
from generated.anthropic_messages.response import (
    ERROR_KIND_LIFT,
    ERROR_KIND_LOWER,
    STATUS_LIFT,
    STOP_REASON_LIFT,
    STOP_REASON_LOWER,
    lift_message,
    lower_message,
)
from runtime.core.context import Context
from runtime.core.primitives import Ways, latest, total

DIALECT = "anthropic-messages"


def lift_content_block_start(wire: w.ContentBlockStart, ctx: Context) -> c.BlockStart:
    return c.BlockStart(
        index=wire.index,
        block=lift_content_block(wire.content_block, ctx),
    )


def lower_content_block_start(value: c.BlockStart, ctx: Context) -> w.ContentBlockStart:
    return w.ContentBlockStart(
        index=value.index,
        content_block=lower_content_block(value.block, ctx),
    )


def lift_content_block_stop(wire: w.ContentBlockStop, ctx: Context) -> c.BlockStop:
    return c.BlockStop(
        index=wire.index,
    )


def lower_content_block_stop(value: c.BlockStop, ctx: Context) -> w.ContentBlockStop:
    return w.ContentBlockStop(
        index=value.index,
    )


def lift_block_delta(wire: w.BlockDelta, ctx: Context) -> c.BlockDelta:
    return LIFT_BLOCK_DELTA[type(wire)](wire, ctx)


def lower_block_delta(value: c.BlockDelta, ctx: Context) -> w.BlockDelta | None:
    return LOWER_BLOCK_DELTA[value.kind](value, ctx)


def lift_text_delta(wire: w.TextDelta, ctx: Context) -> c.BlockDelta:
    return c.BlockDelta(
        kind="text",
        text=wire.text or None,
    )


def lower_text_delta(value: c.BlockDelta, ctx: Context) -> w.TextDelta:
    if value.logprobs is not None:
        ctx.lose(value, "logprobs", "TextDelta.logprobs")
    return w.TextDelta(
        text="" if value.text is None else value.text,
    )


def lift_input_json_delta(wire: w.InputJsonDelta, ctx: Context) -> c.BlockDelta:
    return c.BlockDelta(
        kind="json",
        text=wire.partial_json or None,
    )


def lower_input_json_delta(value: c.BlockDelta, ctx: Context) -> w.InputJsonDelta:
    return w.InputJsonDelta(
        partial_json="" if value.text is None else value.text,
    )


def lift_thinking_delta(wire: w.ThinkingDelta, ctx: Context) -> c.BlockDelta:
    if wire.estimated_tokens is not None:
        ctx.left(wire, "estimated_tokens", "ThinkingDelta.estimated_tokens")
    return c.BlockDelta(
        kind="thinking",
        text=wire.thinking or None,
    )


def lower_thinking_delta(value: c.BlockDelta, ctx: Context) -> w.ThinkingDelta:
    return w.ThinkingDelta(
        thinking="" if value.text is None else value.text,
    )


def lift_signature_delta(wire: w.SignatureDelta, ctx: Context) -> c.BlockDelta:
    return c.BlockDelta(
        kind="signature",
        text=wire.signature or None,
    )


def lower_signature_delta(value: c.BlockDelta, ctx: Context) -> w.SignatureDelta:
    return w.SignatureDelta(
        signature="" if value.text is None else value.text,
    )


def lift_citations_delta(wire: w.CitationsDelta, ctx: Context) -> c.BlockDelta:
    return c.BlockDelta(
        kind="citation",
        citation=lift_citation(wire.citation, ctx),
    )


def lower_citations_delta(value: c.BlockDelta, ctx: Context) -> w.CitationsDelta:
    return w.CitationsDelta(
        citation=None if value.citation is None else lower_citation(value.citation, ctx),
    )


def lift_message_delta(wire: w.MessageDelta, ctx: Context) -> c.CandidateStop:
    delta = wire.delta
    if (wire.delta and wire.delta.stop_details) is not None:
        ctx.left(wire, "delta.stop_details", "MessageDelta.delta.stop_details")
    if (wire.delta and wire.delta.container) is not None:
        ctx.left(wire, "delta.container", "MessageDelta.delta.container")
    if wire.context_management is not None:
        ctx.left(wire, "context_management", "MessageDelta.context_management")
    if wire.input_transformations is not None:
        ctx.left(wire, "input_transformations", "MessageDelta.input_transformations")
    return c.CandidateStop(
        stop_reason=STOP_REASON_LIFT.get(delta.stop_reason or None, "other"),
        native_reason=delta.stop_reason or None,
        stop_sequence=delta.stop_sequence or None,
    )


def lower_message_delta(value: c.CandidateStop, ctx: Context) -> w.MessageDelta:
    return w.MessageDelta(
        delta=w.MessageDeltaBody(
            stop_reason=STOP_REASON_LOWER.get(value.stop_reason),
            stop_sequence=value.stop_sequence,
        ),
    )


def lift_message_delta_usage(wire: w.MessageDeltaUsage, ctx: Context) -> c.Usage:
    output_tokens_details = wire.output_tokens_details
    reasoning = output_tokens_details and output_tokens_details.thinking_tokens
    return c.Usage(
        input=wire.input_tokens,
        output=ctx.less("output_tokens", wire.output_tokens, reasoning=reasoning),
        cache_write=wire.cache_creation_input_tokens,
        cache_read=wire.cache_read_input_tokens,
        reasoning=reasoning,
        carried=ctx.keep(wire, ["server_tool_use", "fallback_credit", "iterations"])
        if wire.server_tool_use is not None or wire.fallback_credit is not None or wire.iterations is not None
        else None,
    )


def lower_message_delta_usage(value: c.Usage, ctx: Context) -> w.MessageDeltaUsage:
    if value.cache_write_long is not None:
        ctx.lose(value, "cache_write_long", "MessageDeltaUsage.cache_write_long")
    if value.input_audio is not None:
        ctx.lose(value, "input_audio", "MessageDeltaUsage.input_audio")
    if value.output_audio is not None:
        ctx.lose(value, "output_audio", "MessageDeltaUsage.output_audio")
    output_tokens_details_thinking_tokens = value.reasoning
    output_tokens_details = (
        w.OutputTokensDetails(thinking_tokens=output_tokens_details_thinking_tokens)
        if output_tokens_details_thinking_tokens is not None
        else None
    )
    wire = w.MessageDeltaUsage(
        input_tokens=value.input,
        output_tokens=0 if (total(value.output, value.reasoning)) is None else total(value.output, value.reasoning),
        cache_creation_input_tokens=value.cache_write,
        cache_read_input_tokens=value.cache_read,
        output_tokens_details=output_tokens_details,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_error_event(wire: w.ErrorEvent, ctx: Context) -> c.Error:
    error = wire.error
    if wire.request_id is not None:
        ctx.left(wire, "request_id", "ErrorEvent.request_id")
    return c.Error(
        kind=ERROR_KIND_LIFT.get(error.type) or ctx.kind_of_status(STATUS_LIFT),
        native_kind=error.type,
        message=error.message,
    )


def lower_error_event(value: c.Error, ctx: Context) -> w.ErrorEvent:
    if value.code is not None:
        ctx.lose(value, "code", "ErrorEvent.code")
    if value.param is not None:
        ctx.lose(value, "param", "ErrorEvent.param")
    if value.status is not None:
        ctx.lose(value, "status", "ErrorEvent.status")
    return w.ErrorEvent(
        error=w.ErrorDetail(
            type=ERROR_KIND_LOWER.get(value.kind),
            message=value.message,
        ),
    )


LIFT_BLOCK_DELTA = Ways(
    {
        w.TextDelta: lift_text_delta,
        w.InputJsonDelta: lift_input_json_delta,
        w.CitationsDelta: lift_citations_delta,
        w.ThinkingDelta: lift_thinking_delta,
        w.SignatureDelta: lift_signature_delta,
    },
    lambda wire, ctx: ctx.unlifted(wire, "BlockDelta"),
)
LOWER_BLOCK_DELTA = Ways(
    {
        "text": lower_text_delta,
        "json": lower_input_json_delta,
        "citation": lower_citations_delta,
        "thinking": lower_thinking_delta,
        "signature": lower_signature_delta,
        "refusal": lower_text_delta,
    },
    lambda value, ctx: ctx.unlowered(value, "BlockDelta"),
)


decode_frame = Decoder(w.StreamEvent).decode
encode_frame = Encoder().encode
UNREAD = ()  # what is told of once, and then means nothing
LOUD = (
    b'"message_start"',
    b'"message_delta"',
    b'"message_stop"',
    b'"error"',
)  # what tells a frame that is more than content


class StreamLifter:
    """Frames in, canonical events out. The wire marks where blocks start and stop."""

    __slots__ = ("ctx", "ended", "stopped", "usage")

    def __init__(self, ctx: Context):
        self.ctx = ctx
        self.ended = False
        self.stopped: c.CandidateStop | None = None
        self.usage: c.Usage | None = None

    def feed(self, data: bytes, event: bytes = b"") -> list[c.Event]:
        frame = self.ctx.decode(decode_frame, data)
        if frame is None:  # of a kind that is not known
            return []
        kind = type(frame)
        if kind is w.ContentBlockDelta:
            if (delta := lift_block_delta(frame.delta, self.ctx)) is None:
                return []
            delta.index = frame.index
            return [delta]
        if kind is w.ContentBlockStart:
            return [lift_content_block_start(frame, self.ctx)]
        if kind is w.ContentBlockStop:
            return [lift_content_block_stop(frame, self.ctx)]
        if kind is w.MessageStart:
            started = lift_message(frame.message, self.ctx)
            self.usage = started.usage
            return [
                c.MessageStart(
                    id=started.id,
                    created=started.created,
                    model=started.model,
                    usage=started.usage,
                    service_tier=started.service_tier,
                )
            ]
        if kind is w.MessageDelta:
            self.stopped = lift_message_delta(frame, self.ctx)
            if frame.usage is None:
                return []
            self.usage = latest(self.usage, lift_message_delta_usage(frame.usage, self.ctx))
            return [c.UsageSeen(self.usage)]
        if kind is w.MessageStop:
            return self.finish()
        if kind is w.ErrorEvent:
            return [c.StreamError(lift_error_event(frame, self.ctx))]
        return [c.Ping()]

    def finish(self) -> list[c.Event]:
        """The message is over."""
        if self.ended:
            return []
        self.ended = True
        if self.stopped is None or self.stopped.stop_reason is None:
            return self.cut()
        return [self.stopped, c.MessageEnd(self.usage)]

    def eof(self) -> list[c.Event]:
        """The connection ended. A stop reason is an end, even without `message_stop`."""
        if self.ended:
            return []
        return self.finish() if self.stopped is not None and self.stopped.stop_reason else self.cut()

    def cut(self) -> list[c.Event]:
        self.ended = True
        return [c.StreamError(c.Error("truncated", "the upstream's stream ended before the answer was complete"))]


class StreamLowerer:
    """Canonical events in, frames out: (event name, payload) pairs. Blocks come one after another."""

    __slots__ = ("ctx", "index", "lost", "stop")

    def __init__(self, ctx: Context):
        self.ctx = ctx
        self.index = -1
        self.lost: set[int] = set()  # blocks that this wire has no form for
        self.stop: c.CandidateStop | None = None

    def feed(self, event: c.Event) -> list[tuple[bytes, bytes]]:
        kind = type(event)
        if kind is c.BlockDelta:
            if event.index in self.lost or (delta := lower_block_delta(event, self.ctx)) is None:
                return []
            return [(b"content_block_delta", encode_frame(w.ContentBlockDelta(index=self.index, delta=delta)))]
        if kind is c.BlockStart:
            frame = lower_content_block_start(event, self.ctx)
            if frame.content_block is None:
                self.lost.add(event.index)
                return []
            self.index += 1
            frame.index = self.index
            return [(b"content_block_start", encode_frame(frame))]
        if kind is c.BlockStop:
            if event.index in self.lost:
                return []
            return [(b"content_block_stop", encode_frame(w.ContentBlockStop(index=self.index)))]
        if kind is c.MessageStart:
            message = lower_message(
                c.Response(
                    id=event.id,
                    model=event.model,
                    candidates=[c.Candidate()],
                    usage=event.usage or c.Usage(input=0, output=0),
                    service_tier=event.service_tier,
                ),
                self.ctx,
            )
            return [(b"message_start", encode_frame(w.MessageStart(message=message)))]
        if kind is c.CandidateStop:
            self.stop = event
            return []
        if kind is c.MessageEnd:
            frame = lower_message_delta(self.stop or c.CandidateStop(stop_reason="end_turn"), self.ctx)
            frame.usage = lower_message_delta_usage(event.usage or c.Usage(), self.ctx)
            return [(b"message_delta", encode_frame(frame)), (b"message_stop", encode_frame(w.MessageStop()))]
        if kind is c.StreamError:
            return [(b"error", encode_frame(lower_error_event(event.error, self.ctx)))]
        if kind is c.Ping:
            return [(b"ping", encode_frame(w.Ping()))]
        return []
