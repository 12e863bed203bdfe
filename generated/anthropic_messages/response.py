# Generated from specs/dialects/anthropic_messages/mapping.yaml. Edit the spec, then `make generate`.
# Message <-> Response: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.anthropic_messages import wire as w
from generated.anthropic_messages.request import LIFT_CONTENT_BLOCK, LOWER_CONTENT_BLOCK
from runtime.core.context import Context
from runtime.core.primitives import any_of, numbered, timestamp, total

DIALECT = "anthropic-messages"
STOP_REASON_LIFT = {
    None: None,
    "end_turn": "end_turn",
    "max_tokens": "max_tokens",
    "stop_sequence": "stop_sequence",
    "tool_use": "tool_use",
    "pause_turn": "pause",
    "refusal": "refusal",
    "model_context_window_exceeded": "context_window",
    "compaction": "pause",
}
STOP_REASON_LOWER = {
    "end_turn": "end_turn",
    "max_tokens": "max_tokens",
    "stop_sequence": "stop_sequence",
    "tool_use": "tool_use",
    "pause": "pause_turn",
    "refusal": "refusal",
    "context_window": "model_context_window_exceeded",
    "content_filter": "refusal",
    "malformed_tool_call": "end_turn",
    "other": "end_turn",
}
ERROR_KIND_LIFT = {
    "invalid_request_error": "invalid_request",
    "authentication_error": "authentication",
    "permission_error": "permission",
    "not_found_error": "not_found",
    "request_too_large": "too_large",
    "billing_error": "quota",
    "rate_limit_error": "rate_limit",
    "timeout_error": "timeout",
    "overloaded_error": "overloaded",
    "api_error": "internal",
}
ERROR_KIND_LOWER = {
    "invalid_request": "invalid_request_error",
    "authentication": "authentication_error",
    "permission": "permission_error",
    "not_found": "not_found_error",
    "too_large": "request_too_large",
    "quota": "billing_error",
    "rate_limit": "rate_limit_error",
    "timeout": "timeout_error",
    "overloaded": "overloaded_error",
    "internal": "api_error",
    "truncated": "api_error",
}
STATUS_LIFT = {
    400: "invalid_request",
    401: "authentication",
    402: "quota",
    403: "permission",
    404: "not_found",
    413: "too_large",
    429: "rate_limit",
    500: "internal",
    504: "timeout",
    529: "overloaded",
    408: "timeout",
    422: "invalid_request",
    502: "internal",
    503: "overloaded",
}
STATUS_LOWER = {
    "invalid_request": 400,
    "authentication": 401,
    "quota": 402,
    "permission": 403,
    "not_found": 404,
    "too_large": 413,
    "rate_limit": 429,
    "internal": 500,
    "timeout": 504,
    "overloaded": 529,
    "truncated": 502,
}
decode_response = Decoder(w.Message).decode
decode_error = Decoder(w.ErrorEnvelope).decode
decode_count = Decoder(w.TokensCount).decode
decode_models = Decoder(w.ModelList).decode
decode_model = Decoder(w.ModelInfo).decode


def lift_message(wire: w.Message, ctx: Context) -> c.Response:
    return c.Response(
        id=wire.id,
        model=wire.model or None,
        usage=None if wire.usage is None else lift_usage(wire.usage, ctx),
        candidates=[
            c.Candidate(
                index=0,
                blocks=numbered([LIFT_CONTENT_BLOCK[type(item)](item, ctx) for item in wire.content]),
                stop_reason=STOP_REASON_LIFT.get(wire.stop_reason or None, "other"),
                native_reason=wire.stop_reason or None,
                stop_sequence=wire.stop_sequence or None,
            )
        ],
        carried=ctx.keep(wire, KEPT_MESSAGE) if HELD_MESSAGE(wire) else None,
    )


