# Generated from specs/dialects/bedrock_converse/mapping.yaml. Edit the spec, then `make generate`.
# section `stream`: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec import Raw
from msgspec.json import Decoder, Encoder

from generated import canonical as c
from generated.bedrock_converse import wire as w
from generated.bedrock_converse.request import TIER_LIFT, TIER_LOWER, lift_citation, lower_citation
from generated.bedrock_converse.response import STOP_REASON_LIFT, STOP_REASON_LOWER, lift_usage, lower_usage
from runtime.core.context import Context
from runtime.core.primitives import Ways, whole

DIALECT = "bedrock-converse"
decode_content_block_start = Decoder(w.ContentBlockStart).decode


def lift_message_start_event(wire: w.MessageStartEvent, ctx: Context) -> c.MessageStart:
    return c.MessageStart()


def lower_message_start_event(value: c.MessageStart, ctx: Context) -> w.MessageStartEvent:
    if value.id is not None:
        ctx.lose(value, "id", "MessageStartEvent.id")
    if value.created is not None:
        ctx.lose(value, "created", "MessageStartEvent.created")
    return w.MessageStartEvent(
        role="assistant",
    )


def lift_content_block_start_event(wire: w.ContentBlockStartEvent, ctx: Context) -> c.BlockStart:
    return c.BlockStart(
        index=wire.content_block_index,
        block=lift_content_block_start(wire.start, ctx),
    )


def lower_content_block_start_event(value: c.BlockStart, ctx: Context) -> w.ContentBlockStartEvent:
    start = lower_content_block_start(value.block, ctx)
    if start is None:
        return None
    return w.ContentBlockStartEvent(
        content_block_index=value.index,
        start=start,
    )


def lift_content_block_start(wire: w.ContentBlockStart, ctx: Context) -> c.Block:
    if wire.tool_use and wire.tool_use.type == "server_tool_use":
        return lift_content_block_start_hosted_call(wire, ctx)
    if wire.tool_use is not None:
        return lift_content_block_start_tool_call(wire, ctx)
    if wire.tool_result is not None:
        return lift_content_block_start_hosted_result(wire, ctx)
    return ctx.unlifted(wire, "ContentBlockStart")


def lower_content_block_start(value: c.Block, ctx: Context) -> w.ContentBlockStart | None:
    return LOWER_CONTENT_BLOCK_START[type(value)](value, ctx)


def lower_whole_content_block_start(value: c.Block, ctx: Context) -> w.ContentBlockStart | None:
    return (
        decode_content_block_start(value.raw) if value.origin == DIALECT else ctx.unlowered(value, "ContentBlockStart")
    )


def lift_content_block_start_hosted_call(wire: w.ContentBlockStart, ctx: Context) -> c.HostedCall:
    return c.HostedCall(origin=DIALECT, raw=whole(wire))


def lift_content_block_start_hosted_result(wire: w.ContentBlockStart, ctx: Context) -> c.HostedResult:
    return c.HostedResult(origin=DIALECT, raw=whole(wire))


def lift_content_block_start_tool_call(wire: w.ContentBlockStart, ctx: Context) -> c.ToolCall:
    tool_use = wire.tool_use
    if wire.image is not None:
        ctx.left(wire, "image", "ContentBlockStart.image")
    return c.ToolCall(
        input=Raw(b"{}"),
        id=ctx.needed(tool_use and tool_use.tool_use_id, wire, "toolUse.toolUseId"),
        name=ctx.needed(tool_use and tool_use.name, wire, "toolUse.name"),
    )


def lower_content_block_start_tool_call(value: c.ToolCall, ctx: Context) -> w.ContentBlockStart:
    if value.signature is not None:
        ctx.lose(value, "signature", "ContentBlockStart.signature")
    if value.cache is not None:
        ctx.lose(value, "cache", "ContentBlockStart.cache")
    tool_use_tool_use_id = value.id
    tool_use_name = value.name
    tool_use = (
        w.ToolUseStart(tool_use_id=tool_use_tool_use_id, name=tool_use_name)
        if tool_use_tool_use_id is not None or tool_use_name is not None
        else None
    )
    return w.ContentBlockStart(
        tool_use=tool_use,
    )


