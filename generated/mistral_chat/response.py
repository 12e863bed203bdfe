# Generated from specs/dialects/mistral_chat/mapping.yaml. Edit the spec, then `make generate`.
# ChatCompletion <-> Response: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec import Raw
from msgspec.json import Decoder

from generated import canonical as c
from generated.mistral_chat import wire as w
from generated.mistral_chat.request import lift_assistant_message, lower_assistant_message
from runtime.core.context import Context
from runtime.core.primitives import error_text, first, given, numbered_tokens, text, total

DIALECT = "mistral-chat"
FINISH_REASON_LIFT = {
    None: None,
    "stop": "end_turn",
    "length": "max_tokens",
    "model_length": "context_window",
    "tool_calls": "tool_use",
    "error": "other",
}
FINISH_REASON_LOWER = {
    "end_turn": "stop",
    "max_tokens": "length",
    "context_window": "model_length",
    "tool_use": "tool_calls",
    "stop_sequence": "stop",
    "malformed_tool_call": "stop",
    "pause": "stop",
    "refusal": "stop",
    "content_filter": "error",
    "other": "stop",
}
ERROR_KIND_LIFT = {
    "invalid_request_error": "invalid_request",
    "authentication_error": "authentication",
    "permission_error": "permission",
    "not_found_error": "not_found",
    "insufficient_quota": "quota",
    "rate_limited": "rate_limit",
    "timeout_error": "timeout",
    "internal_server_error": "internal",
    "invalid_model": "not_found",
    "service_tier_capacity_exceeded": "overloaded",
    "rate_limit_error": "rate_limit",
    "server_error": "internal",
    "invalid_request_message_order": "invalid_request",
    "invalid_request_invalid_args": "invalid_request",
    "invalid_request_function_call": "invalid_request",
    "unprocessable_entity": "invalid_request",
}
ERROR_KIND_LOWER = {
    "invalid_request": "invalid_request_error",
    "authentication": "authentication_error",
    "permission": "permission_error",
    "not_found": "not_found_error",
    "quota": "insufficient_quota",
    "rate_limit": "rate_limited",
    "timeout": "timeout_error",
    "internal": "internal_server_error",
    "too_large": "invalid_request_error",
    "overloaded": "service_tier_capacity_exceeded",
    "truncated": "internal_server_error",
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
decode_response = Decoder(w.ChatCompletion).decode
decode_error = Decoder(w.ErrorEnvelope).decode
decode_models = Decoder(w.ModelList).decode
decode_model = Decoder(w.Model).decode


def lift_chat_completion(wire: w.ChatCompletion, ctx: Context) -> c.Response:
    return c.Response(
        id=wire.id,
        created=wire.created,
        model=wire.model,
        candidates=[lift_choice(item, ctx) for item in wire.choices],
        usage=None if wire.usage is None else lift_usage(wire.usage, ctx),
    )


def lower_chat_completion(value: c.Response, ctx: Context) -> w.ChatCompletion:
    if value.service_tier is not None:
        ctx.lose(value, "service_tier", "ChatCompletion.service_tier")
    if value.metadata is not None:
        ctx.lose(value, "metadata", "ChatCompletion.metadata")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "ChatCompletion.moderation")
    return w.ChatCompletion(
        id=value.id or ctx.mint("{id}"),
        object="chat.completion",
        created=value.created or ctx.now,
        model=value.model,
        choices=[one for item in value.candidates or () if (one := lower_choice(item, ctx)) is not None],
        usage=w.Usage(prompt_tokens=0, completion_tokens=0, total_tokens=0)
        if value.usage is None
        else lower_usage(value.usage, ctx),
    )


def lift_choice(wire: w.Choice, ctx: Context) -> c.Candidate:
    if wire.messages is not None:
        ctx.left(wire, "messages", "Choice.messages")
    if wire.prompt_logprobs is not None:
        ctx.left(wire, "prompt_logprobs", "Choice.prompt_logprobs")
    return c.Candidate(
        index=wire.index,
        blocks=[] if wire.message is None else lift_assistant_message(wire.message, 0, ctx),
        stop_reason=FINISH_REASON_LIFT.get(wire.finish_reason, "other"),
        native_reason=wire.finish_reason,
        logprobs=None if given(wire.logprobs) is None else numbered_tokens.lift(given(wire.logprobs)),
    )


def lower_choice(value: c.Candidate, ctx: Context) -> w.Choice:
    if value.stop_sequence is not None:
        ctx.lose(value, "stop_sequence", "Choice.stop_sequence")
    return w.Choice(
        index=0 if value.index is None else value.index,
        message=lower_assistant_message(value.blocks or [], ctx),
        finish_reason=FINISH_REASON_LOWER.get(value.stop_reason),
        logprobs=None if value.logprobs is None else numbered_tokens.lower(value.logprobs),
    )


def lift_usage(wire: w.Usage, ctx: Context) -> c.Usage:
    prompt_tokens_details = wire.prompt_tokens_details
    prompt_token_details = wire.prompt_token_details
    cache_read = first(
        wire.num_cached_tokens,
        prompt_tokens_details and prompt_tokens_details.cached_tokens,
        prompt_token_details and prompt_token_details.cached_tokens,
    )
    if wire.prompt_audio_seconds is not None:
        ctx.left(wire, "prompt_audio_seconds", "Usage.prompt_audio_seconds")
    if wire.service_tier is not None:
        ctx.left(wire, "service_tier", "Usage.service_tier")
    return c.Usage(
        input=ctx.less("prompt_tokens", wire.prompt_tokens, cache_read=cache_read),
        cache_read=cache_read,
        output=wire.completion_tokens,
    )


