# Generated from specs/dialects/openai_chat/mapping.yaml. Edit the spec, then `make generate`.
# ChatRequest <-> Request: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.openai_chat import wire as w
from runtime.core.context import Context
from runtime.core.primitives import (
    Ways,
    any_of,
    as_text,
    bare,
    bound_id,
    data_url,
    first,
    given,
    json_text,
    known,
    lone_text,
    numbered,
    placed,
)

DIALECT = "openai-chat"
TIER_LIFT = {
    "auto": "auto",
    "default": "default",
    "flex": "flex",
    "scale": "scale",
    "priority": "priority",
    "fast": "fast",
}
TIER_LOWER = {
    "auto": "auto",
    "default": "default",
    "flex": "flex",
    "scale": "scale",
    "priority": "priority",
    "fast": "fast",
    "ultrafast": "fast",
}
AUDIO_FORMAT_LIFT = {"wav": "audio/wav", "mp3": "audio/mpeg"}
AUDIO_FORMAT_LOWER = {"audio/wav": "wav", "audio/mpeg": "mp3", "audio/x-wav": "wav", "audio/mp3": "mp3"}
CACHE_TTL_LIFT = {"30m": "30m", "12h": "12h"}
CACHE_TTL_LOWER = {"30m": "30m", "12h": "12h", "5m": "30m", "1h": "12h"}
TOOL_CHOICE_WORD_LIFT = {"auto": "auto", "none": "none", "required": "any"}
TOOL_CHOICE_WORD_LOWER = {"auto": "auto", "none": "none", "any": "required"}
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
    if (wire.stream_options and wire.stream_options.include_obfuscation) is not None:
        ctx.left(wire, "stream_options.include_obfuscation", "ChatRequest.stream_options.include_obfuscation")
    return c.Request(
        model=wire.model,
        blocks=ctx.blocks(lift_message, wire.messages),
        max_tokens=wire.max_completion_tokens if wire.max_completion_tokens is not None else wire.max_tokens,
        temperature=wire.temperature,
        top_p=wire.top_p,
        top_k=wire.top_k,
        min_p=wire.min_p,
        stop=[wire.stop] if type(wire.stop) is str else wire.stop,
        seed=wire.seed,
        presence_penalty=wire.presence_penalty,
        frequency_penalty=wire.frequency_penalty,
        logprobs=wire.logprobs,
        top_logprobs=wire.top_logprobs,
        n=wire.n,
        stream=wire.stream,
        stream_usage=stream_options and stream_options.include_usage,
        tools=None if not wire.tools else [LIFT_TOOL[type(item)](item, ctx) for item in wire.tools],
        output_format=None if wire.response_format is None else lift_response_format(wire.response_format, ctx),
        modalities=wire.modalities,
        audio_output=given(wire.audio),
        verbosity=wire.verbosity,
        prediction=[c.Text(text=prediction and prediction.content)]
        if type(prediction and prediction.content) is str
        else numbered([lift_text_part(item, ctx) for item in prediction and prediction.content or ()]) or None,
        service_tier=TIER_LIFT.get(wire.service_tier, wire.service_tier),
        metadata=given(wire.metadata),
        end_user=wire.safety_identifier if wire.safety_identifier is not None else wire.user,
        store=wire.store,
        moderation=given(wire.moderation),
        cache_key=wire.prompt_cache_key,
        cache_retention=wire.prompt_cache_retention,
        tool_choice=tool_choice,
        reasoning=reasoning,
        carried=ctx.keep(wire, KEPT_CHAT_REQUEST) if HELD_CHAT_REQUEST(wire) else None,
    )


