# Generated from specs/dialects/llamacpp_infill/mapping.yaml. Edit the spec, then `make generate`.
# InfillAnswer <-> Response: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.llamacpp_infill import wire as w
from runtime.core.context import Context
from runtime.core.primitives import text, total

DIALECT = "llamacpp-infill"
STOP_TYPE_LIFT = {None: None, "eos": "end_turn", "limit": "max_tokens", "word": "stop_sequence", "none": "other"}
STOP_TYPE_LOWER = {
    "end_turn": "eos",
    "max_tokens": "limit",
    "stop_sequence": "word",
    "tool_use": "eos",
    "context_window": "limit",
    "malformed_tool_call": "eos",
    "pause": "eos",
    "refusal": "eos",
    "content_filter": "eos",
    "other": "eos",
}
ERROR_KIND_LIFT = {
    "invalid_request_error": "invalid_request",
    "authentication_error": "authentication",
    "permission_error": "permission",
    "not_found_error": "not_found",
    "server_error": "internal",
    "unavailable_error": "overloaded",
    "exceed_context_size_error": "invalid_request",
    "not_supported_error": "invalid_request",
}
ERROR_KIND_LOWER = {
    "invalid_request": "invalid_request_error",
    "authentication": "authentication_error",
    "permission": "permission_error",
    "not_found": "not_found_error",
    "internal": "server_error",
    "overloaded": "unavailable_error",
    "too_large": "exceed_context_size_error",
    "quota": "unavailable_error",
    "rate_limit": "unavailable_error",
    "timeout": "server_error",
    "truncated": "server_error",
}
STATUS_LIFT = {
    400: "invalid_request",
    401: "authentication",
    402: "quota",
    403: "permission",
    404: "not_found",
    413: "too_large",
    429: "rate_limit",
    500: "internal",
    503: "overloaded",
    504: "timeout",
    408: "timeout",
    422: "invalid_request",
    502: "internal",
    529: "overloaded",
}
STATUS_LOWER = {
    "invalid_request": 400,
    "authentication": 401,
    "quota": 402,
    "permission": 403,
    "not_found": 404,
    "too_large": 413,
    "rate_limit": 429,
    "internal": 500,
    "overloaded": 503,
    "timeout": 504,
    "truncated": 502,
}
decode_response = Decoder(w.InfillAnswer).decode
decode_error = Decoder(w.ErrorEnvelope).decode


def lift_infill_answer(wire: w.InfillAnswer, ctx: Context) -> c.Response:
    usage = None
    input = wire.tokens_evaluated
    if input is not None:
        usage = usage or c.Usage()
        usage.input = input
    output = wire.tokens_predicted
    if output is not None:
        usage = usage or c.Usage()
        usage.output = output
    if wire.completion_probabilities is not None:
        ctx.left(wire, "completion_probabilities", "InfillAnswer.completion_probabilities")
    if wire.tokens_cached is not None:
        ctx.left(wire, "tokens_cached", "InfillAnswer.tokens_cached")
    if wire.truncated is not None:
        ctx.left(wire, "truncated", "InfillAnswer.truncated")
    if wire.has_new_line is not None:
        ctx.left(wire, "has_new_line", "InfillAnswer.has_new_line")
    if wire.id_slot is not None:
        ctx.left(wire, "id_slot", "InfillAnswer.id_slot")
    if wire.prompt is not None:
        ctx.left(wire, "prompt", "InfillAnswer.prompt")
    if wire.tokens is not None:
        ctx.left(wire, "tokens", "InfillAnswer.tokens")
    if wire.generation_settings is not None:
        ctx.left(wire, "generation_settings", "InfillAnswer.generation_settings")
    if wire.timings is not None:
        ctx.left(wire, "timings", "InfillAnswer.timings")
    if wire.prompt_progress is not None:
        ctx.left(wire, "prompt_progress", "InfillAnswer.prompt_progress")
    return c.Response(
        model=wire.model,
        candidates=[
            c.Candidate(
                index=0,
                blocks=lift_said(wire, 0, ctx),
                stop_reason=(STOP_TYPE_LIFT.get(wire.stop_type, "other")) or ("end_turn" if wire.stop else None),
                native_reason=wire.stop_type,
                stop_sequence=wire.stopping_word,
            )
        ],
        usage=usage,
    )