def lift_content_block_stop_event(wire: w.ContentBlockStopEvent, ctx: Context) -> c.BlockStop:
    return c.BlockStop(
        index=wire.content_block_index,
    )


def lower_content_block_stop_event(value: c.BlockStop, ctx: Context) -> w.ContentBlockStopEvent:
    return w.ContentBlockStopEvent(
        content_block_index=value.index,
    )


def lift_content_block_delta(wire: w.ContentBlockDelta, ctx: Context) -> c.BlockDelta:
    if wire.text is not None:
        return lift_block_delta_text(wire, ctx)
    if wire.tool_use is not None:
        return lift_block_delta_json(wire, ctx)
    if wire.reasoning_content and wire.reasoning_content.text is not None:
        return lift_block_delta_thinking(wire, ctx)
    if wire.reasoning_content and wire.reasoning_content.signature is not None:
        return lift_block_delta_signature(wire, ctx)
    if wire.reasoning_content and wire.reasoning_content.redacted_content is not None:
        return lift_content_block_delta_sealed_thinking(wire, ctx)
    if wire.citation is not None:
        return lift_block_delta_citation(wire, ctx)
    return ctx.unlifted(wire, "ContentBlockDelta")


def lower_content_block_delta(value: c.BlockDelta, ctx: Context) -> w.ContentBlockDelta | None:
    return LOWER_CONTENT_BLOCK_DELTA[value.kind](value, ctx)


def lift_block_delta_text(wire: w.ContentBlockDelta, ctx: Context) -> c.BlockDelta:
    if wire.image is not None:
        ctx.left(wire, "image", "ContentBlockDelta.image")
    if wire.tool_result is not None:
        ctx.left(wire, "toolResult", "ContentBlockDelta.toolResult")
    return c.BlockDelta(
        kind="text",
        text=wire.text or None,
    )


def lower_block_delta_text(value: c.BlockDelta, ctx: Context) -> w.ContentBlockDelta:
    if value.logprobs is not None:
        ctx.lose(value, "logprobs", "ContentBlockDelta.logprobs")
    return w.ContentBlockDelta(
        text="" if value.text is None else value.text,
    )


def lift_block_delta_json(wire: w.ContentBlockDelta, ctx: Context) -> c.BlockDelta:
    tool_use = wire.tool_use
    if wire.image is not None:
        ctx.left(wire, "image", "ContentBlockDelta.image")
    if wire.tool_result is not None:
        ctx.left(wire, "toolResult", "ContentBlockDelta.toolResult")
    return c.BlockDelta(
        kind="json",
        text=tool_use and tool_use.input or None,
    )


def lower_block_delta_json(value: c.BlockDelta, ctx: Context) -> w.ContentBlockDelta:
    return w.ContentBlockDelta(
        tool_use=w.ToolUseDelta(
            input="" if value.text is None else value.text,
        ),
    )


def lift_block_delta_thinking(wire: w.ContentBlockDelta, ctx: Context) -> c.BlockDelta:
    reasoning_content = wire.reasoning_content
    if wire.image is not None:
        ctx.left(wire, "image", "ContentBlockDelta.image")
    if wire.tool_result is not None:
        ctx.left(wire, "toolResult", "ContentBlockDelta.toolResult")
    return c.BlockDelta(
        kind="thinking",
        text=reasoning_content and reasoning_content.text or None,
    )


def lower_block_delta_thinking(value: c.BlockDelta, ctx: Context) -> w.ContentBlockDelta:
    return w.ContentBlockDelta(
        reasoning_content=w.ReasoningDelta(
            text="" if value.text is None else value.text,
        ),
    )


