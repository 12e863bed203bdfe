# Generated from specs/dialects/openai_completions/mapping.yaml. Edit the spec, then `make generate`.
# Completion <-> Response: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.openai_completions import wire as w
from runtime.core.context import Context
from runtime.core.primitives import given, text, token_logprobs, total

DIALECT = "openai-completions"
FINISH_REASON_LIFT = {None: None, "stop": "end_turn", "length": "max_tokens", "content_filter": "content_filter"}
FINISH_REASON_LOWER = {
    "end_turn": "stop",
    "max_tokens": "length",
    "content_filter": "content_filter",
    "tool_use": "stop",
    "stop_sequence": "stop",
    "context_window": "length",
    "malformed_tool_call": "stop",
    "pause": "stop",
    "refusal": "content_filter",
    "other": "stop",
}
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
decode_response = Decoder(w.Completion).decode
decode_error = Decoder(w.ErrorEnvelope).decode


def lift_completion(wire: w.Completion, ctx: Context) -> c.Response:
    if wire.system_fingerprint is not None:
        ctx.left(wire, "system_fingerprint", "Completion.system_fingerprint")
    if wire.timings is not None:
        ctx.left(wire, "timings", "Completion.timings")
    if wire.metrics is not None:
        ctx.left(wire, "metrics", "Completion.metrics")
    if wire.ec_transfer_params is not None:
        ctx.left(wire, "ec_transfer_params", "Completion.ec_transfer_params")
    if wire.kv_transfer_params is not None:
        ctx.left(wire, "kv_transfer_params", "Completion.kv_transfer_params")
    return c.Response(
        id=wire.id,
        created=wire.created,
        model=wire.model,
        candidates=None if not wire.choices else [lift_choice(item, ctx) for item in wire.choices],
        usage=None if wire.usage is None else lift_usage(wire.usage, ctx),
        service_tier=wire.service_tier,
    )


def lower_completion(value: c.Response, ctx: Context) -> w.Completion:
    if value.metadata is not None:
        ctx.lose(value, "metadata", "Completion.metadata")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "Completion.moderation")
    return w.Completion(
        id=value.id or ctx.mint("cmpl-{id}"),
        object="text_completion",
        created=value.created or ctx.now,
        model=value.model,
        choices=[one for item in value.candidates or () if (one := lower_choice(item, ctx)) is not None],
        usage=None if value.usage is None else lower_usage(value.usage, ctx),
        service_tier=value.service_tier,
    )


def lift_choice(wire: w.Choice, ctx: Context) -> c.Candidate:
    if wire.prompt_logprobs is not None:
        ctx.left(wire, "prompt_logprobs", "Choice.prompt_logprobs")
    if wire.prompt_token_ids is not None:
        ctx.left(wire, "prompt_token_ids", "Choice.prompt_token_ids")
    if wire.routed_experts is not None:
        ctx.left(wire, "routed_experts", "Choice.routed_experts")
    if wire.stop_reason is not None:
        ctx.left(wire, "stop_reason", "Choice.stop_reason")
    if wire.token_ids is not None:
        ctx.left(wire, "token_ids", "Choice.token_ids")
    return c.Candidate(
        index=wire.index,
        blocks=lift_said(wire, 0, ctx),
        stop_reason=FINISH_REASON_LIFT.get(wire.finish_reason or None, "other"),
        native_reason=wire.finish_reason or None,
        logprobs=None if given(wire.logprobs) is None else token_logprobs.lift(given(wire.logprobs)),
    )


def lower_choice(value: c.Candidate, ctx: Context) -> w.Choice:
    if value.stop_sequence is not None:
        ctx.lose(value, "stop_sequence", "Choice.stop_sequence")
    return w.Choice(
        index=0 if value.index is None else value.index,
        **lower_said(value.blocks or [], ctx),
        finish_reason=FINISH_REASON_LOWER.get(value.stop_reason),
        logprobs=None if value.logprobs is None else token_logprobs.lower(value.logprobs),
    )


def lift_said(wire: w.Choice, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.text:
        blocks.append(c.Text(text=wire.text, role="assistant", turn=turn, part=0))
    return blocks


def lower_said(run: list[c.Block], ctx: Context) -> dict:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_SAID):
        ctx.unsaid(run, UNSAID_SAID, "Said")
    if c.Refusal in kinds:
        for block in run:
            if type(block) is c.Refusal and block.cache:
                ctx.lose(block, "cache", "Said.refusal.cache")
    if c.Text in kinds:
        for block in run:
            if type(block) is c.Text and block.citations:
                ctx.lose(block, "citations", "Said.text.citations")
            if type(block) is c.Text and block.logprobs:
                ctx.lose(block, "logprobs", "Said.text.logprobs")
            if type(block) is c.Text and block.cache:
                ctx.lose(block, "cache", "Said.text.cache")
    text_blocks = (
        [block for block in run if type(block) in (c.Text, c.Refusal)] if c.Text in kinds or c.Refusal in kinds else []
    )
    for block in text_blocks:
        if type(block) is not c.Text:
            ctx.reworded(block, "it is written as text")
    return dict(
        text="".join([block.text for block in text_blocks]),
    )


