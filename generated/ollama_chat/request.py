# Generated from specs/dialects/ollama_chat/mapping.yaml. Edit the spec, then `make generate`.
# ChatRequest <-> Request: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.ollama_chat import wire as w
from runtime.core.context import Context
from runtime.core.primitives import Ways, format, image_bytes, json_object, known, one_text, placed, think, unless

DIALECT = "ollama-chat"
decode_request = Decoder(w.ChatRequest).decode
MESSAGES = "messages"


def lift_chat_request(wire: w.ChatRequest, ctx: Context) -> c.Request:
    options = wire.options
    ctx.left_in(
        wire,
        wire.options,
        "options",
        [
            "num_ctx",
            "repeat_penalty",
            "repeat_last_n",
            "typical_p",
            "tfs_z",
            "mirostat",
            "mirostat_tau",
            "mirostat_eta",
            "penalize_newline",
            "num_keep",
            "num_batch",
            "num_gpu",
            "num_thread",
            "draft_num_predict",
            "main_gpu",
            "numa",
            "low_vram",
            "f16_kv",
            "logits_all",
            "vocab_only",
            "use_mmap",
            "use_mlock",
            "embedding_only",
        ],
    )
    return c.Request(
        model=wire.model,
        blocks=ctx.blocks(lift_message, wire.messages or []),
        tools=None
        if not wire.tools
        else [one for item in wire.tools if (one := lift_tool(item, ctx)) is not None] or None,
        output_format=None if wire.format is None else format.lift(wire.format),
        reasoning=None if wire.think is None else think.lift(wire.think),
        stream=True if wire.stream is None else wire.stream,
        logprobs=wire.logprobs,
        top_logprobs=wire.top_logprobs,
        max_tokens=options and options.num_predict,
        temperature=options and options.temperature,
        top_p=options and options.top_p,
        top_k=options and options.top_k,
        min_p=options and options.min_p,
        seed=options and options.seed,
        stop=options and options.stop,
        presence_penalty=options and options.presence_penalty,
        frequency_penalty=options and options.frequency_penalty,
        carried=ctx.keep(wire, ["keep_alive", "truncate", "shift"])
        if wire.keep_alive is not None or wire.truncate is not None or wire.shift is not None
        else None,
    )


def lower_chat_request(value: c.Request, ctx: Context) -> w.ChatRequest:
    if value.reasoning and value.reasoning.budget is not None:
        ctx.lose(value, "reasoning.budget", "ChatRequest.reasoning.budget")
    if value.reasoning and value.reasoning.visibility is not None:
        ctx.lose(value, "reasoning.visibility", "ChatRequest.reasoning.visibility")
    if value.output_format and value.output_format.name is not None:
        ctx.lose(value, "output_format.name", "ChatRequest.output_format.name")
    if value.output_format and value.output_format.description is not None:
        ctx.lose(value, "output_format.description", "ChatRequest.output_format.description")
    if value.output_format and value.output_format.strict:
        ctx.lose(value, "output_format.strict", "ChatRequest.output_format.strict")
    if value.min_tokens is not None:
        ctx.lose(value, "min_tokens", "ChatRequest.min_tokens")
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
    if value.suffix is not None:
        ctx.refuse(value, "suffix", "ChatRequest.suffix")
    if value.n is not None:
        ctx.refuse(value, "n", "ChatRequest.n")
    if value.tool_choice is not None:
        ctx.refuse(value, "tool_choice", "ChatRequest.tool_choice")
    if value.modalities:
        ctx.refuse(value, "modalities", "ChatRequest.modalities")
    if value.audio_output is not None:
        ctx.refuse(value, "audio_output", "ChatRequest.audio_output")
    if value.cache is not None:
        ctx.lose(value, "cache", "ChatRequest.cache")
    options_num_predict = value.max_tokens
    options_temperature = value.temperature
    options_top_p = value.top_p
    options_top_k = value.top_k
    options_min_p = (
        None if value.min_p is None else ctx.needs("min_p_option", value, "min_p", value.min_p, "ChatRequest.min_p")
    )
    options_seed = value.seed
    options_stop = value.stop or None
    options_presence_penalty = value.presence_penalty
    options_frequency_penalty = value.frequency_penalty
    options = (
        w.Options(
            num_predict=options_num_predict,
            temperature=options_temperature,
            top_p=options_top_p,
            top_k=options_top_k,
            min_p=options_min_p,
            seed=options_seed,
            stop=options_stop,
            presence_penalty=options_presence_penalty,
            frequency_penalty=options_frequency_penalty,
        )
        if options_num_predict is not None
        or options_temperature is not None
        or options_top_p is not None
        or options_top_k is not None
        or options_min_p is not None
        or options_seed is not None
        or options_stop is not None
        or options_presence_penalty is not None
        or options_frequency_penalty is not None
        else None
    )
    wire = w.ChatRequest(
        model=value.model,
        messages=ctx.saying(LOWER_MESSAGE),
        tools=None
        if not value.tools
        else [one for item in value.tools if (one := LOWER_TOOL[type(item)](item, ctx)) is not None] or None,
        format=None if value.output_format is None else format.lower(value.output_format),
        think=None if value.reasoning is None else think.lower(value.reasoning),
        stream=False if value.stream is None else value.stream,
        logprobs=value.logprobs,
        top_logprobs=value.top_logprobs,
        options=options,
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
    if wire.images is not None:
        ctx.left(wire, "images", "SystemMessage.images")
    if wire.content:
        blocks.append(c.Text(text=wire.content, role="system", turn=turn, part=0))
    return blocks


def lower_system_message(run: list[c.Block], ctx: Context) -> w.SystemMessage:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_SYSTEM_MESSAGE):
        ctx.unsaid(run, UNSAID_SYSTEM_MESSAGE, "SystemMessage")
    if c.Text in kinds:
        for block in run:
            if type(block) is c.Text and block.citations:
                ctx.lose(block, "citations", "SystemMessage.text.citations")
            if type(block) is c.Text and block.logprobs:
                ctx.lose(block, "logprobs", "SystemMessage.text.logprobs")
            if type(block) is c.Text and block.cache:
                ctx.lose(block, "cache", "SystemMessage.cache")
    content_blocks = [block for block in run if type(block) is c.Text] if c.Text in kinds else []
    return w.SystemMessage(
        content="\n".join([block.text for block in content_blocks]) or None if content_blocks else None,
    )


