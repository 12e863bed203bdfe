# Generated from specs/dialects/cohere_chat/mapping.yaml. Edit the spec, then `make generate`.
# ChatRequest <-> Request: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.cohere_chat import wire as w
from runtime.core.context import Context
from runtime.core.primitives import (
    Ways,
    amid,
    any_of,
    as_text,
    bare,
    boxed,
    data_url,
    document_data,
    given,
    json_text,
    known,
    lone_text,
    numbered,
    placed,
    spoken,
)

DIALECT = "cohere-chat"
TOOL_CHOICE_LIFT = {None: None, "REQUIRED": "any", "NONE": "none"}
TOOL_CHOICE_LOWER = {"any": "REQUIRED", "none": "NONE"}
FORMAT_LIFT = {None: None, "text": "text", "json_object": "json"}
FORMAT_LOWER = {None: None, "text": "text", "json": "json_object", "json_schema": "json_object"}
THINKING_LIFT = {None: None, "enabled": "on", "disabled": "off"}
THINKING_LOWER = {None: None, "on": "enabled", "off": "disabled", "adaptive": "enabled", "between_tools": "enabled"}
decode_request = Decoder(w.ChatRequest).decode
MESSAGES = "messages"


def lift_chat_request(wire: w.ChatRequest, ctx: Context) -> c.Request:
    response_format = wire.response_format
    kind = (
        "json_schema"
        if (response_format and response_format.json_schema) is not None
        else (FORMAT_LIFT.get(response_format and response_format.type, "text"))
    )
    schema = given(response_format and response_format.json_schema)
    output_format = (
        c.OutputFormat(
            kind=kind,
            schema=schema,
        )
        if kind is not None
        else None
    )
    tool_choice = None
    mode = TOOL_CHOICE_LIFT.get(wire.tool_choice, "auto")
    if mode is not None:
        tool_choice = tool_choice or c.ToolChoice()
        tool_choice.mode = mode
    return c.Request(
        model=wire.model,
        blocks=amid(
            ctx.blocks(lift_message, wire.messages),
            spoken(
                numbered([lift_document(boxed(item, w.Document, "data"), ctx) for item in wire.documents or ()]), "user"
            ),
        ),
        stream=wire.stream,
        max_tokens=wire.max_tokens,
        temperature=wire.temperature,
        top_p=wire.p,
        top_k=wire.k,
        seed=wire.seed,
        stop=wire.stop_sequences,
        frequency_penalty=wire.frequency_penalty,
        presence_penalty=wire.presence_penalty,
        logprobs=wire.logprobs,
        tools=None
        if not wire.tools
        else [one for item in wire.tools if (one := lift_tool(item, ctx)) is not None] or None,
        reasoning=None if wire.thinking is None else lift_thinking_config(wire.thinking, ctx),
        tool_choice=tool_choice,
        output_format=output_format,
        carried=ctx.keep(wire, KEPT_CHAT_REQUEST) if HELD_CHAT_REQUEST(wire) else None,
    )


