# Generated from specs/dialects/anthropic_messages/mapping.yaml. Edit the spec, then `make generate`.
# MessagesRequest <-> Request: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec import Raw
from msgspec.json import Decoder

from generated import canonical as c
from generated.anthropic_messages import wire as w
from runtime.core.context import Context
from runtime.core.primitives import (
    Ways,
    any_of,
    as_text,
    bare,
    json_object,
    lone_text,
    not_,
    numbered,
    placed,
    spoken,
    unless,
    whole,
)

DIALECT = "anthropic-messages"
TIER_LIFT = {"auto": "auto", "standard_only": "default"}
TIER_LOWER = {
    None: None,
    "auto": "auto",
    "default": "standard_only",
    "flex": "standard_only",
    "scale": "auto",
    "priority": "auto",
    "fast": "auto",
}
MEDIA_TYPE_LIFT = {
    "image/jpeg": "image/jpeg",
    "image/png": "image/png",
    "image/gif": "image/gif",
    "image/webp": "image/webp",
    "application/pdf": "application/pdf",
}
MEDIA_TYPE_LOWER = {
    "image/jpeg": "image/jpeg",
    "image/png": "image/png",
    "image/gif": "image/gif",
    "image/webp": "image/webp",
    "application/pdf": "application/pdf",
    "image/jpg": "image/jpeg",
}
CACHE_TTL_LIFT = {"5m": "5m", "1h": "1h"}
CACHE_TTL_LOWER = {"5m": "5m", "1h": "1h", "30m": "1h", "12h": "1h"}
decode_content_block = Decoder(w.ContentBlock).decode
decode_tool = Decoder(w.Tool).decode
decode_request = Decoder(w.MessagesRequest).decode
MESSAGES = "messages"


def lift_messages_request(wire: w.MessagesRequest, ctx: Context) -> c.Request:
    output_config = wire.output_config
    metadata = wire.metadata
    reasoning = None if wire.thinking is None else lift_thinking_config(wire.thinking, ctx)
    effort = output_config and output_config.effort
    if effort is not None:
        reasoning = reasoning or c.Reasoning()
        reasoning.effort = effort
    if (wire.output_config and wire.output_config.task_budget) is not None:
        ctx.left(wire, "output_config.task_budget", "MessagesRequest.output_config.task_budget")
    return c.Request(
        model=wire.model,
        blocks=[
            *spoken(
                [c.Text(text=wire.system)]
                if type(wire.system) is str
                else numbered([lift_text_block(item, ctx) for item in wire.system or ()]) or None,
                "system",
            ),
            *ctx.blocks(lift_input_message, wire.messages),
        ],
        max_tokens=wire.max_tokens,
        temperature=wire.temperature,
        top_p=wire.top_p,
        top_k=wire.top_k,
        stop=wire.stop_sequences,
        stream=wire.stream,
        tools=None if not wire.tools else [lift_tool(item, ctx) for item in wire.tools],
        tool_choice=None if wire.tool_choice is None else lift_tool_choice(wire.tool_choice, ctx),
        output_format=lift_output_format(output_config and output_config.format, ctx)
        if (output_config and output_config.format) is not None
        else None
        if wire.output_format is None
        else lift_output_format(wire.output_format, ctx),
        cache=None if wire.cache_control is None else lift_cache_control(wire.cache_control, ctx),
        end_user=metadata and metadata.user_id,
        service_tier=TIER_LIFT.get(wire.service_tier, wire.service_tier),
        reasoning=reasoning,
        carried=ctx.keep(wire, KEPT_MESSAGES_REQUEST) if HELD_MESSAGES_REQUEST(wire) else None,
    )