def lift_user_message(wire: w.UserMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.content:
        blocks.append(c.Text(text=wire.content, role="user", turn=turn, part=0))
    if wire.images:
        blocks += placed([image_bytes.lift(item) for item in wire.images], "user", turn)
    return blocks


def lower_user_message(run: list[c.Block], ctx: Context) -> w.UserMessage:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_USER_MESSAGE):
        ctx.unsaid(run, UNSAID_USER_MESSAGE, "UserMessage")
    if c.Image in kinds:
        for block in run:
            if type(block) is c.Image and block.detail:
                ctx.lose(block, "detail", "UserMessage.image.detail")
            if type(block) is c.Image and block.cache:
                ctx.lose(block, "cache", "UserMessage.cache")
    if c.Text in kinds:
        for block in run:
            if type(block) is c.Text and block.citations:
                ctx.lose(block, "citations", "UserMessage.text.citations")
            if type(block) is c.Text and block.logprobs:
                ctx.lose(block, "logprobs", "UserMessage.text.logprobs")
            if type(block) is c.Text and block.cache:
                ctx.lose(block, "cache", "UserMessage.cache")
    content_blocks = [block for block in run if type(block) is c.Text] if c.Text in kinds else []
    images_blocks = [block for block in run if type(block) is c.Image] if c.Image in kinds else []
    return w.UserMessage(
        content="\n".join([block.text for block in content_blocks]) or None if content_blocks else None,
        images=[
            item for block in images_blocks if (item := ctx.fits(image_bytes.lower(block), block, "source")) is not None
        ]
        or None,
    )


