# Generated from specs/dialects/voyage_rerank/mapping.yaml. Edit the spec, then `make generate`.
# RerankResponse <-> RerankResponse: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.voyage_rerank import wire as w
from runtime.core.context import Context

DIALECT = "voyage-rerank"
STATUS_LIFT = {
    400: "invalid_request",
    401: "authentication",
    403: "permission",
    404: "not_found",
    413: "too_large",
    429: "rate_limit",
    500: "internal",
    503: "overloaded",
    504: "timeout",
    402: "quota",
    408: "timeout",
    422: "invalid_request",
    502: "internal",
    529: "overloaded",
}
STATUS_LOWER = {
    "invalid_request": 400,
    "authentication": 401,
    "permission": 403,
    "not_found": 404,
    "too_large": 413,
    "rate_limit": 429,
    "internal": 500,
    "overloaded": 503,
    "timeout": 504,
    "quota": 429,
    "truncated": 502,
}
decode_response = Decoder(w.RerankResponse).decode
decode_error = Decoder(w.ErrorEnvelope).decode


def lift_rerank_response(wire: w.RerankResponse, ctx: Context) -> c.RerankResponse:
    wire_usage = wire.usage
    usage = None
    input = wire_usage and wire_usage.total_tokens
    if input is not None:
        usage = usage or c.Usage()
        usage.input = input
    return c.RerankResponse(
        results=[lift_result(item, ctx) for item in wire.data],
        model=wire.model or None,
        usage=usage,
    )


def lower_rerank_response(value: c.RerankResponse, ctx: Context) -> w.RerankResponse:
    if value.id is not None:
        ctx.lose(value, "id", "RerankResponse.id")
    if value.usage and value.usage.output is not None:
        ctx.lose(value, "usage.output", "RerankResponse.usage.output")
    if value.usage and value.usage.reasoning is not None:
        ctx.lose(value, "usage.reasoning", "RerankResponse.usage.reasoning")
    if value.usage and value.usage.cache_read is not None:
        ctx.lose(value, "usage.cache_read", "RerankResponse.usage.cache_read")
    if value.usage and value.usage.cache_write is not None:
        ctx.lose(value, "usage.cache_write", "RerankResponse.usage.cache_write")
    if value.usage and value.usage.cache_write_long is not None:
        ctx.lose(value, "usage.cache_write_long", "RerankResponse.usage.cache_write_long")
    if value.usage and value.usage.input_audio is not None:
        ctx.lose(value, "usage.input_audio", "RerankResponse.usage.input_audio")
    if value.usage and value.usage.output_audio is not None:
        ctx.lose(value, "usage.output_audio", "RerankResponse.usage.output_audio")
    usage_total_tokens = value.usage and value.usage.input
    usage = w.Usage(total_tokens=usage_total_tokens) if usage_total_tokens is not None else None
    return w.RerankResponse(
        object="list",
        data=[one for item in value.results or () if (one := lower_result(item, ctx)) is not None],
        model="" if value.model is None else value.model,
        usage=usage,
    )


def lift_result(wire: w.Result, ctx: Context) -> c.Ranked:
    if wire.document is not None:
        ctx.left(wire, "document", "Result.document")
    return c.Ranked(
        index=wire.index,
        score=wire.relevance_score,
    )


def lower_result(value: c.Ranked, ctx: Context) -> w.Result:
    return w.Result(
        index=value.index,
        relevance_score=value.score,
    )


def lift_error_envelope(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return c.Error(
        kind=ctx.kind_of_status(STATUS_LIFT),
        message=wire.detail,
    )


def lower_error_envelope(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    if value.code is not None:
        ctx.lose(value, "code", "ErrorEnvelope.code")
    if value.param is not None:
        ctx.lose(value, "param", "ErrorEnvelope.param")
    if value.native_kind is not None:
        ctx.lose(value, "native_kind", "ErrorEnvelope.native_kind")
    if value.status is not None:
        ctx.lose(value, "status", "ErrorEnvelope.status")
    return w.ErrorEnvelope(
        detail=value.message,
    )


def lift_response(wire: w.RerankResponse, ctx: Context) -> c.RerankResponse:
    return lift_rerank_response(wire, ctx)


def lower_response(value: c.RerankResponse, ctx: Context) -> w.RerankResponse:
    return lower_rerank_response(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)