def lower_usage(value: c.Usage, ctx: Context) -> w.Usage:
    if value.cache_write is not None:
        ctx.rewritten(value, "cache_write", "Usage.cache_write")
    if value.cache_write_long is not None:
        ctx.lose(value, "cache_write_long", "Usage.cache_write_long")
    if value.reasoning is not None:
        ctx.rewritten(value, "reasoning", "Usage.reasoning")
    if value.input_audio is not None:
        ctx.lose(value, "input_audio", "Usage.input_audio")
    if value.output_audio is not None:
        ctx.lose(value, "output_audio", "Usage.output_audio")
    prompt_tokens = (
        0
        if (total(value.input, value.cache_read, value.cache_write)) is None
        else total(value.input, value.cache_read, value.cache_write)
    )
    completion_tokens = 0 if (total(value.output, value.reasoning)) is None else total(value.output, value.reasoning)
    return w.Usage(
        prompt_tokens=prompt_tokens,
        num_cached_tokens=value.cache_read,
        completion_tokens=completion_tokens,
        total_tokens=total(prompt_tokens, completion_tokens),
    )


def lift_error_envelope(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    if wire.raw_status_code is not None:
        ctx.left(wire, "raw_status_code", "ErrorEnvelope.raw_status_code")
    if wire.request_id is not None:
        ctx.left(wire, "request_id", "ErrorEnvelope.request_id")
    return c.Error(
        message=ctx.needed(
            first(
                None if wire.message is None else error_text.lift(wire.message),
                None if wire.detail is None else error_text.lift(wire.detail),
            ),
            wire,
            "message or detail",
        ),
        kind=ERROR_KIND_LIFT.get(wire.type) or ctx.kind_of_status(STATUS_LIFT),
        native_kind=wire.type,
        param=wire.param or None,
        code=None if (wire.code or None) is None else text.lift(wire.code or None),
    )


def lower_error_envelope(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    if value.status is not None:
        ctx.lose(value, "status", "ErrorEnvelope.status")
    return w.ErrorEnvelope(
        object="error",
        message=error_text.lower(value.message),
        type=ERROR_KIND_LOWER.get(value.kind),
        param=value.param,
        code=None if value.code is None else text.lower(value.code),
    )


def lift_model_list(wire: w.ModelList, ctx: Context) -> c.ModelList:
    return c.ModelList(
        models=None if not wire.data else [lift_model(item, ctx) for item in wire.data],
    )


def lower_model_list(value: c.ModelList, ctx: Context) -> w.ModelList:
    if value.more:
        ctx.lose(value, "more", "ModelList.more")
    return w.ModelList(
        object="list",
        data=None
        if not value.models
        else [one for item in value.models if (one := lower_model(item, ctx)) is not None] or None,
    )


def lift_model(wire: w.Model, ctx: Context) -> c.Model:
    if wire.description is not None:
        ctx.left(wire, "description", "Model.description")
    if wire.aliases is not None:
        ctx.left(wire, "aliases", "Model.aliases")
    if wire.deprecation_replacement_model is not None:
        ctx.left(wire, "deprecation_replacement_model", "Model.deprecation_replacement_model")
    if wire.default_model_temperature is not None:
        ctx.left(wire, "default_model_temperature", "Model.default_model_temperature")
    if wire.job is not None:
        ctx.left(wire, "job", "Model.job")
    if wire.root is not None:
        ctx.left(wire, "root", "Model.root")
    if wire.archived is not None:
        ctx.left(wire, "archived", "Model.archived")
    if wire.internal is not None:
        ctx.left(wire, "internal", "Model.internal")
    if wire.billing_model_name is not None:
        ctx.left(wire, "billing_model_name", "Model.billing_model_name")
    if wire.audio_transcription_capabilities is not None:
        ctx.left(wire, "audio_transcription_capabilities", "Model.audio_transcription_capabilities")
    if wire.audio_speech_capabilities is not None:
        ctx.left(wire, "audio_speech_capabilities", "Model.audio_speech_capabilities")
    return c.Model(
        id=wire.id,
        created=wire.created,
        owner=wire.owned_by,
        title=wire.name,
        max_input=wire.max_context_length,
        retired=wire.deprecation,
    )


def lower_model(value: c.Model, ctx: Context) -> w.Model:
    if value.max_output is not None:
        ctx.lose(value, "max_output", "Model.max_output")
    return w.Model(
        id=value.id,
        object="model",
        created=0 if value.created is None else value.created,
        owned_by="isogloss" if value.owner is None else value.owner,
        name=value.title,
        max_context_length=value.max_input,
        deprecation=value.retired,
        type="base",
        capabilities=Raw(b'{"completion_chat":true}'),
    )


def lift_response(wire: w.ChatCompletion, ctx: Context) -> c.Response:
    return lift_chat_completion(wire, ctx)


def lower_response(value: c.Response, ctx: Context) -> w.ChatCompletion:
    return lower_chat_completion(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)


def lift_models(wire: w.ModelList, ctx: Context) -> c.ModelList:
    return lift_model_list(wire, ctx)


def lower_models(value: c.ModelList, ctx: Context) -> w.ModelList:
    return lower_model_list(value, ctx)