def lower_chat_request(value: c.Request, ctx: Context) -> w.ChatRequest:
    if value.reasoning and value.reasoning.budget is not None:
        ctx.lose(value, "reasoning.budget", "ChatRequest.reasoning.budget")
    if value.reasoning and value.reasoning.mode is not None:
        ctx.lose(value, "reasoning.mode", "ChatRequest.reasoning.mode")
    if value.reasoning and value.reasoning.visibility is not None:
        ctx.lose(value, "reasoning.visibility", "ChatRequest.reasoning.visibility")
    if value.min_tokens is not None:
        ctx.lose(value, "min_tokens", "ChatRequest.min_tokens")
    if value.suffix is not None:
        ctx.refuse(value, "suffix", "ChatRequest.suffix")
    if value.cache is not None:
        ctx.lose(value, "cache", "ChatRequest.cache")
    stream_options_include_usage = value.stream_usage
    stream_options = (
        w.StreamOptions(include_usage=stream_options_include_usage)
        if stream_options_include_usage is not None
        else None
    )
    prediction_content = (
        lone_text(value.prediction)
        or bare(
            [one for block in value.prediction or () if (one := lower_text_part(block, ctx)) is not None], w.TextPart
        )
        or None
    )
    prediction = w.Prediction(content=prediction_content, type="content") if prediction_content is not None else None
    wire = w.ChatRequest(
        model=value.model,
        messages=ctx.saying(LOWER_MESSAGE),
        max_completion_tokens=value.max_tokens,
        temperature=value.temperature,
        top_p=value.top_p,
        top_k=None if value.top_k is None else ctx.needs("top_k", value, "top_k", value.top_k, "ChatRequest.top_k"),
        min_p=None if value.min_p is None else ctx.needs("min_p", value, "min_p", value.min_p, "ChatRequest.min_p"),
        stop=value.stop[0] if value.stop and len(value.stop) == 1 else value.stop or None,
        seed=value.seed,
        presence_penalty=value.presence_penalty,
        frequency_penalty=value.frequency_penalty,
        logprobs=value.logprobs,
        top_logprobs=value.top_logprobs,
        n=value.n,
        stream=value.stream,
        stream_options=stream_options,
        tools=None
        if not value.tools
        else [one for item in value.tools if (one := LOWER_TOOL[type(item)](item, ctx)) is not None] or None,
        tool_choice=None if value.tool_choice is None else lower_tool_choice(value.tool_choice, ctx),
        parallel_tool_calls=value.tool_choice and value.tool_choice.parallel,
        reasoning_effort=value.reasoning and value.reasoning.effort,
        response_format=None if value.output_format is None else lower_response_format(value.output_format, ctx),
        modalities=value.modalities or None,
        audio=value.audio_output,
        verbosity=value.verbosity,
        prediction=prediction,
        service_tier=ctx.say(TIER_LOWER, TIER_LIFT, value.service_tier, "same", value, "service_tier"),
        metadata=value.metadata,
        safety_identifier=value.end_user,
        store=value.store,
        moderation=value.moderation,
        prompt_cache_key=value.cache_key,
        prompt_cache_retention=value.cache_retention,
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
    if wire.name is not None:
        ctx.left(wire, "name", "SystemMessage.name")
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


def lift_developer_message(wire: w.DeveloperMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.name is not None:
        ctx.left(wire, "name", "DeveloperMessage.name")
    if type(wire.content) is str:
        blocks.append(c.Text(text=wire.content, role="developer", turn=turn, part=0))
    elif wire.content:
        blocks += placed([lift_text_part(item, ctx) for item in wire.content], "developer", turn)
    return blocks


def lower_developer_message(run: list[c.Block], ctx: Context) -> w.DeveloperMessage:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_DEVELOPER_MESSAGE):
        ctx.unsaid(run, UNSAID_DEVELOPER_MESSAGE, "DeveloperMessage")
    content_blocks = [block for block in run if type(block) is c.Text] if c.Text in kinds else []
    return w.DeveloperMessage(
        content=lone_text(content_blocks)
        or bare([part for block in content_blocks if (part := lower_text_part(block, ctx)) is not None], w.TextPart),
    )


def lift_user_message(wire: w.UserMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.name is not None:
        ctx.left(wire, "name", "UserMessage.name")
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
    if wire.name is not None:
        ctx.left(wire, "name", "AssistantMessage.name")
    if wire.annotations is not None:
        ctx.left(wire, "annotations", "AssistantMessage.annotations")
    if wire.function_call is not None:
        ctx.left(wire, "function_call", "AssistantMessage.function_call")
    if wire.reasoning_content or wire.reasoning:
        blocks.append(c.Thinking(text=wire.reasoning_content or wire.reasoning, role="assistant", turn=turn, part=0))
    if type(wire.content) is str:
        if wire.content:
            blocks.append(c.Text(text=wire.content, role="assistant", turn=turn, part=0))
    elif wire.content:
        blocks += placed([LIFT_ASSISTANT_PART[type(item)](item, ctx) for item in wire.content], "assistant", turn)
    if wire.refusal:
        blocks.append(c.Refusal(text=wire.refusal, role="assistant", turn=turn, part=0))
    if wire.audio is not None:
        blocks.append(lift_audio_ref(wire.audio, ctx))
        placed(blocks[-1:], "assistant", turn)
    if wire.tool_calls:
        blocks += known(placed(ctx.each(lift_tool_call, wire.tool_calls), "assistant", turn))
    return blocks


def lower_assistant_message(run: list[c.Block], ctx: Context) -> w.AssistantMessage:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_ASSISTANT_MESSAGE):
        ctx.unsaid(run, UNSAID_ASSISTANT_MESSAGE, "AssistantMessage")
    if c.Refusal in kinds:
        for block in run:
            if type(block) is c.Refusal and block.cache:
                ctx.lose(block, "cache", "AssistantMessage.cache")
    if c.Thinking in kinds:
        for block in run:
            if type(block) is c.Thinking and block.signature:
                ctx.lose(block, "signature", "AssistantMessage.thinking.signature")
            if type(block) is c.Thinking and block.cache:
                ctx.lose(block, "cache", "AssistantMessage.cache")
    reasoning_content_blocks = [block for block in run if type(block) is c.Thinking] if c.Thinking in kinds else []
    if reasoning_content_blocks:
        reasoning_content_blocks = ctx.able(
            "reasoning_replay", reasoning_content_blocks, "AssistantMessage.thinking.text"
        )
    content_blocks = [block for block in run if type(block) is c.Text] if c.Text in kinds else []
    refusal_blocks = [block for block in run if type(block) is c.Refusal] if c.Refusal in kinds else []
    audio_blocks = [block for block in run if type(block) is c.Audio] if c.Audio in kinds else []
    tool_calls_blocks = (
        [block for block in run if type(block) in (c.ToolCall, c.CustomCall)]
        if c.ToolCall in kinds or c.CustomCall in kinds
        else []
    )
    return w.AssistantMessage(
        reasoning_content="".join([block.text for block in reasoning_content_blocks]) or None
        if reasoning_content_blocks
        else None,
        content=lone_text(content_blocks)
        or bare(
            [part for block in content_blocks if (part := LOWER_ASSISTANT_PART[type(block)](block, ctx)) is not None],
            w.TextPart,
        )
        or None
        if content_blocks
        else None,
        refusal="".join([block.text for block in refusal_blocks]) or None if refusal_blocks else None,
        audio=lower_audio_ref(audio_blocks[0], ctx) if audio_blocks else None,
        tool_calls=[
            part for block in tool_calls_blocks if (part := LOWER_TOOL_CALL[type(block)](block, ctx)) is not None
        ]
        or None
        if tool_calls_blocks
        else None,
    )


def lift_tool_message(wire: w.ToolMessage, ctx: Context) -> c.ToolResult:
    return c.ToolResult(
        call_id=wire.tool_call_id,
        content=[c.Text(text=wire.content)]
        if type(wire.content) is str
        else numbered([LIFT_TOOL_PART[type(item)](item, ctx) for item in wire.content or ()]) or None,
        name=wire.name,
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
        cache=lift_cache_breakpoint(wire.prompt_cache_breakpoint, ctx)
        if wire.prompt_cache_breakpoint is not None
        else None
        if wire.cache_control is None
        else lift_cache_control(wire.cache_control, ctx),
    )


def lower_text_part(value: c.Text, ctx: Context) -> w.TextPart:
    if value.citations:
        ctx.lose(value, "citations", "TextPart.citations")
    if value.logprobs is not None:
        ctx.lose(value, "logprobs", "TextPart.logprobs")
    return w.TextPart(
        text=value.text,
        prompt_cache_breakpoint=lower_cache_breakpoint(value.cache, ctx)
        if value.cache is not None
        and ctx.needs("cache_marks", value, "cache", value.cache, "TextPart.cache") is not None
        else None,
    )


def lift_image_part(wire: w.ImagePart, ctx: Context) -> c.Image:
    image_url = wire.image_url
    return c.Image(
        source=data_url.lift(image_url.url),
        detail=image_url.detail,
        cache=lift_cache_breakpoint(wire.prompt_cache_breakpoint, ctx)
        if wire.prompt_cache_breakpoint is not None
        else None
        if wire.cache_control is None
        else lift_cache_control(wire.cache_control, ctx),
    )


def lower_image_part(value: c.Image, ctx: Context) -> w.ImagePart:
    return w.ImagePart(
        image_url=w.ImageUrl(
            url=ctx.fits(data_url.lower(value.source), value, "source"),
            detail=value.detail,
        ),
        prompt_cache_breakpoint=lower_cache_breakpoint(value.cache, ctx)
        if value.cache is not None
        and ctx.needs("cache_marks", value, "cache", value.cache, "ImagePart.cache") is not None
        else None,
    )


def lift_audio_part(wire: w.AudioPart, ctx: Context) -> c.Audio:
    return c.Audio(
        source=lift_input_audio(wire.input_audio, ctx),
        cache=lift_cache_breakpoint(wire.prompt_cache_breakpoint, ctx)
        if wire.prompt_cache_breakpoint is not None
        else None
        if wire.cache_control is None
        else lift_cache_control(wire.cache_control, ctx),
    )


def lower_audio_part(value: c.Audio, ctx: Context) -> w.AudioPart:
    if value.id is not None:
        ctx.lose(value, "id", "AudioPart.id")
    if value.transcript is not None:
        ctx.lose(value, "transcript", "AudioPart.transcript")
    if value.expires_at is not None:
        ctx.lose(value, "expires_at", "AudioPart.expires_at")
    return w.AudioPart(
        input_audio=ctx.fits(
            lower_input_audio(value.source, ctx) if type(value.source) is c.BytesSource else None, value, "source"
        ),
        prompt_cache_breakpoint=lower_cache_breakpoint(value.cache, ctx)
        if value.cache is not None
        and ctx.needs("cache_marks", value, "cache", value.cache, "AudioPart.cache") is not None
        else None,
    )


def lift_input_audio(wire: w.InputAudio, ctx: Context) -> c.BytesSource:
    return c.BytesSource(
        data=wire.data,
        media_type=AUDIO_FORMAT_LIFT.get(wire.format, wire.format),
    )


def lower_input_audio(value: c.BytesSource, ctx: Context) -> w.InputAudio:
    return w.InputAudio(
        data=value.data,
        format="wav"
        if (AUDIO_FORMAT_LOWER.get(value.media_type, value.media_type)) is None
        else AUDIO_FORMAT_LOWER.get(value.media_type, value.media_type),
    )


def lift_file_part(wire: w.FilePart, ctx: Context) -> c.Document:
    file = wire.file
    return c.Document(
        source=ctx.needed(
            first(
                None if file.file_data is None else data_url.lift(file.file_data),
                None if file.file_id is None else bound_id.lift(file.file_id),
            ),
            wire,
            "file.file_data or file.file_id",
        ),
        title=file.filename,
        cache=lift_cache_breakpoint(wire.prompt_cache_breakpoint, ctx)
        if wire.prompt_cache_breakpoint is not None
        else None
        if wire.cache_control is None
        else lift_cache_control(wire.cache_control, ctx),
    )


def lower_file_part(value: c.Document, ctx: Context) -> w.FilePart:
    if value.context is not None:
        ctx.lose(value, "context", "FilePart.context")
    if value.cite:
        ctx.lose(value, "cite", "FilePart.cite")
    return w.FilePart(
        file=w.FileRef(
            file_data=data_url.lower(value.source),
            file_id=bound_id.lower(value.source),
            filename=value.title,
        ),
        prompt_cache_breakpoint=lower_cache_breakpoint(value.cache, ctx)
        if value.cache is not None
        and ctx.needs("cache_marks", value, "cache", value.cache, "FilePart.cache") is not None
        else None,
    )


def lift_cache_breakpoint(wire: w.CacheBreakpoint, ctx: Context) -> c.Cache:
    return c.Cache(
        ttl=CACHE_TTL_LIFT.get(wire.ttl, wire.ttl),
    )


def lower_cache_breakpoint(value: c.Cache, ctx: Context) -> w.CacheBreakpoint:
    if value.mode is not None:
        ctx.lose(value, "mode", "CacheBreakpoint.mode")
    return w.CacheBreakpoint(
        mode="explicit",
        ttl=CACHE_TTL_LOWER.get(value.ttl, value.ttl),
    )


def lift_cache_control(wire: w.CacheControl, ctx: Context) -> c.Cache:
    return c.Cache(
        ttl=wire.ttl,
    )


def lower_cache_control(value: c.Cache, ctx: Context) -> w.CacheControl:
    if value.mode is not None:
        ctx.lose(value, "mode", "CacheControl.mode")
    return w.CacheControl(
        type="ephemeral",
        ttl=value.ttl,
    )


def lift_refusal_part(wire: w.RefusalPart, ctx: Context) -> c.Refusal:
    return c.Refusal(
        text=wire.refusal,
    )


def lower_refusal_part(value: c.Refusal, ctx: Context) -> w.RefusalPart:
    if value.cache is not None:
        ctx.lose(value, "cache", "RefusalPart.cache")
    return w.RefusalPart(
        refusal=value.text,
    )


def lift_audio_ref(wire: w.AudioRef, ctx: Context) -> c.Audio:
    return c.Audio(
        source=bound_id.lift(wire.id),
    )


def lower_audio_ref(value: c.Audio, ctx: Context) -> w.AudioRef:
    if value.id is not None:
        ctx.lose(value, "id", "AudioRef.id")
    if value.transcript is not None:
        ctx.lose(value, "transcript", "AudioRef.transcript")
    if value.expires_at is not None:
        ctx.lose(value, "expires_at", "AudioRef.expires_at")
    if value.cache is not None:
        ctx.lose(value, "cache", "AudioRef.cache")
    return w.AudioRef(
        id=ctx.fits(bound_id.lower(value.source), value, "source"),
    )


def lift_tool_call(wire: w.ToolCall, ctx: Context) -> c.Block:
    return LIFT_TOOL_CALL[type(wire)](wire, ctx)


def lower_tool_call(value: c.Block, ctx: Context) -> w.ToolCall | None:
    return LOWER_TOOL_CALL[type(value)](value, ctx)


def lift_function_call(wire: w.FunctionCall, ctx: Context) -> c.ToolCall:
    function = wire.function
    extra_content = wire.extra_content
    extra_content_google = extra_content and extra_content.google
    return c.ToolCall(
        id=wire.id or ctx.mint("call_{id}"),
        name=function.name,
        input=json_text.lift(function.arguments),
        signature=extra_content_google and extra_content_google.thought_signature or None,
        origin="gemini-generate" if extra_content_google and extra_content_google.thought_signature else None,
    )


def lower_function_call(value: c.ToolCall, ctx: Context) -> w.FunctionCall:
    if value.cache is not None:
        ctx.lose(value, "cache", "FunctionCall.cache")
    extra_content_google_thought_signature = (
        None
        if value.signature is None
        else ctx.needs(
            "google_signatures",
            value,
            "signature",
            ctx.whose("gemini-generate", value, "signature", value.signature, "FunctionCall.signature"),
            "FunctionCall.signature",
        )
    )
    extra_content_google = (
        w.GoogleExtra(thought_signature=extra_content_google_thought_signature)
        if extra_content_google_thought_signature is not None
        else None
    )
    extra_content = w.ExtraContent(google=extra_content_google) if extra_content_google is not None else None
    return w.FunctionCall(
        id=value.id or ctx.mint("call_{id}"),
        function=w.FunctionPayload(
            name=value.name,
            arguments=json_text.lower(value.input),
        ),
        extra_content=extra_content,
    )


def lift_custom_call(wire: w.CustomCall, ctx: Context) -> c.CustomCall:
    custom = wire.custom
    return c.CustomCall(
        id=wire.id or ctx.mint("call_{id}"),
        name=custom.name,
        input=custom.input,
    )


def lower_custom_call(value: c.CustomCall, ctx: Context) -> w.CustomCall:
    if value.cache is not None:
        ctx.lose(value, "cache", "CustomCall.cache")
    return w.CustomCall(
        id=value.id or ctx.mint("call_{id}"),
        custom=w.CustomPayload(
            name=value.name,
            input=value.input,
        ),
    )


def lift_tool(wire: w.Tool, ctx: Context) -> c.Tool:
    return LIFT_TOOL[type(wire)](wire, ctx)


def lower_tool(value: c.Tool, ctx: Context) -> w.Tool | None:
    return LOWER_TOOL[type(value)](value, ctx)


def lift_function_tool(wire: w.FunctionTool, ctx: Context) -> c.FunctionTool:
    function = wire.function
    return c.FunctionTool(
        name=function.name,
        description=function.description,
        input_schema=function.parameters,
        strict=function.strict,
    )


def lower_function_tool(value: c.FunctionTool, ctx: Context) -> w.FunctionTool:
    if value.cache is not None:
        ctx.lose(value, "cache", "FunctionTool.cache")
    return w.FunctionTool(
        function=w.FunctionDefinition(
            name=value.name,
            description=value.description,
            parameters=value.input_schema,
            strict=value.strict,
        ),
    )


def lift_custom_tool(wire: w.CustomTool, ctx: Context) -> c.CustomTool:
    custom = wire.custom
    return c.CustomTool(
        name=custom.name,
        description=custom.description,
        format=None if custom.format is None else lift_custom_format(custom.format, ctx),
    )


def lower_custom_tool(value: c.CustomTool, ctx: Context) -> w.CustomTool:
    if value.cache is not None:
        ctx.lose(value, "cache", "CustomTool.cache")
    return w.CustomTool(
        custom=w.CustomDefinition(
            name=value.name,
            description=value.description,
            format=None if value.format is None else lower_custom_format(value.format, ctx),
        ),
    )


def lift_custom_format(wire: w.CustomFormat, ctx: Context) -> c.ToolFormat:
    return LIFT_CUSTOM_FORMAT[type(wire)](wire, ctx)


def lower_custom_format(value: c.ToolFormat, ctx: Context) -> w.CustomFormat | None:
    return LOWER_CUSTOM_FORMAT[value.kind](value, ctx)


def lift_custom_text_format(wire: w.CustomTextFormat, ctx: Context) -> c.ToolFormat:
    return c.ToolFormat(
        kind="text",
    )


def lower_custom_text_format(value: c.ToolFormat, ctx: Context) -> w.CustomTextFormat:
    return w.CustomTextFormat()


def lift_custom_grammar_format(wire: w.CustomGrammarFormat, ctx: Context) -> c.ToolFormat:
    grammar = wire.grammar
    return c.ToolFormat(
        kind="grammar",
        definition=grammar.definition or None,
        syntax=grammar.syntax,
    )


def lower_custom_grammar_format(value: c.ToolFormat, ctx: Context) -> w.CustomGrammarFormat:
    return w.CustomGrammarFormat(
        grammar=w.CustomGrammar(
            definition="" if value.definition is None else value.definition,
            syntax="lark" if value.syntax is None else value.syntax,
        ),
    )


def lift_tool_choice(wire: w.ToolChoice | str, ctx: Context) -> c.ToolChoice:
    if type(wire) is str:
        return c.ToolChoice(mode=ctx.word(TOOL_CHOICE_WORD_LIFT, wire, "tool_choice"))
    return LIFT_TOOL_CHOICE[type(wire)](wire, ctx)


def lower_tool_choice(value: c.ToolChoice, ctx: Context) -> w.ToolChoice | str | None:
    if value.mode in TOOL_CHOICE_WORD_LOWER:
        return TOOL_CHOICE_WORD_LOWER[value.mode]
    return LOWER_TOOL_CHOICE[value.mode](value, ctx)


def lift_function_choice(wire: w.FunctionChoice, ctx: Context) -> c.ToolChoice:
    function = wire.function
    return c.ToolChoice(
        mode="tool",
        name=function.name or None,
    )


def lower_function_choice(value: c.ToolChoice, ctx: Context) -> w.FunctionChoice:
    return w.FunctionChoice(
        function=w.NamedFunction(
            name="" if value.name is None else value.name,
        ),
    )


def lift_custom_choice(wire: w.CustomChoice, ctx: Context) -> c.ToolChoice:
    custom = wire.custom
    return c.ToolChoice(
        mode="custom",
        name=custom.name or None,
    )


def lower_custom_choice(value: c.ToolChoice, ctx: Context) -> w.CustomChoice:
    return w.CustomChoice(
        custom=w.NamedCustom(
            name="" if value.name is None else value.name,
        ),
    )


def lift_allowed_tools_choice(wire: w.AllowedToolsChoice, ctx: Context) -> c.ToolChoice:
    allowed_tools = wire.allowed_tools
    return c.ToolChoice(
        mode="allowed",
        demand=allowed_tools.mode,
        allowed=[LIFT_ALLOWED_TOOL[type(item)](item, ctx) for item in allowed_tools.tools],
    )


def lower_allowed_tools_choice(value: c.ToolChoice, ctx: Context) -> w.AllowedToolsChoice:
    return w.AllowedToolsChoice(
        allowed_tools=w.AllowedTools(
            mode=value.demand,
            tools=[one for item in value.allowed or () if (one := lower_allowed_tool(item, ctx)) is not None],
        ),
    )


def lift_allowed_tool(wire: w.AllowedTool, ctx: Context) -> c.AllowedTool:
    return LIFT_ALLOWED_TOOL[type(wire)](wire, ctx)


def lower_allowed_tool(value: c.AllowedTool, ctx: Context) -> w.AllowedTool | None:
    return LOWER_ALLOWED_TOOL[value.kind](value, ctx)


def lift_allowed_function(wire: w.AllowedFunction, ctx: Context) -> c.AllowedTool:
    function = wire.function
    return c.AllowedTool(
        kind="function",
        name=function.name,
    )


def lower_allowed_function(value: c.AllowedTool, ctx: Context) -> w.AllowedFunction:
    return w.AllowedFunction(
        function=w.NamedFunction(
            name=value.name,
        ),
    )


def lift_allowed_custom(wire: w.AllowedCustom, ctx: Context) -> c.AllowedTool:
    custom = wire.custom
    return c.AllowedTool(
        kind="custom",
        name=custom.name,
    )


def lower_allowed_custom(value: c.AllowedTool, ctx: Context) -> w.AllowedCustom:
    return w.AllowedCustom(
        custom=w.NamedCustom(
            name=value.name,
        ),
    )


def lift_response_format(wire: w.ResponseFormat, ctx: Context) -> c.OutputFormat:
    return LIFT_RESPONSE_FORMAT[type(wire)](wire, ctx)


def lower_response_format(value: c.OutputFormat, ctx: Context) -> w.ResponseFormat | None:
    return LOWER_RESPONSE_FORMAT[value.kind](value, ctx)


def lift_text_format(wire: w.TextFormat, ctx: Context) -> c.OutputFormat:
    return c.OutputFormat(
        kind="text",
    )


def lower_text_format(value: c.OutputFormat, ctx: Context) -> w.TextFormat:
    return w.TextFormat()


def lift_json_object_format(wire: w.JsonObjectFormat, ctx: Context) -> c.OutputFormat:
    return c.OutputFormat(
        kind="json",
    )


def lower_json_object_format(value: c.OutputFormat, ctx: Context) -> w.JsonObjectFormat:
    return w.JsonObjectFormat()


def lift_json_schema_format(wire: w.JsonSchemaFormat, ctx: Context) -> c.OutputFormat:
    json_schema = wire.json_schema
    return c.OutputFormat(
        kind="json_schema",
        name=json_schema.name,
        description=json_schema.description,
        schema=json_schema.schema,
        strict=json_schema.strict,
    )


def lower_json_schema_format(value: c.OutputFormat, ctx: Context) -> w.JsonSchemaFormat:
    return w.JsonSchemaFormat(
        json_schema=w.JsonSchemaSpec(
            name="answer" if value.name is None else value.name,
            description=value.description,
            schema=value.schema,
            strict=value.strict,
        ),
    )


KEPT_CHAT_REQUEST = [
    "logit_bias",
    "prompt_cache_options",
    "chat_template_kwargs",
    "functions",
    "function_call",
    "web_search_options",
    "thinking",
    "reasoning",
]
HELD_CHAT_REQUEST = any_of(
    "logit_bias",
    "prompt_cache_options",
    "chat_template_kwargs",
    "functions",
    "function_call",
    "web_search_options",
    "thinking",
    "reasoning",
)
LIFT_MESSAGE = {
    w.SystemMessage: lift_system_message,
    w.DeveloperMessage: lift_developer_message,
    w.UserMessage: lift_user_message,
    w.AssistantMessage: lift_assistant_message,
    w.ToolMessage: lift_tool_message_turn,
}
LOWER_MESSAGE = {
    "system": lower_system_message,
    "developer": lower_developer_message,
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
    c.Thinking,
    c.SealedThinking,
    c.Refusal,
    c.HostedCall,
    c.HostedResult,
    c.Unknown,
}
UNSAID_DEVELOPER_MESSAGE = {
    c.Image,
    c.Audio,
    c.Video,
    c.Document,
    c.ToolCall,
    c.CustomCall,
    c.ToolResult,
    c.SearchResult,
    c.Thinking,
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
    c.Unknown,
    c.Image,
    c.Video,
    c.Document,
    c.ToolResult,
}
LIFT_USER_PART = Ways(
    {
        w.TextPart: lift_text_part,
        w.ImagePart: lift_image_part,
        w.AudioPart: lift_audio_part,
        w.FilePart: lift_file_part,
    },
    lambda wire, ctx: ctx.unlifted(wire, "UserPart"),
)
LOWER_USER_PART = Ways(
    {
        c.Text: lower_text_part,
        c.Image: lower_image_part,
        c.Audio: lower_audio_part,
        c.Document: lower_file_part,
        c.Refusal: as_text(lower_text_part, "UserPart"),
        c.SearchResult: as_text(lower_text_part, "UserPart"),
    },
    lambda value, ctx: ctx.unlowered(value, "UserPart"),
)
LIFT_ASSISTANT_PART = Ways(
    {
        w.TextPart: lift_text_part,
        w.RefusalPart: lift_refusal_part,
    },
    lambda wire, ctx: ctx.unlifted(wire, "AssistantPart"),
)
LOWER_ASSISTANT_PART = Ways(
    {
        c.Text: lower_text_part,
        c.Refusal: lower_refusal_part,
    },
    lambda value, ctx: ctx.unlowered(value, "AssistantPart"),
)
LIFT_TOOL_PART = Ways(
    {
        w.TextPart: lift_text_part,
        w.ImagePart: lift_image_part,
    },
    lambda wire, ctx: ctx.unlifted(wire, "ToolPart"),
)
LOWER_TOOL_PART = Ways(
    {
        c.Text: lower_text_part,
        c.Image: lower_image_part,
        c.Refusal: as_text(lower_text_part, "ToolPart"),
        c.SearchResult: as_text(lower_text_part, "ToolPart"),
    },
    lambda value, ctx: ctx.unlowered(value, "ToolPart"),
)
LIFT_TOOL_CALL = Ways(
    {
        w.FunctionCall: lift_function_call,
        w.CustomCall: lift_custom_call,
    },
    lambda wire, ctx: ctx.unlifted(wire, "ToolCall"),
)
LOWER_TOOL_CALL = Ways(
    {
        c.ToolCall: lower_function_call,
        c.CustomCall: lower_custom_call,
    },
    lambda value, ctx: ctx.unlowered(value, "ToolCall"),
)
LIFT_TOOL = Ways(
    {
        w.FunctionTool: lift_function_tool,
        w.CustomTool: lift_custom_tool,
    },
    lambda wire, ctx: ctx.unlifted(wire, "Tool"),
)
LOWER_TOOL = Ways(
    {
        c.FunctionTool: lower_function_tool,
        c.CustomTool: lower_custom_tool,
    },
    lambda value, ctx: ctx.unlowered(value, "Tool"),
)
LIFT_CUSTOM_FORMAT = Ways(
    {
        w.CustomTextFormat: lift_custom_text_format,
        w.CustomGrammarFormat: lift_custom_grammar_format,
    },
    lambda wire, ctx: ctx.unlifted(wire, "CustomFormat"),
)
LOWER_CUSTOM_FORMAT = Ways(
    {
        "text": lower_custom_text_format,
        "grammar": lower_custom_grammar_format,
    },
    lambda value, ctx: ctx.unlowered(value, "CustomFormat"),
)
LIFT_TOOL_CHOICE = Ways(
    {
        w.FunctionChoice: lift_function_choice,
        w.CustomChoice: lift_custom_choice,
        w.AllowedToolsChoice: lift_allowed_tools_choice,
    },
    lambda wire, ctx: ctx.unlifted(wire, "ToolChoice"),
)
LOWER_TOOL_CHOICE = Ways(
    {
        "tool": lower_function_choice,
        "custom": lower_custom_choice,
        "allowed": lower_allowed_tools_choice,
    },
    lambda value, ctx: ctx.unlowered(value, "ToolChoice"),
)
LIFT_ALLOWED_TOOL = Ways(
    {
        w.AllowedFunction: lift_allowed_function,
        w.AllowedCustom: lift_allowed_custom,
    },
    lambda wire, ctx: ctx.unlifted(wire, "AllowedTool"),
)
LOWER_ALLOWED_TOOL = Ways(
    {
        "function": lower_allowed_function,
        "custom": lower_allowed_custom,
    },
    lambda value, ctx: ctx.unlowered(value, "AllowedTool"),
)
LIFT_RESPONSE_FORMAT = Ways(
    {
        w.TextFormat: lift_text_format,
        w.JsonObjectFormat: lift_json_object_format,
        w.JsonSchemaFormat: lift_json_schema_format,
    },
    lambda wire, ctx: ctx.unlifted(wire, "ResponseFormat"),
)
LOWER_RESPONSE_FORMAT = Ways(
    {
        "text": lower_text_format,
        "json": lower_json_object_format,
        "json_schema": lower_json_schema_format,
    },
    lambda value, ctx: ctx.unlowered(value, "ResponseFormat"),
)


def lift_request(wire: w.ChatRequest, ctx: Context) -> c.Request:
    return lift_chat_request(wire, ctx)


def lower_request(value: c.Request, ctx: Context) -> w.ChatRequest:
    return lower_chat_request(value, ctx)