def lower_message(value: c.Response, ctx: Context) -> w.Message:
    if value.created is not None:
        ctx.lose(value, "created", "Message.created")
    if value.service_tier is not None:
        ctx.lose(value, "service_tier", "Message.service_tier")
    if value.metadata is not None:
        ctx.lose(value, "metadata", "Message.metadata")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "Message.moderation")
    if value.candidates and value.candidates[0] and value.candidates[0].logprobs is not None:
        ctx.lose(value, "candidates.0.logprobs", "Message.candidates.0.logprobs")
    wire = w.Message(
        id=value.id or ctx.mint("msg_{id}"),
        type="message",
        role="assistant",
        model="" if value.model is None else value.model,
        content=[
            one
            for item in value.candidates and value.candidates[0].blocks or ()
            if (one := LOWER_CONTENT_BLOCK[type(item)](item, ctx)) is not None
        ],
        stop_reason=STOP_REASON_LOWER.get(value.candidates and value.candidates[0].stop_reason),
        stop_sequence=value.candidates and value.candidates[0].stop_sequence,
        usage=w.Usage(input_tokens=0, output_tokens=0) if value.usage is None else lower_usage(value.usage, ctx),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_usage(wire: w.Usage, ctx: Context) -> c.Usage:
    cache_creation = wire.cache_creation
    output_tokens_details = wire.output_tokens_details
    reasoning = output_tokens_details and output_tokens_details.thinking_tokens
    if (wire.cache_creation and wire.cache_creation.ephemeral_5m_input_tokens) is not None:
        ctx.left(wire, "cache_creation.ephemeral_5m_input_tokens", "Usage.cache_creation.ephemeral_5m_input_tokens")
    return c.Usage(
        input=wire.input_tokens,
        output=ctx.less("output_tokens", wire.output_tokens, reasoning=reasoning),
        cache_write=wire.cache_creation_input_tokens,
        cache_read=wire.cache_read_input_tokens,
        cache_write_long=cache_creation and cache_creation.ephemeral_1h_input_tokens,
        reasoning=reasoning,
        carried=ctx.keep(wire, KEPT_USAGE) if HELD_USAGE(wire) else None,
    )


def lower_usage(value: c.Usage, ctx: Context) -> w.Usage:
    if value.input_audio is not None:
        ctx.lose(value, "input_audio", "Usage.input_audio")
    if value.output_audio is not None:
        ctx.lose(value, "output_audio", "Usage.output_audio")
    cache_creation_ephemeral_1h_input_tokens = value.cache_write_long
    cache_creation = (
        w.CacheCreation(ephemeral_1h_input_tokens=cache_creation_ephemeral_1h_input_tokens)
        if cache_creation_ephemeral_1h_input_tokens is not None
        else None
    )
    output_tokens_details_thinking_tokens = value.reasoning
    output_tokens_details = (
        w.OutputTokensDetails(thinking_tokens=output_tokens_details_thinking_tokens)
        if output_tokens_details_thinking_tokens is not None
        else None
    )
    wire = w.Usage(
        input_tokens=0 if value.input is None else value.input,
        output_tokens=0 if (total(value.output, value.reasoning)) is None else total(value.output, value.reasoning),
        cache_creation_input_tokens=value.cache_write,
        cache_read_input_tokens=value.cache_read,
        cache_creation=cache_creation,
        output_tokens_details=output_tokens_details,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_error_envelope(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    error = wire.error
    if wire.request_id is not None:
        ctx.left(wire, "request_id", "ErrorEnvelope.request_id")
    return c.Error(
        kind=ERROR_KIND_LIFT.get(error.type) or ctx.kind_of_status(STATUS_LIFT),
        native_kind=error.type,
        message=error.message,
    )


def lower_error_envelope(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    if value.code is not None:
        ctx.lose(value, "code", "ErrorEnvelope.code")
    if value.param is not None:
        ctx.lose(value, "param", "ErrorEnvelope.param")
    if value.status is not None:
        ctx.lose(value, "status", "ErrorEnvelope.status")
    return w.ErrorEnvelope(
        type="error",
        error=w.ErrorDetail(
            type=ERROR_KIND_LOWER.get(value.kind),
            message=value.message,
        ),
    )


def lift_tokens_count(wire: w.TokensCount, ctx: Context) -> c.TokenCount:
    return c.TokenCount(
        input=wire.input_tokens,
        carried=ctx.keep(wire, ["context_management"]) if wire.context_management is not None else None,
    )


def lower_tokens_count(value: c.TokenCount, ctx: Context) -> w.TokensCount:
    wire = w.TokensCount(
        input_tokens=value.input,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_model_list(wire: w.ModelList, ctx: Context) -> c.ModelList:
    if wire.first_id is not None:
        ctx.left(wire, "first_id", "ModelList.first_id")
    if wire.last_id is not None:
        ctx.left(wire, "last_id", "ModelList.last_id")
    return c.ModelList(
        models=[lift_model_info(item, ctx) for item in wire.data],
        more=wire.has_more,
    )


def lower_model_list(value: c.ModelList, ctx: Context) -> w.ModelList:
    return w.ModelList(
        data=[one for item in value.models or () if (one := lower_model_info(item, ctx)) is not None],
        has_more=False if value.more is None else value.more,
    )


def lift_model_info(wire: w.ModelInfo, ctx: Context) -> c.Model:
    if wire.deprecated_at is not None:
        ctx.left(wire, "deprecated_at", "ModelInfo.deprecated_at")
    if wire.lifecycle is not None:
        ctx.left(wire, "lifecycle", "ModelInfo.lifecycle")
    if wire.line is not None:
        ctx.left(wire, "line", "ModelInfo.line")
    if wire.allowed_fallback_models is not None:
        ctx.left(wire, "allowed_fallback_models", "ModelInfo.allowed_fallback_models")
    if wire.capabilities is not None:
        ctx.left(wire, "capabilities", "ModelInfo.capabilities")
    return c.Model(
        id=wire.id,
        title=wire.display_name or None,
        created=None if wire.created_at is None else timestamp.lift(wire.created_at),
        max_input=wire.max_input_tokens,
        max_output=wire.max_tokens,
        retired=wire.retires_at,
    )


def lower_model_info(value: c.Model, ctx: Context) -> w.ModelInfo:
    if value.owner is not None:
        ctx.lose(value, "owner", "ModelInfo.owner")
    return w.ModelInfo(
        id=value.id,
        type="model",
        display_name="" if value.title is None else value.title,
        created_at="1970-01-01T00:00:00Z" if value.created is None else timestamp.lower(value.created),
        max_input_tokens=value.max_input,
        max_tokens=value.max_output,
        retires_at=value.retired,
    )


KEPT_MESSAGE = ["stop_details", "container", "context_management", "diagnostics", "input_transformations"]
HELD_MESSAGE = any_of("stop_details", "container", "context_management", "diagnostics", "input_transformations")
KEPT_USAGE = ["server_tool_use", "inference_geo", "service_tier", "speed", "fallback_credit", "iterations"]
HELD_USAGE = any_of("server_tool_use", "inference_geo", "service_tier", "speed", "fallback_credit", "iterations")


def lift_response(wire: w.Message, ctx: Context) -> c.Response:
    return lift_message(wire, ctx)


def lower_response(value: c.Response, ctx: Context) -> w.Message:
    return lower_message(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)


def lift_count(wire: w.TokensCount, ctx: Context) -> c.TokenCount:
    return lift_tokens_count(wire, ctx)


def lower_count(value: c.TokenCount, ctx: Context) -> w.TokensCount:
    return lower_tokens_count(value, ctx)


def lift_models(wire: w.ModelList, ctx: Context) -> c.ModelList:
    return lift_model_list(wire, ctx)


def lower_models(value: c.ModelList, ctx: Context) -> w.ModelList:
    return lower_model_list(value, ctx)


def lift_model(wire: w.ModelInfo, ctx: Context) -> c.Model:
    return lift_model_info(wire, ctx)


def lower_model(value: c.Model, ctx: Context) -> w.ModelInfo:
    return lower_model_info(value, ctx)
