# Generated from specs/dialects/cohere_rerank/mapping.yaml. Edit the spec, then `make generate`.
# RerankResponse <-> RerankResponse: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.cohere_rerank import wire as w
from runtime.core.context import Context
from runtime.core.primitives import first, rounded

DIALECT = "cohere-rerank"
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
    meta = wire.meta
    meta_tokens = meta and meta.tokens
    wire_usage = wire.usage
    usage = None
    input = first(
        rounded(meta_tokens and meta_tokens.input_tokens),
        wire_usage and wire_usage.prompt_tokens,
    )
    if input is not None:
        usage = usage or c.Usage()
        usage.input = input
    if wire.object is not None:
        ctx.left(wire, "object", "RerankResponse.object")
    if wire.model is not None:
        ctx.left(wire, "model", "RerankResponse.model")
    if (wire.usage and wire.usage.total_tokens) is not None:
        ctx.left(wire, "usage.total_tokens", "RerankResponse.usage.total_tokens")
    if (wire.meta and wire.meta.tokens and wire.meta.tokens.output_tokens) is not None:
        ctx.left(wire, "meta.tokens.output_tokens", "RerankResponse.meta.tokens.output_tokens")
    ctx.left_in(wire, wire.meta, "meta", ["api_version", "cached_tokens", "warnings", "billed_units"])
    return c.RerankResponse(
        id=wire.id,
        results=[lift_result(item, ctx) for item in wire.results],
        usage=usage,
    )


def lower_rerank_response(value: c.RerankResponse, ctx: Context) -> w.RerankResponse:
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
    meta_tokens_input_tokens = value.usage and value.usage.input
    meta_tokens = w.TokenCounts(input_tokens=meta_tokens_input_tokens) if meta_tokens_input_tokens is not None else None
    meta = w.Meta(tokens=meta_tokens) if meta_tokens is not None else None
    return w.RerankResponse(
        id=value.id or ctx.mint("{id}"),
        results=[one for item in value.results or () if (one := lower_result(item, ctx)) is not None],
        meta=meta,
    )


def lift_result(wire: w.Result, ctx: Context) -> c.Ranked:
    return c.Ranked(
        index=wire.index,
        score=wire.relevance_score,
        carried=ctx.keep(wire, ["relevant_spans", "document"])
        if wire.relevant_spans is not None or wire.document is not None
        else None,
    )


def lower_result(value: c.Ranked, ctx: Context) -> w.Result:
    wire = w.Result(
        index=value.index,
        relevance_score=value.score,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_error_envelope(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    if wire.id is not None:
        ctx.left(wire, "id", "ErrorEnvelope.id")
    if wire.error is not None:
        ctx.left(wire, "error", "ErrorEnvelope.error")
    return c.Error(
        kind=ctx.kind_of_status(STATUS_LIFT),
        message="" if wire.message is None else wire.message,
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
        message="" if value.message is None else value.message,
    )


def lift_response(wire: w.RerankResponse, ctx: Context) -> c.RerankResponse:
    return lift_rerank_response(wire, ctx)


def lower_response(value: c.RerankResponse, ctx: Context) -> w.RerankResponse:
    return lower_rerank_response(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)