def lower_infill_answer(value: c.Response, ctx: Context) -> w.InfillAnswer:
    if value.id is not None:
        ctx.lose(value, "id", "InfillAnswer.id")
    if value.created is not None:
        ctx.lose(value, "created", "InfillAnswer.created")
    if value.service_tier is not None:
        ctx.lose(value, "service_tier", "InfillAnswer.service_tier")
    if value.metadata is not None:
        ctx.lose(value, "metadata", "InfillAnswer.metadata")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "InfillAnswer.moderation")
    if value.candidates and value.candidates[0] and value.candidates[0].logprobs is not None:
        ctx.lose(value, "candidates.0.logprobs", "InfillAnswer.candidates.0.logprobs")
    if value.usage and value.usage.cache_read is not None:
        ctx.rewritten(value, "usage.cache_read", "InfillAnswer.usage.cache_read")
    if value.usage and value.usage.cache_write is not None:
        ctx.rewritten(value, "usage.cache_write", "InfillAnswer.usage.cache_write")
    if value.usage and value.usage.cache_write_long is not None:
        ctx.lose(value, "usage.cache_write_long", "InfillAnswer.usage.cache_write_long")
    if value.usage and value.usage.reasoning is not None:
        ctx.rewritten(value, "usage.reasoning", "InfillAnswer.usage.reasoning")
    if value.usage and value.usage.input_audio is not None:
        ctx.lose(value, "usage.input_audio", "InfillAnswer.usage.input_audio")
    if value.usage and value.usage.output_audio is not None:
        ctx.lose(value, "usage.output_audio", "InfillAnswer.usage.output_audio")
    return w.InfillAnswer(
        **lower_said(value.candidates and value.candidates[0].blocks or [], ctx),
        model=value.model,
        stop_type=STOP_TYPE_LOWER.get(value.candidates and value.candidates[0].stop_reason),
        stop=(value.candidates and value.candidates[0].stop_reason) is not None,
        stopping_word=value.candidates and value.candidates[0].stop_sequence,
        tokens_evaluated=total(
            value.usage and value.usage.input,
            value.usage and value.usage.cache_read,
            value.usage and value.usage.cache_write,
        ),
        tokens_predicted=total(value.usage and value.usage.output, value.usage and value.usage.reasoning),
    )


def lift_said(wire: w.InfillAnswer, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.content:
        blocks.append(c.Text(text=wire.content, role="assistant", turn=turn, part=0))
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
    content_blocks = (
        [block for block in run if type(block) in (c.Text, c.Refusal)] if c.Text in kinds or c.Refusal in kinds else []
    )
    for block in content_blocks:
        if type(block) is not c.Text:
            ctx.reworded(block, "it is written as text")
    return dict(
        content="".join([block.text for block in content_blocks]),
    )


def lift_error_envelope(wire: w.ErrorEnvelope | str, ctx: Context) -> c.Error:
    if type(wire.error) is str:
        return c.Error(kind=ctx.kind_of_status(STATUS_LIFT), message=wire.error)
    return lift_error_detail(wire.error, ctx)


def lower_error_envelope(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return w.ErrorEnvelope(error=lower_error_detail(value, ctx))


def lift_error_detail(wire: w.ErrorDetail, ctx: Context) -> c.Error:
    if wire.n_ctx is not None:
        ctx.left(wire, "n_ctx", "ErrorDetail.n_ctx")
    if wire.n_prompt_tokens is not None:
        ctx.left(wire, "n_prompt_tokens", "ErrorDetail.n_prompt_tokens")
    return c.Error(
        message="" if wire.message is None else wire.message,
        kind=ERROR_KIND_LIFT.get(wire.type) or ctx.kind_of_status(STATUS_LIFT),
        native_kind=wire.type,
        code=None if wire.code is None else text.lift(wire.code),
    )


def lower_error_detail(value: c.Error, ctx: Context) -> w.ErrorDetail:
    if value.param is not None:
        ctx.lose(value, "param", "ErrorDetail.param")
    if value.status is not None:
        ctx.lose(value, "status", "ErrorDetail.status")
    return w.ErrorDetail(
        message="" if value.message is None else value.message,
        type=ERROR_KIND_LOWER.get(value.kind),
        code=None if value.code is None else text.lower(value.code),
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


def lift_response(wire: w.InfillAnswer, ctx: Context) -> c.Response:
    return lift_infill_answer(wire, ctx)


def lower_response(value: c.Response, ctx: Context) -> w.InfillAnswer:
    return lower_infill_answer(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)
