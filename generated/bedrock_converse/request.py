# Generated from specs/dialects/bedrock_converse/mapping.yaml. Edit the spec, then `make generate`.
# ConverseRequest <-> Request: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec import Raw
from msgspec.json import Decoder

from generated import canonical as c
from generated.bedrock_converse import wire as w
from runtime.core.context import Context
from runtime.core.primitives import (
    Ways,
    any_of,
    as_text,
    json_object,
    json_text,
    known,
    numbered,
    placed,
    spoken,
    unless,
    whole,
)

DIALECT = "bedrock-converse"
TIER_LIFT = {"default": "default", "flex": "flex", "priority": "priority", "reserved": "scale"}
TIER_LOWER = {
    None: None,
    "default": "default",
    "flex": "flex",
    "priority": "priority",
    "scale": "reserved",
    "auto": "default",
    "fast": "priority",
}
IMAGE_FORMAT_LIFT = {"png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
IMAGE_FORMAT_LOWER = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/jpg": "jpeg",
}
DOCUMENT_FORMAT_LIFT = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "txt": "text/plain",
    "md": "text/markdown",
}
DOCUMENT_FORMAT_LOWER = {
    "application/pdf": "pdf",
    "text/csv": "csv",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/html": "html",
    "text/plain": "txt",
    "text/markdown": "md",
}
VIDEO_FORMAT_LIFT = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "mkv": "video/x-matroska",
    "webm": "video/webm",
    "flv": "video/x-flv",
    "mpeg": "video/mpeg",
    "wmv": "video/x-ms-wmv",
    "three_gp": "video/3gpp",
    "mpg": "video/mpeg",
}
VIDEO_FORMAT_LOWER = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/x-matroska": "mkv",
    "video/webm": "webm",
    "video/x-flv": "flv",
    "video/mpeg": "mpeg",
    "video/x-ms-wmv": "wmv",
    "video/3gpp": "three_gp",
}
AUDIO_FORMAT_LIFT = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "opus": "audio/opus",
    "m4a": "audio/mp4",
    "webm": "audio/webm",
    "mka": "audio/x-matroska",
    "pcm": "audio/pcm",
    "mp4": "audio/mp4",
    "mkv": "audio/x-matroska",
    "x-aac": "audio/aac",
    "mpeg": "audio/mpeg",
    "mpga": "audio/mpeg",
}
AUDIO_FORMAT_LOWER = {
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/opus": "opus",
    "audio/mp4": "m4a",
    "audio/webm": "webm",
    "audio/x-matroska": "mka",
    "audio/pcm": "pcm",
    "audio/mp3": "mp3",
    "audio/x-wav": "wav",
}
RESULT_STATUS_LIFT = {None: None, "error": True, "success": False}
RESULT_STATUS_LOWER = {True: "error", False: "success"}
CACHE_TTL_LIFT = {"5m": "5m", "1h": "1h"}
CACHE_TTL_LOWER = {"5m": "5m", "1h": "1h", "30m": "1h", "12h": "1h"}
decode_system_block = Decoder(w.SystemBlock).decode
decode_content_block = Decoder(w.ContentBlock).decode
decode_tool = Decoder(w.Tool).decode
decode_request = Decoder(w.ConverseRequest).decode
MESSAGES = "messages"


def lift_converse_request(wire: w.ConverseRequest, ctx: Context) -> c.Request:
    inference_config = wire.inference_config
    additional_model_request_fields = wire.additional_model_request_fields
    output_config = wire.output_config
    tool_config = wire.tool_config
    service_tier = wire.service_tier
    reasoning = (
        None
        if (additional_model_request_fields and additional_model_request_fields.thinking) is None
        else lift_thinking_config(additional_model_request_fields and additional_model_request_fields.thinking, ctx)
    )
    effort = output_config and output_config.effort
    if effort is not None:
        reasoning = reasoning or c.Reasoning()
        reasoning.effort = effort
    ctx.left_in(
        wire,
        wire.additional_model_request_fields,
        "additionalModelRequestFields",
        ["anthropic_beta", "reasoning_effort", "reasoningConfig", "tool_choice", "output_config"],
    )
    return c.Request(
        model=ctx.model,
        blocks=[
            *spoken(
                known(numbered(ctx.marked(lift_system_block, wire.system, "cache_point", lift_cache_point))) or None,
                "system",
            ),
            *ctx.blocks(lift_message, wire.messages or []),
        ],
        max_tokens=inference_config and inference_config.max_tokens,
        temperature=inference_config and inference_config.temperature,
        top_p=inference_config and inference_config.top_p,
        top_k=(inference_config and inference_config.top_k)
        if (inference_config and inference_config.top_k) is not None
        else additional_model_request_fields and additional_model_request_fields.top_k,
        stop=inference_config and inference_config.stop_sequences,
        output_format=None
        if (output_config and output_config.text_format) is None
        else lift_text_format(output_config and output_config.text_format, ctx),
        tools=known(ctx.marked(lift_tool, tool_config and tool_config.tools, "cache_point", lift_cache_point)) or None,
        tool_choice=None
        if (tool_config and tool_config.tool_choice) is None
        else lift_tool_choice(tool_config and tool_config.tool_choice, ctx),
        metadata=wire.request_metadata,
        service_tier=TIER_LIFT.get(service_tier and service_tier.type, service_tier and service_tier.type),
        reasoning=reasoning,
        carried=ctx.keep(wire, KEPT_CONVERSE_REQUEST) if HELD_CONVERSE_REQUEST(wire) else None,
    )


