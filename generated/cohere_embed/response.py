# Generated from specs/dialects/cohere_embed/mapping.yaml. Edit the spec, then `make generate`.
# EmbedResponse <-> EmbedResponse: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.cohere_embed import wire as w
from runtime.core.context import Context
from runtime.core.primitives import rounded, vectors

DIALECT = "cohere-embed"
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
decode_response = Decoder(w.EmbedResponse).decode
decode_error = Decoder(w.ErrorEnvelope).decode


def lift_embed_response(wire: w.EmbedResponse, ctx: Context) -> c.EmbedResponse:
    meta = wire.meta
    meta_billed_units = meta and meta.billed_units
    usage = None
    input = rounded(meta_billed_units and meta_billed_units.input_tokens)
    if input is not None:
        usage = usage or c.Usage()
        usage.input = input
    if wire.response_type is not None:
        ctx.left(wire, "response_type", "EmbedResponse.response_type")
    if wire.texts is not None:
        ctx.left(wire, "texts", "EmbedResponse.texts")
    if wire.images is not None:
        ctx.left(wire, "images", "EmbedResponse.images")
    ctx.left_in(wire, wire.meta, "meta", ["api_version", "tokens", "cached_tokens", "warnings"])
    ctx.left_in(
        wire,
        wire.meta and wire.meta.billed_units,
        "meta.billed_units",
        ["classifications", "image_tokens", "images", "output_tokens", "search_units", "text_tokens", "pages"],
    )
    return c.EmbedResponse(
        id=wire.id,
        embeddings=vectors.lift(wire.embeddings),
        usage=usage,
    )


def lower_embed_response(value: c.EmbedResponse, ctx: Context) -> w.EmbedResponse:
    if value.created is not None:
        ctx.lose(value, "created", "EmbedResponse.created")
    if value.usage and value.usage.output is not None:
        ctx.lose(value, "usage.output", "EmbedResponse.usage.output")
    if value.usage and value.usage.reasoning is not None:
        ctx.lose(value, "usage.reasoning", "EmbedResponse.usage.reasoning")
    if value.usage and value.usage.cache_read is not None:
        ctx.lose(value, "usage.cache_read", "EmbedResponse.usage.cache_read")
    if value.usage and value.usage.cache_write is not None:
        ctx.lose(value, "usage.cache_write", "EmbedResponse.usage.cache_write")
    if value.usage and value.usage.cache_write_long is not None:
        ctx.lose(value, "usage.cache_write_long", "EmbedResponse.usage.cache_write_long")
    if value.usage and value.usage.input_audio is not None:
        ctx.lose(value, "usage.input_audio", "EmbedResponse.usage.input_audio")
    if value.usage and value.usage.output_audio is not None:
        ctx.lose(value, "usage.output_audio", "EmbedResponse.usage.output_audio")
    meta_billed_units_input_tokens = value.usage and value.usage.input
    meta_billed_units = (
        w.BilledUnits(input_tokens=meta_billed_units_input_tokens)
        if meta_billed_units_input_tokens is not None
        else None
    )
    meta = w.Meta(billed_units=meta_billed_units) if meta_billed_units is not None else None
    return w.EmbedResponse(
        id=value.id or ctx.mint("{id}"),
        embeddings=vectors.lower(value.embeddings),
        meta=meta,
    )


def lift_error_envelope(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    if wire.id is not None:
        ctx.left(wire, "id", "ErrorEnvelope.id")
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


def lift_response(wire: w.EmbedResponse, ctx: Context) -> c.EmbedResponse:
    return lift_embed_response(wire, ctx)


def lower_response(value: c.EmbedResponse, ctx: Context) -> w.EmbedResponse:
    return lower_embed_response(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)
