# Generated from specs/dialects/ollama_embed/mapping.yaml. Edit the spec, then `make generate`.
# EmbedResponse <-> EmbedResponse: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.ollama_embed import wire as w
from runtime.core.context import Context
from runtime.core.primitives import error_text, timestamp

DIALECT = "ollama-embed"
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
    usage = None
    input = wire.prompt_eval_count
    if input is not None:
        usage = usage or c.Usage()
        usage.input = input
    if wire.done is not None:
        ctx.left(wire, "done", "EmbedResponse.done")
    if wire.done_reason is not None:
        ctx.left(wire, "done_reason", "EmbedResponse.done_reason")
    if wire.total_duration is not None:
        ctx.left(wire, "total_duration", "EmbedResponse.total_duration")
    if wire.load_duration is not None:
        ctx.left(wire, "load_duration", "EmbedResponse.load_duration")
    if wire.prompt_eval_duration is not None:
        ctx.left(wire, "prompt_eval_duration", "EmbedResponse.prompt_eval_duration")
    if wire.eval_count is not None:
        ctx.left(wire, "eval_count", "EmbedResponse.eval_count")
    if wire.eval_duration is not None:
        ctx.left(wire, "eval_duration", "EmbedResponse.eval_duration")
    return c.EmbedResponse(
        model=wire.model,
        embeddings=[c.Embedding(values=item) for item in wire.embeddings or ()] or None,
        created=None if wire.created_at is None else timestamp.lift(wire.created_at),
        usage=usage,
    )


def lower_embed_response(value: c.EmbedResponse, ctx: Context) -> w.EmbedResponse:
    if value.id is not None:
        ctx.lose(value, "id", "EmbedResponse.id")
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
    return w.EmbedResponse(
        model=value.model,
        embeddings=[item.values for item in value.embeddings or ()],
        created_at=None if value.created is None else timestamp.lower(value.created),
        prompt_eval_count=value.usage and value.usage.input,
    )


def lift_error_envelope(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    if wire.detail is not None:
        ctx.left(wire, "detail", "ErrorEnvelope.detail")
    if wire.signin_url is not None:
        ctx.left(wire, "signin_url", "ErrorEnvelope.signin_url")
    return c.Error(
        kind=ctx.kind_of_status(STATUS_LIFT),
        message=error_text.lift(ctx.needed(wire.error, wire, "error")),
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
        error=error_text.lower(value.message),
    )


def lift_response(wire: w.EmbedResponse, ctx: Context) -> c.EmbedResponse:
    return lift_embed_response(wire, ctx)


def lower_response(value: c.EmbedResponse, ctx: Context) -> w.EmbedResponse:
    return lower_embed_response(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)