def lift_assistant_message(wire: w.AssistantMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.thinking:
        blocks.append(c.Thinking(text=wire.thinking, role="assistant", turn=turn, part=0))
    if wire.content:
        blocks.append(c.Text(text=wire.content, role="assistant", turn=turn, part=0))
    if wire.images:
        blocks += placed([image_bytes.lift(item) for item in wire.images], "assistant", turn)
    if wire.tool_calls:
        blocks += known(placed(ctx.each(lift_tool_call, wire.tool_calls), "assistant", turn))
    return blocks


def lower_assistant_message(run: list[c.Block], ctx: Context) -> w.AssistantMessage:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_ASSISTANT_MESSAGE):
        ctx.unsaid(run, UNSAID_ASSISTANT_MESSAGE, "AssistantMessage")
    if c.Image in kinds:
        for block in run:
            if type(block) is c.Image and block.detail:
                ctx.lose(block, "detail", "AssistantMessage.image.detail")
            if type(block) is c.Image and block.cache:
                ctx.lose(block, "cache", "AssistantMessage.cache")
    if c.Refusal in kinds:
        for block in run:
            if type(block) is c.Refusal and block.cache:
                ctx.lose(block, "cache", "AssistantMessage.cache")
    if c.Text in kinds:
        for block in run:
            if type(block) is c.Text and block.citations:
                ctx.lose(block, "citations", "AssistantMessage.text.citations")
            if type(block) is c.Text and block.logprobs:
                ctx.lose(block, "logprobs", "AssistantMessage.text.logprobs")
            if type(block) is c.Text and block.cache:
                ctx.lose(block, "cache", "AssistantMessage.cache")
    if c.Thinking in kinds:
        for block in run:
            if type(block) is c.Thinking and block.signature:
                ctx.lose(block, "signature", "AssistantMessage.thinking.signature")
            if type(block) is c.Thinking and block.cache:
                ctx.lose(block, "cache", "AssistantMessage.cache")
    thinking_blocks = [block for block in run if type(block) is c.Thinking] if c.Thinking in kinds else []
    content_blocks = (
        [block for block in run if type(block) in (c.Text, c.Refusal)] if c.Text in kinds or c.Refusal in kinds else []
    )
    images_blocks = [block for block in run if type(block) is c.Image] if c.Image in kinds else []
    tool_calls_blocks = [block for block in run if type(block) is c.ToolCall] if c.ToolCall in kinds else []
    for block in content_blocks:
        if type(block) is not c.Text:
            ctx.reworded(block, "it is written as text")
    return w.AssistantMessage(
        thinking="".join([block.text for block in thinking_blocks]) or None if thinking_blocks else None,
        content="".join([block.text for block in content_blocks]) or None if content_blocks else None,
        images=[
            item for block in images_blocks if (item := ctx.fits(image_bytes.lower(block), block, "source")) is not None
        ]
        or None,
        tool_calls=[part for block in tool_calls_blocks if (part := lower_tool_call(block, ctx)) is not None] or None
        if tool_calls_blocks
        else None,
    )


def lift_tool_message(wire: w.ToolMessage, ctx: Context) -> c.ToolResult:
    if wire.images is not None:
        ctx.left(wire, "images", "ToolMessage.images")
    return c.ToolResult(
        content=None if wire.content is None else one_text.lift(wire.content),
        name=wire.tool_name,
        call_id="" if wire.tool_call_id is None else wire.tool_call_id,
    )


def lower_tool_message(value: c.ToolResult, ctx: Context) -> w.ToolMessage:
    if value.is_error:
        ctx.lose(value, "is_error", "ToolMessage.is_error")
    if value.cache is not None:
        ctx.lose(value, "cache", "ToolMessage.cache")
    return w.ToolMessage(
        content=None if value.content is None else one_text.lower(value.content),
        tool_name=value.name,
        tool_call_id=unless(
            None
            if value.call_id is None
            else ctx.needs("call_ids", value, "call_id", value.call_id, "ToolMessage.call_id"),
            "",
        ),
    )


def lift_tool_call(wire: w.ToolCall, ctx: Context) -> c.ToolCall:
    function = wire.function
    if (wire.function and wire.function.description) is not None:
        ctx.left(wire, "function.description", "ToolCall.function.description")
    return c.ToolCall(
        id="" if wire.id is None else wire.id,
        name=function.name,
        input=json_object.lift(function.arguments),
    )


def lower_tool_call(value: c.ToolCall, ctx: Context) -> w.ToolCall:
    if value.signature is not None:
        ctx.lose(value, "signature", "ToolCall.signature")
    if value.cache is not None:
        ctx.lose(value, "cache", "ToolCall.cache")
    return w.ToolCall(
        id=unless(None if value.id is None else ctx.needs("call_ids", value, "id", value.id, "ToolCall.id"), ""),
        function=w.FunctionCall(
            name=value.name,
            arguments=json_object.lower(value.input),
        ),
    )


def lift_tool(wire: w.Tool, ctx: Context) -> c.Tool:
    lift = LIFT_TOOL.get(wire.type)
    return lift(wire, ctx) if lift else ctx.unlifted(wire, "Tool")


def lower_tool(value: c.Tool, ctx: Context) -> w.Tool | None:
    return LOWER_TOOL[type(value)](value, ctx)


def lift_function_tool(wire: w.Tool, ctx: Context) -> c.FunctionTool:
    function = wire.function
    if wire.items is not None:
        ctx.left(wire, "items", "Tool.items")
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
    function_parameters = value.input_schema
    function_strict = (
        None if value.strict is None else ctx.needs("strict_tools", value, "strict", value.strict, "Tool.strict")
    )
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
    c.Refusal,
    c.Thinking,
    c.SealedThinking,
    c.SearchResult,
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
UNSAID_USER_MESSAGE = {
    c.Thinking,
    c.SealedThinking,
    c.HostedCall,
    c.HostedResult,
    c.Unknown,
    c.Refusal,
    c.SearchResult,
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
    c.Audio,
    c.Video,
    c.Document,
    c.CustomCall,
    c.ToolResult,
}
LIFT_TOOL = {
    "function": lift_function_tool,
    None: lift_function_tool,
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
