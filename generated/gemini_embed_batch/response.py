# Generated from specs/dialects/gemini_embed_batch/mapping.yaml. Edit the spec, then `make generate`.
# BatchEmbedContentsResponse <-> EmbedResponse: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.gemini_embed_batch import wire as w
from runtime.core.context import Context
from runtime.core.primitives import total

DIALECT = "gemini-embed-batch"
ERROR_KIND_LIFT = {
    "INVALID_ARGUMENT": "invalid_request",
    "UNAUTHENTICATED": "authentication",
    "PERMISSION_DENIED": "permission",
    "NOT_FOUND": "not_found",
    "RESOURCE_EXHAUSTED": "rate_limit",
    "INTERNAL": "internal",
    "UNAVAILABLE": "overloaded",
    "DEADLINE_EXCEEDED": "timeout",
    "FAILED_PRECONDITION": "invalid_request",
    "OUT_OF_RANGE": "invalid_request",
    "ABORTED": "internal",
    "ALREADY_EXISTS": "invalid_request",
    "CANCELLED": "internal",
    "DATA_LOSS": "internal",
    "UNKNOWN": "internal",
    "UNIMPLEMENTED": "invalid_request",
}
ERROR_KIND_LOWER = {
    "invalid_request": "INVALID_ARGUMENT",
    "authentication": "UNAUTHENTICATED",
    "permission": "PERMISSION_DENIED",
    "not_found": "NOT_FOUND",
    "rate_limit": "RESOURCE_EXHAUSTED",
    "internal": "INTERNAL",
    "overloaded": "UNAVAILABLE",
    "timeout": "DEADLINE_EXCEEDED",
    "too_large": "INVALID_ARGUMENT",
    "quota": "RESOURCE_EXHAUSTED",
    "truncated": "INTERNAL",
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
decode_response = Decoder(w.BatchEmbedContentsResponse).decode
decode_error = Decoder(w.ErrorEnvelope).decode


def lift_batch_embed_contents_response(wire: w.BatchEmbedContentsResponse, ctx: Context) -> c.EmbedResponse:
    if wire.metadata is not None:
        ctx.left(wire, "metadata", "BatchEmbedContentsResponse.metadata")
    return c.EmbedResponse(
        embeddings=[lift_embedding(item, ctx) for item in wire.embeddings],
        usage=None if wire.usage_metadata is None else lift_usage_metadata(wire.usage_metadata, ctx),
    )


def lower_batch_embed_contents_response(value: c.EmbedResponse, ctx: Context) -> w.BatchEmbedContentsResponse:
    if value.id is not None:
        ctx.lose(value, "id", "BatchEmbedContentsResponse.id")
    if value.created is not None:
        ctx.lose(value, "created", "BatchEmbedContentsResponse.created")
    return w.BatchEmbedContentsResponse(
        embeddings=[one for item in value.embeddings or () if (one := lower_embedding(item, ctx)) is not None],
        usage_metadata=None if value.usage is None else lower_usage_metadata(value.usage, ctx),
    )


def lift_embedding(wire: w.Embedding, ctx: Context) -> c.Embedding:
    if wire.statistics is not None:
        ctx.left(wire, "statistics", "Embedding.statistics")
    return c.Embedding(
        values=wire.values,
    )


def lower_embedding(value: c.Embedding, ctx: Context) -> w.Embedding:
    return w.Embedding(
        values=value.values,
    )


def lift_usage_metadata(wire: w.UsageMetadata, ctx: Context) -> c.Usage:
    if wire.cached_content_token_count is not None:
        ctx.left(wire, "cachedContentTokenCount", "UsageMetadata.cachedContentTokenCount")
    if wire.thoughts_token_count is not None:
        ctx.left(wire, "thoughtsTokenCount", "UsageMetadata.thoughtsTokenCount")
    if wire.response_token_count is not None:
        ctx.left(wire, "responseTokenCount", "UsageMetadata.responseTokenCount")
    if wire.tool_use_prompt_token_count is not None:
        ctx.left(wire, "toolUsePromptTokenCount", "UsageMetadata.toolUsePromptTokenCount")
    if wire.cache_tokens_details is not None:
        ctx.left(wire, "cacheTokensDetails", "UsageMetadata.cacheTokensDetails")
    if wire.prompt_tokens_details is not None:
        ctx.left(wire, "promptTokensDetails", "UsageMetadata.promptTokensDetails")
    if wire.tool_use_prompt_tokens_details is not None:
        ctx.left(wire, "toolUsePromptTokensDetails", "UsageMetadata.toolUsePromptTokensDetails")
    if wire.response_tokens_details is not None:
        ctx.left(wire, "responseTokensDetails", "UsageMetadata.responseTokensDetails")
    if wire.traffic_type is not None:
        ctx.left(wire, "trafficType", "UsageMetadata.trafficType")
    if wire.service_tier is not None:
        ctx.left(wire, "serviceTier", "UsageMetadata.serviceTier")
    return c.Usage(
        input=wire.prompt_token_count,
    )


def lower_usage_metadata(value: c.Usage, ctx: Context) -> w.UsageMetadata:
    if value.output is not None:
        ctx.lose(value, "output", "UsageMetadata.output")
    if value.reasoning is not None:
        ctx.lose(value, "reasoning", "UsageMetadata.reasoning")
    if value.cache_read is not None:
        ctx.lose(value, "cache_read", "UsageMetadata.cache_read")
    if value.cache_write is not None:
        ctx.lose(value, "cache_write", "UsageMetadata.cache_write")
    if value.cache_write_long is not None:
        ctx.lose(value, "cache_write_long", "UsageMetadata.cache_write_long")
    if value.input_audio is not None:
        ctx.lose(value, "input_audio", "UsageMetadata.input_audio")
    if value.output_audio is not None:
        ctx.lose(value, "output_audio", "UsageMetadata.output_audio")
    prompt_token_count = value.input
    return w.UsageMetadata(
        prompt_token_count=prompt_token_count,
        total_token_count=total(prompt_token_count),
    )


def lift_error_envelope(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_detail(wire.error, ctx)


def lower_error_envelope(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return w.ErrorEnvelope(error=lower_error_detail(value, ctx))


def lift_error_detail(wire: w.ErrorDetail, ctx: Context) -> c.Error:
    if wire.details is not None:
        ctx.left(wire, "details", "ErrorDetail.details")
    return c.Error(
        status=wire.code,
        message="" if wire.message is None else wire.message,
        kind=ERROR_KIND_LIFT.get(wire.status) or ctx.kind_of_status(STATUS_LIFT),
        native_kind=wire.status,
    )


def lower_error_detail(value: c.Error, ctx: Context) -> w.ErrorDetail:
    if value.code is not None:
        ctx.lose(value, "code", "ErrorDetail.code")
    if value.param is not None:
        ctx.lose(value, "param", "ErrorDetail.param")
    return w.ErrorDetail(
        code=500 if value.status is None else value.status,
        message="" if value.message is None else value.message,
        status=ERROR_KIND_LOWER.get(value.kind),
    )


def lift_response(wire: w.BatchEmbedContentsResponse, ctx: Context) -> c.EmbedResponse:
    return lift_batch_embed_contents_response(wire, ctx)


def lower_response(value: c.EmbedResponse, ctx: Context) -> w.BatchEmbedContentsResponse:
    return lower_batch_embed_contents_response(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)