def lower_messages_request(value: c.Request, ctx: Context) -> w.MessagesRequest:
    if value.min_p is not None:
        ctx.lose(value, "min_p", "MessagesRequest.min_p")
    if value.seed is not None:
        ctx.lose(value, "seed", "MessagesRequest.seed")
    if value.presence_penalty is not None:
        ctx.lose(value, "presence_penalty", "MessagesRequest.presence_penalty")
    if value.frequency_penalty is not None:
        ctx.lose(value, "frequency_penalty", "MessagesRequest.frequency_penalty")
    if value.logprobs:
        ctx.lose(value, "logprobs", "MessagesRequest.logprobs")
    if value.top_logprobs is not None:
        ctx.lose(value, "top_logprobs", "MessagesRequest.top_logprobs")
    if value.min_tokens is not None:
        ctx.lose(value, "min_tokens", "MessagesRequest.min_tokens")
    if value.verbosity is not None:
        ctx.lose(value, "verbosity", "MessagesRequest.verbosity")
    if value.prediction:
        ctx.lose(value, "prediction", "MessagesRequest.prediction")
    if value.metadata is not None:
        ctx.lose(value, "metadata", "MessagesRequest.metadata")
    if value.store:
        ctx.lose(value, "store", "MessagesRequest.store")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "MessagesRequest.moderation")
    if value.cache_key is not None:
        ctx.lose(value, "cache_key", "MessagesRequest.cache_key")
    if value.cache_retention is not None:
        ctx.lose(value, "cache_retention", "MessagesRequest.cache_retention")
    if value.suffix is not None:
        ctx.refuse(value, "suffix", "MessagesRequest.suffix")
    if value.n is not None:
        ctx.refuse(value, "n", "MessagesRequest.n")
    if value.modalities:
        ctx.refuse(value, "modalities", "MessagesRequest.modalities")
    if value.audio_output is not None:
        ctx.refuse(value, "audio_output", "MessagesRequest.audio_output")
    output_config_effort = value.reasoning and value.reasoning.effort
    output_config_format = None if value.output_format is None else lower_output_format(value.output_format, ctx)
    output_config = (
        w.OutputConfig(effort=output_config_effort, format=output_config_format)
        if output_config_effort is not None or output_config_format is not None
        else None
    )
    metadata_user_id = value.end_user
    metadata = w.Metadata(user_id=metadata_user_id) if metadata_user_id is not None else None
    wire = w.MessagesRequest(
        model=value.model,
        system=lone_text(ctx.turns.instructions)
        or bare([lower_text_block(block, ctx) for block in ctx.turns.instructions], w.TextBlock)
        or None,
        messages=ctx.saying(LOWER_INPUT_MESSAGE),
        max_tokens=4096 if value.max_tokens is None else value.max_tokens,
        temperature=None
        if value.temperature is None
        else ctx.clamp(value.temperature, 0, 1, value, "temperature", "MessagesRequest.temperature"),
        top_p=value.top_p,
        top_k=value.top_k,
        stop_sequences=value.stop or None,
        stream=value.stream,
        tools=None
        if not value.tools
        else [one for item in value.tools if (one := LOWER_TOOL[type(item)](item, ctx)) is not None] or None,
        tool_choice=None if value.tool_choice is None else lower_tool_choice(value.tool_choice, ctx),
        thinking=None if value.reasoning is None else lower_thinking_config(value.reasoning, ctx),
        output_config=output_config,
        cache_control=None if value.cache is None else lower_cache_control(value.cache, ctx),
        metadata=metadata,
        service_tier=ctx.say(TIER_LOWER, TIER_LIFT, value.service_tier, "auto", value, "service_tier"),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_input_message(wire: w.InputMessage, turn: int, ctx: Context) -> list[c.Block]:
    lift = LIFT_INPUT_MESSAGE.get(type(wire))
    return lift(wire, turn, ctx) if lift else ctx.unread(wire, "InputMessage")


def lift_user_message(wire: w.UserMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if type(wire.content) is str:
        blocks.append(c.Text(text=wire.content, role="user", turn=turn, part=0))
    elif wire.content:
        blocks += placed([LIFT_CONTENT_BLOCK[type(item)](item, ctx) for item in wire.content], "user", turn)
    return blocks


def lower_user_message(run: list[c.Block], ctx: Context) -> w.UserMessage:
    return w.UserMessage(
        content=lone_text(run)
        or bare(
            [part for block in run if (part := LOWER_CONTENT_BLOCK[type(block)](block, ctx)) is not None], w.TextBlock
        ),
    )


def lift_assistant_message(wire: w.AssistantMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if type(wire.content) is str:
        if wire.content:
            blocks.append(c.Text(text=wire.content, role="assistant", turn=turn, part=0))
    elif wire.content:
        blocks += placed([LIFT_CONTENT_BLOCK[type(item)](item, ctx) for item in wire.content], "assistant", turn)
    return blocks


def lower_assistant_message(run: list[c.Block], ctx: Context) -> w.AssistantMessage:
    return w.AssistantMessage(
        content=lone_text(run)
        or bare(
            [part for block in run if (part := LOWER_CONTENT_BLOCK[type(block)](block, ctx)) is not None], w.TextBlock
        ),
    )


def lift_system_message(wire: w.SystemMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.clear_at is not None:
        ctx.left(wire, "clear_at", "SystemMessage.clear_at")
    if wire.output_config is not None:
        ctx.left(wire, "output_config", "SystemMessage.output_config")
    if type(wire.content) is str:
        blocks.append(c.Text(text=wire.content, role="system", turn=turn, part=0))
    elif wire.content:
        blocks += placed([LIFT_CONTENT_BLOCK[type(item)](item, ctx) for item in wire.content], "system", turn)
    return blocks


def lower_system_message(run: list[c.Block], ctx: Context) -> w.SystemMessage:
    return w.SystemMessage(
        content=lone_text(run)
        or bare(
            [part for block in run if (part := LOWER_CONTENT_BLOCK[type(block)](block, ctx)) is not None], w.TextBlock
        ),
    )


def lift_content_block(wire: w.ContentBlock, ctx: Context) -> c.Block:
    return LIFT_CONTENT_BLOCK[type(wire)](wire, ctx)


def lower_content_block(value: c.Block, ctx: Context) -> w.ContentBlock | None:
    return LOWER_CONTENT_BLOCK[type(value)](value, ctx)


def lower_whole_content_block(value: c.Block, ctx: Context) -> w.ContentBlock | None:
    return decode_content_block(value.raw) if value.origin == DIALECT else ctx.unlowered(value, "ContentBlock")


def lift_text_block(wire: w.TextBlock, ctx: Context) -> c.Text:
    return c.Text(
        text=wire.text,
        citations=None if not wire.citations else [LIFT_CITATION[type(item)](item, ctx) for item in wire.citations],
        cache=None if wire.cache_control is None else lift_cache_control(wire.cache_control, ctx),
    )


def lower_text_block(value: c.Text, ctx: Context) -> w.TextBlock:
    if value.logprobs is not None:
        ctx.lose(value, "logprobs", "TextBlock.logprobs")
    return w.TextBlock(
        text=value.text,
        citations=None
        if not value.citations
        else [one for item in value.citations if (one := lower_citation(item, ctx)) is not None] or None,
        cache_control=None if value.cache is None else lower_cache_control(value.cache, ctx),
    )


def lift_image_block(wire: w.ImageBlock, ctx: Context) -> c.Image:
    return c.Image(
        source=lift_image_source(wire.source, ctx),
        cache=None if wire.cache_control is None else lift_cache_control(wire.cache_control, ctx),
        carried=ctx.keep(wire, ["transformations"]) if wire.transformations is not None else None,
    )


def lower_image_block(value: c.Image, ctx: Context) -> w.ImageBlock:
    if value.detail is not None:
        ctx.lose(value, "detail", "ImageBlock.detail")
    source = lower_image_source(value.source, ctx)
    if source is None:
        return None
    wire = w.ImageBlock(
        source=source,
        cache_control=None if value.cache is None else lower_cache_control(value.cache, ctx),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_document_block(wire: w.DocumentBlock, ctx: Context) -> c.Document:
    citations = wire.citations
    return c.Document(
        source=lift_document_source(wire.source, ctx),
        title=wire.title,
        context=wire.context,
        cite=citations and citations.enabled,
        cache=None if wire.cache_control is None else lift_cache_control(wire.cache_control, ctx),
    )


def lower_document_block(value: c.Document, ctx: Context) -> w.DocumentBlock:
    citations_enabled = value.cite
    citations = w.CitationsConfig(enabled=citations_enabled) if citations_enabled is not None else None
    return w.DocumentBlock(
        source=lower_document_source(value.source, ctx),
        title=value.title,
        context=value.context,
        citations=citations,
        cache_control=None if value.cache is None else lower_cache_control(value.cache, ctx),
    )


def lift_search_result_block(wire: w.SearchResultBlock, ctx: Context) -> c.SearchResult:
    citations = wire.citations
    return c.SearchResult(
        source=wire.source,
        title=wire.title,
        content=numbered([lift_text_block(item, ctx) for item in wire.content]),
        cite=citations and citations.enabled,
        cache=None if wire.cache_control is None else lift_cache_control(wire.cache_control, ctx),
    )


def lower_search_result_block(value: c.SearchResult, ctx: Context) -> w.SearchResultBlock:
    citations_enabled = value.cite
    citations = w.CitationsConfig(enabled=citations_enabled) if citations_enabled is not None else None
    return w.SearchResultBlock(
        source=value.source,
        title=value.title,
        content=[one for item in value.content or () if (one := lower_text_block(item, ctx)) is not None],
        citations=citations,
        cache_control=None if value.cache is None else lower_cache_control(value.cache, ctx),
    )


def lift_thinking_block(wire: w.ThinkingBlock, ctx: Context) -> c.Thinking:
    return c.Thinking(
        text=wire.thinking,
        signature=wire.signature or None,
        origin=DIALECT if wire.signature else None,
    )


def lower_thinking_block(value: c.Thinking, ctx: Context) -> w.ThinkingBlock:
    if value.cache is not None:
        ctx.lose(value, "cache", "ThinkingBlock.cache")
    return w.ThinkingBlock(
        thinking=value.text,
        signature="" if value.signature is None else value.signature,
    )


def lift_redacted_thinking_block(wire: w.RedactedThinkingBlock, ctx: Context) -> c.SealedThinking:
    return c.SealedThinking(
        data=wire.data,
        origin=DIALECT if wire.data else None,
    )


def lower_redacted_thinking_block(value: c.SealedThinking, ctx: Context) -> w.RedactedThinkingBlock:
    if value.cache is not None:
        ctx.lose(value, "cache", "RedactedThinkingBlock.cache")
    return w.RedactedThinkingBlock(
        data=value.data,
    )


def lift_tool_use_block(wire: w.ToolUseBlock, ctx: Context) -> c.ToolCall:
    return c.ToolCall(
        id=wire.id,
        name=wire.name,
        input=json_object.lift(wire.input),
        cache=None if wire.cache_control is None else lift_cache_control(wire.cache_control, ctx),
        carried=ctx.keep(wire, ["caller", "toolset_name"])
        if wire.caller is not None or wire.toolset_name is not None
        else None,
    )


def lower_tool_use_block(value: c.ToolCall, ctx: Context) -> w.ToolUseBlock:
    if value.signature is not None:
        ctx.lose(value, "signature", "ToolUseBlock.signature")
    wire = w.ToolUseBlock(
        id=value.id,
        name=value.name,
        input=json_object.lower(value.input),
        cache_control=None if value.cache is None else lower_cache_control(value.cache, ctx),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_tool_result_block(wire: w.ToolResultBlock, ctx: Context) -> c.ToolResult:
    return c.ToolResult(
        call_id=wire.tool_use_id,
        content=[c.Text(text=wire.content)]
        if type(wire.content) is str
        else numbered([LIFT_CONTENT_BLOCK[type(item)](item, ctx) for item in wire.content or ()]) or None,
        is_error=wire.is_error,
        cache=None if wire.cache_control is None else lift_cache_control(wire.cache_control, ctx),
        carried=ctx.keep(wire, ["toolset_name"]) if wire.toolset_name is not None else None,
    )


def lower_tool_result_block(value: c.ToolResult, ctx: Context) -> w.ToolResultBlock:
    wire = w.ToolResultBlock(
        tool_use_id=value.call_id,
        content=lone_text(value.content)
        or bare(
            [one for block in value.content or () if (one := LOWER_CONTENT_BLOCK[type(block)](block, ctx)) is not None],
            w.TextBlock,
        )
        or None,
        is_error=value.is_error,
        cache_control=None if value.cache is None else lower_cache_control(value.cache, ctx),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_server_tool_use_block(wire: w.ServerToolUseBlock, ctx: Context) -> c.HostedCall:
    return c.HostedCall(origin=DIALECT, raw=whole(wire))


def lift_mcp_tool_use_block(wire: w.McpToolUseBlock, ctx: Context) -> c.HostedCall:
    return c.HostedCall(origin=DIALECT, raw=whole(wire))


def lift_web_search_tool_result_block(wire: w.WebSearchToolResultBlock, ctx: Context) -> c.HostedResult:
    return c.HostedResult(origin=DIALECT, raw=whole(wire))


def lift_web_fetch_tool_result_block(wire: w.WebFetchToolResultBlock, ctx: Context) -> c.HostedResult:
    return c.HostedResult(origin=DIALECT, raw=whole(wire))


def lift_code_execution_tool_result_block(wire: w.CodeExecutionToolResultBlock, ctx: Context) -> c.HostedResult:
    return c.HostedResult(origin=DIALECT, raw=whole(wire))


def lift_bash_code_execution_tool_result_block(
    wire: w.BashCodeExecutionToolResultBlock, ctx: Context
) -> c.HostedResult:
    return c.HostedResult(origin=DIALECT, raw=whole(wire))


def lift_text_editor_code_execution_tool_result_block(
    wire: w.TextEditorCodeExecutionToolResultBlock, ctx: Context
) -> c.HostedResult:
    return c.HostedResult(origin=DIALECT, raw=whole(wire))


def lift_tool_search_tool_result_block(wire: w.ToolSearchToolResultBlock, ctx: Context) -> c.HostedResult:
    return c.HostedResult(origin=DIALECT, raw=whole(wire))


def lift_advisor_tool_result_block(wire: w.AdvisorToolResultBlock, ctx: Context) -> c.HostedResult:
    return c.HostedResult(origin=DIALECT, raw=whole(wire))


def lift_mcp_tool_result_block(wire: w.McpToolResultBlock, ctx: Context) -> c.HostedResult:
    return c.HostedResult(origin=DIALECT, raw=whole(wire))


def lift_container_upload_block(wire: w.ContainerUploadBlock, ctx: Context) -> c.Unknown:
    return c.Unknown(origin=DIALECT, raw=whole(wire))


def lift_tool_reference_block(wire: w.ToolReferenceBlock, ctx: Context) -> c.Unknown:
    return c.Unknown(origin=DIALECT, raw=whole(wire))


def lift_browser_state_block(wire: w.BrowserStateBlock, ctx: Context) -> c.Unknown:
    return c.Unknown(origin=DIALECT, raw=whole(wire))


def lift_mcp_tool_listing_block(wire: w.McpToolListingBlock, ctx: Context) -> c.Unknown:
    return c.Unknown(origin=DIALECT, raw=whole(wire))


def lift_tool_addition_block(wire: w.ToolAdditionBlock, ctx: Context) -> c.Unknown:
    return c.Unknown(origin=DIALECT, raw=whole(wire))


def lift_tool_removal_block(wire: w.ToolRemovalBlock, ctx: Context) -> c.Unknown:
    return c.Unknown(origin=DIALECT, raw=whole(wire))


def lift_compaction_block(wire: w.CompactionBlock, ctx: Context) -> c.Unknown:
    return c.Unknown(origin=DIALECT, raw=whole(wire))


def lift_fallback_block(wire: w.FallbackBlock, ctx: Context) -> c.Unknown:
    return c.Unknown(origin=DIALECT, raw=whole(wire))


def lift_image_source(wire: w.ImageSource, ctx: Context) -> c.Source:
    return LIFT_IMAGE_SOURCE[type(wire)](wire, ctx)


def lower_image_source(value: c.Source, ctx: Context) -> w.ImageSource | None:
    return LOWER_IMAGE_SOURCE[type(value)](value, ctx)


def lift_document_source(wire: w.DocumentSource, ctx: Context) -> c.Source:
    return LIFT_DOCUMENT_SOURCE[type(wire)](wire, ctx)


def lower_document_source(value: c.Source, ctx: Context) -> w.DocumentSource | None:
    return LOWER_DOCUMENT_SOURCE[type(value)](value, ctx)


def lift_base64_source(wire: w.Base64Source, ctx: Context) -> c.BytesSource:
    return c.BytesSource(
        media_type=MEDIA_TYPE_LIFT.get(wire.media_type, wire.media_type),
        data=wire.data,
    )


def lower_base64_source(value: c.BytesSource, ctx: Context) -> w.Base64Source:
    return w.Base64Source(
        media_type="application/octet-stream"
        if (MEDIA_TYPE_LOWER.get(value.media_type, value.media_type)) is None
        else MEDIA_TYPE_LOWER.get(value.media_type, value.media_type),
        data=value.data,
    )


def lift_url_source(wire: w.UrlSource, ctx: Context) -> c.UrlSource:
    return c.UrlSource(
        url=wire.url,
    )


def lower_url_source(value: c.UrlSource, ctx: Context) -> w.UrlSource:
    return w.UrlSource(
        url=value.url,
    )


def lift_file_source(wire: w.FileSource, ctx: Context) -> c.BoundRef:
    return c.BoundRef(
        id=wire.file_id,
    )


def lower_file_source(value: c.BoundRef, ctx: Context) -> w.FileSource:
    return w.FileSource(
        file_id=value.id,
    )


def lift_plain_text_source(wire: w.PlainTextSource, ctx: Context) -> c.TextSource:
    return c.TextSource(
        text=wire.data,
    )


def lower_plain_text_source(value: c.TextSource, ctx: Context) -> w.PlainTextSource:
    return w.PlainTextSource(
        media_type="text/plain",
        data=value.text,
    )


def lift_cache_control(wire: w.CacheControl, ctx: Context) -> c.Cache:
    return c.Cache(
        ttl=CACHE_TTL_LIFT.get(wire.ttl, wire.ttl),
    )


def lower_cache_control(value: c.Cache, ctx: Context) -> w.CacheControl:
    if value.mode is not None:
        ctx.lose(value, "mode", "CacheControl.mode")
    return w.CacheControl(
        type="ephemeral",
        ttl=CACHE_TTL_LOWER.get(value.ttl, value.ttl),
    )


def lift_citation(wire: w.Citation, ctx: Context) -> c.Citation:
    return LIFT_CITATION[type(wire)](wire, ctx)


def lower_citation(value: c.Citation, ctx: Context) -> w.Citation | None:
    return LOWER_CITATION[value.kind](value, ctx)


def lift_char_location(wire: w.CharLocation, ctx: Context) -> c.Citation:
    return c.Citation(
        kind="char",
        cited_text=wire.cited_text or None,
        index=wire.document_index,
        title=wire.document_title,
        file_id=wire.file_id,
        start=wire.start_char_index,
        end=wire.end_char_index,
    )


def lower_char_location(value: c.Citation, ctx: Context) -> w.CharLocation:
    if value.said_start is not None:
        ctx.lose(value, "said_start", "CharLocation.said_start")
    if value.said_end is not None:
        ctx.lose(value, "said_end", "CharLocation.said_end")
    return w.CharLocation(
        cited_text="" if value.cited_text is None else value.cited_text,
        document_index=0 if value.index is None else value.index,
        document_title=value.title,
        file_id=value.file_id,
        start_char_index=0 if value.start is None else value.start,
        end_char_index=0 if value.end is None else value.end,
    )


def lift_page_location(wire: w.PageLocation, ctx: Context) -> c.Citation:
    return c.Citation(
        kind="page",
        cited_text=wire.cited_text or None,
        index=wire.document_index,
        title=wire.document_title,
        file_id=wire.file_id,
        start=wire.start_page_number,
        end=wire.end_page_number,
    )


def lower_page_location(value: c.Citation, ctx: Context) -> w.PageLocation:
    if value.said_start is not None:
        ctx.lose(value, "said_start", "PageLocation.said_start")
    if value.said_end is not None:
        ctx.lose(value, "said_end", "PageLocation.said_end")
    return w.PageLocation(
        cited_text="" if value.cited_text is None else value.cited_text,
        document_index=0 if value.index is None else value.index,
        document_title=value.title,
        file_id=value.file_id,
        start_page_number=0 if value.start is None else value.start,
        end_page_number=0 if value.end is None else value.end,
    )


def lift_content_block_location(wire: w.ContentBlockLocation, ctx: Context) -> c.Citation:
    return c.Citation(
        kind="block",
        cited_text=wire.cited_text or None,
        index=wire.document_index,
        title=wire.document_title,
        file_id=wire.file_id,
        start=wire.start_block_index,
        end=wire.end_block_index,
    )


def lower_content_block_location(value: c.Citation, ctx: Context) -> w.ContentBlockLocation:
    if value.said_start is not None:
        ctx.lose(value, "said_start", "ContentBlockLocation.said_start")
    if value.said_end is not None:
        ctx.lose(value, "said_end", "ContentBlockLocation.said_end")
    return w.ContentBlockLocation(
        cited_text="" if value.cited_text is None else value.cited_text,
        document_index=0 if value.index is None else value.index,
        document_title=value.title,
        file_id=value.file_id,
        start_block_index=0 if value.start is None else value.start,
        end_block_index=0 if value.end is None else value.end,
    )


def lift_search_result_location(wire: w.SearchResultLocation, ctx: Context) -> c.Citation:
    return c.Citation(
        kind="search",
        cited_text=wire.cited_text or None,
        index=wire.search_result_index,
        url=wire.source or None,
        title=wire.title,
        start=wire.start_block_index,
        end=wire.end_block_index,
    )


def lower_search_result_location(value: c.Citation, ctx: Context) -> w.SearchResultLocation:
    if value.said_start is not None:
        ctx.lose(value, "said_start", "SearchResultLocation.said_start")
    if value.said_end is not None:
        ctx.lose(value, "said_end", "SearchResultLocation.said_end")
    return w.SearchResultLocation(
        cited_text="" if value.cited_text is None else value.cited_text,
        search_result_index=0 if value.index is None else value.index,
        source="" if value.url is None else value.url,
        title=value.title,
        start_block_index=0 if value.start is None else value.start,
        end_block_index=0 if value.end is None else value.end,
    )


def lift_web_search_result_location(wire: w.WebSearchResultLocation, ctx: Context) -> c.Citation:
    return c.Citation(
        kind="web",
        cited_text=wire.cited_text or None,
        encrypted_index=wire.encrypted_index or None,
        title=wire.title,
        url=wire.url or None,
    )


def lower_web_search_result_location(value: c.Citation, ctx: Context) -> w.WebSearchResultLocation:
    if value.said_start is not None:
        ctx.lose(value, "said_start", "WebSearchResultLocation.said_start")
    if value.said_end is not None:
        ctx.lose(value, "said_end", "WebSearchResultLocation.said_end")
    return w.WebSearchResultLocation(
        cited_text="" if value.cited_text is None else value.cited_text,
        encrypted_index="" if value.encrypted_index is None else value.encrypted_index,
        title=value.title,
        url="" if value.url is None else value.url,
    )


def lift_tool(wire: w.Tool, ctx: Context) -> c.Tool:
    return LIFT_TOOL.get(wire.type, lift_hosted_tool)(wire, ctx)


def lower_tool(value: c.Tool, ctx: Context) -> w.Tool | None:
    return LOWER_TOOL[type(value)](value, ctx)


def lower_whole_tool(value: c.Tool, ctx: Context) -> w.Tool | None:
    return decode_tool(value.raw) if value.origin == DIALECT else ctx.unlowered(value, "Tool")


def lift_function_tool(wire: w.Tool, ctx: Context) -> c.FunctionTool:
    return c.FunctionTool(
        name=ctx.needed(wire.name, wire, "name"),
        description=wire.description,
        input_schema=None if wire.input_schema is None else json_object.lift(wire.input_schema),
        strict=wire.strict,
        cache=None if wire.cache_control is None else lift_cache_control(wire.cache_control, ctx),
        carried=ctx.keep(wire, KEPT_FUNCTION_TOOL) if HELD_FUNCTION_TOOL(wire) else None,
    )


def lower_function_tool(value: c.FunctionTool, ctx: Context) -> w.Tool:
    wire = w.Tool(
        name=value.name,
        description=value.description,
        input_schema=Raw(b'{"type":"object"}') if value.input_schema is None else json_object.lower(value.input_schema),
        strict=value.strict,
        cache_control=None if value.cache is None else lower_cache_control(value.cache, ctx),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_hosted_tool(wire: w.Tool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_tool_choice(wire: w.ToolChoice, ctx: Context) -> c.ToolChoice:
    return LIFT_TOOL_CHOICE[type(wire)](wire, ctx)


def lower_tool_choice(value: c.ToolChoice, ctx: Context) -> w.ToolChoice | None:
    return LOWER_TOOL_CHOICE[value.mode](value, ctx)


def lift_tool_choice_auto(wire: w.ToolChoiceAuto, ctx: Context) -> c.ToolChoice:
    return c.ToolChoice(
        mode="auto",
        parallel=None if wire.disable_parallel_tool_use is None else not_.lift(wire.disable_parallel_tool_use),
    )


def lower_tool_choice_auto(value: c.ToolChoice, ctx: Context) -> w.ToolChoiceAuto:
    return w.ToolChoiceAuto(
        disable_parallel_tool_use=unless(None if value.parallel is None else not_.lower(value.parallel), False),
    )


def lift_tool_choice_any(wire: w.ToolChoiceAny, ctx: Context) -> c.ToolChoice:
    return c.ToolChoice(
        mode="any",
        parallel=None if wire.disable_parallel_tool_use is None else not_.lift(wire.disable_parallel_tool_use),
    )


def lower_tool_choice_any(value: c.ToolChoice, ctx: Context) -> w.ToolChoiceAny:
    return w.ToolChoiceAny(
        disable_parallel_tool_use=unless(None if value.parallel is None else not_.lower(value.parallel), False),
    )


def lift_tool_choice_tool(wire: w.ToolChoiceTool, ctx: Context) -> c.ToolChoice:
    return c.ToolChoice(
        mode="tool",
        name=wire.name or None,
        parallel=None if wire.disable_parallel_tool_use is None else not_.lift(wire.disable_parallel_tool_use),
    )


def lower_tool_choice_tool(value: c.ToolChoice, ctx: Context) -> w.ToolChoiceTool:
    return w.ToolChoiceTool(
        name="" if value.name is None else value.name,
        disable_parallel_tool_use=unless(None if value.parallel is None else not_.lower(value.parallel), False),
    )


def lift_tool_choice_none(wire: w.ToolChoiceNone, ctx: Context) -> c.ToolChoice:
    return c.ToolChoice(
        mode="none",
    )


def lower_tool_choice_none(value: c.ToolChoice, ctx: Context) -> w.ToolChoiceNone:
    return w.ToolChoiceNone()


def lift_thinking_config(wire: w.ThinkingConfig, ctx: Context) -> c.Reasoning:
    return LIFT_THINKING_CONFIG[type(wire)](wire, ctx)


def lower_thinking_config(value: c.Reasoning, ctx: Context) -> w.ThinkingConfig | None:
    return LOWER_THINKING_CONFIG[value.mode](value, ctx)


def lift_thinking_enabled(wire: w.ThinkingEnabled, ctx: Context) -> c.Reasoning:
    if wire.block_binding is not None:
        ctx.left(wire, "block_binding", "ThinkingEnabled.block_binding")
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
    if wire.block_binding is not None:
        ctx.left(wire, "block_binding", "ThinkingAdaptive.block_binding")
    return c.Reasoning(
        mode="adaptive",
        visibility=wire.display,
    )


def lower_thinking_adaptive(value: c.Reasoning, ctx: Context) -> w.ThinkingAdaptive:
    return w.ThinkingAdaptive(
        display=value.visibility,
    )


def lift_thinking_between_tools(wire: w.ThinkingBetweenTools, ctx: Context) -> c.Reasoning:
    return c.Reasoning(
        mode="between_tools",
    )


def lower_thinking_between_tools(value: c.Reasoning, ctx: Context) -> w.ThinkingBetweenTools:
    return w.ThinkingBetweenTools()


def lift_output_format(wire: w.OutputFormat, ctx: Context) -> c.OutputFormat:
    lift = LIFT_OUTPUT_FORMAT.get(wire.type)
    return lift(wire, ctx) if lift else ctx.unlifted(wire, "OutputFormat")


def lower_output_format(value: c.OutputFormat, ctx: Context) -> w.OutputFormat | None:
    return LOWER_OUTPUT_FORMAT[value.kind](value, ctx)


def lift_output_format_json_schema(wire: w.OutputFormat, ctx: Context) -> c.OutputFormat:
    return c.OutputFormat(
        kind="json_schema",
        schema=json_object.lift(wire.schema),
    )


def lower_output_format_json_schema(value: c.OutputFormat, ctx: Context) -> w.OutputFormat:
    if value.name is not None:
        ctx.lose(value, "name", "OutputFormat.name")
    if value.description is not None:
        ctx.lose(value, "description", "OutputFormat.description")
    if value.strict:
        ctx.lose(value, "strict", "OutputFormat.strict")
    return w.OutputFormat(
        schema=Raw(b'{"type":"object"}') if value.schema is None else json_object.lower(value.schema),
        type="json_schema",
    )


KEPT_MESSAGES_REQUEST = [
    "betas",
    "billing_policy",
    "compaction",
    "context_management",
    "diagnostics",
    "inference_geo",
    "speed",
    "user_profile_id",
    "workspace_id",
    "fallback_credit_token",
    "fallbacks",
    "thread",
    "container",
    "mcp_servers",
]
HELD_MESSAGES_REQUEST = any_of(
    "betas",
    "billing_policy",
    "compaction",
    "context_management",
    "diagnostics",
    "inference_geo",
    "speed",
    "user_profile_id",
    "workspace_id",
    "fallback_credit_token",
    "fallbacks",
    "thread",
    "container",
    "mcp_servers",
)
LIFT_INPUT_MESSAGE = {
    w.UserMessage: lift_user_message,
    w.AssistantMessage: lift_assistant_message,
    w.SystemMessage: lift_system_message,
}
LOWER_INPUT_MESSAGE = {
    "user": lower_user_message,
    "assistant": lower_assistant_message,
    "system": lower_system_message,
}
LIFT_CONTENT_BLOCK = Ways(
    {
        w.TextBlock: lift_text_block,
        w.ImageBlock: lift_image_block,
        w.DocumentBlock: lift_document_block,
        w.SearchResultBlock: lift_search_result_block,
        w.ThinkingBlock: lift_thinking_block,
        w.RedactedThinkingBlock: lift_redacted_thinking_block,
        w.ToolUseBlock: lift_tool_use_block,
        w.ToolResultBlock: lift_tool_result_block,
        w.ServerToolUseBlock: lift_server_tool_use_block,
        w.WebSearchToolResultBlock: lift_web_search_tool_result_block,
        w.WebFetchToolResultBlock: lift_web_fetch_tool_result_block,
        w.CodeExecutionToolResultBlock: lift_code_execution_tool_result_block,
        w.BashCodeExecutionToolResultBlock: lift_bash_code_execution_tool_result_block,
        w.TextEditorCodeExecutionToolResultBlock: lift_text_editor_code_execution_tool_result_block,
        w.ToolSearchToolResultBlock: lift_tool_search_tool_result_block,
        w.AdvisorToolResultBlock: lift_advisor_tool_result_block,
        w.McpToolUseBlock: lift_mcp_tool_use_block,
        w.McpToolResultBlock: lift_mcp_tool_result_block,
        w.ContainerUploadBlock: lift_container_upload_block,
        w.ToolReferenceBlock: lift_tool_reference_block,
        w.BrowserStateBlock: lift_browser_state_block,
        w.McpToolListingBlock: lift_mcp_tool_listing_block,
        w.ToolAdditionBlock: lift_tool_addition_block,
        w.ToolRemovalBlock: lift_tool_removal_block,
        w.CompactionBlock: lift_compaction_block,
        w.FallbackBlock: lift_fallback_block,
    },
    lambda wire, ctx: ctx.unlifted(wire, "ContentBlock"),
)
LOWER_CONTENT_BLOCK = Ways(
    {
        c.Text: lower_text_block,
        c.Image: lower_image_block,
        c.Document: lower_document_block,
        c.SearchResult: lower_search_result_block,
        c.Thinking: lower_thinking_block,
        c.SealedThinking: lower_redacted_thinking_block,
        c.ToolCall: lower_tool_use_block,
        c.ToolResult: lower_tool_result_block,
        c.HostedCall: lower_whole_content_block,
        c.HostedResult: lower_whole_content_block,
        c.Unknown: lower_whole_content_block,
        c.Refusal: as_text(lower_text_block, "ContentBlock"),
    },
    lambda value, ctx: ctx.unlowered(value, "ContentBlock"),
)
LIFT_IMAGE_SOURCE = Ways(
    {
        w.Base64Source: lift_base64_source,
        w.UrlSource: lift_url_source,
        w.FileSource: lift_file_source,
    },
    lambda wire, ctx: ctx.unlifted(wire, "ImageSource"),
)
LOWER_IMAGE_SOURCE = Ways(
    {
        c.BytesSource: lower_base64_source,
        c.UrlSource: lower_url_source,
        c.BoundRef: lower_file_source,
    },
    lambda value, ctx: ctx.unlowered(value, "ImageSource"),
)
LIFT_DOCUMENT_SOURCE = Ways(
    {
        w.Base64Source: lift_base64_source,
        w.PlainTextSource: lift_plain_text_source,
        w.UrlSource: lift_url_source,
        w.FileSource: lift_file_source,
    },
    lambda wire, ctx: ctx.unlifted(wire, "DocumentSource"),
)
LOWER_DOCUMENT_SOURCE = Ways(
    {
        c.BytesSource: lower_base64_source,
        c.TextSource: lower_plain_text_source,
        c.UrlSource: lower_url_source,
        c.BoundRef: lower_file_source,
    },
    lambda value, ctx: ctx.unlowered(value, "DocumentSource"),
)
LIFT_CITATION = Ways(
    {
        w.CharLocation: lift_char_location,
        w.PageLocation: lift_page_location,
        w.ContentBlockLocation: lift_content_block_location,
        w.SearchResultLocation: lift_search_result_location,
        w.WebSearchResultLocation: lift_web_search_result_location,
    },
    lambda wire, ctx: ctx.unlifted(wire, "Citation"),
)
LOWER_CITATION = Ways(
    {
        "char": lower_char_location,
        "page": lower_page_location,
        "block": lower_content_block_location,
        "search": lower_search_result_location,
        "web": lower_web_search_result_location,
        "url": lower_search_result_location,
    },
    lambda value, ctx: ctx.unlowered(value, "Citation"),
)
LIFT_TOOL = {
    "custom": lift_function_tool,
    None: lift_function_tool,
}
LOWER_TOOL = Ways(
    {
        c.FunctionTool: lower_function_tool,
        c.HostedTool: lower_whole_tool,
    },
    lambda value, ctx: ctx.unlowered(value, "Tool"),
)
KEPT_FUNCTION_TOOL = [
    "eager_input_streaming",
    "input_examples",
    "defer_loading",
    "allowed_callers",
    "caching",
    "max_uses",
    "max_tokens",
    "max_content_tokens",
    "max_characters",
    "allowed_domains",
    "blocked_domains",
    "user_location",
    "citations",
    "url_sources",
    "use_cache",
    "response_inclusion",
    "model",
    "display_width_px",
    "display_height_px",
    "display_number",
    "enable_zoom",
    "mcp_server_name",
    "tools",
    "default_config",
    "configs",
]
HELD_FUNCTION_TOOL = any_of(
    "eager_input_streaming",
    "input_examples",
    "defer_loading",
    "allowed_callers",
    "caching",
    "max_uses",
    "max_tokens",
    "max_content_tokens",
    "max_characters",
    "allowed_domains",
    "blocked_domains",
    "user_location",
    "citations",
    "url_sources",
    "use_cache",
    "response_inclusion",
    "model",
    "display_width_px",
    "display_height_px",
    "display_number",
    "enable_zoom",
    "mcp_server_name",
    "tools",
    "default_config",
    "configs",
)
LIFT_TOOL_CHOICE = Ways(
    {
        w.ToolChoiceAuto: lift_tool_choice_auto,
        w.ToolChoiceAny: lift_tool_choice_any,
        w.ToolChoiceTool: lift_tool_choice_tool,
        w.ToolChoiceNone: lift_tool_choice_none,
    },
    lambda wire, ctx: ctx.unlifted(wire, "ToolChoice"),
)
LOWER_TOOL_CHOICE = Ways(
    {
        "auto": lower_tool_choice_auto,
        "any": lower_tool_choice_any,
        "tool": lower_tool_choice_tool,
        "none": lower_tool_choice_none,
    },
    lambda value, ctx: ctx.unlowered(value, "ToolChoice"),
)
LIFT_THINKING_CONFIG = Ways(
    {
        w.ThinkingEnabled: lift_thinking_enabled,
        w.ThinkingDisabled: lift_thinking_disabled,
        w.ThinkingAdaptive: lift_thinking_adaptive,
        w.ThinkingBetweenTools: lift_thinking_between_tools,
    },
    lambda wire, ctx: ctx.unlifted(wire, "ThinkingConfig"),
)
LOWER_THINKING_CONFIG = Ways(
    {
        "on": lower_thinking_enabled,
        "off": lower_thinking_disabled,
        "adaptive": lower_thinking_adaptive,
        "between_tools": lower_thinking_between_tools,
    },
    lambda value, ctx: ctx.unlowered(value, "ThinkingConfig"),
)
LIFT_OUTPUT_FORMAT = {
    "json_schema": lift_output_format_json_schema,
}
LOWER_OUTPUT_FORMAT = Ways(
    {
        "json_schema": lower_output_format_json_schema,
    },
    lambda value, ctx: ctx.unlowered(value, "OutputFormat"),
)


def lift_request(wire: w.MessagesRequest, ctx: Context) -> c.Request:
    return lift_messages_request(wire, ctx)


def lower_request(value: c.Request, ctx: Context) -> w.MessagesRequest:
    return lower_messages_request(value, ctx)