def lift_block_delta_signature(wire: w.ContentBlockDelta, ctx: Context) -> c.BlockDelta:
    reasoning_content = wire.reasoning_content
    if wire.image is not None:
        ctx.left(wire, "image", "ContentBlockDelta.image")
    if wire.tool_result is not None:
        ctx.left(wire, "toolResult", "ContentBlockDelta.toolResult")
    return c.BlockDelta(
        kind="signature",
        text=reasoning_content and reasoning_content.signature or None,
    )


def lower_block_delta_signature(value: c.BlockDelta, ctx: Context) -> w.ContentBlockDelta:
    return w.ContentBlockDelta(
        reasoning_content=w.ReasoningDelta(
            signature="" if value.text is None else value.text,
        ),
    )


def lift_block_delta_citation(wire: w.ContentBlockDelta, ctx: Context) -> c.BlockDelta:
    if wire.image is not None:
        ctx.left(wire, "image", "ContentBlockDelta.image")
    if wire.tool_result is not None:
        ctx.left(wire, "toolResult", "ContentBlockDelta.toolResult")
    return c.BlockDelta(
        kind="citation",
        citation=None if wire.citation is None else lift_citation(wire.citation, ctx),
    )


def lower_block_delta_citation(value: c.BlockDelta, ctx: Context) -> w.ContentBlockDelta:
    return w.ContentBlockDelta(
        citation=None if value.citation is None else lower_citation(value.citation, ctx),
    )


def lift_content_block_delta_sealed_thinking(wire: w.ContentBlockDelta, ctx: Context) -> c.SealedThinking:
    reasoning_content = wire.reasoning_content
    if wire.image is not None:
        ctx.left(wire, "image", "ContentBlockDelta.image")
    if wire.tool_result is not None:
        ctx.left(wire, "toolResult", "ContentBlockDelta.toolResult")
    return c.SealedThinking(
        data=ctx.needed(
            reasoning_content and reasoning_content.redacted_content, wire, "reasoningContent.redactedContent"
        ),
        origin=DIALECT if reasoning_content and reasoning_content.redacted_content else None,
    )


def lower_content_block_delta_sealed_thinking(value: c.SealedThinking, ctx: Context) -> w.ContentBlockDelta:
    if value.cache is not None:
        ctx.lose(value, "cache", "ContentBlockDelta.cache")
    reasoning_content_redacted_content = value.data
    reasoning_content = (
        w.ReasoningDelta(redacted_content=reasoning_content_redacted_content)
        if reasoning_content_redacted_content is not None
        else None
    )
    return w.ContentBlockDelta(
        reasoning_content=reasoning_content,
    )


def lift_message_stop_event(wire: w.MessageStopEvent, ctx: Context) -> c.CandidateStop:
    if wire.additional_model_response_fields is not None:
        ctx.left(wire, "additionalModelResponseFields", "MessageStopEvent.additionalModelResponseFields")
    return c.CandidateStop(
        stop_reason=STOP_REASON_LIFT.get(wire.stop_reason, "other"),
        native_reason=wire.stop_reason,
    )


def lower_message_stop_event(value: c.CandidateStop, ctx: Context) -> w.MessageStopEvent:
    if value.stop_sequence is not None:
        ctx.lose(value, "stop_sequence", "MessageStopEvent.stop_sequence")
    return w.MessageStopEvent(
        stop_reason=STOP_REASON_LOWER.get(value.stop_reason, "end_turn"),
    )


def lift_metadata_event(wire: w.MetadataEvent, ctx: Context) -> c.MessageEnd:
    service_tier = wire.service_tier
    if wire.trace is not None:
        ctx.left(wire, "trace", "MetadataEvent.trace")
    if wire.performance_config is not None:
        ctx.left(wire, "performanceConfig", "MetadataEvent.performanceConfig")
    return c.MessageEnd(
        usage=None if wire.usage is None else lift_usage(wire.usage, ctx),
        service_tier=TIER_LIFT.get(service_tier and service_tier.type, service_tier and service_tier.type),
    )


