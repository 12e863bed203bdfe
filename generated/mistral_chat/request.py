# Generated from specs/dialects/mistral_chat/mapping.yaml. Edit the spec, then `make generate`.
# ChatRequest <-> Request: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec import Raw
from msgspec.json import Decoder

from generated import canonical as c
from generated.mistral_chat import wire as w
from runtime.core.context import Context
from runtime.core.primitives import (
    Ways,
    alone,
    any_of,
    as_text,
    bare,
    base64_bytes,
    data_url,
    given,
    json_or_text,
    known,
    lone_text,
    numbered,
    placed,
    whole,
)

DIALECT = "mistral-chat"
PROMPT_MODE_LIFT = {None: None, "reasoning": "on"}
PROMPT_MODE_LOWER = {None: None, "on": "reasoning"}
SERVICE_TIER_LIFT = {"auto": "auto", "standard_only": "default"}
SERVICE_TIER_LOWER = {
    None: None,
    "auto": "auto",
    "default": "standard_only",
    "flex": "standard_only",
    "scale": "auto",
    "priority": "auto",
    "fast": "auto",
}
TOOL_CHOICE_WORD_LIFT = {"auto": "auto", "none": "none", "required": "any", "any": "any"}
TOOL_CHOICE_WORD_LOWER = {"auto": "auto", "none": "none", "any": "any"}
decode_content_part = Decoder(w.ContentPart).decode
decode_tool = Decoder(w.Tool).decode
decode_request = Decoder(w.ChatRequest).decode
MESSAGES = "messages"


def lift_chat_request(wire: w.ChatRequest, ctx: Context) -> c.Request:
    stream_options = wire.stream_options
    prediction = wire.prediction
    tool_choice = None if wire.tool_choice is None else lift_tool_choice(wire.tool_choice, ctx)
    parallel = wire.parallel_tool_calls
    if parallel is not None:
        tool_choice = tool_choice or c.ToolChoice()
        tool_choice.parallel = parallel
    reasoning = None
    effort = wire.reasoning_effort
    if effort is not None:
        reasoning = reasoning or c.Reasoning()
        reasoning.effort = effort
    mode = PROMPT_MODE_LIFT.get(wire.prompt_mode, "on")
    if mode is not None:
        reasoning = reasoning or c.Reasoning()
        reasoning.mode = mode
    return c.Request(
        model=wire.model,
        blocks=ctx.blocks(lift_message, wire.messages),
        stream=wire.stream,
        stream_usage=stream_options and stream_options.include_usage,
        max_tokens=wire.max_tokens,
        min_tokens=wire.min_tokens,
        temperature=wire.temperature,
        top_p=wire.top_p,
        top_k=wire.top_k,
        stop=[wire.stop] if type(wire.stop) is str else wire.stop,
        seed=wire.random_seed,
        presence_penalty=wire.presence_penalty,
        frequency_penalty=wire.frequency_penalty,
        logprobs=wire.logprobs,
        top_logprobs=wire.top_logprobs,
        n=wire.n,
        tools=None if not wire.tools else [lift_tool(item, ctx) for item in wire.tools],
        output_format=None if wire.response_format is None else lift_response_format(wire.response_format, ctx),
        prediction=[c.Text(text=(prediction and prediction.content))] if (prediction and prediction.content) else None,
        service_tier=SERVICE_TIER_LIFT.get(wire.service_tier, wire.service_tier),
        metadata=given(wire.metadata),
        cache_key=wire.prompt_cache_key,
        tool_choice=tool_choice,
        reasoning=reasoning,
        carried=ctx.keep(wire, KEPT_CHAT_REQUEST) if HELD_CHAT_REQUEST(wire) else None,
    )


