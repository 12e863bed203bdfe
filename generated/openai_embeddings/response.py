# Generated from specs/dialects/openai_embeddings/mapping.yaml. Edit the spec, then `make generate`.
# Embeddings <-> EmbedResponse: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.openai_embeddings import wire as w
from runtime.core.context import Context
from runtime.core.primitives import text, total

DIALECT = "openai-embeddings"
ERROR_KIND_LIFT = {
    "invalid_request_error": "invalid_request",
    "authentication_error": "authentication",
    "permission_error": "permission",
    "not_found_error": "not_found",
    "insufficient_quota": "quota",
    "rate_limit_error": "rate_limit",
    "timeout_error": "timeout",
    "server_error": "internal",
    "tokens": "rate_limit",
    "requests": "rate_limit",
    "rate_limit_exceeded": "rate_limit",
    "invalid_api_key": "authentication",
    "not_found": "not_found",
    "overloaded_error": "overloaded",
    "exceed_context_size_error": "invalid_request",
    "unavailable_error": "overloaded",
    "BadRequestError": "invalid_request",
    "NotFoundError": "not_found",
    "not_supported_error": "invalid_request",
    "image_parse_error": "invalid_request",
}
ERROR_KIND_LOWER = {
    "invalid_request": "invalid_request_error",
    "authentication": "authentication_error",
    "permission": "permission_error",
    "not_found": "not_found_error",
    "quota": "insufficient_quota",
    "rate_limit": "rate_limit_error",
    "timeout": "timeout_error",
    "internal": "server_error",
    "too_large": "invalid_request_error",
    "overloaded": "server_error",
    "truncated": "server_error",
}
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
decode_response = Decoder(w.Embeddings).decode
decode_error = Decoder(w.ErrorEnvelope).decode


def lift_embeddings(wire: w.Embeddings, ctx: Context) -> c.EmbedResponse:
    if wire.id is not None:
        ctx.left(wire, "id", "Embeddings.id")
    if wire.created is not None:
        ctx.left(wire, "created", "Embeddings.created")
    return c.EmbedResponse(
        embeddings=[lift_embedding(item, ctx) for item in wire.data],
        model=wire.model or None,
        usage=None if wire.usage is None else lift_usage(wire.usage, ctx),
    )


def lower_embeddings(value: c.EmbedResponse, ctx: Context) -> w.Embeddings:
    if value.id is not None:
        ctx.lose(value, "id", "Embeddings.id")
    if value.created is not None:
        ctx.lose(value, "created", "Embeddings.created")
    return w.Embeddings(
        object="list",
        data=[one for item in value.embeddings or () if (one := lower_embedding(item, ctx)) is not None],
        model="" if value.model is None else value.model,
        usage=None if value.usage is None else lower_usage(value.usage, ctx),
    )


def lift_embedding(wire: w.Embedding, ctx: Context) -> c.Embedding:
    if wire.encoding_format is not None:
        ctx.left(wire, "encoding_format", "Embedding.encoding_format")
    return c.Embedding(
        index=wire.index,
        values=wire.embedding,
    )


def lower_embedding(value: c.Embedding, ctx: Context) -> w.Embedding:
    return w.Embedding(
        object="embedding",
        index=0 if value.index is None else value.index,
        embedding=value.values,
    )


def lift_usage(wire: w.Usage, ctx: Context) -> c.Usage:
    if wire.completion_tokens is not None:
        ctx.left(wire, "completion_tokens", "Usage.completion_tokens")
    if wire.prompt_audio_seconds is not None:
        ctx.left(wire, "prompt_audio_seconds", "Usage.prompt_audio_seconds")
    if wire.prompt_tokens_details is not None:
        ctx.left(wire, "prompt_tokens_details", "Usage.prompt_tokens_details")
    return c.Usage(
        input=wire.prompt_tokens,
    )


def lower_usage(value: c.Usage, ctx: Context) -> w.Usage:
    if value.output is not None:
        ctx.lose(value, "output", "Usage.output")
    if value.reasoning is not None:
        ctx.lose(value, "reasoning", "Usage.reasoning")
    if value.cache_read is not None:
        ctx.lose(value, "cache_read", "Usage.cache_read")
    if value.cache_write is not None:
        ctx.lose(value, "cache_write", "Usage.cache_write")
    if value.cache_write_long is not None:
        ctx.lose(value, "cache_write_long", "Usage.cache_write_long")
    if value.input_audio is not None:
        ctx.lose(value, "input_audio", "Usage.input_audio")
    if value.output_audio is not None:
        ctx.lose(value, "output_audio", "Usage.output_audio")
    prompt_tokens = 0 if value.input is None else value.input
    return w.Usage(
        prompt_tokens=prompt_tokens,
        total_tokens=total(prompt_tokens),
    )


def lift_error_envelope(wire: w.ErrorEnvelope | str, ctx: Context) -> c.Error:
    if type(wire.error) is str:
        return c.Error(kind=ctx.kind_of_status(STATUS_LIFT), message=wire.error)
    return lift_error_detail(wire.error, ctx)


def lower_error_envelope(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return w.ErrorEnvelope(error=lower_error_detail(value, ctx))


def lift_error_detail(wire: w.ErrorDetail, ctx: Context) -> c.Error:
    if wire.misalignment is not None:
        ctx.left(wire, "misalignment", "ErrorDetail.misalignment")
    if wire.n_ctx is not None:
        ctx.left(wire, "n_ctx", "ErrorDetail.n_ctx")
    if wire.n_prompt_tokens is not None:
        ctx.left(wire, "n_prompt_tokens", "ErrorDetail.n_prompt_tokens")
    return c.Error(
        message="" if wire.message is None else wire.message,
        kind=ERROR_KIND_LIFT.get(wire.type) or ctx.kind_of_status(STATUS_LIFT),
        native_kind=wire.type,
        code=None if (wire.code or None) is None else text.lift(wire.code or None),
        param=wire.param or None,
    )


def lower_error_detail(value: c.Error, ctx: Context) -> w.ErrorDetail:
    if value.status is not None:
        ctx.lose(value, "status", "ErrorDetail.status")
    return w.ErrorDetail(
        message="" if value.message is None else value.message,
        type=ERROR_KIND_LOWER.get(value.kind),
        code=None if value.code is None else text.lower(value.code),
        param=value.param,
    )


def lift_response(wire: w.Embeddings, ctx: Context) -> c.EmbedResponse:
    return lift_embeddings(wire, ctx)


def lower_response(value: c.EmbedResponse, ctx: Context) -> w.Embeddings:
    return lower_embeddings(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)
