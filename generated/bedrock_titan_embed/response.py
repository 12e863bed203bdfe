# Generated from specs/dialects/bedrock_titan_embed/mapping.yaml. Edit the spec, then `make generate`.
# EmbedResponse <-> EmbedResponse: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.bedrock_titan_embed import wire as w
from runtime.core.context import Context

DIALECT = "bedrock-titan-embed"
ERROR_KIND_LIFT = {
    "ValidationException": "invalid_request",
    "UnrecognizedClientException": "authentication",
    "AccessDeniedException": "permission",
    "ResourceNotFoundException": "not_found",
    "ServiceQuotaExceededException": "quota",
    "ThrottlingException": "rate_limit",
    "ServiceUnavailableException": "overloaded",
    "ModelTimeoutException": "timeout",
    "InternalServerException": "internal",
    "ModelNotReadyException": "overloaded",
    "ModelErrorException": "internal",
    "ExpiredTokenException": "authentication",
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
    "internal": "InternalServerException",
    "too_large": "ValidationException",
    "truncated": "InternalServerException",
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
decode_response = Decoder(w.EmbedResponse).decode
decode_error = Decoder(w.ErrorEnvelope).decode


def lift_embed_response(wire: w.EmbedResponse, ctx: Context) -> c.EmbedResponse:
    usage = None
    input = wire.input_text_token_count
    if input is not None:
        usage = usage or c.Usage()
        usage.input = input
    if wire.embeddings_by_type is not None:
        ctx.left(wire, "embeddingsByType", "EmbedResponse.embeddingsByType")
    return c.EmbedResponse(
        embeddings=[
            c.Embedding(
                index=0,
                values=wire.embedding,
            )
        ],
        usage=usage,
    )


def lower_embed_response(value: c.EmbedResponse, ctx: Context) -> w.EmbedResponse:
    if value.id is not None:
        ctx.lose(value, "id", "EmbedResponse.id")
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
    return w.EmbedResponse(
        embedding=value.embeddings and value.embeddings[0].values,
        input_text_token_count=value.usage and value.usage.input,
    )


def lift_error_envelope(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return c.Error(
        message="" if wire.message is None else wire.message,
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
        message="" if value.message is None else value.message,
        field__type=ERROR_KIND_LOWER.get(value.kind),
    )


def lift_response(wire: w.EmbedResponse, ctx: Context) -> c.EmbedResponse:
    return lift_embed_response(wire, ctx)


def lower_response(value: c.EmbedResponse, ctx: Context) -> w.EmbedResponse:
    return lower_embed_response(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)
