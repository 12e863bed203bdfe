# Generated from specs/dialects/tei_rerank/mapping.yaml. Edit the spec, then `make generate`.
# RerankResponse <-> RerankResponse: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.tei_rerank import wire as w
from runtime.core.context import Context

DIALECT = "tei-rerank"
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
ERROR_TYPE_LIFT = {
    "Validation": "invalid_request",
    "Overloaded": "overloaded",
    "Backend": "internal",
    "Unhealthy": "overloaded",
    "Tokenizer": "invalid_request",
    "Empty": "invalid_request",
}
ERROR_TYPE_LOWER = {
    "invalid_request": "Validation",
    "overloaded": "Overloaded",
    "internal": "Backend",
    "authentication": "Validation",
    "permission": "Validation",
    "not_found": "Validation",
    "too_large": "Validation",
    "quota": "Overloaded",
    "rate_limit": "Overloaded",
    "timeout": "Backend",
    "truncated": "Backend",
}
decode_response = Decoder(w.RerankResponse).decode
decode_error = Decoder(w.ErrorEnvelope).decode


def lift_rerank_response(wire: w.RerankResponse, ctx: Context) -> c.RerankResponse:
    return c.RerankResponse(
        results=[lift_rank(item, ctx) for item in wire.results],
    )


def lower_rerank_response(value: c.RerankResponse, ctx: Context) -> w.RerankResponse:
    if value.id is not None:
        ctx.lose(value, "id", "RerankResponse.id")
    if value.usage and value.usage.input is not None:
        ctx.lose(value, "usage.input", "RerankResponse.usage.input")
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
    return w.RerankResponse(
        results=[one for item in value.results or () if (one := lower_rank(item, ctx)) is not None],
    )


def lift_rank(wire: w.Rank, ctx: Context) -> c.Ranked:
    if wire.text is not None:
        ctx.left(wire, "text", "Rank.text")
    return c.Ranked(
        index=wire.index,
        score=wire.score,
    )


def lower_rank(value: c.Ranked, ctx: Context) -> w.Rank:
    return w.Rank(
        index=value.index,
        score=value.score,
    )


def lift_error_envelope(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return c.Error(
        message="" if wire.error is None else wire.error,
        kind=ERROR_TYPE_LIFT.get(wire.error_type) or ctx.kind_of_status(STATUS_LIFT),
        native_kind=wire.error_type,
    )


def lower_error_envelope(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    if value.code is not None:
        ctx.lose(value, "code", "ErrorEnvelope.code")
    if value.param is not None:
        ctx.lose(value, "param", "ErrorEnvelope.param")
    if value.status is not None:
        ctx.lose(value, "status", "ErrorEnvelope.status")
    return w.ErrorEnvelope(
        error="" if value.message is None else value.message,
        error_type=ERROR_TYPE_LOWER.get(value.kind),
    )


def lift_response(wire: w.RerankResponse, ctx: Context) -> c.RerankResponse:
    return lift_rerank_response(wire, ctx)


def lower_response(value: c.RerankResponse, ctx: Context) -> w.RerankResponse:
    return lower_rerank_response(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)
