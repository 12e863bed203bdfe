# Generated from specs/dialects/openai_chat/mapping.yaml. Edit the spec, then `make generate`.
# ChatCompletion <-> Response: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.openai_chat import wire as w
from generated.openai_chat.request import LOWER_TOOL_CALL, TIER_LIFT, TIER_LOWER, lift_tool_call
from runtime.core.context import Context
from runtime.core.primitives import Ways, any_of, attach, base64_bytes, given, known, placed, text, total

DIALECT = "openai-chat"
FINISH_REASON_LIFT = {
    None: None,
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "content_filter",
    "function_call": "tool_use",
}
FINISH_REASON_LOWER = {
    "end_turn": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "content_filter": "content_filter",
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
        service_tier=TIER_LIFT.get(wire.service_tier, wire.service_tier),
        metadata=given(wire.metadata),
        moderation=given(wire.moderation),
        carried=ctx.keep(wire, KEPT_CHAT_COMPLETION) if HELD_CHAT_COMPLETION(wire) else None,
    )


def lower_chat_completion(value: c.Response, ctx: Context) -> w.ChatCompletion:
    wire = w.ChatCompletion(
        id=value.id or ctx.mint("chatcmpl-{id}"),
        object="chat.completion",
        created=value.created or ctx.now,
        model=value.model,
        choices=[one for item in value.candidates or () if (one := lower_choice(item, ctx)) is not None],
        usage=None if value.usage is None else lower_usage(value.usage, ctx),
        service_tier=TIER_LOWER.get(value.service_tier, value.service_tier),
        metadata=value.metadata,
        moderation=value.moderation,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_choice(wire: w.Choice, ctx: Context) -> c.Candidate:
    return c.Candidate(
        index=wire.index,
        blocks=lift_response_message(wire.message, 0, ctx),
        stop_reason=FINISH_REASON_LIFT.get(wire.finish_reason or None, "other"),
        native_reason=wire.finish_reason or None,
        logprobs=given(wire.logprobs),
        carried=ctx.keep(wire, ["routed_experts", "stop_reason", "token_ids"])
        if wire.routed_experts is not None or wire.stop_reason is not None or wire.token_ids is not None
        else None,
    )


def lower_choice(value: c.Candidate, ctx: Context) -> w.Choice:
    if value.stop_sequence is not None:
        ctx.lose(value, "stop_sequence", "Choice.stop_sequence")
    wire = w.Choice(
        index=0 if value.index is None else value.index,
        message=lower_response_message(value.blocks or [], ctx),
        finish_reason=FINISH_REASON_LOWER.get(value.stop_reason),
        logprobs=value.logprobs,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_response_message(wire: w.ResponseMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.function_call is not None:
        ctx.left(wire, "function_call", "ResponseMessage.function_call")
    if wire.reasoning_content or wire.reasoning:
        blocks.append(c.Thinking(text=wire.reasoning_content or wire.reasoning, role="assistant", turn=turn, part=0))
    if wire.content:
        blocks.append(c.Text(text=wire.content, role="assistant", turn=turn, part=0))
    if wire.annotations:
        attach(
            blocks,
            c.Text,
            "citations",
            [one for item in wire.annotations if (one := lift_annotation(item, ctx)) is not None],
        )
    if wire.refusal:
        blocks.append(c.Refusal(text=wire.refusal, role="assistant", turn=turn, part=0))
    if wire.audio is not None:
        blocks.append(lift_audio_answer(wire.audio, ctx))
        placed(blocks[-1:], "assistant", turn)
    if wire.tool_calls:
        blocks += known(placed(ctx.each(lift_tool_call, wire.tool_calls), "assistant", turn))
    return blocks


def lower_response_message(run: list[c.Block], ctx: Context) -> w.ResponseMessage:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_RESPONSE_MESSAGE):
        ctx.unsaid(run, UNSAID_RESPONSE_MESSAGE, "ResponseMessage")
    if c.Refusal in kinds:
        for block in run:
            if type(block) is c.Refusal and block.cache:
                ctx.lose(block, "cache", "ResponseMessage.cache")
    if c.Text in kinds:
        for block in run:
            if type(block) is c.Text and block.logprobs:
                ctx.lose(block, "logprobs", "ResponseMessage.text.logprobs")
            if type(block) is c.Text and block.cache:
                ctx.lose(block, "cache", "ResponseMessage.cache")
    if c.Thinking in kinds:
        for block in run:
            if type(block) is c.Thinking and block.signature:
                ctx.lose(block, "signature", "ResponseMessage.thinking.signature")
            if type(block) is c.Thinking and block.cache:
                ctx.lose(block, "cache", "ResponseMessage.cache")
    reasoning_content_blocks = [block for block in run if type(block) is c.Thinking] if c.Thinking in kinds else []
    content_blocks = [block for block in run if type(block) is c.Text] if c.Text in kinds else []
    annotations_blocks = [block for block in run if type(block) is c.Text] if c.Text in kinds else []
    refusal_blocks = [block for block in run if type(block) is c.Refusal] if c.Refusal in kinds else []
    audio_blocks = [block for block in run if type(block) is c.Audio] if c.Audio in kinds else []
    tool_calls_blocks = (
        [block for block in run if type(block) in (c.ToolCall, c.CustomCall)]
        if c.ToolCall in kinds or c.CustomCall in kinds
        else []
    )
    return w.ResponseMessage(
        role="assistant",
        reasoning_content="".join([block.text for block in reasoning_content_blocks]) or None
        if reasoning_content_blocks
        else None,
        content="".join([block.text for block in content_blocks]) or None if content_blocks else None,
        annotations=[
            part
            for block in annotations_blocks
            for item in block.citations or ()
            if (part := lower_annotation(item, ctx)) is not None
        ]
        or None,
        refusal="".join([block.text for block in refusal_blocks]) or None if refusal_blocks else None,
        audio=lower_audio_answer(audio_blocks[0], ctx) if audio_blocks else None,
        tool_calls=[
            part for block in tool_calls_blocks if (part := LOWER_TOOL_CALL[type(block)](block, ctx)) is not None
        ]
        or None
        if tool_calls_blocks
        else None,
    )


def lift_audio_answer(wire: w.AudioAnswer, ctx: Context) -> c.Audio:
    return c.Audio(
        id=wire.id,
        source=base64_bytes.lift(ctx.needed(wire.data, wire, "data")),
        expires_at=wire.expires_at,
        transcript=wire.transcript or None,
    )


def lower_audio_answer(value: c.Audio, ctx: Context) -> w.AudioAnswer:
    if value.cache is not None:
        ctx.lose(value, "cache", "AudioAnswer.cache")
    return w.AudioAnswer(
        id=value.id or ctx.mint("audio_{id}"),
        data=ctx.fits(base64_bytes.lower(value.source), value, "source"),
        expires_at=0 if value.expires_at is None else value.expires_at,
        transcript="" if value.transcript is None else value.transcript,
    )


def lift_annotation(wire: w.Annotation, ctx: Context) -> c.Citation:
    lift = LIFT_ANNOTATION.get(wire.type)
    return lift(wire, ctx) if lift else ctx.unlifted(wire, "Annotation")


def lower_annotation(value: c.Citation, ctx: Context) -> w.Annotation | None:
    return LOWER_ANNOTATION[value.kind](value, ctx)


def lift_citation_url(wire: w.Annotation, ctx: Context) -> c.Citation:
    url_citation = wire.url_citation
    return c.Citation(
        kind="url",
        url=url_citation and url_citation.url or None,
        title=url_citation and url_citation.title or None,
        said_start=url_citation and url_citation.start_index,
        said_end=url_citation and url_citation.end_index,
    )


def lower_citation_url(value: c.Citation, ctx: Context) -> w.Annotation:
    if value.cited_text is not None:
        ctx.lose(value, "cited_text", "Annotation.cited_text")
    if value.index is not None:
        ctx.lose(value, "index", "Annotation.index")
    if value.start is not None:
        ctx.lose(value, "start", "Annotation.start")
    if value.end is not None:
        ctx.lose(value, "end", "Annotation.end")
    if value.file_id is not None:
        ctx.lose(value, "file_id", "Annotation.file_id")
    if value.encrypted_index is not None:
        ctx.lose(value, "encrypted_index", "Annotation.encrypted_index")
    url_citation_url = "" if value.url is None else value.url
    url_citation_title = "" if value.title is None else value.title
    url_citation_start_index = 0 if value.said_start is None else value.said_start
    url_citation_end_index = 0 if value.said_end is None else value.said_end
    url_citation = (
        w.UrlCitation(
            url=url_citation_url,
            title=url_citation_title,
            start_index=url_citation_start_index,
            end_index=url_citation_end_index,
        )
        if url_citation_url is not None
        or url_citation_title is not None
        or url_citation_start_index is not None
        or url_citation_end_index is not None
        else None
    )
    return w.Annotation(
        url_citation=url_citation,
        type="url_citation",
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
    return c.Error(
        message="" if wire.message is None else wire.message,
        kind=ERROR_KIND_LIFT.get(wire.type) or ctx.kind_of_status(STATUS_LIFT),
        native_kind=wire.type,
        code=None if (wire.code or None) is None else text.lift(wire.code or None),
        param=wire.param or None,
        carried=ctx.keep(wire, ["misalignment", "n_ctx", "n_prompt_tokens"])
        if wire.misalignment is not None or wire.n_ctx is not None or wire.n_prompt_tokens is not None
        else None,
    )


def lower_error_detail(value: c.Error, ctx: Context) -> w.ErrorDetail:
    if value.status is not None:
        ctx.lose(value, "status", "ErrorDetail.status")
    wire = w.ErrorDetail(
        message="" if value.message is None else value.message,
        type=ERROR_KIND_LOWER.get(value.kind),
        code=None if value.code is None else text.lower(value.code),
        param=value.param,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_model_list(wire: w.ModelList, ctx: Context) -> c.ModelList:
    if wire.models is not None:
        ctx.left(wire, "models", "ModelList.models")
    return c.ModelList(
        models=[lift_model(item, ctx) for item in wire.data],
    )


def lower_model_list(value: c.ModelList, ctx: Context) -> w.ModelList:
    if value.more:
        ctx.lose(value, "more", "ModelList.more")
    return w.ModelList(
        object="list",
        data=[one for item in value.models or () if (one := lower_model(item, ctx)) is not None],
    )


def lift_model(wire: w.Model, ctx: Context) -> c.Model:
    if wire.aliases is not None:
        ctx.left(wire, "aliases", "Model.aliases")
    if wire.architecture is not None:
        ctx.left(wire, "architecture", "Model.architecture")
    if wire.meta is not None:
        ctx.left(wire, "meta", "Model.meta")
    if wire.parent is not None:
        ctx.left(wire, "parent", "Model.parent")
    if wire.permission is not None:
        ctx.left(wire, "permission", "Model.permission")
    if wire.permissions is not None:
        ctx.left(wire, "permissions", "Model.permissions")
    if wire.root is not None:
        ctx.left(wire, "root", "Model.root")
    if wire.tags is not None:
        ctx.left(wire, "tags", "Model.tags")
    return c.Model(
        id=wire.id,
        created=wire.created,
        owner=wire.owned_by,
        retired=wire.shutdown_date,
        max_input=wire.max_model_len,
    )


def lower_model(value: c.Model, ctx: Context) -> w.Model:
    if value.title is not None:
        ctx.lose(value, "title", "Model.title")
    if value.max_output is not None:
        ctx.lose(value, "max_output", "Model.max_output")
    return w.Model(
        id=value.id,
        object="model",
        created=0 if value.created is None else value.created,
        owned_by="isogloss" if value.owner is None else value.owner,
        shutdown_date=value.retired,
        max_model_len=value.max_input,
    )


KEPT_CHAT_COMPLETION = [
    "system_fingerprint",
    "timings",
    "ec_transfer_params",
    "kv_transfer_params",
    "metrics",
    "prompt_logprobs",
    "prompt_text",
    "prompt_token_ids",
]
HELD_CHAT_COMPLETION = any_of(
    "system_fingerprint",
    "timings",
    "ec_transfer_params",
    "kv_transfer_params",
    "metrics",
    "prompt_logprobs",
    "prompt_text",
    "prompt_token_ids",
)
UNSAID_RESPONSE_MESSAGE = {
    c.SealedThinking,
    c.SearchResult,
    c.HostedCall,
    c.HostedResult,
    c.Unknown,
    c.Image,
    c.Video,
    c.Document,
    c.ToolResult,
}
LIFT_ANNOTATION = {
    "url_citation": lift_citation_url,
}
LOWER_ANNOTATION = Ways(
    {
        "url": lower_citation_url,
        "web": lower_citation_url,
        "char": lower_citation_url,
        "page": lower_citation_url,
        "block": lower_citation_url,
        "search": lower_citation_url,
    },
    lambda value, ctx: ctx.unlowered(value, "Annotation"),
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