def lower_chat_request(value: c.Request, ctx: Context) -> w.ChatRequest:
    if value.output_format and value.output_format.name is not None:
        ctx.lose(value, "output_format.name", "ChatRequest.output_format.name")
    if value.output_format and value.output_format.description is not None:
        ctx.lose(value, "output_format.description", "ChatRequest.output_format.description")
    if value.output_format and value.output_format.strict:
        ctx.lose(value, "output_format.strict", "ChatRequest.output_format.strict")
    if value.min_p is not None:
        ctx.lose(value, "min_p", "ChatRequest.min_p")
    if value.min_tokens is not None:
        ctx.lose(value, "min_tokens", "ChatRequest.min_tokens")
    if value.top_logprobs is not None:
        ctx.lose(value, "top_logprobs", "ChatRequest.top_logprobs")
    if value.verbosity is not None:
        ctx.lose(value, "verbosity", "ChatRequest.verbosity")
    if value.prediction:
        ctx.lose(value, "prediction", "ChatRequest.prediction")
    if value.service_tier is not None:
        ctx.lose(value, "service_tier", "ChatRequest.service_tier")
    if value.metadata is not None:
        ctx.lose(value, "metadata", "ChatRequest.metadata")
    if value.end_user is not None:
        ctx.lose(value, "end_user", "ChatRequest.end_user")
    if value.store:
        ctx.lose(value, "store", "ChatRequest.store")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "ChatRequest.moderation")
    if value.cache_key is not None:
        ctx.lose(value, "cache_key", "ChatRequest.cache_key")
    if value.cache_retention is not None:
        ctx.lose(value, "cache_retention", "ChatRequest.cache_retention")
    if value.tool_choice and value.tool_choice.parallel is False:
        ctx.lose(value, "tool_choice.parallel", "ChatRequest.tool_choice.parallel")
    if value.suffix is not None:
        ctx.refuse(value, "suffix", "ChatRequest.suffix")
    if value.n is not None:
        ctx.refuse(value, "n", "ChatRequest.n")
    if value.modalities:
        ctx.refuse(value, "modalities", "ChatRequest.modalities")
    if value.audio_output is not None:
        ctx.refuse(value, "audio_output", "ChatRequest.audio_output")
    if value.tool_choice and value.tool_choice.name is not None:
        ctx.refuse(value, "tool_choice.name", "ChatRequest.tool_choice.name")
    if value.tool_choice and value.tool_choice.allowed:
        ctx.refuse(value, "tool_choice.allowed", "ChatRequest.tool_choice.allowed")
    if value.tool_choice and value.tool_choice.demand is not None:
        ctx.refuse(value, "tool_choice.demand", "ChatRequest.tool_choice.demand")
    if value.cache is not None:
        ctx.lose(value, "cache", "ChatRequest.cache")
    response_format_type = FORMAT_LOWER.get(value.output_format and value.output_format.kind, "json_object")
    response_format_json_schema = value.output_format and value.output_format.schema
    response_format = (
        w.ResponseFormat(type=response_format_type, json_schema=response_format_json_schema)
        if response_format_type is not None or response_format_json_schema is not None
        else None
    )
    wire = w.ChatRequest(
        model=value.model,
        messages=ctx.saying(LOWER_MESSAGE),
        documents=[lower_document(block, ctx) for block in ctx.turns.beside] or None,
        stream=value.stream,
        max_tokens=value.max_tokens,
        temperature=None
        if value.temperature is None
        else ctx.clamp(value.temperature, 0, 1, value, "temperature", "ChatRequest.temperature"),
        p=None if value.top_p is None else ctx.clamp(value.top_p, 0.01, 0.99, value, "top_p", "ChatRequest.top_p"),
        k=None if value.top_k is None else ctx.clamp(value.top_k, 0, 500, value, "top_k", "ChatRequest.top_k"),
        seed=value.seed,
        stop_sequences=value.stop or None,
        frequency_penalty=None
        if value.frequency_penalty is None
        else ctx.clamp(value.frequency_penalty, 0, 1, value, "frequency_penalty", "ChatRequest.frequency_penalty"),
        presence_penalty=None
        if value.presence_penalty is None
        else ctx.clamp(value.presence_penalty, 0, 1, value, "presence_penalty", "ChatRequest.presence_penalty"),
        logprobs=value.logprobs,
        tools=None
        if not value.tools
        else [one for item in value.tools if (one := LOWER_TOOL[type(item)](item, ctx)) is not None] or None,
        tool_choice=ctx.say(
            TOOL_CHOICE_LOWER,
            TOOL_CHOICE_LIFT,
            value.tool_choice and value.tool_choice.mode,
            None,
            value,
            "tool_choice.mode",
        ),
        response_format=response_format,
        thinking=None if value.reasoning is None else lower_thinking_config(value.reasoning, ctx),
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
        blocks += placed([lift_text_part(item, ctx) for item in wire.content], "system", turn)
    return blocks


def lower_system_message(run: list[c.Block], ctx: Context) -> w.SystemMessage:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_SYSTEM_MESSAGE):
        ctx.unsaid(run, UNSAID_SYSTEM_MESSAGE, "SystemMessage")
    content_blocks = [block for block in run if type(block) is c.Text] if c.Text in kinds else []
    return w.SystemMessage(
        content=lone_text(content_blocks)
        or bare([part for block in content_blocks if (part := lower_text_part(block, ctx)) is not None], w.TextPart),
    )