def lower_metadata_event(value: c.MessageEnd, ctx: Context) -> w.MetadataEvent:
    service_tier_type = TIER_LOWER.get(value.service_tier, "default")
    service_tier = w.ServiceTier(type=service_tier_type) if service_tier_type is not None else None
    return w.MetadataEvent(
        usage=w.Usage(input_tokens=0, output_tokens=0, total_tokens=0)
        if value.usage is None
        else lower_usage(value.usage, ctx),
        metrics=Raw(b'{"latencyMs":0}'),
        service_tier=service_tier,
    )


def lift_internal_server_exception(wire: w.InternalServerException, ctx: Context) -> c.Error:
    return c.Error(
        kind="internal",
        message="" if wire.message is None else wire.message,
    )


def lower_internal_server_exception(value: c.Error, ctx: Context) -> w.InternalServerException:
    if value.code is not None:
        ctx.lose(value, "code", "InternalServerException.code")
    if value.param is not None:
        ctx.lose(value, "param", "InternalServerException.param")
    if value.status is not None:
        ctx.lose(value, "status", "InternalServerException.status")
    if value.native_kind is not None:
        ctx.lose(value, "native_kind", "InternalServerException.native_kind")
    return w.InternalServerException(
        message="" if value.message is None else value.message,
    )


def lift_model_stream_error_exception(wire: w.ModelStreamErrorException, ctx: Context) -> c.Error:
    if wire.original_status_code is not None:
        ctx.left(wire, "originalStatusCode", "ModelStreamErrorException.originalStatusCode")
    if wire.original_message is not None:
        ctx.left(wire, "originalMessage", "ModelStreamErrorException.originalMessage")
    return c.Error(
        kind="truncated",
        message="" if wire.message is None else wire.message,
    )


def lower_model_stream_error_exception(value: c.Error, ctx: Context) -> w.ModelStreamErrorException:
    if value.code is not None:
        ctx.lose(value, "code", "ModelStreamErrorException.code")
    if value.param is not None:
        ctx.lose(value, "param", "ModelStreamErrorException.param")
    if value.status is not None:
        ctx.lose(value, "status", "ModelStreamErrorException.status")
    if value.native_kind is not None:
        ctx.lose(value, "native_kind", "ModelStreamErrorException.native_kind")
    return w.ModelStreamErrorException(
        message="" if value.message is None else value.message,
    )


def lift_validation_exception(wire: w.ValidationException, ctx: Context) -> c.Error:
    return c.Error(
        kind="invalid_request",
        message="" if wire.message is None else wire.message,
    )


def lower_validation_exception(value: c.Error, ctx: Context) -> w.ValidationException:
    if value.code is not None:
        ctx.lose(value, "code", "ValidationException.code")
    if value.param is not None:
        ctx.lose(value, "param", "ValidationException.param")
    if value.status is not None:
        ctx.lose(value, "status", "ValidationException.status")
    if value.native_kind is not None:
        ctx.lose(value, "native_kind", "ValidationException.native_kind")
    return w.ValidationException(
        message="" if value.message is None else value.message,
    )


def lift_throttling_exception(wire: w.ThrottlingException, ctx: Context) -> c.Error:
    return c.Error(
        kind="rate_limit",
        message="" if wire.message is None else wire.message,
    )


def lower_throttling_exception(value: c.Error, ctx: Context) -> w.ThrottlingException:
    if value.code is not None:
        ctx.lose(value, "code", "ThrottlingException.code")
    if value.param is not None:
        ctx.lose(value, "param", "ThrottlingException.param")
    if value.status is not None:
        ctx.lose(value, "status", "ThrottlingException.status")
    if value.native_kind is not None:
        ctx.lose(value, "native_kind", "ThrottlingException.native_kind")
    return w.ThrottlingException(
        message="" if value.message is None else value.message,
    )


def lift_service_unavailable_exception(wire: w.ServiceUnavailableException, ctx: Context) -> c.Error:
    return c.Error(
        kind="overloaded",
        message="" if wire.message is None else wire.message,
    )