def lower_chat_request(value: c.Request, ctx: Context) -> w.ChatRequest:
    if value.min_p is not None:
        ctx.lose(value, "min_p", "ChatRequest.min_p")
    if value.reasoning and value.reasoning.budget is not None:
        ctx.lose(value, "reasoning.budget", "ChatRequest.reasoning.budget")
    if value.reasoning and value.reasoning.visibility is not None:
        ctx.lose(value, "reasoning.visibility", "ChatRequest.reasoning.visibility")
    if value.verbosity is not None:
        ctx.lose(value, "verbosity", "ChatRequest.verbosity")
    if value.end_user is not None:
        ctx.lose(value, "end_user", "ChatRequest.end_user")
    if value.store:
        ctx.lose(value, "store", "ChatRequest.store")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "ChatRequest.moderation")
    if value.cache_retention is not None:
        ctx.lose(value, "cache_retention", "ChatRequest.cache_retention")
    if value.suffix is not None:
        ctx.refuse(value, "suffix", "ChatRequest.suffix")
    if value.modalities:
        ctx.refuse(value, "modalities", "ChatRequest.modalities")
    if value.audio_output is not None:
        ctx.refuse(value, "audio_output", "ChatRequest.audio_output")
    if value.cache is not None:
        ctx.lose(value, "cache", "ChatRequest.cache")
    prediction_content = ctx.joined(value.prediction or (), "")
    prediction = w.Prediction(content=prediction_content, type="content") if prediction_content is not None else None
    wire = w.ChatRequest(
        model=value.model,
        messages=ctx.saying(LOWER_MESSAGE),
        stream=value.stream,
        max_tokens=value.max_tokens,
        min_tokens=value.min_tokens,
        temperature=value.temperature,
        top_p=value.top_p,
        top_k=value.top_k,
        stop=value.stop[0] if value.stop and len(value.stop) == 1 else value.stop or None,
        random_seed=value.seed,
        presence_penalty=value.presence_penalty,
        frequency_penalty=value.frequency_penalty,
        logprobs=value.logprobs,
        top_logprobs=value.top_logprobs,
        n=value.n,
        tools=None
        if not value.tools
        else [one for item in value.tools if (one := LOWER_TOOL[type(item)](item, ctx)) is not None] or None,
        tool_choice=None if value.tool_choice is None else lower_tool_choice(value.tool_choice, ctx),
        parallel_tool_calls=value.tool_choice and value.tool_choice.parallel,
        reasoning_effort=value.reasoning and value.reasoning.effort,
        response_format=None if value.output_format is None else lower_response_format(value.output_format, ctx),
        prediction=prediction,
        service_tier=ctx.say(SERVICE_TIER_LOWER, SERVICE_TIER_LIFT, value.service_tier, "auto", value, "service_tier"),
        metadata=value.metadata,
        prompt_cache_key=value.cache_key,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_message(wire: w.Message, turn: int, ctx: Context) -> list[c.Block]:
    lift = LIFT_MESSAGE.get(type(wire))
    return lift(wire, turn, ctx) if lift else ctx.unread(wire, "Message")


def lift_tool_message_turn(wire: w.ToolMessage, turn: int, ctx: Context) -> list[c.Block]:
    return placed([lift_tool_message(wire, ctx)], "assistant", turn)


def lower_tool_message_run(run: list[c.Block], ctx: Context) -> w.ToolMessage:
    return lower_tool_message(run[0], ctx)


def lift_system_message(wire: w.SystemMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if type(wire.content) is str:
        blocks.append(c.Text(text=wire.content, role="system", turn=turn, part=0))
    elif wire.content:
        blocks += known(placed([LIFT_CONTENT_PART[type(item)](item, ctx) for item in wire.content], "system", turn))
    return blocks


def lower_system_message(run: list[c.Block], ctx: Context) -> w.SystemMessage:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_SYSTEM_MESSAGE):
        ctx.unsaid(run, UNSAID_SYSTEM_MESSAGE, "SystemMessage")
    content_blocks = (
        [block for block in run if type(block) in (c.Text, c.Thinking)]
        if c.Text in kinds or c.Thinking in kinds
        else []
    )
    return w.SystemMessage(
        content=lone_text(content_blocks)
        or bare(
            [part for block in content_blocks if (part := LOWER_CONTENT_PART[type(block)](block, ctx)) is not None],
            w.TextPart,
        ),
    )


def lift_user_message(wire: w.UserMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if type(wire.content) is str:
        blocks.append(c.Text(text=wire.content, role="user", turn=turn, part=0))
    elif wire.content:
        blocks += known(placed([LIFT_CONTENT_PART[type(item)](item, ctx) for item in wire.content], "user", turn))
    return blocks


def lower_user_message(run: list[c.Block], ctx: Context) -> w.UserMessage:
    return w.UserMessage(
        content=lone_text(run)
        or bare(
            [part for block in run if (part := LOWER_CONTENT_PART[type(block)](block, ctx)) is not None], w.TextPart
        ),
    )


def lift_assistant_message(wire: w.AssistantMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if type(wire.content) is str:
        if wire.content:
            blocks.append(c.Text(text=wire.content, role="assistant", turn=turn, part=0))
    elif wire.content:
        blocks += known(placed([LIFT_CONTENT_PART[type(item)](item, ctx) for item in wire.content], "assistant", turn))
    if wire.tool_calls:
        blocks += known(placed(ctx.each(lift_tool_call, wire.tool_calls), "assistant", turn))
    return blocks


def lower_assistant_message(run: list[c.Block], ctx: Context) -> w.AssistantMessage:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_ASSISTANT_MESSAGE):
        ctx.unsaid(run, UNSAID_ASSISTANT_MESSAGE, "AssistantMessage")
    content_blocks = (
        [
            block
            for block in run
            if type(block) in (c.Text, c.Thinking, c.Refusal, c.Image, c.Audio, c.Document, c.Unknown)
        ]
        if c.Text in kinds
        or c.Thinking in kinds
        or c.Refusal in kinds
        or c.Image in kinds
        or c.Audio in kinds
        or c.Document in kinds
        or c.Unknown in kinds
        else []
    )
    tool_calls_blocks = [block for block in run if type(block) is c.ToolCall] if c.ToolCall in kinds else []
    return w.AssistantMessage(
        content=lone_text(content_blocks)
        or bare(
            [part for block in content_blocks if (part := LOWER_CONTENT_PART[type(block)](block, ctx)) is not None],
            w.TextPart,
        )
        or None
        if content_blocks
        else None,
        tool_calls=[part for block in tool_calls_blocks if (part := lower_tool_call(block, ctx)) is not None] or None
        if tool_calls_blocks
        else None,
    )


def lift_tool_message(wire: w.ToolMessage, ctx: Context) -> c.ToolResult:
    return c.ToolResult(
        call_id="" if wire.tool_call_id is None else wire.tool_call_id,
        name=wire.name,
        content=[c.Text(text=wire.content or None)]
        if type(wire.content or None) is str
        else numbered([LIFT_CONTENT_PART[type(item)](item, ctx) for item in wire.content or None or ()]) or None,
    )


def lower_tool_message(value: c.ToolResult, ctx: Context) -> w.ToolMessage:
    if value.is_error:
        ctx.lose(value, "is_error", "ToolMessage.is_error")
    if value.cache is not None:
        ctx.lose(value, "cache", "ToolMessage.cache")
    return w.ToolMessage(
        tool_call_id="" if value.call_id is None else value.call_id,
        name=value.name,
        content=lone_text(value.content)
        or bare(
            [one for block in value.content or () if (one := LOWER_CONTENT_PART[type(block)](block, ctx)) is not None],
            w.TextPart,
        )
        or None,
    )


def lift_content_part(wire: w.ContentPart, ctx: Context) -> c.Block:
    return LIFT_CONTENT_PART[type(wire)](wire, ctx)


def lower_content_part(value: c.Block, ctx: Context) -> w.ContentPart | None:
    return LOWER_CONTENT_PART[type(value)](value, ctx)


def lower_whole_content_part(value: c.Block, ctx: Context) -> w.ContentPart | None:
    return decode_content_part(value.raw) if value.origin == DIALECT else ctx.unlowered(value, "ContentPart")


def lift_text_part(wire: w.TextPart, ctx: Context) -> c.Text:
    return c.Text(
        text=wire.text,
    )


def lower_text_part(value: c.Text, ctx: Context) -> w.TextPart:
    if value.citations:
        ctx.lose(value, "citations", "TextPart.citations")
    if value.logprobs is not None:
        ctx.lose(value, "logprobs", "TextPart.logprobs")
    if value.cache is not None:
        ctx.lose(value, "cache", "TextPart.cache")
    return w.TextPart(
        text=value.text,
    )


def lift_image_part(wire: w.ImagePart | str, ctx: Context) -> c.Image:
    if type(wire.image_url) is str:
        return c.Image(source=data_url.lift(wire.image_url))
    return lift_image_url(wire.image_url, ctx)


def lower_image_part(value: c.Image, ctx: Context) -> w.ImagePart:
    return w.ImagePart(image_url=alone(lower_image_url(value, ctx), "url"))


def lift_image_url(wire: w.ImageUrl, ctx: Context) -> c.Image:
    return c.Image(
        source=data_url.lift(wire.url),
        detail=wire.detail,
    )


def lower_image_url(value: c.Image, ctx: Context) -> w.ImageUrl:
    if value.cache is not None:
        ctx.lose(value, "cache", "ImageUrl.cache")
    return w.ImageUrl(
        url=ctx.fits(data_url.lower(value.source), value, "source"),
        detail=value.detail,
    )


def lift_document_part(wire: w.DocumentPart, ctx: Context) -> c.Document:
    return c.Document(
        source=data_url.lift(wire.document_url),
        title=wire.document_name,
    )


def lower_document_part(value: c.Document, ctx: Context) -> w.DocumentPart:
    if value.context is not None:
        ctx.lose(value, "context", "DocumentPart.context")
    if value.cite:
        ctx.lose(value, "cite", "DocumentPart.cite")
    if value.cache is not None:
        ctx.lose(value, "cache", "DocumentPart.cache")
    return w.DocumentPart(
        document_url=ctx.fits(data_url.lower(value.source), value, "source"),
        document_name=value.title,
    )


def lift_audio_part(wire: w.AudioPart, ctx: Context) -> c.Audio:
    return c.Audio(
        source=base64_bytes.lift(wire.input_audio),
    )


def lower_audio_part(value: c.Audio, ctx: Context) -> w.AudioPart:
    if value.id is not None:
        ctx.lose(value, "id", "AudioPart.id")
    if value.transcript is not None:
        ctx.lose(value, "transcript", "AudioPart.transcript")
    if value.expires_at is not None:
        ctx.lose(value, "expires_at", "AudioPart.expires_at")
    if value.cache is not None:
        ctx.lose(value, "cache", "AudioPart.cache")
    return w.AudioPart(
        input_audio=ctx.fits(base64_bytes.lower(value.source), value, "source"),
    )


def lift_thinking_part(wire: w.ThinkingPart, ctx: Context) -> c.Thinking:
    return c.Thinking(
        text="".join(one.text for item in wire.thinking if (one := lift_thought_part(item, ctx)) is not None),
        signature=wire.signature or None,
        origin="mistral-chat" if wire.signature else None,
    )


def lower_thinking_part(value: c.Thinking, ctx: Context) -> w.ThinkingPart:
    if value.cache is not None:
        ctx.lose(value, "cache", "ThinkingPart.cache")
    return w.ThinkingPart(
        thinking=[lower_thought_part(c.Text(text=value.text), ctx)],
        signature=ctx.whose("mistral-chat", value, "signature", value.signature, "ThinkingPart.signature"),
    )


def lift_thought_part(wire: w.ThoughtPart, ctx: Context) -> c.Block:
    return LIFT_THOUGHT_PART[type(wire)](wire, ctx)


def lower_thought_part(value: c.Block, ctx: Context) -> w.ThoughtPart | None:
    return LOWER_THOUGHT_PART[type(value)](value, ctx)


def lift_reference_part(wire: w.ReferencePart, ctx: Context) -> c.Unknown:
    return c.Unknown(origin=DIALECT, raw=whole(wire))


def lift_resource_part(wire: w.ResourcePart, ctx: Context) -> c.Unknown:
    return c.Unknown(origin=DIALECT, raw=whole(wire))


def lift_resource_link_part(wire: w.ResourceLinkPart, ctx: Context) -> c.Unknown:
    return c.Unknown(origin=DIALECT, raw=whole(wire))


def lift_tool_call(wire: w.ToolCall, ctx: Context) -> c.ToolCall:
    function = wire.function
    return c.ToolCall(
        id=wire.id or ctx.mint("{id}"),
        name=function.name,
        input=json_or_text.lift(function.arguments),
    )


def lower_tool_call(value: c.ToolCall, ctx: Context) -> w.ToolCall:
    if value.signature is not None:
        ctx.lose(value, "signature", "ToolCall.signature")
    if value.cache is not None:
        ctx.lose(value, "cache", "ToolCall.cache")
    return w.ToolCall(
        id=value.id or ctx.mint("{id}"),
        type="function",
        function=w.FunctionCall(
            name=value.name,
            arguments=json_or_text.lower(value.input),
        ),
    )


def lift_tool(wire: w.Tool, ctx: Context) -> c.Tool:
    return LIFT_TOOL.get(wire.type, lift_hosted_tool)(wire, ctx)


def lower_tool(value: c.Tool, ctx: Context) -> w.Tool | None:
    return LOWER_TOOL[type(value)](value, ctx)


def lower_whole_tool(value: c.Tool, ctx: Context) -> w.Tool | None:
    return decode_tool(value.raw) if value.origin == DIALECT else ctx.unlowered(value, "Tool")


def lift_function_tool(wire: w.Tool, ctx: Context) -> c.FunctionTool:
    function = wire.function
    if wire.tool_configuration is not None:
        ctx.left(wire, "tool_configuration", "Tool.tool_configuration")
    if wire.library_ids is not None:
        ctx.left(wire, "library_ids", "Tool.library_ids")
    if wire.connector_id is not None:
        ctx.left(wire, "connector_id", "Tool.connector_id")
    if wire.authorization is not None:
        ctx.left(wire, "authorization", "Tool.authorization")
    return c.FunctionTool(
        name=ctx.needed(function and function.name, wire, "function.name"),
        description=function and function.description,
        input_schema=function and function.parameters,
        strict=function and function.strict,
    )


def lower_function_tool(value: c.FunctionTool, ctx: Context) -> w.Tool:
    if value.cache is not None:
        ctx.lose(value, "cache", "Tool.cache")
    function_name = value.name
    function_description = value.description
    function_parameters = (
        Raw(b'{"type":"object","properties":{}}') if value.input_schema is None else value.input_schema
    )
    function_strict = value.strict
    function = (
        w.FunctionDefinition(
            name=function_name, description=function_description, parameters=function_parameters, strict=function_strict
        )
        if function_name is not None
        or function_description is not None
        or function_parameters is not None
        or function_strict is not None
        else None
    )
    return w.Tool(
        type="function",
        function=function,
    )


def lift_hosted_tool(wire: w.Tool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_tool_choice(wire: w.ToolChoice | str, ctx: Context) -> c.ToolChoice:
    if type(wire) is str:
        return c.ToolChoice(mode=ctx.word(TOOL_CHOICE_WORD_LIFT, wire, "tool_choice"))
    lift = LIFT_TOOL_CHOICE.get(wire.type)
    return lift(wire, ctx) if lift else ctx.unlifted(wire, "ToolChoice")


def lower_tool_choice(value: c.ToolChoice, ctx: Context) -> w.ToolChoice | str | None:
    if value.mode in TOOL_CHOICE_WORD_LOWER:
        return TOOL_CHOICE_WORD_LOWER[value.mode]
    return LOWER_TOOL_CHOICE[value.mode](value, ctx)


def lift_tool_choice_tool(wire: w.ToolChoice, ctx: Context) -> c.ToolChoice:
    function = wire.function
    return c.ToolChoice(
        mode="tool",
        name=function.name or None,
    )


def lower_tool_choice_tool(value: c.ToolChoice, ctx: Context) -> w.ToolChoice:
    return w.ToolChoice(
        type="function",
        function=w.NamedFunction(
            name="" if value.name is None else value.name,
        ),
    )


def lift_response_format(wire: w.ResponseFormat, ctx: Context) -> c.OutputFormat:
    lift = LIFT_RESPONSE_FORMAT.get(wire.type)
    return lift(wire, ctx) if lift else ctx.unlifted(wire, "ResponseFormat")


def lower_response_format(value: c.OutputFormat, ctx: Context) -> w.ResponseFormat | None:
    return LOWER_RESPONSE_FORMAT[value.kind](value, ctx)


def lift_output_format_text(wire: w.ResponseFormat, ctx: Context) -> c.OutputFormat:
    if wire.json_schema is not None:
        ctx.left(wire, "json_schema", "ResponseFormat.json_schema")
    return c.OutputFormat(
        kind="text",
    )


def lower_output_format_text(value: c.OutputFormat, ctx: Context) -> w.ResponseFormat:
    return w.ResponseFormat(
        type="text",
    )


def lift_output_format_json(wire: w.ResponseFormat, ctx: Context) -> c.OutputFormat:
    if wire.json_schema is not None:
        ctx.left(wire, "json_schema", "ResponseFormat.json_schema")
    return c.OutputFormat(
        kind="json",
    )


def lower_output_format_json(value: c.OutputFormat, ctx: Context) -> w.ResponseFormat:
    return w.ResponseFormat(
        type="json_object",
    )


def lift_output_format_json_schema(wire: w.ResponseFormat, ctx: Context) -> c.OutputFormat:
    json_schema = wire.json_schema
    return c.OutputFormat(
        kind="json_schema",
        name=json_schema and json_schema.name,
        description=json_schema and json_schema.description,
        schema=json_schema and json_schema.schema,
        strict=json_schema and json_schema.strict,
    )


def lower_output_format_json_schema(value: c.OutputFormat, ctx: Context) -> w.ResponseFormat:
    json_schema_name = "answer" if value.name is None else value.name
    json_schema_description = value.description
    json_schema_schema = value.schema
    json_schema_strict = value.strict
    json_schema = (
        w.JsonSchemaSpec(
            name=json_schema_name,
            description=json_schema_description,
            schema=json_schema_schema,
            strict=json_schema_strict,
        )
        if json_schema_name is not None
        or json_schema_description is not None
        or json_schema_schema is not None
        or json_schema_strict is not None
        else None
    )
    return w.ResponseFormat(
        json_schema=json_schema,
        type="json_schema",
    )


KEPT_CHAT_REQUEST = [
    "safe_prompt",
    "repetition_penalty",
    "prompt_logprobs",
    "top_prompt_logprobs",
    "document_image_limit",
    "document_page_limit",
    "guardrails",
]
HELD_CHAT_REQUEST = any_of(
    "safe_prompt",
    "repetition_penalty",
    "prompt_logprobs",
    "top_prompt_logprobs",
    "document_image_limit",
    "document_page_limit",
    "guardrails",
)
LIFT_MESSAGE = {
    w.SystemMessage: lift_system_message,
    w.UserMessage: lift_user_message,
    w.AssistantMessage: lift_assistant_message,
    w.ToolMessage: lift_tool_message_turn,
}
LOWER_MESSAGE = {
    "system": lower_system_message,
    "user": lower_user_message,
    "assistant": lower_assistant_message,
    "tool_result": lower_tool_message_run,
}
UNSAID_SYSTEM_MESSAGE = {
    c.Image,
    c.Audio,
    c.Video,
    c.Document,
    c.ToolCall,
    c.CustomCall,
    c.ToolResult,
    c.SearchResult,
    c.SealedThinking,
    c.Refusal,
    c.HostedCall,
    c.HostedResult,
    c.Unknown,
}
UNSAID_ASSISTANT_MESSAGE = {
    c.SealedThinking,
    c.SearchResult,
    c.HostedCall,
    c.HostedResult,
    c.Video,
    c.CustomCall,
    c.ToolResult,
}
LIFT_CONTENT_PART = Ways(
    {
        w.TextPart: lift_text_part,
        w.ImagePart: lift_image_part,
        w.DocumentPart: lift_document_part,
        w.AudioPart: lift_audio_part,
        w.ThinkingPart: lift_thinking_part,
        w.ReferencePart: lift_reference_part,
        w.ResourcePart: lift_resource_part,
        w.ResourceLinkPart: lift_resource_link_part,
    },
    lambda wire, ctx: ctx.unlifted(wire, "ContentPart"),
)
LOWER_CONTENT_PART = Ways(
    {
        c.Text: lower_text_part,
        c.Image: lower_image_part,
        c.Document: lower_document_part,
        c.Audio: lower_audio_part,
        c.Thinking: lower_thinking_part,
        c.Unknown: lower_whole_content_part,
        c.Refusal: as_text(lower_text_part, "ContentPart"),
        c.SearchResult: as_text(lower_text_part, "ContentPart"),
    },
    lambda value, ctx: ctx.unlowered(value, "ContentPart"),
)
LIFT_THOUGHT_PART = Ways(
    {
        w.TextPart: lift_text_part,
    },
    lambda wire, ctx: ctx.unlifted(wire, "ThoughtPart"),
)
LOWER_THOUGHT_PART = Ways(
    {
        c.Text: lower_text_part,
    },
    lambda value, ctx: ctx.unlowered(value, "ThoughtPart"),
)
LIFT_TOOL = {
    "function": lift_function_tool,
    None: lift_function_tool,
}
LOWER_TOOL = Ways(
    {
        c.FunctionTool: lower_function_tool,
        c.HostedTool: lower_whole_tool,
    },
    lambda value, ctx: ctx.unlowered(value, "Tool"),
)
LIFT_TOOL_CHOICE = {
    "function": lift_tool_choice_tool,
    None: lift_tool_choice_tool,
}
LOWER_TOOL_CHOICE = Ways(
    {
        "tool": lower_tool_choice_tool,
    },
    lambda value, ctx: ctx.unlowered(value, "ToolChoice"),
)
LIFT_RESPONSE_FORMAT = {
    "text": lift_output_format_text,
    None: lift_output_format_text,
    "json_object": lift_output_format_json,
    "json_schema": lift_output_format_json_schema,
}
LOWER_RESPONSE_FORMAT = Ways(
    {
        "text": lower_output_format_text,
        "json": lower_output_format_json,
        "json_schema": lower_output_format_json_schema,
    },
    lambda value, ctx: ctx.unlowered(value, "ResponseFormat"),
)


def lift_request(wire: w.ChatRequest, ctx: Context) -> c.Request:
    return lift_chat_request(wire, ctx)


def lower_request(value: c.Request, ctx: Context) -> w.ChatRequest:
    return lower_chat_request(value, ctx)
