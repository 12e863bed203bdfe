# Generated from specs/dialects/openai_responses/mapping.yaml. Edit the spec, then `make generate`.
# section `stream`: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.openai_responses import wire as w
from generated.openai_responses.request import lift_annotation, lower_annotation
from generated.openai_responses.response import (
    ERROR_KIND_LIFT,
    ERROR_KIND_LOWER,
    FAILURE_LIFT,
    LOWER_OUTPUT_ITEM,
    STATUS_LIFT,
    lift_output_item,
    lift_response,
    lower_response,
    lower_response_error,
)
from runtime.core.context import Context
from runtime.core.items import Frames, Growth, ItemLifter, ItemLowerer, Lenses
from runtime.core.primitives import first, text, token_list

DIALECT = "openai-responses"


def lift_error_event(wire: w.ErrorEvent, ctx: Context) -> c.Error:
    error = wire.error
    if (wire.error and wire.error.misalignment) is not None:
        ctx.left(wire, "error.misalignment", "ErrorEvent.error.misalignment")
    if (wire.error and wire.error.n_ctx) is not None:
        ctx.left(wire, "error.n_ctx", "ErrorEvent.error.n_ctx")
    if (wire.error and wire.error.n_prompt_tokens) is not None:
        ctx.left(wire, "error.n_prompt_tokens", "ErrorEvent.error.n_prompt_tokens")
    return c.Error(
        kind=ctx.needed(
            first(
                FAILURE_LIFT.get(wire.code, "internal"),
                ERROR_KIND_LIFT.get(error and error.type) or ctx.kind_of_status(STATUS_LIFT),
            ),
            wire,
            "code or error.type",
        ),
        native_kind=error and error.type,
        message=first(
            error and error.message,
            wire.message,
            "",
        ),
        code=None if (error and error.code or None) is None else text.lift(error and error.code or None),
        param=first(
            error and error.param or None,
            wire.param,
        ),
    )


def lower_error_event(value: c.Error, ctx: Context) -> w.ErrorEvent:
    if value.status is not None:
        ctx.lose(value, "status", "ErrorEvent.status")
    error_type = ERROR_KIND_LOWER.get(value.kind)
    error_message = "" if value.message is None else value.message
    error_code = None if value.code is None else text.lower(value.code)
    error_param = value.param
    error = (
        w.ErrorDetail(type=error_type, message=error_message, code=error_code, param=error_param)
        if error_type is not None or error_message is not None or error_code is not None or error_param is not None
        else None
    )
    return w.ErrorEvent(
        error=error,
        message="" if value.message is None else value.message,
        param=value.param,
    )


decode_frame = Decoder(w.StreamEvent).decode
LOUD = (
    b'"response.completed"',
    b'"response.incomplete"',
    b'"response.failed"',
    b'"error"',
)  # what tells a frame that is more than content
TEXT = Growth(
    c.Text,
    "text",
    w.OutputTextDelta,
    w.OutputTextDone,
    "text",
    logprobs="logprobs",
    lift_logprobs=token_list.lift,
    lower_logprobs=token_list.lower,
    inside="content",
    part=w.OutputText,
    index="content_index",
    open=w.ContentPartAdded,
    close=w.ContentPartDone,
    cite=w.OutputTextAnnotationAdded,
    cited="annotation_index",
)

REFUSAL = Growth(
    c.Refusal,
    "refusal",
    w.RefusalDelta,
    w.RefusalDone,
    "refusal",
    inside="content",
    part=w.RefusalPart,
    index="content_index",
    open=w.ContentPartAdded,
    close=w.ContentPartDone,
)

THINKING = Growth(
    c.Thinking,
    "thinking",
    w.ReasoningSummaryTextDelta,
    w.ReasoningSummaryTextDone,
    "text",
    inside="summary",
    part=w.SummaryText,
    index="summary_index",
    open=w.ReasoningSummaryPartAdded,
    close=w.ReasoningSummaryPartDone,
    join="\n\n",
)

TOOL_CALL = Growth(
    c.ToolCall,
    "json",
    w.FunctionCallArgumentsDelta,
    w.FunctionCallArgumentsDone,
    "arguments",
)

CUSTOM_CALL = Growth(
    c.CustomCall,
    "custom",
    w.CustomToolCallInputDelta,
    w.CustomToolCallInputDone,
    "input",
)

FRAMES = Frames(
    decode=decode_frame,
    number="sequence_number",
    answer="response",
    started=(
        w.ResponseCreated,
        w.ResponseInProgress,
    ),
    ended={
        "completed": w.ResponseCompleted,
        "incomplete": w.ResponseIncomplete,
    },
    failed=w.ResponseFailed,
    error=w.ErrorEvent,
    open=w.OutputItemAdded,
    close=w.OutputItemDone,
    item="item",
    part="part",
    citation="annotation",
    at="output_index",
    id="item_id",
    output="output",
    usage="usage",
    status="status",
    during="in_progress",
    failure="error",
    growths={
        c.Text: TEXT,
        c.Refusal: REFUSAL,
        c.Thinking: THINKING,
        c.ToolCall: TOOL_CALL,
        c.CustomCall: CUSTOM_CALL,
    },
    reads={
        w.OutputTextDelta: (TEXT, "content_index", False),
        w.OutputTextDone: (TEXT, "content_index", True),
        w.RefusalDelta: (REFUSAL, "content_index", False),
        w.RefusalDone: (REFUSAL, "content_index", True),
        w.ReasoningSummaryTextDelta: (THINKING, "summary_index", False),
        w.ReasoningSummaryTextDone: (THINKING, "summary_index", True),
        w.ReasoningTextDelta: (THINKING, "content_index", False),
        w.ReasoningTextDone: (THINKING, "content_index", True),
        w.FunctionCallArgumentsDelta: (TOOL_CALL, None, False),
        w.FunctionCallArgumentsDone: (TOOL_CALL, None, True),
        w.CustomToolCallInputDelta: (CUSTOM_CALL, None, False),
        w.CustomToolCallInputDone: (CUSTOM_CALL, None, True),
    },
)
LENSES = Lenses(
    lift_answer=lift_response,
    lower_answer=lower_response,
    lift_item=lift_output_item,
    lower_item=LOWER_OUTPUT_ITEM,
    lift_citation=lift_annotation,
    lower_citation=lower_annotation,
    lift_error=lift_error_event,
    lower_error=lower_error_event,
    lower_failure=lower_response_error,
)


class StreamLifter(ItemLifter):
    """Frames in, canonical events out."""

    def __init__(self, ctx: Context):
        super().__init__(ctx, FRAMES, LENSES)


class StreamLowerer(ItemLowerer):
    """Canonical events in, frames out: (event name, payload) pairs."""

    def __init__(self, ctx: Context):
        super().__init__(ctx, FRAMES, LENSES)