def lower_service_unavailable_exception(value: c.Error, ctx: Context) -> w.ServiceUnavailableException:
    if value.code is not None:
        ctx.lose(value, "code", "ServiceUnavailableException.code")
    if value.param is not None:
        ctx.lose(value, "param", "ServiceUnavailableException.param")
    if value.status is not None:
        ctx.lose(value, "status", "ServiceUnavailableException.status")
    if value.native_kind is not None:
        ctx.lose(value, "native_kind", "ServiceUnavailableException.native_kind")
    return w.ServiceUnavailableException(
        message="" if value.message is None else value.message,
    )


LOWER_CONTENT_BLOCK_START = Ways(
    {
        c.HostedCall: lower_whole_content_block_start,
        c.ToolCall: lower_content_block_start_tool_call,
        c.HostedResult: lower_whole_content_block_start,
    },
    lambda value, ctx: ctx.unlowered(value, "ContentBlockStart"),
)
LOWER_CONTENT_BLOCK_DELTA = Ways(
    {
        "text": lower_block_delta_text,
        "json": lower_block_delta_json,
        "thinking": lower_block_delta_thinking,
        "signature": lower_block_delta_signature,
        "citation": lower_block_delta_citation,
        "refusal": lower_block_delta_text,
    },
    lambda value, ctx: ctx.unlowered(value, "ContentBlockDelta"),
)


decode_frame = Decoder(w.StreamEvent).decode
encode_frame = Encoder().encode
UNREAD = ()  # what is told of once, and then means nothing
LOUD = (
    b'"messageStart"',
    b'"messageStop"',
    b'"metadata"',
    b'"internalServerException"',
    b'"modelStreamErrorException"',
    b'"validationException"',
    b'"throttlingException"',
    b'"serviceUnavailableException"',
)  # what tells a frame that is more than content
OPENED = {"text": c.Text, "thinking": c.Thinking, "signature": c.Thinking, "citation": c.Text}  # by a first delta
SILENT = {
    c.Text: "text",
    c.Thinking: "thinking",
    c.Refusal: "refusal",
}  # blocks without a mark
FAILURES = {
    w.InternalServerException: lift_internal_server_exception,
    w.ModelStreamErrorException: lift_model_stream_error_exception,
    w.ValidationException: lift_validation_exception,
    w.ThrottlingException: lift_throttling_exception,
    w.ServiceUnavailableException: lift_service_unavailable_exception,
}
FAILED = {
    "internal": lower_internal_server_exception,
    "truncated": lower_model_stream_error_exception,
    "invalid_request": lower_validation_exception,
    "rate_limit": lower_throttling_exception,
    "overloaded": lower_service_unavailable_exception,
}


class StreamLifter:
    """Frames in, canonical events out. The wire marks where blocks start and stop."""

    __slots__ = ("ctx", "ended", "open", "stopped", "tier", "usage")

    def __init__(self, ctx: Context):
        self.ctx = ctx
        self.ended = False
        self.open: set[int] = set()  # blocks that have begun
        self.stopped: c.CandidateStop | None = None
        self.tier: str | None = None
        self.usage: c.Usage | None = None

    def feed(self, data: bytes, event: bytes = b"") -> list[c.Event]:
        frame = self.ctx.decode(decode_frame, data)
        if frame is None:  # of a kind that is not known
            return []
        kind = type(frame)
        if kind is w.ContentBlockDeltaEvent:
            if (delta := lift_content_block_delta(frame.delta, self.ctx)) is None:
                return []
            return self.grown(frame.content_block_index, delta)
        if kind is w.ContentBlockStartEvent:
            started = lift_content_block_start_event(frame, self.ctx)
            if started.block is None:
                return []
            self.open.add(started.index)
            return [started]
        if kind is w.ContentBlockStopEvent:
            return [lift_content_block_stop_event(frame, self.ctx)]
        if kind is w.MessageStartEvent:
            return [lift_message_start_event(frame, self.ctx)]
        if kind is w.MessageStopEvent:
            self.stopped = lift_message_stop_event(frame, self.ctx)
            return []
        if kind is w.MetadataEvent:
            end = lift_metadata_event(frame, self.ctx)
            self.usage, self.tier = end.usage or self.usage, end.service_tier
            return self.finish()
        return [c.StreamError(FAILURES[kind](frame, self.ctx))]

    def grown(self, index: int, delta: c.BlockDelta | c.SealedThinking) -> list[c.Event]:
        """A block of text or of reasoning begins with its first delta; what is sealed is one delta."""
        if type(delta) is not c.BlockDelta:
            self.open.add(index)
            return [c.BlockStart(index, delta)]
        delta.index = index
        if index in self.open or delta.kind not in OPENED:
            return [delta]
        self.open.add(index)
        return [c.BlockStart(index, OPENED[delta.kind]("")), delta]

    def finish(self) -> list[c.Event]:
        """The message is over."""
        if self.ended:
            return []
        self.ended = True
        if self.stopped is None or self.stopped.stop_reason is None:
            return self.cut()
        return [self.stopped, c.MessageEnd(self.usage, self.tier)]

    def eof(self) -> list[c.Event]:
        """The connection ended. A stop reason is an end, even without `metadata`."""
        if self.ended:
            return []
        return self.finish() if self.stopped is not None and self.stopped.stop_reason else self.cut()

    def cut(self) -> list[c.Event]:
        self.ended = True
        return [c.StreamError(c.Error("truncated", "the upstream's stream ended before the answer was complete"))]


