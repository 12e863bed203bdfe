# Generated from specs/dialects/bedrock_converse/mapping.yaml. Edit the spec, then `make generate`.
# ConverseResponse <-> Response: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec import Raw
from msgspec.json import Decoder

from generated import canonical as c
from generated.bedrock_converse import wire as w
from generated.bedrock_converse.request import (
    TIER_LIFT,
    TIER_LOWER,
    lift_cache_point,
    lift_content_block,
    lower_cache_point,
    lower_content_block,
)
from runtime.core.context import Context
from runtime.core.primitives import known, numbered, total

DIALECT = "bedrock-converse"
STOP_REASON_LIFT = {
    None: None,
    "end_turn": "end_turn",
    "tool_use": "tool_use",
    "max_tokens": "max_tokens",
    "stop_sequence": "stop_sequence",
    "content_filtered": "content_filter",
    "malformed_tool_use": "malformed_tool_call",
    "model_context_window_exceeded": "context_window",
    "guardrail_intervened": "content_filter",
    "malformed_model_output": "other",
}
STOP_REASON_LOWER = {
    None: None,
    "end_turn": "end_turn",
    "tool_use": "tool_use",
    "max_tokens": "max_tokens",
    "stop_sequence": "stop_sequence",
    "content_filter": "content_filtered",
    "malformed_tool_call": "malformed_tool_use",
    "context_window": "model_context_window_exceeded",
    "refusal": "content_filtered",
    "pause": "end_turn",
    "other": "end_turn",
}
ERROR_KIND_LIFT = {
    "ValidationException": "invalid_request",
    "UnrecognizedClientException": "authentication",
    "AccessDeniedException": "permission",
    "ResourceNotFoundException": "not_found",
    "ServiceQuotaExceededException": "quota",
    "ThrottlingException": "rate_limit",
    "ServiceUnavailableException": "overloaded",
    "ModelTimeoutException": "timeout",
    "ModelStreamErrorException": "truncated",
    "InternalServerException": "internal",
    "ModelNotReadyException": "overloaded",
    "ModelErrorException": "internal",
    "ExpiredTokenException": "authentication",
    "InvalidSignatureException": "authentication",
    "MissingAuthenticationTokenException": "authentication",
    "IncompleteSignatureException": "authentication",
    "ConflictException": "invalid_request",
}
ERROR_KIND_LOWER = {
    "invalid_request": "ValidationException",
    "authentication": "UnrecognizedClientException",
    "permission": "AccessDeniedException",
    "not_found": "ResourceNotFoundException",
    "quota": "ServiceQuotaExceededException",
    "rate_limit": "ThrottlingException",
    "overloaded": "ServiceUnavailableException",
    "timeout": "ModelTimeoutException",
    "truncated": "ModelStreamErrorException",
    "internal": "InternalServerException",
    "too_large": "ValidationException",
}
STATUS_LIFT = {
    400: "invalid_request",
    401: "authentication",
    403: "permission",
    404: "not_found",
    408: "timeout",
    413: "too_large",
    429: "rate_limit",
    500: "internal",
    503: "overloaded",
    402: "quota",
    422: "invalid_request",
    502: "internal",
    504: "timeout",
    529: "overloaded",
}
STATUS_LOWER = {
    "invalid_request": 400,
    "authentication": 401,
    "permission": 403,
    "not_found": 404,
    "timeout": 408,
    "too_large": 413,
    "rate_limit": 429,
    "internal": 500,
    "overloaded": 503,
    "quota": 400,
    "truncated": 500,
}
decode_response = Decoder(w.ConverseResponse).decode
decode_error = Decoder(w.ErrorEnvelope).decode


def lift_converse_response(wire: w.ConverseResponse, ctx: Context) -> c.Response:
    output = wire.output
    output_message = output.message
    service_tier = wire.service_tier
    return c.Response(
        usage=None if wire.usage is None else lift_usage(wire.usage, ctx),
        service_tier=TIER_LIFT.get(service_tier and service_tier.type, service_tier and service_tier.type),
        candidates=[
            c.Candidate(
                index=0,
                blocks=known(
                    numbered(
                        ctx.marked(
                            lift_content_block,
                            output_message and output_message.content,
                            "cache_point",
                            lift_cache_point,
                        )
                    )
                )
                or None,
                stop_reason=STOP_REASON_LIFT.get(wire.stop_reason, "other"),
                native_reason=wire.stop_reason,
            )
        ],
        carried=ctx.keep(wire, ["trace", "additionalModelResponseFields", "performanceConfig"])
        if wire.trace is not None
        or wire.additional_model_response_fields is not None
        or wire.performance_config is not None
        else None,
    )