def lift_user_message(wire: w.UserMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if type(wire.content) is str:
        blocks.append(c.Text(text=wire.content, role="user", turn=turn, part=0))
    elif wire.content:
        blocks += placed([LIFT_USER_PART[type(item)](item, ctx) for item in wire.content], "user", turn)
    return blocks


def lower_user_message(run: list[c.Block], ctx: Context) -> w.UserMessage:
    return w.UserMessage(
        content=lone_text(run)
        or bare([part for block in run if (part := LOWER_USER_PART[type(block)](block, ctx)) is not None], w.TextPart),
    )


def lift_assistant_message(wire: w.AssistantMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.citations is not None:
        ctx.left(wire, "citations", "AssistantMessage.citations")
    if type(wire.content) is str:
        if wire.content:
            blocks.append(c.Text(text=wire.content, role="assistant", turn=turn, part=0))
    elif wire.content:
        blocks += placed([LIFT_ASSISTANT_PART[type(item)](item, ctx) for item in wire.content], "assistant", turn)
    if wire.tool_plan:
        blocks.append(c.Text(text=wire.tool_plan, role="assistant", turn=turn, part=0))
    if wire.tool_calls:
        blocks += known(placed(ctx.each(lift_tool_call, wire.tool_calls), "assistant", turn))
    return blocks


def lower_assistant_message(run: list[c.Block], ctx: Context) -> w.AssistantMessage:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_ASSISTANT_MESSAGE):
        ctx.unsaid(run, UNSAID_ASSISTANT_MESSAGE, "AssistantMessage")
    if c.Text in kinds:
        for block in run:
            if type(block) is c.Text and block.cache:
                ctx.lose(block, "cache", "AssistantMessage.cache")
    content_blocks = (
        [block for block in run if type(block) in (c.Text, c.Thinking, c.Refusal)]
        if c.Text in kinds or c.Thinking in kinds or c.Refusal in kinds
        else []
    )
    tool_plan_blocks = [block for block in run if type(block) is c.Text] if c.Text in kinds else []
    tool_calls_blocks = [block for block in run if type(block) is c.ToolCall] if c.ToolCall in kinds else []
    if tool_calls_blocks:
        content_blocks = [block for block in content_blocks if type(block) is not c.Text]
    tool_plan_blocks = [block for block in tool_plan_blocks if block.text] if tool_calls_blocks else []
    return w.AssistantMessage(
        content=lone_text(content_blocks)
        or bare(
            [part for block in content_blocks if (part := LOWER_ASSISTANT_PART[type(block)](block, ctx)) is not None],
            w.TextPart,
        )
        or None
        if content_blocks
        else None,
        tool_plan="\n".join([block.text for block in tool_plan_blocks]) or None if tool_plan_blocks else None,
        tool_calls=[part for block in tool_calls_blocks if (part := lower_tool_call(block, ctx)) is not None] or None
        if tool_calls_blocks
        else None,
    )


def lift_tool_message(wire: w.ToolMessage, ctx: Context) -> c.ToolResult:
    return c.ToolResult(
        call_id=wire.tool_call_id,
        content=[c.Text(text=wire.content)]
        if type(wire.content) is str
        else numbered([LIFT_TOOL_PART[type(item)](item, ctx) for item in wire.content or ()]) or None,
    )


def lower_tool_message(value: c.ToolResult, ctx: Context) -> w.ToolMessage:
    if value.is_error:
        ctx.lose(value, "is_error", "ToolMessage.is_error")
    if value.cache is not None:
        ctx.lose(value, "cache", "ToolMessage.cache")
    return w.ToolMessage(
        tool_call_id=value.call_id,
        content=lone_text(value.content)
        or bare(
            [one for block in value.content or () if (one := LOWER_TOOL_PART[type(block)](block, ctx)) is not None],
            w.TextPart,
        )
        or "",
    )


def lift_user_part(wire: w.UserPart, ctx: Context) -> c.Block:
    return LIFT_USER_PART[type(wire)](wire, ctx)


def lower_user_part(value: c.Block, ctx: Context) -> w.UserPart | None:
    return LOWER_USER_PART[type(value)](value, ctx)


def lift_assistant_part(wire: w.AssistantPart, ctx: Context) -> c.Block:
    return LIFT_ASSISTANT_PART[type(wire)](wire, ctx)


def lower_assistant_part(value: c.Block, ctx: Context) -> w.AssistantPart | None:
    return LOWER_ASSISTANT_PART[type(value)](value, ctx)


def lift_tool_part(wire: w.ToolPart, ctx: Context) -> c.Block:
    return LIFT_TOOL_PART[type(wire)](wire, ctx)


def lower_tool_part(value: c.Block, ctx: Context) -> w.ToolPart | None:
    return LOWER_TOOL_PART[type(value)](value, ctx)


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


def lift_image_part(wire: w.ImagePart, ctx: Context) -> c.Image:
    image_url = wire.image_url
    return c.Image(
        source=data_url.lift(image_url.url),
        detail=image_url.detail,
    )


def lower_image_part(value: c.Image, ctx: Context) -> w.ImagePart:
    if value.cache is not None:
        ctx.lose(value, "cache", "ImagePart.cache")
    return w.ImagePart(
        image_url=w.ImageUrl(
            url=ctx.fits(data_url.lower(value.source), value, "source"),
            detail=value.detail,
        ),
    )


def lift_thinking_part(wire: w.ThinkingPart, ctx: Context) -> c.Thinking:
    return c.Thinking(
        text=wire.thinking,
    )


def lower_thinking_part(value: c.Thinking, ctx: Context) -> w.ThinkingPart:
    if value.signature is not None:
        ctx.lose(value, "signature", "ThinkingPart.signature")
    if value.cache is not None:
        ctx.lose(value, "cache", "ThinkingPart.cache")
    return w.ThinkingPart(
        thinking=value.text,
    )


def lift_document_part(wire: w.DocumentPart, ctx: Context) -> c.Document:
    return lift_document(wire.document, ctx)


def lower_document_part(value: c.Document, ctx: Context) -> w.DocumentPart:
    return w.DocumentPart(document=lower_document(value, ctx))


def lift_document(wire: w.Document, ctx: Context) -> c.Document:
    data_said = document_data.lift(wire.data)
    return c.Document(
        source=data_said.source,
        title=data_said.title,
        carried=ctx.keep(wire, ["id"]) if wire.id is not None else None,
    )


def lower_document(value: c.Document, ctx: Context) -> w.Document:
    if value.context is not None:
        ctx.lose(value, "context", "Document.context")
    if value.cite:
        ctx.lose(value, "cite", "Document.cite")
    if value.cache is not None:
        ctx.lose(value, "cache", "Document.cache")
    wire = w.Document(
        data=document_data.lower(value),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_tool_call(wire: w.ToolCall, ctx: Context) -> c.ToolCall:
    function = wire.function
    return c.ToolCall(
        id=wire.id or ctx.mint("call_{id}"),
        name=ctx.needed(function and function.name, wire, "function.name"),
        input=json_text.lift(ctx.needed(function and function.arguments, wire, "function.arguments")),
    )


def lower_tool_call(value: c.ToolCall, ctx: Context) -> w.ToolCall:
    if value.signature is not None:
        ctx.lose(value, "signature", "ToolCall.signature")
    if value.cache is not None:
        ctx.lose(value, "cache", "ToolCall.cache")
    function_name = value.name
    function_arguments = json_text.lower(value.input)
    function = (
        w.FunctionCall(name=function_name, arguments=function_arguments)
        if function_name is not None or function_arguments is not None
        else None
    )
    return w.ToolCall(
        id=value.id or ctx.mint("call_{id}"),
        type="function",
        function=function,
    )


def lift_tool(wire: w.Tool, ctx: Context) -> c.Tool:
    lift = LIFT_TOOL.get(wire.type)
    return lift(wire, ctx) if lift else ctx.unlifted(wire, "Tool")


def lower_tool(value: c.Tool, ctx: Context) -> w.Tool | None:
    return LOWER_TOOL[type(value)](value, ctx)


def lift_function_tool(wire: w.Tool, ctx: Context) -> c.FunctionTool:
    function = wire.function
    return c.FunctionTool(
        name=ctx.needed(function and function.name, wire, "function.name"),
        description=function and function.description,
        input_schema=function and function.parameters,
    )


def lower_function_tool(value: c.FunctionTool, ctx: Context) -> w.Tool:
    if value.strict:
        ctx.lose(value, "strict", "Tool.strict")
    if value.cache is not None:
        ctx.lose(value, "cache", "Tool.cache")
    function_name = value.name
    function_description = value.description
    function_parameters = value.input_schema
    function = (
        w.FunctionDefinition(name=function_name, description=function_description, parameters=function_parameters)
        if function_name is not None or function_description is not None or function_parameters is not None
        else None
    )
    return w.Tool(
        function=function,
        type="function",
    )


def lift_thinking_config(wire: w.ThinkingConfig, ctx: Context) -> c.Reasoning:
    return c.Reasoning(
        mode=THINKING_LIFT.get(wire.type, "on"),
        budget=wire.token_budget,
    )


def lower_thinking_config(value: c.Reasoning, ctx: Context) -> w.ThinkingConfig:
    if value.effort is not None:
        ctx.lose(value, "effort", "ThinkingConfig.effort")
    if value.visibility is not None:
        ctx.lose(value, "visibility", "ThinkingConfig.visibility")
    return w.ThinkingConfig(
        type="enabled"
        if (THINKING_LOWER.get(value.mode, "enabled")) is None
        else THINKING_LOWER.get(value.mode, "enabled"),
        token_budget=value.budget,
    )


KEPT_CHAT_REQUEST = ["citation_options", "priority", "safety_mode", "strict_tools"]
HELD_CHAT_REQUEST = any_of("citation_options", "priority", "safety_mode", "strict_tools")
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
    c.SearchResult,
    c.Thinking,
    c.SealedThinking,
    c.Refusal,
    c.HostedCall,
    c.HostedResult,
    c.Unknown,
    c.Image,
    c.Audio,
    c.Video,
    c.Document,
    c.ToolCall,
    c.CustomCall,
    c.ToolResult,
}
UNSAID_ASSISTANT_MESSAGE = {
    c.SealedThinking,
    c.SearchResult,
    c.HostedCall,
    c.HostedResult,
    c.Unknown,
    c.Image,
    c.Audio,
    c.Video,
    c.Document,
    c.CustomCall,
    c.ToolResult,
}
LIFT_USER_PART = Ways(
    {
        w.TextPart: lift_text_part,
        w.ImagePart: lift_image_part,
    },
    lambda wire, ctx: ctx.unlifted(wire, "UserPart"),
)
LOWER_USER_PART = Ways(
    {
        c.Text: lower_text_part,
        c.Image: lower_image_part,
        c.Refusal: as_text(lower_text_part, "UserPart"),
        c.SearchResult: as_text(lower_text_part, "UserPart"),
    },
    lambda value, ctx: ctx.unlowered(value, "UserPart"),
)
LIFT_ASSISTANT_PART = Ways(
    {
        w.TextPart: lift_text_part,
        w.ThinkingPart: lift_thinking_part,
    },
    lambda wire, ctx: ctx.unlifted(wire, "AssistantPart"),
)
LOWER_ASSISTANT_PART = Ways(
    {
        c.Text: lower_text_part,
        c.Thinking: lower_thinking_part,
        c.Refusal: as_text(lower_text_part, "AssistantPart"),
    },
    lambda value, ctx: ctx.unlowered(value, "AssistantPart"),
)
LIFT_TOOL_PART = Ways(
    {
        w.TextPart: lift_text_part,
        w.DocumentPart: lift_document_part,
    },
    lambda wire, ctx: ctx.unlifted(wire, "ToolPart"),
)
LOWER_TOOL_PART = Ways(
    {
        c.Text: lower_text_part,
        c.Document: lower_document_part,
        c.Refusal: as_text(lower_text_part, "ToolPart"),
        c.SearchResult: as_text(lower_text_part, "ToolPart"),
    },
    lambda value, ctx: ctx.unlowered(value, "ToolPart"),
)
LIFT_TOOL = {
    "function": lift_function_tool,
}
LOWER_TOOL = Ways(
    {
        c.FunctionTool: lower_function_tool,
    },
    lambda value, ctx: ctx.unlowered(value, "Tool"),
)


def lift_request(wire: w.ChatRequest, ctx: Context) -> c.Request:
    return lift_chat_request(wire, ctx)


def lower_request(value: c.Request, ctx: Context) -> w.ChatRequest:
    return lower_chat_request(value, ctx)