class StreamLowerer:
    """Canonical events in, frames out: (event name, payload) pairs. Blocks come one after another."""

    __slots__ = ("ctx", "index", "lost", "silent", "stop")

    def __init__(self, ctx: Context):
        self.ctx = ctx
        self.index = -1
        self.lost: set[int] = set()  # blocks that this wire has no form for
        self.silent: str | None = None  # the kind of a block of which nothing has been written yet
        self.stop: c.CandidateStop | None = None

    def feed(self, event: c.Event) -> list[tuple[bytes, bytes]]:
        kind = type(event)
        if kind is c.BlockDelta:
            if event.index in self.lost or (delta := lower_content_block_delta(event, self.ctx)) is None:
                return []
            self.silent = None
            return self.grow(delta)
        if kind is c.BlockStart:
            self.silent = SILENT.get(type(event.block))
            if self.silent is not None:
                self.index += 1
                return []
            if type(event.block) is c.SealedThinking:
                if (delta := lower_content_block_delta_sealed_thinking(event.block, self.ctx)) is None:
                    self.lost.add(event.index)
                    return []
                self.index += 1
                return self.grow(delta)
            frame = lower_content_block_start_event(event, self.ctx)
            if frame is None or frame.start is None:
                self.lost.add(event.index)
                return []
            self.index += 1
            frame.content_block_index = self.index
            return [(b"contentBlockStart", encode_frame(frame))]
        if kind is c.BlockStop:
            if event.index in self.lost:
                return []
            said: list[tuple[bytes, bytes]] = []
            if self.silent is not None:
                said = self.grow(lower_content_block_delta(c.BlockDelta(event.index, self.silent, text=""), self.ctx))
            return [*said, (b"contentBlockStop", encode_frame(w.ContentBlockStopEvent(content_block_index=self.index)))]
        if kind is c.MessageStart:
            return [(b"messageStart", encode_frame(lower_message_start_event(event, self.ctx)))]
        if kind is c.CandidateStop:
            self.stop = event
            return []
        if kind is c.MessageEnd:
            frame = lower_message_stop_event(self.stop or c.CandidateStop(stop_reason="end_turn"), self.ctx)
            end = lower_metadata_event(event, self.ctx)
            return [(b"messageStop", encode_frame(frame)), (b"metadata", encode_frame(end))]
        if kind is c.StreamError:
            lower = FAILED.get(event.error.kind, lower_internal_server_exception)
            return [(b"error", encode_frame(lower(event.error, self.ctx)))]
        return []

    def grow(self, delta: w.ContentBlockDelta) -> list[tuple[bytes, bytes]]:
        return [
            (b"contentBlockDelta", encode_frame(w.ContentBlockDeltaEvent(content_block_index=self.index, delta=delta)))
        ]
