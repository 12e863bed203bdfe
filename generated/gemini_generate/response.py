# Generated from specs/dialects/gemini_generate/mapping.yaml. Edit the spec, then `make generate`.
# GenerateContentResponse <-> Response: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.gemini_generate import wire as w
from generated.gemini_generate.request import LOWER_PART, lift_part
from runtime.core.context import Context
from runtime.core.primitives import (
    Ways,
    any_of,
    attach,
    chosen_tokens,
    known,
    model_path,
    placed,
    timestamp,
    total,
    unless,
)

DIALECT = "gemini-generate"
FINISH_REASON_LIFT = {
    None: None,
    "STOP": "end_turn",
    "MAX_TOKENS": "max_tokens",
    "SAFETY": "content_filter",
    "MALFORMED_FUNCTION_CALL": "malformed_tool_call",
    "OTHER": "other",
    "FINISH_REASON_UNSPECIFIED": "other",
    "RECITATION": "content_filter",
    "LANGUAGE": "other",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_OTHER": "other",
    "NO_IMAGE": "other",
    "IMAGE_RECITATION": "content_filter",
    "UNEXPECTED_TOOL_CALL": "malformed_tool_call",
    "TOO_MANY_TOOL_CALLS": "malformed_tool_call",
    "MISSING_THOUGHT_SIGNATURE": "malformed_tool_call",
    "MALFORMED_RESPONSE": "malformed_tool_call",
    "ESCALATION": "other",
    "PUP_LIMITED_DISABLED": "other",
    "CONTINUATION": "pause",
    "MODEL_ARMOR": "content_filter",
}
FINISH_REASON_LOWER = {
    "end_turn": "STOP",
    "max_tokens": "MAX_TOKENS",
    "content_filter": "SAFETY",
    "malformed_tool_call": "MALFORMED_FUNCTION_CALL",
    "other": "OTHER",
    "tool_use": "STOP",
    "stop_sequence": "STOP",
    "context_window": "MAX_TOKENS",
    "pause": "STOP",
    "refusal": "SAFETY",
}
BLOCK_REASON_LIFT = {
    None: None,
    "SAFETY": "content_filter",
    "BLOCKED_REASON_UNSPECIFIED": "content_filter",
    "OTHER": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "MODEL_ARMOR": "content_filter",
    "JAILBREAK": "content_filter",
}
BLOCK_REASON_LOWER = {None: None, "content_filter": "SAFETY"}
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
decode_response = Decoder(w.GenerateContentResponse).decode
decode_error = Decoder(w.ErrorEnvelope).decode
decode_count = Decoder(w.CountTokensResponse).decode
decode_models = Decoder(w.ModelList).decode
decode_model = Decoder(w.Model).decode


def lift_generate_content_response(wire: w.GenerateContentResponse, ctx: Context) -> c.Response:
    prompt_feedback = wire.prompt_feedback
    if (wire.prompt_feedback and wire.prompt_feedback.block_reason_message) is not None:
        ctx.left(wire, "promptFeedback.blockReasonMessage", "GenerateContentResponse.promptFeedback.blockReasonMessage")
    if (wire.prompt_feedback and wire.prompt_feedback.safety_ratings) is not None:
        ctx.left(wire, "promptFeedback.safetyRatings", "GenerateContentResponse.promptFeedback.safetyRatings")
    return c.Response(
        usage=None if wire.usage_metadata is None else lift_usage_metadata(wire.usage_metadata, ctx),
        model=wire.model_version,
        id=wire.response_id,
        created=None if wire.create_time is None else timestamp.lift(wire.create_time),
        candidates=(None if not wire.candidates else [lift_candidate(item, ctx) for item in wire.candidates])
        or (
            [
                c.Candidate(
                    index=0,
                    stop_reason=BLOCK_REASON_LIFT.get(
                        prompt_feedback and prompt_feedback.block_reason, "content_filter"
                    ),
                    native_reason=prompt_feedback and prompt_feedback.block_reason,
                )
            ]
            if (BLOCK_REASON_LIFT.get(prompt_feedback and prompt_feedback.block_reason, "content_filter")) is not None
            else None
        ),
        carried=ctx.keep(wire, ["modelStatus"]) if wire.model_status is not None else None,
    )