def lower_converse_request(value: c.Request, ctx: Context) -> w.ConverseRequest:
    if value.cache is not None:
        ctx.lose(value, "cache", "ConverseRequest.cache")
    if value.min_p is not None:
        ctx.lose(value, "min_p", "ConverseRequest.min_p")
    if value.min_tokens is not None:
        ctx.lose(value, "min_tokens", "ConverseRequest.min_tokens")
    if value.seed is not None:
        ctx.lose(value, "seed", "ConverseRequest.seed")
    if value.presence_penalty is not None:
        ctx.lose(value, "presence_penalty", "ConverseRequest.presence_penalty")
    if value.frequency_penalty is not None:
        ctx.lose(value, "frequency_penalty", "ConverseRequest.frequency_penalty")
    if value.logprobs:
        ctx.lose(value, "logprobs", "ConverseRequest.logprobs")
    if value.top_logprobs is not None:
        ctx.lose(value, "top_logprobs", "ConverseRequest.top_logprobs")
    if value.verbosity is not None:
        ctx.lose(value, "verbosity", "ConverseRequest.verbosity")
    if value.prediction:
        ctx.lose(value, "prediction", "ConverseRequest.prediction")
    if value.end_user is not None:
        ctx.lose(value, "end_user", "ConverseRequest.end_user")
    if value.store:
        ctx.lose(value, "store", "ConverseRequest.store")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "ConverseRequest.moderation")
    if value.cache_key is not None:
        ctx.lose(value, "cache_key", "ConverseRequest.cache_key")
    if value.cache_retention is not None:
        ctx.lose(value, "cache_retention", "ConverseRequest.cache_retention")
    if value.suffix is not None:
        ctx.refuse(value, "suffix", "ConverseRequest.suffix")
    if value.n is not None:
        ctx.refuse(value, "n", "ConverseRequest.n")
    if value.modalities:
        ctx.refuse(value, "modalities", "ConverseRequest.modalities")
    if value.audio_output is not None:
        ctx.refuse(value, "audio_output", "ConverseRequest.audio_output")
    inference_config_max_tokens = value.max_tokens
    inference_config_temperature = (
        None
        if value.temperature is None
        else ctx.clamp(value.temperature, 0, 1, value, "temperature", "ConverseRequest.temperature")
    )
    inference_config_top_p = value.top_p
    inference_config_stop_sequences = value.stop or None
    inference_config = (
        w.InferenceConfig(
            max_tokens=inference_config_max_tokens,
            temperature=inference_config_temperature,
            top_p=inference_config_top_p,
            stop_sequences=inference_config_stop_sequences,
        )
        if inference_config_max_tokens is not None
        or inference_config_temperature is not None
        or inference_config_top_p is not None
        or inference_config_stop_sequences is not None
        else None
    )
    additional_model_request_fields_top_k = (
        None
        if value.top_k is None
        else ctx.needs("claude_fields", value, "top_k", value.top_k, "ConverseRequest.top_k")
    )
    additional_model_request_fields_thinking = (
        lower_thinking_config(value.reasoning, ctx)
        if value.reasoning is not None
        and ctx.needs("claude_fields", value, "reasoning", value.reasoning, "ConverseRequest.reasoning") is not None
        else None
    )
    additional_model_request_fields = (
        w.ModelFields(top_k=additional_model_request_fields_top_k, thinking=additional_model_request_fields_thinking)
        if additional_model_request_fields_top_k is not None or additional_model_request_fields_thinking is not None
        else None
    )
    output_config_effort = value.reasoning and value.reasoning.effort
    output_config_text_format = None if value.output_format is None else lower_text_format(value.output_format, ctx)
    output_config = (
        w.OutputConfig(effort=output_config_effort, text_format=output_config_text_format)
        if output_config_effort is not None or output_config_text_format is not None
        else None
    )
    tool_config_tools = ctx.marking(lower_tool, value.tools, "cache_point", lower_cache_point, "cache_marks") or None
    tool_config_tool_choice = None if value.tool_choice is None else lower_tool_choice(value.tool_choice, ctx)
    tool_config = (
        w.ToolConfig(tools=tool_config_tools, tool_choice=tool_config_tool_choice)
        if tool_config_tools is not None
        else None
    )
    service_tier_type = ctx.say(TIER_LOWER, TIER_LIFT, value.service_tier, "default", value, "service_tier")
    service_tier = w.ServiceTier(type=service_tier_type) if service_tier_type is not None else None
    wire = w.ConverseRequest(
        system=ctx.marking(lower_system_block, ctx.turns.instructions, "cache_point", lower_cache_point, "cache_marks")
        or None,
        messages=ctx.saying(LOWER_MESSAGE),
        inference_config=inference_config,
        additional_model_request_fields=additional_model_request_fields,
        output_config=output_config,
        tool_config=tool_config,
        request_metadata=value.metadata,
        service_tier=service_tier,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_system_block(wire: w.SystemBlock, ctx: Context) -> c.Block:
    if wire.text is not None:
        return lift_system_block_text(wire, ctx)
    if wire.guard_content is not None:
        return lift_system_block_unknown(wire, ctx)
    return ctx.unlifted(wire, "SystemBlock")


def lower_system_block(value: c.Block, ctx: Context) -> w.SystemBlock | None:
    return LOWER_SYSTEM_BLOCK[type(value)](value, ctx)


def lower_whole_system_block(value: c.Block, ctx: Context) -> w.SystemBlock | None:
    return decode_system_block(value.raw) if value.origin == DIALECT else ctx.unlowered(value, "SystemBlock")


def lift_system_block_text(wire: w.SystemBlock, ctx: Context) -> c.Text:
    return c.Text(
        text=ctx.needed(wire.text, wire, "text"),
    )


def lower_system_block_text(value: c.Text, ctx: Context) -> w.SystemBlock:
    if value.citations:
        ctx.lose(value, "citations", "SystemBlock.citations")
    if value.logprobs is not None:
        ctx.lose(value, "logprobs", "SystemBlock.logprobs")
    return w.SystemBlock(
        text=value.text,
    )


def lift_system_block_unknown(wire: w.SystemBlock, ctx: Context) -> c.Unknown:
    return c.Unknown(origin=DIALECT, raw=whole(wire))


def lift_message(wire: w.Message, turn: int, ctx: Context) -> list[c.Block]:
    lift = LIFT_MESSAGE.get(wire.role)
    return lift(wire, turn, ctx) if lift else ctx.unread(wire, "Message")


def lift_user_message(wire: w.Message, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    blocks += known(placed(ctx.marked(lift_content_block, wire.content, "cache_point", lift_cache_point), "user", turn))
    return blocks


def lower_user_message(run: list[c.Block], ctx: Context) -> w.Message:
    return w.Message(
        content=ctx.marking(lower_content_block, run, "cache_point", lower_cache_point, "cache_marks"),
        role="user",
    )


def lift_assistant_message(wire: w.Message, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    blocks += known(
        placed(ctx.marked(lift_content_block, wire.content, "cache_point", lift_cache_point), "assistant", turn)
    )
    return blocks


def lower_assistant_message(run: list[c.Block], ctx: Context) -> w.Message:
    return w.Message(
        content=ctx.marking(lower_content_block, run, "cache_point", lower_cache_point, "cache_marks"),
        role="assistant",
    )


def lift_system_message(wire: w.Message, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    blocks += known(
        placed(ctx.marked(lift_content_block, wire.content, "cache_point", lift_cache_point), "system", turn)
    )
    return blocks


def lower_system_message(run: list[c.Block], ctx: Context) -> w.Message:
    return w.Message(
        content=ctx.marking(lower_content_block, run, "cache_point", lower_cache_point, "cache_marks"),
        role="system",
    )


def lift_content_block(wire: w.ContentBlock, ctx: Context) -> c.Block:
    if wire.text is not None:
        return lift_content_block_text(wire, ctx)
    if wire.image is not None:
        return lift_content_block_image(wire, ctx)
    if wire.document is not None:
        return lift_content_block_document(wire, ctx)
    if wire.video is not None:
        return lift_content_block_video(wire, ctx)
    if wire.audio is not None:
        return lift_audio(wire, ctx)
    if wire.tool_use and wire.tool_use.type == "server_tool_use":
        return lift_content_block_hosted_call(wire, ctx)
    if wire.tool_use is not None:
        return lift_content_block_tool_call(wire, ctx)
    if wire.tool_result and wire.tool_result.type is not None:
        return lift_content_block_hosted_result(wire, ctx)
    if wire.tool_result is not None:
        return lift_tool_result(wire, ctx)
    if wire.reasoning_content and wire.reasoning_content.reasoning_text is not None:
        return lift_thinking(wire, ctx)
    if wire.reasoning_content and wire.reasoning_content.redacted_content is not None:
        return lift_content_block_sealed_thinking(wire, ctx)
    if wire.search_result is not None:
        return lift_content_block_search_result(wire, ctx)
    if wire.guard_content is not None or wire.tool_addition is not None or wire.tool_removal is not None:
        return lift_content_block_unknown(wire, ctx)
    if wire.citations_content is not None:
        return lift_text_given(wire, ctx)
    return ctx.unlifted(wire, "ContentBlock")


def lower_content_block_any_text(value: c.Text, ctx: Context) -> w.ContentBlock:
    if value.citations:
        return lower_text_given(value, ctx)
    return lower_content_block_text(value, ctx)


def lower_content_block(value: c.Block, ctx: Context) -> w.ContentBlock | None:
    return LOWER_CONTENT_BLOCK[type(value)](value, ctx)


def lower_whole_content_block(value: c.Block, ctx: Context) -> w.ContentBlock | None:
    return decode_content_block(value.raw) if value.origin == DIALECT else ctx.unlowered(value, "ContentBlock")


def lift_content_block_text(wire: w.ContentBlock, ctx: Context) -> c.Text:
    return c.Text(
        text=ctx.needed(wire.text, wire, "text"),
    )


def lower_content_block_text(value: c.Text, ctx: Context) -> w.ContentBlock:
    if value.logprobs is not None:
        ctx.lose(value, "logprobs", "ContentBlock.logprobs")
    return w.ContentBlock(
        text=value.text,
    )


def lift_content_block_image(wire: w.ContentBlock, ctx: Context) -> c.Image:
    return c.Image(
        source=lift_image_block(ctx.needed(wire.image, wire, "image"), ctx),
    )


def lower_content_block_image(value: c.Image, ctx: Context) -> w.ContentBlock:
    if value.detail is not None:
        ctx.lose(value, "detail", "ContentBlock.detail")
    image = lower_image_block(value.source, ctx)
    if image is None:
        return None
    return w.ContentBlock(
        image=image,
    )


def lift_content_block_document(wire: w.ContentBlock, ctx: Context) -> c.Document:
    return None if wire.document is None else lift_document_block(wire.document, ctx)


def lower_content_block_document(value: c.Document, ctx: Context) -> w.ContentBlock:
    inner = lower_document_block(value, ctx)
    return None if inner is None else w.ContentBlock(document=inner)


def lift_content_block_video(wire: w.ContentBlock, ctx: Context) -> c.Video:
    return c.Video(
        source=lift_video_block(ctx.needed(wire.video, wire, "video"), ctx),
    )


def lower_content_block_video(value: c.Video, ctx: Context) -> w.ContentBlock:
    video = lower_video_block(value.source, ctx)
    if video is None:
        return None
    return w.ContentBlock(
        video=video,
    )


def lift_audio(wire: w.ContentBlock, ctx: Context) -> c.Audio:
    return c.Audio(
        source=lift_audio_block(ctx.needed(wire.audio, wire, "audio"), ctx),
    )


def lower_audio(value: c.Audio, ctx: Context) -> w.ContentBlock:
    if value.id is not None:
        ctx.lose(value, "id", "ContentBlock.id")
    if value.transcript is not None:
        ctx.lose(value, "transcript", "ContentBlock.transcript")
    if value.expires_at is not None:
        ctx.lose(value, "expires_at", "ContentBlock.expires_at")
    audio = lower_audio_block(value.source, ctx)
    if audio is None:
        return None
    return w.ContentBlock(
        audio=audio,
    )


def lift_content_block_hosted_call(wire: w.ContentBlock, ctx: Context) -> c.HostedCall:
    return c.HostedCall(origin=DIALECT, raw=whole(wire))


def lift_content_block_hosted_result(wire: w.ContentBlock, ctx: Context) -> c.HostedResult:
    return c.HostedResult(origin=DIALECT, raw=whole(wire))


def lift_content_block_tool_call(wire: w.ContentBlock, ctx: Context) -> c.ToolCall:
    tool_use = wire.tool_use
    return c.ToolCall(
        id=ctx.needed(tool_use and tool_use.tool_use_id, wire, "toolUse.toolUseId"),
        name=ctx.needed(tool_use and tool_use.name, wire, "toolUse.name"),
        input=json_object.lift(tool_use and tool_use.input),
    )


def lower_content_block_tool_call(value: c.ToolCall, ctx: Context) -> w.ContentBlock:
    if value.signature is not None:
        ctx.lose(value, "signature", "ContentBlock.signature")
    tool_use_tool_use_id = value.id
    tool_use_name = value.name
    tool_use_input = json_object.lower(value.input)
    tool_use = (
        w.ToolUseBlock(tool_use_id=tool_use_tool_use_id, name=tool_use_name, input=tool_use_input)
        if tool_use_tool_use_id is not None or tool_use_name is not None or tool_use_input is not None
        else None
    )
    return w.ContentBlock(
        tool_use=tool_use,
    )


def lift_tool_result(wire: w.ContentBlock, ctx: Context) -> c.ToolResult:
    tool_result = wire.tool_result
    return c.ToolResult(
        call_id=ctx.needed(tool_result and tool_result.tool_use_id, wire, "toolResult.toolUseId"),
        content=numbered(
            [
                one
                for item in tool_result and tool_result.content or ()
                if (one := lift_tool_result_content(item, ctx)) is not None
            ]
        ),
        is_error=RESULT_STATUS_LIFT.get(tool_result and tool_result.status, False),
    )


def lower_tool_result(value: c.ToolResult, ctx: Context) -> w.ContentBlock:
    tool_result_tool_use_id = value.call_id
    tool_result_content = [
        one for item in value.content or () if (one := LOWER_TOOL_RESULT_CONTENT[type(item)](item, ctx)) is not None
    ]
    tool_result_status = unless(RESULT_STATUS_LOWER.get(value.is_error), "success")
    tool_result = (
        w.ToolResultBlock(tool_use_id=tool_result_tool_use_id, content=tool_result_content, status=tool_result_status)
        if tool_result_tool_use_id is not None or tool_result_content is not None or tool_result_status is not None
        else None
    )
    return w.ContentBlock(
        tool_result=tool_result,
    )


def lift_thinking(wire: w.ContentBlock, ctx: Context) -> c.Thinking:
    reasoning_content = wire.reasoning_content
    reasoning_content_reasoning_text = reasoning_content and reasoning_content.reasoning_text
    return c.Thinking(
        text=ctx.needed(
            reasoning_content_reasoning_text and reasoning_content_reasoning_text.text,
            wire,
            "reasoningContent.reasoningText.text",
        ),
        signature=reasoning_content_reasoning_text and reasoning_content_reasoning_text.signature,
        origin=DIALECT if reasoning_content_reasoning_text and reasoning_content_reasoning_text.signature else None,
    )


def lower_thinking(value: c.Thinking, ctx: Context) -> w.ContentBlock:
    reasoning_content_reasoning_text_text = value.text
    reasoning_content_reasoning_text_signature = value.signature
    reasoning_content_reasoning_text = (
        w.ReasoningText(
            text=reasoning_content_reasoning_text_text, signature=reasoning_content_reasoning_text_signature
        )
        if reasoning_content_reasoning_text_text is not None or reasoning_content_reasoning_text_signature is not None
        else None
    )
    reasoning_content = (
        w.ReasoningContent(reasoning_text=reasoning_content_reasoning_text)
        if reasoning_content_reasoning_text is not None
        else None
    )
    return w.ContentBlock(
        reasoning_content=reasoning_content,
    )


def lift_content_block_sealed_thinking(wire: w.ContentBlock, ctx: Context) -> c.SealedThinking:
    reasoning_content = wire.reasoning_content
    return c.SealedThinking(
        data=ctx.needed(
            reasoning_content and reasoning_content.redacted_content, wire, "reasoningContent.redactedContent"
        ),
        origin=DIALECT if reasoning_content and reasoning_content.redacted_content else None,
    )


def lower_content_block_sealed_thinking(value: c.SealedThinking, ctx: Context) -> w.ContentBlock:
    reasoning_content_redacted_content = value.data
    reasoning_content = (
        w.ReasoningContent(redacted_content=reasoning_content_redacted_content)
        if reasoning_content_redacted_content is not None
        else None
    )
    return w.ContentBlock(
        reasoning_content=reasoning_content,
    )


def lift_content_block_search_result(wire: w.ContentBlock, ctx: Context) -> c.SearchResult:
    search_result = wire.search_result
    search_result_citations = search_result and search_result.citations
    return c.SearchResult(
        source=ctx.needed(search_result and search_result.source, wire, "searchResult.source"),
        title=ctx.needed(search_result and search_result.title, wire, "searchResult.title"),
        content=numbered(
            [lift_search_result_text(item, ctx) for item in search_result and search_result.content or ()]
        ),
        cite=search_result_citations and search_result_citations.enabled,
    )


def lower_content_block_search_result(value: c.SearchResult, ctx: Context) -> w.ContentBlock:
    search_result_source = value.source
    search_result_title = value.title
    search_result_content = [
        one for item in value.content or () if (one := lower_search_result_text(item, ctx)) is not None
    ]
    search_result_citations_enabled = value.cite
    search_result_citations = (
        w.CitationsConfig(enabled=search_result_citations_enabled)
        if search_result_citations_enabled is not None
        else None
    )
    search_result = (
        w.SearchResultBlock(
            source=search_result_source,
            title=search_result_title,
            content=search_result_content,
            citations=search_result_citations,
        )
        if search_result_source is not None
        or search_result_title is not None
        or search_result_content is not None
        or search_result_citations is not None
        else None
    )
    return w.ContentBlock(
        search_result=search_result,
    )


def lift_search_result_text(wire: w.SearchResultText, ctx: Context) -> c.Text:
    return c.Text(
        text=wire.text,
    )


def lower_search_result_text(value: c.Text, ctx: Context) -> w.SearchResultText:
    if value.cache is not None:
        ctx.lose(value, "cache", "SearchResultText.cache")
    if value.citations:
        ctx.lose(value, "citations", "SearchResultText.citations")
    if value.logprobs is not None:
        ctx.lose(value, "logprobs", "SearchResultText.logprobs")
    return w.SearchResultText(
        text=value.text,
    )


def lift_content_block_unknown(wire: w.ContentBlock, ctx: Context) -> c.Unknown:
    return c.Unknown(origin=DIALECT, raw=whole(wire))


def lift_text_given(wire: w.ContentBlock, ctx: Context) -> c.Text:
    citations_content = wire.citations_content
    return c.Text(
        text=""
        if ("".join(item.text or "" for item in citations_content and citations_content.content or ()) or None) is None
        else "".join(item.text or "" for item in citations_content and citations_content.content or ()) or None,
        citations=None
        if not (citations_content and citations_content.citations)
        else [
            one
            for item in citations_content and citations_content.citations
            if (one := lift_citation(item, ctx)) is not None
        ]
        or None,
    )


def lower_text_given(value: c.Text, ctx: Context) -> w.ContentBlock:
    if value.logprobs is not None:
        ctx.lose(value, "logprobs", "ContentBlock.logprobs")
    return w.ContentBlock(
        citations_content=w.CitationsContent(
            content=[w.CitedText(text=value.text)],
            citations=None
            if not value.citations
            else [one for item in value.citations if (one := lower_citation(item, ctx)) is not None] or None,
        ),
    )


def lift_citation(wire: w.Citation, ctx: Context) -> c.Citation:
    if wire.location and wire.location.web is not None:
        return lift_citation_web(wire, ctx)
    if wire.location and wire.location.document_char is not None:
        return lift_citation_char(wire, ctx)
    if wire.location and wire.location.document_page is not None:
        return lift_citation_page(wire, ctx)
    if wire.location and wire.location.document_chunk is not None:
        return lift_citation_block(wire, ctx)
    if wire.location and wire.location.search_result_location is not None:
        return lift_citation_search(wire, ctx)
    return ctx.unlifted(wire, "Citation")


def lower_citation(value: c.Citation, ctx: Context) -> w.Citation | None:
    return LOWER_CITATION[value.kind](value, ctx)


def lift_citation_web(wire: w.Citation, ctx: Context) -> c.Citation:
    location = wire.location
    location_web = location and location.web
    if wire.source is not None:
        ctx.left(wire, "source", "Citation.source")
    if (wire.location and wire.location.web and wire.location.web.domain) is not None:
        ctx.left(wire, "location.web.domain", "Citation.location.web.domain")
    return c.Citation(
        kind="web",
        url=location_web and location_web.url,
        title=wire.title,
        cited_text="".join(item.text or "" for item in wire.source_content or ()) or None,
    )


def lower_citation_web(value: c.Citation, ctx: Context) -> w.Citation:
    if value.file_id is not None:
        ctx.lose(value, "file_id", "Citation.file_id")
    if value.encrypted_index is not None:
        ctx.lose(value, "encrypted_index", "Citation.encrypted_index")
    if value.said_start is not None:
        ctx.lose(value, "said_start", "Citation.said_start")
    if value.said_end is not None:
        ctx.lose(value, "said_end", "Citation.said_end")
    return w.Citation(
        location=w.CitationLocation(
            web=w.WebLocation(
                url=value.url,
            ),
        ),
        title=value.title,
        source_content=None if value.cited_text is None else [w.CitedSourceText(text=value.cited_text)],
    )


def lift_citation_char(wire: w.Citation, ctx: Context) -> c.Citation:
    location = wire.location
    location_document_char = location and location.document_char
    return c.Citation(
        kind="char",
        index=location_document_char and location_document_char.document_index,
        start=location_document_char and location_document_char.start,
        end=location_document_char and location_document_char.end,
        title=wire.title,
        url=wire.source,
        cited_text="".join(item.text or "" for item in wire.source_content or ()) or None,
    )


def lower_citation_char(value: c.Citation, ctx: Context) -> w.Citation:
    if value.file_id is not None:
        ctx.lose(value, "file_id", "Citation.file_id")
    if value.encrypted_index is not None:
        ctx.lose(value, "encrypted_index", "Citation.encrypted_index")
    if value.said_start is not None:
        ctx.lose(value, "said_start", "Citation.said_start")
    if value.said_end is not None:
        ctx.lose(value, "said_end", "Citation.said_end")
    return w.Citation(
        location=w.CitationLocation(
            document_char=w.DocumentCharLocation(
                document_index=value.index,
                start=value.start,
                end=value.end,
            ),
        ),
        title=value.title,
        source=value.url,
        source_content=None if value.cited_text is None else [w.CitedSourceText(text=value.cited_text)],
    )


def lift_citation_page(wire: w.Citation, ctx: Context) -> c.Citation:
    location = wire.location
    location_document_page = location and location.document_page
    return c.Citation(
        kind="page",
        index=location_document_page and location_document_page.document_index,
        start=location_document_page and location_document_page.start,
        end=location_document_page and location_document_page.end,
        title=wire.title,
        url=wire.source,
        cited_text="".join(item.text or "" for item in wire.source_content or ()) or None,
    )


def lower_citation_page(value: c.Citation, ctx: Context) -> w.Citation:
    if value.file_id is not None:
        ctx.lose(value, "file_id", "Citation.file_id")
    if value.encrypted_index is not None:
        ctx.lose(value, "encrypted_index", "Citation.encrypted_index")
    if value.said_start is not None:
        ctx.lose(value, "said_start", "Citation.said_start")
    if value.said_end is not None:
        ctx.lose(value, "said_end", "Citation.said_end")
    return w.Citation(
        location=w.CitationLocation(
            document_page=w.DocumentPageLocation(
                document_index=value.index,
                start=value.start,
                end=value.end,
            ),
        ),
        title=value.title,
        source=value.url,
        source_content=None if value.cited_text is None else [w.CitedSourceText(text=value.cited_text)],
    )


def lift_citation_block(wire: w.Citation, ctx: Context) -> c.Citation:
    location = wire.location
    location_document_chunk = location and location.document_chunk
    return c.Citation(
        kind="block",
        index=location_document_chunk and location_document_chunk.document_index,
        start=location_document_chunk and location_document_chunk.start,
        end=location_document_chunk and location_document_chunk.end,
        title=wire.title,
        url=wire.source,
        cited_text="".join(item.text or "" for item in wire.source_content or ()) or None,
    )


def lower_citation_block(value: c.Citation, ctx: Context) -> w.Citation:
    if value.file_id is not None:
        ctx.lose(value, "file_id", "Citation.file_id")
    if value.encrypted_index is not None:
        ctx.lose(value, "encrypted_index", "Citation.encrypted_index")
    if value.said_start is not None:
        ctx.lose(value, "said_start", "Citation.said_start")
    if value.said_end is not None:
        ctx.lose(value, "said_end", "Citation.said_end")
    return w.Citation(
        location=w.CitationLocation(
            document_chunk=w.DocumentChunkLocation(
                document_index=value.index,
                start=value.start,
                end=value.end,
            ),
        ),
        title=value.title,
        source=value.url,
        source_content=None if value.cited_text is None else [w.CitedSourceText(text=value.cited_text)],
    )


def lift_citation_search(wire: w.Citation, ctx: Context) -> c.Citation:
    location = wire.location
    location_search_result_location = location and location.search_result_location
    return c.Citation(
        kind="search",
        index=location_search_result_location and location_search_result_location.search_result_index,
        start=location_search_result_location and location_search_result_location.start,
        end=location_search_result_location and location_search_result_location.end,
        title=wire.title,
        url=wire.source,
        cited_text="".join(item.text or "" for item in wire.source_content or ()) or None,
    )


def lower_citation_search(value: c.Citation, ctx: Context) -> w.Citation:
    if value.file_id is not None:
        ctx.lose(value, "file_id", "Citation.file_id")
    if value.encrypted_index is not None:
        ctx.lose(value, "encrypted_index", "Citation.encrypted_index")
    if value.said_start is not None:
        ctx.lose(value, "said_start", "Citation.said_start")
    if value.said_end is not None:
        ctx.lose(value, "said_end", "Citation.said_end")
    return w.Citation(
        location=w.CitationLocation(
            search_result_location=w.SearchResultLocation(
                search_result_index=value.index,
                start=value.start,
                end=value.end,
            ),
        ),
        title=value.title,
        source=value.url,
        source_content=None if value.cited_text is None else [w.CitedSourceText(text=value.cited_text)],
    )


def lift_image_block(wire: w.ImageBlock, ctx: Context) -> c.Source:
    if wire.source and wire.source.bytes is not None:
        return lift_image_block_bytes_source(wire, ctx)
    if wire.source and wire.source.s3_location is not None:
        return lift_image_block_bound_ref(wire, ctx)
    return ctx.unlifted(wire, "ImageBlock")


def lower_image_block(value: c.Source, ctx: Context) -> w.ImageBlock | None:
    return LOWER_IMAGE_BLOCK[type(value)](value, ctx)


def lift_image_block_bytes_source(wire: w.ImageBlock, ctx: Context) -> c.BytesSource:
    source = wire.source
    if wire.error is not None:
        ctx.left(wire, "error", "ImageBlock.error")
    return c.BytesSource(
        media_type=IMAGE_FORMAT_LIFT.get(wire.format, wire.format),
        data=ctx.needed(source.bytes, wire, "source.bytes"),
    )


def lower_image_block_bytes_source(value: c.BytesSource, ctx: Context) -> w.ImageBlock:
    return w.ImageBlock(
        format="jpeg"
        if (IMAGE_FORMAT_LOWER.get(value.media_type, value.media_type)) is None
        else IMAGE_FORMAT_LOWER.get(value.media_type, value.media_type),
        source=w.ImageSource(
            bytes=value.data,
        ),
    )


def lift_image_block_bound_ref(wire: w.ImageBlock, ctx: Context) -> c.BoundRef:
    source = wire.source
    source_s3_location = source.s3_location
    if wire.error is not None:
        ctx.left(wire, "error", "ImageBlock.error")
    if (wire.source and wire.source.s3_location and wire.source.s3_location.bucket_owner) is not None:
        ctx.left(wire, "source.s3Location.bucketOwner", "ImageBlock.source.s3Location.bucketOwner")
    return c.BoundRef(
        media_type=IMAGE_FORMAT_LIFT.get(wire.format, wire.format),
        id=ctx.needed(source_s3_location and source_s3_location.uri, wire, "source.s3Location.uri"),
    )


def lower_image_block_bound_ref(value: c.BoundRef, ctx: Context) -> w.ImageBlock:
    source_s3_location_uri = value.id
    source_s3_location = w.S3Location(uri=source_s3_location_uri) if source_s3_location_uri is not None else None
    return w.ImageBlock(
        format="jpeg"
        if (IMAGE_FORMAT_LOWER.get(value.media_type, value.media_type)) is None
        else IMAGE_FORMAT_LOWER.get(value.media_type, value.media_type),
        source=w.ImageSource(
            s3_location=source_s3_location,
        ),
    )


def lift_video_block(wire: w.VideoBlock, ctx: Context) -> c.Source:
    if wire.source and wire.source.bytes is not None:
        return lift_video_block_bytes_source(wire, ctx)
    if wire.source and wire.source.s3_location is not None:
        return lift_video_block_bound_ref(wire, ctx)
    return ctx.unlifted(wire, "VideoBlock")


def lower_video_block(value: c.Source, ctx: Context) -> w.VideoBlock | None:
    return LOWER_VIDEO_BLOCK[type(value)](value, ctx)


def lift_video_block_bytes_source(wire: w.VideoBlock, ctx: Context) -> c.BytesSource:
    source = wire.source
    return c.BytesSource(
        media_type=VIDEO_FORMAT_LIFT.get(wire.format, wire.format),
        data=ctx.needed(source.bytes, wire, "source.bytes"),
    )


def lower_video_block_bytes_source(value: c.BytesSource, ctx: Context) -> w.VideoBlock:
    return w.VideoBlock(
        format="mp4"
        if (VIDEO_FORMAT_LOWER.get(value.media_type, value.media_type)) is None
        else VIDEO_FORMAT_LOWER.get(value.media_type, value.media_type),
        source=w.VideoSource(
            bytes=value.data,
        ),
    )


def lift_video_block_bound_ref(wire: w.VideoBlock, ctx: Context) -> c.BoundRef:
    source = wire.source
    source_s3_location = source.s3_location
    if (wire.source and wire.source.s3_location and wire.source.s3_location.bucket_owner) is not None:
        ctx.left(wire, "source.s3Location.bucketOwner", "VideoBlock.source.s3Location.bucketOwner")
    return c.BoundRef(
        media_type=VIDEO_FORMAT_LIFT.get(wire.format, wire.format),
        id=ctx.needed(source_s3_location and source_s3_location.uri, wire, "source.s3Location.uri"),
    )


def lower_video_block_bound_ref(value: c.BoundRef, ctx: Context) -> w.VideoBlock:
    source_s3_location_uri = value.id
    source_s3_location = w.S3Location(uri=source_s3_location_uri) if source_s3_location_uri is not None else None
    return w.VideoBlock(
        format="mp4"
        if (VIDEO_FORMAT_LOWER.get(value.media_type, value.media_type)) is None
        else VIDEO_FORMAT_LOWER.get(value.media_type, value.media_type),
        source=w.VideoSource(
            s3_location=source_s3_location,
        ),
    )


def lift_audio_block(wire: w.AudioBlock, ctx: Context) -> c.Source:
    if wire.source and wire.source.bytes is not None:
        return lift_audio_block_bytes_source(wire, ctx)
    if wire.source and wire.source.s3_location is not None:
        return lift_audio_block_bound_ref(wire, ctx)
    return ctx.unlifted(wire, "AudioBlock")


def lower_audio_block(value: c.Source, ctx: Context) -> w.AudioBlock | None:
    return LOWER_AUDIO_BLOCK[type(value)](value, ctx)


def lift_audio_block_bytes_source(wire: w.AudioBlock, ctx: Context) -> c.BytesSource:
    source = wire.source
    if wire.error is not None:
        ctx.left(wire, "error", "AudioBlock.error")
    return c.BytesSource(
        media_type=AUDIO_FORMAT_LIFT.get(wire.format, wire.format),
        data=ctx.needed(source.bytes, wire, "source.bytes"),
    )


def lower_audio_block_bytes_source(value: c.BytesSource, ctx: Context) -> w.AudioBlock:
    return w.AudioBlock(
        format="wav"
        if (AUDIO_FORMAT_LOWER.get(value.media_type, value.media_type)) is None
        else AUDIO_FORMAT_LOWER.get(value.media_type, value.media_type),
        source=w.AudioSource(
            bytes=value.data,
        ),
    )


def lift_audio_block_bound_ref(wire: w.AudioBlock, ctx: Context) -> c.BoundRef:
    source = wire.source
    source_s3_location = source.s3_location
    if wire.error is not None:
        ctx.left(wire, "error", "AudioBlock.error")
    if (wire.source and wire.source.s3_location and wire.source.s3_location.bucket_owner) is not None:
        ctx.left(wire, "source.s3Location.bucketOwner", "AudioBlock.source.s3Location.bucketOwner")
    return c.BoundRef(
        media_type=AUDIO_FORMAT_LIFT.get(wire.format, wire.format),
        id=ctx.needed(source_s3_location and source_s3_location.uri, wire, "source.s3Location.uri"),
    )


def lower_audio_block_bound_ref(value: c.BoundRef, ctx: Context) -> w.AudioBlock:
    source_s3_location_uri = value.id
    source_s3_location = w.S3Location(uri=source_s3_location_uri) if source_s3_location_uri is not None else None
    return w.AudioBlock(
        format="wav"
        if (AUDIO_FORMAT_LOWER.get(value.media_type, value.media_type)) is None
        else AUDIO_FORMAT_LOWER.get(value.media_type, value.media_type),
        source=w.AudioSource(
            s3_location=source_s3_location,
        ),
    )


def lift_document_block(wire: w.DocumentBlock, ctx: Context) -> c.Document:
    citations = wire.citations
    return c.Document(
        title=wire.name,
        source=lift_document_media(wire, ctx),
        context=wire.context,
        cite=citations and citations.enabled,
    )


def lower_document_block(value: c.Document, ctx: Context) -> w.DocumentBlock:
    document_media = lower_document_media(value.source, ctx)
    if document_media is None:
        return None
    citations_enabled = value.cite
    citations = w.CitationsConfig(enabled=citations_enabled) if citations_enabled is not None else None
    return w.DocumentBlock(
        name="document" if value.title is None else value.title,
        **document_media,
        context=value.context,
        citations=citations,
    )


def lift_document_media(wire: w.DocumentBlock, ctx: Context) -> c.Source:
    if wire.source and wire.source.bytes is not None:
        return lift_document_media_bytes_source(wire, ctx)
    if wire.source and wire.source.text is not None:
        return lift_text_source(wire, ctx)
    if wire.source and wire.source.s3_location is not None:
        return lift_document_media_bound_ref(wire, ctx)
    return ctx.unlifted(wire, "DocumentMedia")


def lower_document_media(value: c.Source, ctx: Context) -> dict | None:
    return LOWER_DOCUMENT_MEDIA[type(value)](value, ctx)


def lift_document_media_bytes_source(wire: w.DocumentBlock, ctx: Context) -> c.BytesSource:
    source = wire.source
    return c.BytesSource(
        media_type=DOCUMENT_FORMAT_LIFT.get(wire.format, wire.format),
        data=ctx.needed(source and source.bytes, wire, "source.bytes"),
    )


def lower_document_media_bytes_source(value: c.BytesSource, ctx: Context) -> dict:
    source_bytes = value.data
    source = w.DocumentSource(bytes=source_bytes) if source_bytes is not None else None
    return dict(
        format=DOCUMENT_FORMAT_LOWER.get(value.media_type, value.media_type),
        source=source,
    )


def lift_text_source(wire: w.DocumentBlock, ctx: Context) -> c.TextSource:
    source = wire.source
    return c.TextSource(
        text=ctx.needed(source and source.text, wire, "source.text"),
    )


def lower_text_source(value: c.TextSource, ctx: Context) -> dict:
    source_text = value.text
    source = w.DocumentSource(text=source_text) if source_text is not None else None
    return dict(
        format="txt",
        source=source,
    )


def lift_document_media_bound_ref(wire: w.DocumentBlock, ctx: Context) -> c.BoundRef:
    source = wire.source
    source_s3_location = source and source.s3_location
    if (wire.source and wire.source.s3_location and wire.source.s3_location.bucket_owner) is not None:
        ctx.left(wire, "source.s3Location.bucketOwner", "DocumentMedia.source.s3Location.bucketOwner")
    return c.BoundRef(
        media_type=DOCUMENT_FORMAT_LIFT.get(wire.format, wire.format),
        id=ctx.needed(source_s3_location and source_s3_location.uri, wire, "source.s3Location.uri"),
    )


def lower_document_media_bound_ref(value: c.BoundRef, ctx: Context) -> dict:
    source_s3_location_uri = value.id
    source_s3_location = w.S3Location(uri=source_s3_location_uri) if source_s3_location_uri is not None else None
    source = w.DocumentSource(s3_location=source_s3_location) if source_s3_location is not None else None
    return dict(
        format=DOCUMENT_FORMAT_LOWER.get(value.media_type, value.media_type),
        source=source,
    )


def lift_tool_result_content(wire: w.ToolResultContent, ctx: Context) -> c.Block:
    if wire.text is not None:
        return lift_tool_result_content_text(wire, ctx)
    if wire.json is not None:
        return lift_tool_result_content_text_json(wire, ctx)
    if wire.image is not None:
        return lift_tool_result_content_image(wire, ctx)
    if wire.document is not None:
        return lift_tool_result_content_document(wire, ctx)
    if wire.video is not None:
        return lift_tool_result_content_video(wire, ctx)
    if wire.search_result is not None:
        return lift_tool_result_content_search_result(wire, ctx)
    return ctx.unlifted(wire, "ToolResultContent")


def lower_tool_result_content(value: c.Block, ctx: Context) -> w.ToolResultContent | None:
    return LOWER_TOOL_RESULT_CONTENT[type(value)](value, ctx)


def lift_tool_result_content_text(wire: w.ToolResultContent, ctx: Context) -> c.Text:
    return c.Text(
        text=ctx.needed(wire.text, wire, "text"),
    )


def lower_tool_result_content_text(value: c.Text, ctx: Context) -> w.ToolResultContent:
    if value.citations:
        ctx.lose(value, "citations", "ToolResultContent.citations")
    if value.logprobs is not None:
        ctx.lose(value, "logprobs", "ToolResultContent.logprobs")
    if value.cache is not None:
        ctx.lose(value, "cache", "ToolResultContent.cache")
    return w.ToolResultContent(
        text=value.text,
    )


def lift_tool_result_content_text_json(wire: w.ToolResultContent, ctx: Context) -> c.Text:
    return c.Text(
        text=json_text.lower(wire.json),
    )


def lower_tool_result_content_text_json(value: c.Text, ctx: Context) -> w.ToolResultContent:
    if value.citations:
        ctx.lose(value, "citations", "ToolResultContent.citations")
    if value.logprobs is not None:
        ctx.lose(value, "logprobs", "ToolResultContent.logprobs")
    if value.cache is not None:
        ctx.lose(value, "cache", "ToolResultContent.cache")
    return w.ToolResultContent(
        json=json_text.lift(value.text),
    )


def lift_tool_result_content_image(wire: w.ToolResultContent, ctx: Context) -> c.Image:
    return c.Image(
        source=lift_image_block(ctx.needed(wire.image, wire, "image"), ctx),
    )


def lower_tool_result_content_image(value: c.Image, ctx: Context) -> w.ToolResultContent:
    if value.detail is not None:
        ctx.lose(value, "detail", "ToolResultContent.detail")
    if value.cache is not None:
        ctx.lose(value, "cache", "ToolResultContent.cache")
    image = lower_image_block(value.source, ctx)
    if image is None:
        return None
    return w.ToolResultContent(
        image=image,
    )


def lift_tool_result_content_document(wire: w.ToolResultContent, ctx: Context) -> c.Document:
    return None if wire.document is None else lift_document_block(wire.document, ctx)


def lower_tool_result_content_document(value: c.Document, ctx: Context) -> w.ToolResultContent:
    inner = lower_document_block(value, ctx)
    return None if inner is None else w.ToolResultContent(document=inner)


def lift_tool_result_content_video(wire: w.ToolResultContent, ctx: Context) -> c.Video:
    return c.Video(
        source=lift_video_block(ctx.needed(wire.video, wire, "video"), ctx),
    )


def lower_tool_result_content_video(value: c.Video, ctx: Context) -> w.ToolResultContent:
    if value.cache is not None:
        ctx.lose(value, "cache", "ToolResultContent.cache")
    video = lower_video_block(value.source, ctx)
    if video is None:
        return None
    return w.ToolResultContent(
        video=video,
    )


def lift_tool_result_content_search_result(wire: w.ToolResultContent, ctx: Context) -> c.SearchResult:
    search_result = wire.search_result
    search_result_citations = search_result and search_result.citations
    return c.SearchResult(
        source=ctx.needed(search_result and search_result.source, wire, "searchResult.source"),
        title=ctx.needed(search_result and search_result.title, wire, "searchResult.title"),
        content=numbered(
            [lift_search_result_text(item, ctx) for item in search_result and search_result.content or ()]
        ),
        cite=search_result_citations and search_result_citations.enabled,
    )


def lower_tool_result_content_search_result(value: c.SearchResult, ctx: Context) -> w.ToolResultContent:
    if value.cache is not None:
        ctx.lose(value, "cache", "ToolResultContent.cache")
    search_result_source = value.source
    search_result_title = value.title
    search_result_content = [
        one for item in value.content or () if (one := lower_search_result_text(item, ctx)) is not None
    ]
    search_result_citations_enabled = value.cite
    search_result_citations = (
        w.CitationsConfig(enabled=search_result_citations_enabled)
        if search_result_citations_enabled is not None
        else None
    )
    search_result = (
        w.SearchResultBlock(
            source=search_result_source,
            title=search_result_title,
            content=search_result_content,
            citations=search_result_citations,
        )
        if search_result_source is not None
        or search_result_title is not None
        or search_result_content is not None
        or search_result_citations is not None
        else None
    )
    return w.ToolResultContent(
        search_result=search_result,
    )


def lift_cache_point(wire: w.CachePoint, ctx: Context) -> c.Cache:
    return c.Cache(
        ttl=CACHE_TTL_LIFT.get(wire.ttl, wire.ttl),
    )


def lower_cache_point(value: c.Cache, ctx: Context) -> w.CachePoint:
    if value.mode is not None:
        ctx.lose(value, "mode", "CachePoint.mode")
    return w.CachePoint(
        type="default",
        ttl=CACHE_TTL_LOWER.get(value.ttl, value.ttl),
    )


def lift_tool(wire: w.Tool, ctx: Context) -> c.Tool:
    if wire.tool_spec is not None:
        return lift_function_tool(wire, ctx)
    if wire.system_tool is not None:
        return lift_hosted_tool(wire, ctx)
    return ctx.unlifted(wire, "Tool")


def lower_tool(value: c.Tool, ctx: Context) -> w.Tool | None:
    return LOWER_TOOL[type(value)](value, ctx)


def lower_whole_tool(value: c.Tool, ctx: Context) -> w.Tool | None:
    return decode_tool(value.raw) if value.origin == DIALECT else ctx.unlowered(value, "Tool")


def lift_function_tool(wire: w.Tool, ctx: Context) -> c.FunctionTool:
    tool_spec = wire.tool_spec
    tool_spec_input_schema = tool_spec and tool_spec.input_schema
    return c.FunctionTool(
        name=ctx.needed(tool_spec and tool_spec.name, wire, "toolSpec.name"),
        description=tool_spec and tool_spec.description,
        input_schema=None
        if (tool_spec_input_schema and tool_spec_input_schema.json) is None
        else json_object.lift(tool_spec_input_schema and tool_spec_input_schema.json),
        strict=tool_spec and tool_spec.strict,
    )


def lower_function_tool(value: c.FunctionTool, ctx: Context) -> w.Tool:
    tool_spec_name = value.name
    tool_spec_description = unless(value.description, "")
    tool_spec_input_schema_json = (
        Raw(b'{"type":"object"}') if value.input_schema is None else json_object.lower(value.input_schema)
    )
    tool_spec_input_schema = (
        w.ToolInputSchema(json=tool_spec_input_schema_json) if tool_spec_input_schema_json is not None else None
    )
    tool_spec_strict = value.strict
    tool_spec = (
        w.ToolSpec(
            name=tool_spec_name,
            description=tool_spec_description,
            input_schema=tool_spec_input_schema,
            strict=tool_spec_strict,
        )
        if tool_spec_name is not None
        or tool_spec_description is not None
        or tool_spec_input_schema is not None
        or tool_spec_strict is not None
        else None
    )
    return w.Tool(
        tool_spec=tool_spec,
    )


def lift_hosted_tool(wire: w.Tool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_tool_choice(wire: w.ToolChoice, ctx: Context) -> c.ToolChoice:
    if wire.auto is not None:
        return lift_tool_choice_auto(wire, ctx)
    if wire.any is not None:
        return lift_tool_choice_any(wire, ctx)
    if wire.tool is not None:
        return lift_tool_choice_tool(wire, ctx)
    return ctx.unlifted(wire, "ToolChoice")


def lower_tool_choice(value: c.ToolChoice, ctx: Context) -> w.ToolChoice | None:
    return LOWER_TOOL_CHOICE[value.mode](value, ctx)


def lift_tool_choice_auto(wire: w.ToolChoice, ctx: Context) -> c.ToolChoice:
    return c.ToolChoice(
        mode="auto",
    )


def lower_tool_choice_auto(value: c.ToolChoice, ctx: Context) -> w.ToolChoice:
    if value.parallel is False:
        ctx.lose(value, "parallel", "ToolChoice.parallel")
    return w.ToolChoice(
        auto=Raw(b"{}"),
    )


def lift_tool_choice_any(wire: w.ToolChoice, ctx: Context) -> c.ToolChoice:
    return c.ToolChoice(
        mode="any",
    )


def lower_tool_choice_any(value: c.ToolChoice, ctx: Context) -> w.ToolChoice:
    if value.parallel is False:
        ctx.lose(value, "parallel", "ToolChoice.parallel")
    return w.ToolChoice(
        any=Raw(b"{}"),
    )


def lift_tool_choice_tool(wire: w.ToolChoice, ctx: Context) -> c.ToolChoice:
    tool = wire.tool
    return c.ToolChoice(
        mode="tool",
        name=tool and tool.name,
    )


def lower_tool_choice_tool(value: c.ToolChoice, ctx: Context) -> w.ToolChoice:
    if value.parallel is False:
        ctx.lose(value, "parallel", "ToolChoice.parallel")
    return w.ToolChoice(
        tool=w.NamedTool(
            name=value.name,
        ),
    )


def lift_thinking_config(wire: w.ThinkingConfig, ctx: Context) -> c.Reasoning:
    return LIFT_THINKING_CONFIG[type(wire)](wire, ctx)


def lower_thinking_config(value: c.Reasoning, ctx: Context) -> w.ThinkingConfig | None:
    return LOWER_THINKING_CONFIG[value.mode](value, ctx)


def lift_thinking_enabled(wire: w.ThinkingEnabled, ctx: Context) -> c.Reasoning:
    return c.Reasoning(
        mode="on",
        budget=wire.budget_tokens,
        visibility=wire.display,
    )


def lower_thinking_enabled(value: c.Reasoning, ctx: Context) -> w.ThinkingEnabled:
    return w.ThinkingEnabled(
        budget_tokens=1024 if value.budget is None else value.budget,
        display=value.visibility,
    )


def lift_thinking_disabled(wire: w.ThinkingDisabled, ctx: Context) -> c.Reasoning:
    return c.Reasoning(
        mode="off",
    )


def lower_thinking_disabled(value: c.Reasoning, ctx: Context) -> w.ThinkingDisabled:
    return w.ThinkingDisabled()


def lift_thinking_adaptive(wire: w.ThinkingAdaptive, ctx: Context) -> c.Reasoning:
    return c.Reasoning(
        mode="adaptive",
        visibility=wire.display,
    )


def lower_thinking_adaptive(value: c.Reasoning, ctx: Context) -> w.ThinkingAdaptive:
    return w.ThinkingAdaptive(
        display=value.visibility,
    )


def lift_text_format(wire: w.TextFormat, ctx: Context) -> c.OutputFormat:
    lift = LIFT_TEXT_FORMAT.get(wire.type)
    return lift(wire, ctx) if lift else ctx.unlifted(wire, "TextFormat")


def lower_text_format(value: c.OutputFormat, ctx: Context) -> w.TextFormat | None:
    return LOWER_TEXT_FORMAT[value.kind](value, ctx)


def lift_output_format_json_schema(wire: w.TextFormat, ctx: Context) -> c.OutputFormat:
    structure = wire.structure
    structure_json_schema = structure.json_schema
    return c.OutputFormat(
        kind="json_schema",
        schema=None
        if (structure_json_schema and structure_json_schema.schema) is None
        else json_text.lift(structure_json_schema and structure_json_schema.schema),
        name=structure_json_schema and structure_json_schema.name,
        description=structure_json_schema and structure_json_schema.description,
    )


def lower_output_format_json_schema(value: c.OutputFormat, ctx: Context) -> w.TextFormat:
    if value.strict:
        ctx.lose(value, "strict", "TextFormat.strict")
    structure_json_schema_schema = '{"type":"object"}' if value.schema is None else json_text.lower(value.schema)
    structure_json_schema_name = value.name
    structure_json_schema_description = value.description
    structure_json_schema = (
        w.JsonSchemaSpec(
            schema=structure_json_schema_schema,
            name=structure_json_schema_name,
            description=structure_json_schema_description,
        )
        if structure_json_schema_schema is not None
        or structure_json_schema_name is not None
        or structure_json_schema_description is not None
        else None
    )
    return w.TextFormat(
        structure=w.FormatStructure(
            json_schema=structure_json_schema,
        ),
        type="json_schema",
    )


KEPT_CONVERSE_REQUEST = ["performanceConfig", "additionalModelResponseFieldPaths", "guardrailConfig", "promptVariables"]
HELD_CONVERSE_REQUEST = any_of(
    "performance_config", "additional_model_response_field_paths", "guardrail_config", "prompt_variables"
)
LOWER_SYSTEM_BLOCK = Ways(
    {
        c.Text: lower_system_block_text,
        c.Unknown: lower_whole_system_block,
        c.Refusal: as_text(lower_system_block_text, "SystemBlock"),
    },
    lambda value, ctx: ctx.unlowered(value, "SystemBlock"),
)
LIFT_MESSAGE = {
    "user": lift_user_message,
    "assistant": lift_assistant_message,
    "system": lift_system_message,
}
LOWER_MESSAGE = {
    "user": lower_user_message,
    "assistant": lower_assistant_message,
    "system": lower_system_message,
}
LOWER_CONTENT_BLOCK = Ways(
    {
        c.Text: lower_content_block_any_text,
        c.Image: lower_content_block_image,
        c.Document: lower_content_block_document,
        c.Video: lower_content_block_video,
        c.Audio: lower_audio,
        c.HostedCall: lower_whole_content_block,
        c.ToolCall: lower_content_block_tool_call,
        c.HostedResult: lower_whole_content_block,
        c.ToolResult: lower_tool_result,
        c.Thinking: lower_thinking,
        c.SealedThinking: lower_content_block_sealed_thinking,
        c.SearchResult: lower_content_block_search_result,
        c.Unknown: lower_whole_content_block,
        c.Refusal: as_text(lower_content_block_text, "ContentBlock"),
    },
    lambda value, ctx: ctx.unlowered(value, "ContentBlock"),
)
LOWER_CITATION = Ways(
    {
        "web": lower_citation_web,
        "char": lower_citation_char,
        "page": lower_citation_page,
        "block": lower_citation_block,
        "search": lower_citation_search,
        "url": lower_citation_web,
    },
    lambda value, ctx: ctx.unlowered(value, "Citation"),
)
LOWER_IMAGE_BLOCK = Ways(
    {
        c.BytesSource: lower_image_block_bytes_source,
        c.BoundRef: lower_image_block_bound_ref,
    },
    lambda value, ctx: ctx.unlowered(value, "ImageBlock"),
)
LOWER_VIDEO_BLOCK = Ways(
    {
        c.BytesSource: lower_video_block_bytes_source,
        c.BoundRef: lower_video_block_bound_ref,
    },
    lambda value, ctx: ctx.unlowered(value, "VideoBlock"),
)
LOWER_AUDIO_BLOCK = Ways(
    {
        c.BytesSource: lower_audio_block_bytes_source,
        c.BoundRef: lower_audio_block_bound_ref,
    },
    lambda value, ctx: ctx.unlowered(value, "AudioBlock"),
)
LOWER_DOCUMENT_MEDIA = Ways(
    {
        c.BytesSource: lower_document_media_bytes_source,
        c.TextSource: lower_text_source,
        c.BoundRef: lower_document_media_bound_ref,
    },
    lambda value, ctx: ctx.unlowered(value, "DocumentMedia"),
)
LOWER_TOOL_RESULT_CONTENT = Ways(
    {
        c.Text: lower_tool_result_content_text,
        c.Image: lower_tool_result_content_image,
        c.Document: lower_tool_result_content_document,
        c.Video: lower_tool_result_content_video,
        c.SearchResult: lower_tool_result_content_search_result,
        c.Refusal: as_text(lower_tool_result_content_text, "ToolResultContent"),
    },
    lambda value, ctx: ctx.unlowered(value, "ToolResultContent"),
)
LOWER_TOOL = Ways(
    {
        c.FunctionTool: lower_function_tool,
        c.HostedTool: lower_whole_tool,
    },
    lambda value, ctx: ctx.unlowered(value, "Tool"),
)
LOWER_TOOL_CHOICE = Ways(
    {
        "auto": lower_tool_choice_auto,
        "any": lower_tool_choice_any,
        "tool": lower_tool_choice_tool,
    },
    lambda value, ctx: ctx.unlowered(value, "ToolChoice"),
)
LIFT_THINKING_CONFIG = Ways(
    {
        w.ThinkingEnabled: lift_thinking_enabled,
        w.ThinkingDisabled: lift_thinking_disabled,
        w.ThinkingAdaptive: lift_thinking_adaptive,
    },
    lambda wire, ctx: ctx.unlifted(wire, "ThinkingConfig"),
)
LOWER_THINKING_CONFIG = Ways(
    {
        "on": lower_thinking_enabled,
        "off": lower_thinking_disabled,
        "adaptive": lower_thinking_adaptive,
    },
    lambda value, ctx: ctx.unlowered(value, "ThinkingConfig"),
)
LIFT_TEXT_FORMAT = {
    "json_schema": lift_output_format_json_schema,
}
LOWER_TEXT_FORMAT = Ways(
    {
        "json_schema": lower_output_format_json_schema,
    },
    lambda value, ctx: ctx.unlowered(value, "TextFormat"),
)


def lift_request(wire: w.ConverseRequest, ctx: Context) -> c.Request:
    return lift_converse_request(wire, ctx)


def lower_request(value: c.Request, ctx: Context) -> w.ConverseRequest:
    return lower_converse_request(value, ctx)