def lift_usage(wire: w.Usage, ctx: Context) -> c.Usage:
    prompt_tokens_details = wire.prompt_tokens_details
    completion_tokens_details = wire.completion_tokens_details
    cache_read = (
        (prompt_tokens_details and prompt_tokens_details.cached_tokens)
        if (prompt_tokens_details and prompt_tokens_details.cached_tokens) is not None
        else wire.prompt_cache_hit_tokens
    )
    cache_write = prompt_tokens_details and prompt_tokens_details.cache_write_tokens
    reasoning = completion_tokens_details and completion_tokens_details.reasoning_tokens
    if wire.prompt_cache_miss_tokens is not None:
        ctx.left(wire, "prompt_cache_miss_tokens", "Usage.prompt_cache_miss_tokens")
    if (wire.prompt_tokens_details and wire.prompt_tokens_details.image_tokens) is not None:
        ctx.left(wire, "prompt_tokens_details.image_tokens", "Usage.prompt_tokens_details.image_tokens")
    if (wire.prompt_tokens_details and wire.prompt_tokens_details.text_tokens) is not None:
        ctx.left(wire, "prompt_tokens_details.text_tokens", "Usage.prompt_tokens_details.text_tokens")
    if (wire.completion_tokens_details and wire.completion_tokens_details.accepted_prediction_tokens) is not None:
        ctx.left(
            wire,
            "completion_tokens_details.accepted_prediction_tokens",
            "Usage.completion_tokens_details.accepted_prediction_tokens",
        )
    if (wire.completion_tokens_details and wire.completion_tokens_details.rejected_prediction_tokens) is not None:
        ctx.left(
            wire,
            "completion_tokens_details.rejected_prediction_tokens",
            "Usage.completion_tokens_details.rejected_prediction_tokens",
        )
    if (wire.completion_tokens_details and wire.completion_tokens_details.text_tokens) is not None:
        ctx.left(wire, "completion_tokens_details.text_tokens", "Usage.completion_tokens_details.text_tokens")
    return c.Usage(
        input=ctx.less("prompt_tokens", wire.prompt_tokens, cache_read=cache_read, cache_write=cache_write),
        cache_read=cache_read,
        cache_write=cache_write,
        input_audio=prompt_tokens_details and prompt_tokens_details.audio_tokens,
        output=ctx.less("completion_tokens", wire.completion_tokens, reasoning=reasoning),
        reasoning=reasoning,
        output_audio=completion_tokens_details and completion_tokens_details.audio_tokens,
    )


def lower_usage(value: c.Usage, ctx: Context) -> w.Usage:
    if value.cache_write_long is not None:
        ctx.lose(value, "cache_write_long", "Usage.cache_write_long")
    prompt_tokens = (
        0
        if (total(value.input, value.cache_read, value.cache_write)) is None
        else total(value.input, value.cache_read, value.cache_write)
    )
    prompt_tokens_details_cached_tokens = value.cache_read
    prompt_tokens_details_cache_write_tokens = value.cache_write
    prompt_tokens_details_audio_tokens = value.input_audio
    prompt_tokens_details = (
        w.PromptTokensDetails(
            cached_tokens=prompt_tokens_details_cached_tokens,
            cache_write_tokens=prompt_tokens_details_cache_write_tokens,
            audio_tokens=prompt_tokens_details_audio_tokens,
        )
        if prompt_tokens_details_cached_tokens is not None
        or prompt_tokens_details_cache_write_tokens is not None
        or prompt_tokens_details_audio_tokens is not None
        else None
    )
    completion_tokens = 0 if (total(value.output, value.reasoning)) is None else total(value.output, value.reasoning)
    completion_tokens_details_reasoning_tokens = value.reasoning
    completion_tokens_details_audio_tokens = value.output_audio
    completion_tokens_details = (
        w.CompletionTokensDetails(
            reasoning_tokens=completion_tokens_details_reasoning_tokens,
            audio_tokens=completion_tokens_details_audio_tokens,
        )
        if completion_tokens_details_reasoning_tokens is not None or completion_tokens_details_audio_tokens is not None
        else None
    )
    return w.Usage(
        prompt_tokens=prompt_tokens,
        prompt_tokens_details=prompt_tokens_details,
        completion_tokens=completion_tokens,
        completion_tokens_details=completion_tokens_details,
        total_tokens=total(prompt_tokens, completion_tokens),
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


UNSAID_SAID = {
    c.Thinking,
    c.SealedThinking,
    c.ToolCall,
    c.CustomCall,
    c.ToolResult,
    c.SearchResult,
    c.Image,
    c.Audio,
    c.Video,
    c.Document,
    c.HostedCall,
    c.HostedResult,
    c.Unknown,
}


def lift_response(wire: w.Completion, ctx: Context) -> c.Response:
    return lift_completion(wire, ctx)


def lower_response(value: c.Response, ctx: Context) -> w.Completion:
    return lower_completion(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)