def lower_generate_content_response(value: c.Response, ctx: Context) -> w.GenerateContentResponse:
    if value.service_tier is not None:
        ctx.lose(value, "service_tier", "GenerateContentResponse.service_tier")
    if value.metadata is not None:
        ctx.lose(value, "metadata", "GenerateContentResponse.metadata")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "GenerateContentResponse.moderation")
    wire = w.GenerateContentResponse(
        candidates=None
        if not value.candidates
        else [one for item in value.candidates if (one := lower_candidate(item, ctx)) is not None] or None,
        usage_metadata=None if value.usage is None else lower_usage_metadata(value.usage, ctx),
        model_version=value.model,
        response_id=value.id or ctx.mint("{id}"),
        create_time=timestamp.lower(value.created or ctx.now),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_candidate(wire: w.Candidate, ctx: Context) -> c.Candidate:
    return c.Candidate(
        index=0 if wire.index is None else wire.index,
        blocks=lift_said(wire, 0, ctx),
        stop_reason=FINISH_REASON_LIFT.get(wire.finish_reason, "other"),
        native_reason=wire.finish_reason,
        logprobs=None if wire.logprobs_result is None else chosen_tokens.lift(wire.logprobs_result),
        carried=ctx.keep(wire, KEPT_CANDIDATE) if HELD_CANDIDATE(wire) else None,
    )


def lower_candidate(value: c.Candidate, ctx: Context) -> w.Candidate:
    if value.stop_sequence is not None:
        ctx.lose(value, "stop_sequence", "Candidate.stop_sequence")
    wire = w.Candidate(
        index=0 if value.index is None else value.index,
        **lower_said(value.blocks or [], ctx),
        finish_reason=FINISH_REASON_LOWER.get(value.stop_reason),
        logprobs_result=None if value.logprobs is None else chosen_tokens.lower(value.logprobs),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_said(wire: w.Candidate, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.content and wire.content.parts:
        blocks += known(placed(ctx.each(lift_part, wire.content and wire.content.parts), "assistant", turn))
    if (
        wire.citation_metadata
        and wire.citation_metadata.citation_sources
        or wire.citation_metadata
        and wire.citation_metadata.citations
    ):
        attach(
            blocks,
            c.Text,
            "citations",
            [
                lift_citation(item, ctx)
                for item in wire.citation_metadata
                and wire.citation_metadata.citation_sources
                or wire.citation_metadata
                and wire.citation_metadata.citations
            ],
        )
    return blocks


def lower_said(run: list[c.Block], ctx: Context) -> dict:
    kinds = set(map(type, run))
    citation_sources_blocks = [block for block in run if type(block) is c.Text] if c.Text in kinds else []
    citation_sources = [
        part
        for block in citation_sources_blocks
        for item in block.citations or ()
        if (part := lower_citation(item, ctx)) is not None
    ] or None
    return dict(
        citation_metadata=unless(
            w.CitationMetadata(
                citation_sources=citation_sources,
                citations=citation_sources,
            ),
            w.CitationMetadata(),
        ),
        content=w.Content(
            role="model",
            parts=[part for block in run if (part := LOWER_PART[type(block)](block, ctx)) is not None],
        ),
    )


def lift_citation(wire: w.Citation, ctx: Context) -> c.Citation:
    return lift_citation_url(wire, ctx)


def lower_citation(value: c.Citation, ctx: Context) -> w.Citation | None:
    return LOWER_CITATION[value.kind](value, ctx)


def lift_citation_url(wire: w.Citation, ctx: Context) -> c.Citation:
    if wire.license is not None:
        ctx.left(wire, "license", "Citation.license")
    if wire.publication_date is not None:
        ctx.left(wire, "publicationDate", "Citation.publicationDate")
    return c.Citation(
        kind="url",
        said_start=wire.start_index,
        said_end=wire.end_index,
        title=wire.title,
        url=wire.uri,
    )


def lower_citation_url(value: c.Citation, ctx: Context) -> w.Citation:
    if value.cited_text is not None:
        ctx.lose(value, "cited_text", "Citation.cited_text")
    if value.index is not None:
        ctx.lose(value, "index", "Citation.index")
    if value.start is not None:
        ctx.lose(value, "start", "Citation.start")
    if value.end is not None:
        ctx.lose(value, "end", "Citation.end")
    if value.file_id is not None:
        ctx.lose(value, "file_id", "Citation.file_id")
    if value.encrypted_index is not None:
        ctx.lose(value, "encrypted_index", "Citation.encrypted_index")
    return w.Citation(
        start_index=value.said_start,
        end_index=value.said_end,
        title=value.title,
        uri=value.url,
    )


def lift_usage_metadata(wire: w.UsageMetadata, ctx: Context) -> c.Usage:
    cache_read = wire.cached_content_token_count
    return c.Usage(
        input=total(
            ctx.less("promptTokenCount", wire.prompt_token_count, cache_read=cache_read),
            wire.tool_use_prompt_token_count,
        ),
        cache_read=cache_read,
        output=wire.candidates_token_count if wire.candidates_token_count is not None else wire.response_token_count,
        reasoning=wire.thoughts_token_count,
        carried=ctx.keep(wire, KEPT_USAGE_METADATA) if HELD_USAGE_METADATA(wire) else None,
    )


def lower_usage_metadata(value: c.Usage, ctx: Context) -> w.UsageMetadata:
    if value.cache_write is not None:
        ctx.rewritten(value, "cache_write", "UsageMetadata.cache_write")
    if value.cache_write_long is not None:
        ctx.lose(value, "cache_write_long", "UsageMetadata.cache_write_long")
    if value.input_audio is not None:
        ctx.lose(value, "input_audio", "UsageMetadata.input_audio")
    if value.output_audio is not None:
        ctx.lose(value, "output_audio", "UsageMetadata.output_audio")
    prompt_token_count = total(value.input, value.cache_read, value.cache_write)
    candidates_token_count = value.output
    thoughts_token_count = value.reasoning
    wire = w.UsageMetadata(
        prompt_token_count=prompt_token_count,
        cached_content_token_count=value.cache_read,
        candidates_token_count=candidates_token_count,
        thoughts_token_count=thoughts_token_count,
        total_token_count=total(prompt_token_count, candidates_token_count, thoughts_token_count),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_error_envelope(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_detail(wire.error, ctx)


def lower_error_envelope(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return w.ErrorEnvelope(error=lower_error_detail(value, ctx))


def lift_error_detail(wire: w.ErrorDetail, ctx: Context) -> c.Error:
    return c.Error(
        status=wire.code,
        message="" if wire.message is None else wire.message,
        kind=ERROR_KIND_LIFT.get(wire.status) or ctx.kind_of_status(STATUS_LIFT),
        native_kind=wire.status,
        carried=ctx.keep(wire, ["details"]) if wire.details is not None else None,
    )


def lower_error_detail(value: c.Error, ctx: Context) -> w.ErrorDetail:
    if value.code is not None:
        ctx.lose(value, "code", "ErrorDetail.code")
    if value.param is not None:
        ctx.lose(value, "param", "ErrorDetail.param")
    wire = w.ErrorDetail(
        code=500 if value.status is None else value.status,
        message="" if value.message is None else value.message,
        status=ERROR_KIND_LOWER.get(value.kind),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_count_tokens_response(wire: w.CountTokensResponse, ctx: Context) -> c.TokenCount:
    return c.TokenCount(
        input=0 if wire.total_tokens is None else wire.total_tokens,
        carried=ctx.keep(wire, KEPT_COUNT_TOKENS_RESPONSE) if HELD_COUNT_TOKENS_RESPONSE(wire) else None,
    )


def lower_count_tokens_response(value: c.TokenCount, ctx: Context) -> w.CountTokensResponse:
    wire = w.CountTokensResponse(
        total_tokens=0 if value.input is None else value.input,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_model_list(wire: w.ModelList, ctx: Context) -> c.ModelList:
    if wire.next_page_token is not None:
        ctx.left(wire, "nextPageToken", "ModelList.nextPageToken")
    return c.ModelList(
        models=None if not wire.models else [lift_model(item, ctx) for item in wire.models],
    )


def lower_model_list(value: c.ModelList, ctx: Context) -> w.ModelList:
    if value.more:
        ctx.lose(value, "more", "ModelList.more")
    return w.ModelList(
        models=None
        if not value.models
        else [one for item in value.models if (one := lower_model(item, ctx)) is not None] or None,
    )


def lift_model(wire: w.Model, ctx: Context) -> c.Model:
    if wire.description is not None:
        ctx.left(wire, "description", "Model.description")
    if wire.version is not None:
        ctx.left(wire, "version", "Model.version")
    if wire.temperature is not None:
        ctx.left(wire, "temperature", "Model.temperature")
    if wire.max_temperature is not None:
        ctx.left(wire, "maxTemperature", "Model.maxTemperature")
    if wire.top_p is not None:
        ctx.left(wire, "topP", "Model.topP")
    if wire.top_k is not None:
        ctx.left(wire, "topK", "Model.topK")
    if wire.thinking is not None:
        ctx.left(wire, "thinking", "Model.thinking")
    if wire.base_model_id is not None:
        ctx.left(wire, "baseModelId", "Model.baseModelId")
    return c.Model(
        id=model_path.lift(ctx.needed(wire.name, wire, "name")),
        title=wire.display_name,
        max_input=wire.input_token_limit,
        max_output=wire.output_token_limit,
    )


def lower_model(value: c.Model, ctx: Context) -> w.Model:
    if value.created is not None:
        ctx.lose(value, "created", "Model.created")
    if value.owner is not None:
        ctx.lose(value, "owner", "Model.owner")
    if value.retired is not None:
        ctx.lose(value, "retired", "Model.retired")
    return w.Model(
        name=model_path.lower(value.id),
        display_name=value.title,
        input_token_limit=value.max_input,
        output_token_limit=value.max_output,
        supported_generation_methods=["generateContent"],
    )


KEPT_CANDIDATE = [
    "safetyRatings",
    "urlContextMetadata",
    "groundingMetadata",
    "avgLogprobs",
    "tokenCount",
    "finishMessage",
    "continuationToken",
]
HELD_CANDIDATE = any_of(
    "safety_ratings",
    "url_context_metadata",
    "grounding_metadata",
    "avg_logprobs",
    "token_count",
    "finish_message",
    "continuation_token",
)
LOWER_CITATION = Ways(
    {
        "url": lower_citation_url,
        "web": lower_citation_url,
        "char": lower_citation_url,
        "page": lower_citation_url,
        "block": lower_citation_url,
        "search": lower_citation_url,
    },
    lambda value, ctx: ctx.unlowered(value, "Citation"),
)
KEPT_USAGE_METADATA = [
    "cacheTokensDetails",
    "candidatesTokensDetails",
    "promptTokensDetails",
    "toolUsePromptTokensDetails",
    "responseTokensDetails",
    "trafficType",
    "serviceTier",
]
HELD_USAGE_METADATA = any_of(
    "cache_tokens_details",
    "candidates_tokens_details",
    "prompt_tokens_details",
    "tool_use_prompt_tokens_details",
    "response_tokens_details",
    "traffic_type",
    "service_tier",
)
KEPT_COUNT_TOKENS_RESPONSE = [
    "cachedContentTokenCount",
    "promptTokensDetails",
    "cacheTokensDetails",
    "totalBillableCharacters",
]
HELD_COUNT_TOKENS_RESPONSE = any_of(
    "cached_content_token_count", "prompt_tokens_details", "cache_tokens_details", "total_billable_characters"
)


def lift_response(wire: w.GenerateContentResponse, ctx: Context) -> c.Response:
    return lift_generate_content_response(wire, ctx)


def lower_response(value: c.Response, ctx: Context) -> w.GenerateContentResponse:
    return lower_generate_content_response(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)


def lift_count(wire: w.CountTokensResponse, ctx: Context) -> c.TokenCount:
    return lift_count_tokens_response(wire, ctx)


def lower_count(value: c.TokenCount, ctx: Context) -> w.CountTokensResponse:
    return lower_count_tokens_response(value, ctx)


def lift_models(wire: w.ModelList, ctx: Context) -> c.ModelList:
    return lift_model_list(wire, ctx)


def lower_models(value: c.ModelList, ctx: Context) -> w.ModelList:
    return lower_model_list(value, ctx)