def lower_converse_response(value: c.Response, ctx: Context) -> w.ConverseResponse:
    if value.id is not None:
        ctx.lose(value, "id", "ConverseResponse.id")
    if value.created is not None:
        ctx.lose(value, "created", "ConverseResponse.created")
    if value.metadata is not None:
        ctx.lose(value, "metadata", "ConverseResponse.metadata")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "ConverseResponse.moderation")
    if value.candidates and value.candidates[0] and value.candidates[0].stop_sequence is not None:
        ctx.lose(value, "candidates.0.stop_sequence", "ConverseResponse.candidates.0.stop_sequence")
    if value.candidates and value.candidates[0] and value.candidates[0].logprobs is not None:
        ctx.lose(value, "candidates.0.logprobs", "ConverseResponse.candidates.0.logprobs")
    service_tier_type = TIER_LOWER.get(value.service_tier, "default")
    service_tier = w.ServiceTier(type=service_tier_type) if service_tier_type is not None else None
    wire = w.ConverseResponse(
        output=w.ConverseOutput(
            message=w.Message(
                role="assistant",
                content=ctx.marking(
                    lower_content_block,
                    value.candidates and value.candidates[0].blocks,
                    "cache_point",
                    lower_cache_point,
                    "cache_marks",
                ),
            ),
        ),
        stop_reason=STOP_REASON_LOWER.get(value.candidates and value.candidates[0].stop_reason, "end_turn"),
        usage=w.Usage(input_tokens=0, output_tokens=0, total_tokens=0)
        if value.usage is None
        else lower_usage(value.usage, ctx),
        metrics=Raw(b'{"latencyMs":0}'),
        service_tier=service_tier,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_usage(wire: w.Usage, ctx: Context) -> c.Usage:
    return c.Usage(
        input=wire.input_tokens,
        output=wire.output_tokens,
        cache_read=wire.cache_read_input_tokens
        if wire.cache_read_input_tokens is not None
        else wire.cache_read_input_token_count,
        cache_write=wire.cache_write_input_tokens
        if wire.cache_write_input_tokens is not None
        else wire.cache_write_input_token_count,
        carried=ctx.keep(wire, ["cacheDetails", "serverToolUsage"])
        if wire.cache_details is not None or wire.server_tool_usage is not None
        else None,
    )


def lower_usage(value: c.Usage, ctx: Context) -> w.Usage:
    if value.reasoning is not None:
        ctx.rewritten(value, "reasoning", "Usage.reasoning")
    if value.cache_write_long is not None:
        ctx.lose(value, "cache_write_long", "Usage.cache_write_long")
    if value.input_audio is not None:
        ctx.lose(value, "input_audio", "Usage.input_audio")
    if value.output_audio is not None:
        ctx.lose(value, "output_audio", "Usage.output_audio")
    input_tokens = 0 if value.input is None else value.input
    output_tokens = 0 if (total(value.output, value.reasoning)) is None else total(value.output, value.reasoning)
    cache_read_input_tokens = value.cache_read
    cache_write_input_tokens = value.cache_write
    wire = w.Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cache_read_input_tokens=cache_read_input_tokens,
        cache_write_input_tokens=cache_write_input_tokens,
        total_tokens=total(input_tokens, output_tokens, cache_read_input_tokens, cache_write_input_tokens),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_error_envelope(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    if wire.original_status_code is not None:
        ctx.left(wire, "originalStatusCode", "ErrorEnvelope.originalStatusCode")
    if wire.resource_name is not None:
        ctx.left(wire, "resourceName", "ErrorEnvelope.resourceName")
    if wire.type is not None:
        ctx.left(wire, "type", "ErrorEnvelope.type")
    return c.Error(
        message=wire.message if wire.message is not None else "" if wire.message_1 is None else wire.message_1,
        kind=ERROR_KIND_LIFT.get(wire.field__type) or ctx.kind_of_status(STATUS_LIFT),
        native_kind=wire.field__type,
    )


def lower_error_envelope(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    if value.code is not None:
        ctx.lose(value, "code", "ErrorEnvelope.code")
    if value.param is not None:
        ctx.lose(value, "param", "ErrorEnvelope.param")
    if value.status is not None:
        ctx.lose(value, "status", "ErrorEnvelope.status")
    return w.ErrorEnvelope(
        message=value.message,
        field__type=ERROR_KIND_LOWER.get(value.kind),
    )


def lift_response(wire: w.ConverseResponse, ctx: Context) -> c.Response:
    return lift_converse_response(wire, ctx)


def lower_response(value: c.Response, ctx: Context) -> w.ConverseResponse:
    return lower_converse_response(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)
