# Generated from specs/dialects/ollama_generate/mapping.yaml. Edit the spec, then `make generate`.
# GenerateResponse <-> Response: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.ollama_generate import wire as w
from runtime.core.context import Context
from runtime.core.primitives import error_text, timestamp, token_list, total

DIALECT = "ollama-generate"
DONE_REASON_LIFT = {None: None, "stop": "end_turn", "length": "max_tokens", "load": "end_turn", "unload": "end_turn"}
DONE_REASON_LOWER = {
    "end_turn": "stop",
    "max_tokens": "length",
    "tool_use": "stop",
    "stop_sequence": "stop",
    "context_window": "length",
    "malformed_tool_call": "stop",
    "pause": "stop",
    "refusal": "stop",
    "content_filter": "stop",
    "other": "stop",
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
decode_response = Decoder(w.GenerateResponse).decode
decode_error = Decoder(w.ErrorEnvelope).decode


def lift_generate_response(wire: w.GenerateResponse, ctx: Context) -> c.Response:
    usage = None
    input = wire.prompt_eval_count
    if input is not None:
        usage = usage or c.Usage()
        usage.input = input
    output = wire.eval_count
    if output is not None:
        usage = usage or c.Usage()
        usage.output = output
    if wire.context is not None:
        ctx.left(wire, "context", "GenerateResponse.context")
    if wire.total_duration is not None:
        ctx.left(wire, "total_duration", "GenerateResponse.total_duration")
    if wire.load_duration is not None:
        ctx.left(wire, "load_duration", "GenerateResponse.load_duration")
    if wire.prompt_eval_duration is not None:
        ctx.left(wire, "prompt_eval_duration", "GenerateResponse.prompt_eval_duration")
    if wire.eval_duration is not None:
        ctx.left(wire, "eval_duration", "GenerateResponse.eval_duration")
    if wire.completed is not None:
        ctx.left(wire, "completed", "GenerateResponse.completed")
    if wire.total is not None:
        ctx.left(wire, "total", "GenerateResponse.total")
    if wire.remote_model is not None:
        ctx.left(wire, "remote_model", "GenerateResponse.remote_model")
    if wire.remote_host is not None:
        ctx.left(wire, "remote_host", "GenerateResponse.remote_host")
    return c.Response(
        model=wire.model,
        created=None if wire.created_at is None else timestamp.lift(wire.created_at),
        candidates=[
            c.Candidate(
                index=0,
                blocks=lift_said(wire, 0, ctx),
                stop_reason=(DONE_REASON_LIFT.get(wire.done_reason, "other")) or ("end_turn" if wire.done else None),
                native_reason=wire.done_reason,
                logprobs=None if wire.logprobs is None else token_list.lift(wire.logprobs),
            )
        ],
        usage=usage,
    )


def lower_generate_response(value: c.Response, ctx: Context) -> w.GenerateResponse:
    if value.id is not None:
        ctx.lose(value, "id", "GenerateResponse.id")
    if value.service_tier is not None:
        ctx.lose(value, "service_tier", "GenerateResponse.service_tier")
    if value.metadata is not None:
        ctx.lose(value, "metadata", "GenerateResponse.metadata")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "GenerateResponse.moderation")
    if value.candidates and value.candidates[0] and value.candidates[0].stop_sequence is not None:
        ctx.lose(value, "candidates.0.stop_sequence", "GenerateResponse.candidates.0.stop_sequence")
    if value.usage and value.usage.cache_read is not None:
        ctx.rewritten(value, "usage.cache_read", "GenerateResponse.usage.cache_read")
    if value.usage and value.usage.cache_write is not None:
        ctx.rewritten(value, "usage.cache_write", "GenerateResponse.usage.cache_write")
    if value.usage and value.usage.cache_write_long is not None:
        ctx.lose(value, "usage.cache_write_long", "GenerateResponse.usage.cache_write_long")
    if value.usage and value.usage.reasoning is not None:
        ctx.rewritten(value, "usage.reasoning", "GenerateResponse.usage.reasoning")
    if value.usage and value.usage.input_audio is not None:
        ctx.lose(value, "usage.input_audio", "GenerateResponse.usage.input_audio")
    if value.usage and value.usage.output_audio is not None:
        ctx.lose(value, "usage.output_audio", "GenerateResponse.usage.output_audio")
    return w.GenerateResponse(
        model=value.model,
        created_at=timestamp.lower(value.created or ctx.now),
        **lower_said(value.candidates and value.candidates[0].blocks or [], ctx),
        done_reason=DONE_REASON_LOWER.get(value.candidates and value.candidates[0].stop_reason),
        done=(value.candidates and value.candidates[0].stop_reason) is not None,
        prompt_eval_count=total(
            value.usage and value.usage.input,
            value.usage and value.usage.cache_read,
            value.usage and value.usage.cache_write,
        ),
        eval_count=total(value.usage and value.usage.output, value.usage and value.usage.reasoning),
        logprobs=None
        if (value.candidates and value.candidates[0].logprobs) is None
        else token_list.lower(value.candidates and value.candidates[0].logprobs),
    )


def lift_said(wire: w.GenerateResponse, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.tool_calls is not None:
        ctx.left(wire, "tool_calls", "Said.tool_calls")
    if wire.image is not None:
        ctx.left(wire, "image", "Said.image")
    if wire.thinking:
        blocks.append(c.Thinking(text=wire.thinking, role="assistant", turn=turn, part=0))
    if wire.response:
        blocks.append(c.Text(text=wire.response, role="assistant", turn=turn, part=0))
    return blocks


def lower_said(run: list[c.Block], ctx: Context) -> dict:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_SAID):
        ctx.unsaid(run, UNSAID_SAID, "Said")
    if c.Refusal in kinds:
        for block in run:
            if type(block) is c.Refusal and block.cache:
                ctx.lose(block, "cache", "Said.cache")
    if c.Text in kinds:
        for block in run:
            if type(block) is c.Text and block.citations:
                ctx.lose(block, "citations", "Said.text.citations")
            if type(block) is c.Text and block.logprobs:
                ctx.lose(block, "logprobs", "Said.text.logprobs")
            if type(block) is c.Text and block.cache:
                ctx.lose(block, "cache", "Said.cache")
    if c.Thinking in kinds:
        for block in run:
            if type(block) is c.Thinking and block.signature:
                ctx.lose(block, "signature", "Said.thinking.signature")
            if type(block) is c.Thinking and block.cache:
                ctx.lose(block, "cache", "Said.cache")
    thinking_blocks = [block for block in run if type(block) is c.Thinking] if c.Thinking in kinds else []
    response_blocks = (
        [block for block in run if type(block) in (c.Text, c.Refusal)] if c.Text in kinds or c.Refusal in kinds else []
    )
    for block in response_blocks:
        if type(block) is not c.Text:
            ctx.reworded(block, "it is written as text")
    return dict(
        thinking="".join([block.text for block in thinking_blocks]) or None if thinking_blocks else None,
        response="".join([block.text for block in response_blocks]),
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


UNSAID_SAID = {
    c.Image,
    c.SealedThinking,
    c.SearchResult,
    c.HostedCall,
    c.HostedResult,
    c.Unknown,
    c.Audio,
    c.Video,
    c.Document,
    c.ToolCall,
    c.CustomCall,
    c.ToolResult,
}


def lift_response(wire: w.GenerateResponse, ctx: Context) -> c.Response:
    return lift_generate_response(wire, ctx)


def lower_response(value: c.Response, ctx: Context) -> w.GenerateResponse:
    return lower_generate_response(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)
